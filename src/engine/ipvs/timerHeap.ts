import type { SimTime } from '../base/time.ts'

export interface Timer {
  readonly at: SimTime
  readonly order: number
  readonly key: string
}

/** Names by the time at which they are to be looked at; equal times in the order in which they were set. */
export interface TimerHeap {
  readonly push: (at: SimTime, key: string) => void
  /** Takes the earliest one that is not after `now`. */
  readonly popDue: (now: SimTime) => Timer | undefined
  readonly checkpoint: () => () => void
}

export function createTimerHeap(): TimerHeap {
  let heap: Timer[] = []
  let order = 0
  let shared = false
  const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
  const writable = (): Timer[] => {
    if (shared) heap = heap.slice()
    shared = false
    return heap
  }
  const sink = (timers: Timer[], timer: Timer): void => {
    let i = 0
    for (;;) {
      const left = timers[2 * i + 1]
      const right = timers[2 * i + 2]
      if (!left) break
      const child = right && before(right, left) ? right : left
      if (!before(child, timer)) break
      timers[i] = child
      i = child === left ? 2 * i + 1 : 2 * i + 2
    }
    timers[i] = timer
  }
  return {
    push(at, key) {
      const timers = writable()
      const timer = { at, order: order++, key }
      let i = timers.length
      for (;;) {
        const above = (i - 1) >> 1
        const parent = i > 0 ? timers[above] : undefined
        if (!parent || !before(timer, parent)) break
        timers[i] = parent
        i = above
      }
      timers[i] = timer
    },
    popDue(now) {
      const top = heap[0]
      if (!top || top.at > now) return undefined
      const timers = writable()
      const last = timers.pop()
      if (last && timers.length > 0) sink(timers, last)
      return top
    },
    checkpoint() {
      const saved = { heap, order }
      const restore = (): void => {
        heap = saved.heap
        order = saved.order
        shared = true
      }
      restore()
      return restore
    },
  }
}
