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

  const insert = (map: Map<string, Set<string>>, controller: string, key: string): boolean => {
    const keys = map.get(controller)
    if (!keys) {
      map.set(controller, new Set([key]))
      return true
    }
    if (keys.has(key)) return false
    keys.add(key)
    return true
  }

  return {
    add: ({ at, controller, key, background }) => {
      let slot = slots.get(at)
      if (!slot) {
        slot = { keys: new Map(), foreground: new Map() }
        slots.set(at, slot)
        push(heap, at)
      }
      insert(slot.keys, controller, key)
      if (!background && insert(slot.foreground, controller, key)) foreground += 1
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
