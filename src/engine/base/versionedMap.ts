/** A map of immutable values whose state of a moment can be brought back: a checkpoint is free, the first write after it copies. */
export interface CheckpointMap<V> {
  readonly get: (key: string) => V | undefined
  readonly set: (key: string, value: V) => void
  readonly delete: (key: string) => void
  readonly values: () => Iterable<V>
  readonly keys: () => Iterable<string>
  readonly size: () => number
  /** The function brings this moment back, as often as it is called. */
  readonly checkpoint: () => () => void
}

export function createCheckpointMap<V>(): CheckpointMap<V> {
  let map = new Map<string, V>()
  let shared = false
  const writable = (): Map<string, V> => {
    if (shared) map = new Map(map)
    shared = false
    return map
  }
  return {
    get: (key) => map.get(key),
    set(key, value) {
      writable().set(key, value)
    },
    delete(key) {
      if (map.has(key)) writable().delete(key)
    },
    values: () => map.values(),
    keys: () => map.keys(),
    size: () => map.size,
    checkpoint() {
      const saved = map
      const restore = (): void => {
        map = saved
        shared = true
      }
      restore()
      return restore
    },
  }
}

/** An entry that knows in which epoch of its map it was last copied. */
export interface Versioned {
  epoch: number
}

/** A `CheckpointMap` of mutable entries: the first write to an entry after a checkpoint copies it. */
export interface VersionedMap<V extends Versioned> extends CheckpointMap<V> {
  /** For writing; `get` is for reading only. */
  readonly own: (key: string) => V | undefined
}

/** `copy` makes an entry that shares nothing mutable with the old one. */
export function createVersionedMap<V extends Versioned>(copy: (value: V) => V): VersionedMap<V> {
  const map = createCheckpointMap<V>()
  let epoch = 0
  return {
    ...map,
    own(key) {
      const value = map.get(key)
      if (value === undefined || value.epoch === epoch) return value
      const mine = copy(value)
      mine.epoch = epoch
      map.set(key, mine)
      return mine
    },
    set(key, value) {
      value.epoch = epoch
      map.set(key, value)
    },
    checkpoint() {
      const restore = map.checkpoint()
      epoch++
      return () => {
        restore()
        epoch++
      }
    },
  }
}
