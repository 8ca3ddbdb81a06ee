import type { SimTime } from '../base/time.ts'

export interface Timer {
  readonly at: SimTime
  readonly controller: string
  readonly key: string
  readonly background: boolean
}

/** Everything that is due at one moment: keys by controller. */
export interface Batch {
  readonly at: SimTime
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>
}

/** Timers by time. The same key of the same controller at the same moment is one timer. */
export interface EventQueue {
  readonly add: (timer: Timer) => void
  /** Foreground timers of one controller at one moment. */
  readonly addAll: (at: SimTime, controller: string, keys: ReadonlySet<string>) => void
  readonly nextAt: () => SimTime | undefined
  /** Removes and returns the earliest batch. */
  readonly take: () => Batch | undefined
  /** Whether anything but background timers is left. */
  readonly hasForeground: () => boolean
  readonly forget: (controller: string) => void
}

interface Slot {
  readonly keys: Map<string, Set<string>>
  /** `controller key` of the timers that `settle` waits for. */
  readonly foreground: Map<string, Set<string>>
}

export function createEventQueue(): EventQueue {
  const slots = new Map<SimTime, Slot>()
  const heap: SimTime[] = []
  let foreground = 0

  const slotAt = (at: SimTime): Slot => {
    const known = slots.get(at)
    if (known) return known
    const slot: Slot = { keys: new Map(), foreground: new Map() }
    slots.set(at, slot)
    push(heap, at)
    return slot
  }

  const keysOf = (map: Map<string, Set<string>>, controller: string): Set<string> => {
    const known = map.get(controller)
    if (known) return known
    const keys = new Set<string>()
    map.set(controller, keys)
    return keys
  }

  const addForeground = (slot: Slot, controller: string, keys: Iterable<string>): void => {
    const waited = keysOf(slot.foreground, controller)
    foreground -= waited.size
    for (const key of keys) waited.add(key)
    foreground += waited.size
  }

  return {
    add: ({ at, controller, key, background }) => {
      const slot = slotAt(at)
      keysOf(slot.keys, controller).add(key)
      if (!background) addForeground(slot, controller, [key])
    },
    addAll: (at, controller, keys) => {
      if (keys.size === 0) return
      const slot = slotAt(at)
      const all = keysOf(slot.keys, controller)
      for (const key of keys) all.add(key)
      addForeground(slot, controller, keys)
    },
    nextAt: () => heap[0],
    take: () => {
      const at = pop(heap)
      const slot = at === undefined ? undefined : slots.get(at)
      if (at === undefined || !slot) return undefined
      slots.delete(at)
      foreground -= count(slot.foreground)
      return { at, keys: slot.keys }
    },
    hasForeground: () => foreground > 0,
    forget: (controller) => {
      for (const slot of slots.values()) {
        slot.keys.delete(controller)
        foreground -= slot.foreground.get(controller)?.size ?? 0
        slot.foreground.delete(controller)
      }
    },
  }
}

function count(map: ReadonlyMap<string, ReadonlySet<string>>): number {
  let sum = 0
  for (const keys of map.values()) sum += keys.size
  return sum
}

/** Binary min-heap. */
function push(heap: SimTime[], value: SimTime): void {
  heap.push(value)
  let child = heap.length - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    const [a, b] = [heap[parent] ?? 0, heap[child] ?? 0]
    if (a <= b) return
    ;[heap[parent], heap[child]] = [b, a]
    child = parent
  }
}

function pop(heap: SimTime[]): SimTime | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  heap[0] = last
  let parent = 0
  for (;;) {
    const left = 2 * parent + 1
    if (left >= heap.length) return first
    const right = left + 1
    const child = (heap[right] ?? Infinity) < (heap[left] ?? Infinity) ? right : left
    const [a, b] = [heap[parent] ?? 0, heap[child] ?? 0]
    if (a <= b) return first
    ;[heap[parent], heap[child]] = [b, a]
    parent = child
  }
}
