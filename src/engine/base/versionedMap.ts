/** An entry that knows in which epoch of its map it was last copied. */
export interface Versioned {
  epoch: number
}

/**
 * A map of mutable entries whose state of a moment can be brought back. Taking a checkpoint costs nothing; the first
 * write after it copies the map, the first write to an entry copies that entry.
 */
export interface VersionedMap<V extends Versioned> {
  /** For reading only. */
  readonly get: (key: string) => V | undefined
  /** For writing. */
  readonly own: (key: string) => V | undefined
  readonly set: (key: string, value: V) => void
  readonly delete: (key: string) => void
  readonly values: () => Iterable<V>
  readonly keys: () => Iterable<string>
  readonly size: () => number
  readonly checkpoint: () => () => void
}

/** `copy` makes an entry that shares nothing mutable with the old one. */
export function createVersionedMap<V extends Versioned>(copy: (value: V) => V): VersionedMap<V> {
  let map = new Map<string, V>()
  let shared = false
  let epoch = 0
  const writable = (): Map<string, V> => {
    if (shared) map = new Map(map)
    shared = false
    return map
  }
  return {
    get: (key) => map.get(key),
    own(key) {
      const value = map.get(key)
      if (value === undefined || value.epoch === epoch) return value
      const mine = copy(value)
      mine.epoch = epoch
      writable().set(key, mine)
      return mine
    },
    set(key, value) {
      value.epoch = epoch
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
      const freeze = (): void => {
        map = saved
        shared = true
        epoch++
      }
      freeze()
      return freeze
    },
  }
}
