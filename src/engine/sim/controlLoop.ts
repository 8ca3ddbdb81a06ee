import type { Random } from '../base/random.ts'
import type { SimTime } from '../base/time.ts'
import type { Controller } from '../controllers/controller.ts'
import type { Change, Store, Write } from '../store/store.ts'
import { createEventQueue } from './eventQueue.ts'

/** Drives the controllers on the virtual clock. */
export interface ControlLoop {
  readonly now: () => SimTime
  /** Applies writes from outside and wakes whom they concern. */
  readonly write: (writes: readonly Write[]) => readonly Change[]
  /** Wakes the controllers for changes that somebody else has made to the store. `advance` and `settle` begin with it. */
  readonly catchUp: () => void
  /** Has `controller` look at `key` at `at`. `background`: `settle` does not wait for it. */
  readonly schedule: (controller: string, key: string, at: SimTime, background?: boolean) => void
  /** Runs everything that is due in the next `ms` milliseconds. */
  readonly advance: (ms: number) => void
  /**
   * Runs until nothing but endless loops is left to do, `limitMs` of virtual time at most, or until `done`. False: the limit was
   * reached.
   */
  readonly settle: (limitMs?: number, done?: () => boolean) => boolean
  /** Nothing but endless loops is left to do. */
  readonly isQuiet: () => boolean
  readonly add: (controller: Controller) => void
  readonly remove: (name: string) => void
}

const hour = 3_600_000

export function createControlLoop(store: Store, random: Random, controllers: readonly Controller[]): ControlLoop {
  const queue = createEventQueue()
  const byName = new Map(controllers.map((controller) => [controller.name, controller]))
  let time: SimTime = 0
  /** Changes that the controllers have not heard of, by kind. Nobody acts on events, and half of all changes are events. */
  let unheard = new Map<string, Change[]>()
  store.watch((change) => {
    if (change.kind === 'Event') return
    const known = unheard.get(change.kind)
    if (known) known.push(change)
    else unheard.set(change.kind, [change])
  })

  const catchUp = (): void => {
    if (unheard.size === 0) return
    const changes = unheard
    unheard = new Map()
    for (const controller of byName.values()) {
      const keys = new Set<string>()
      for (const [kind, own] of changes) {
        if (controller.kinds?.includes(kind) === false) continue
        for (const change of own) for (const key of controller.wakes(change, store)) keys.add(key)
      }
      queue.addAll(time + controller.delay, controller.name, keys)
    }
  }

  const write = (writes: readonly Write[]): readonly Change[] => {
    catchUp()
    if (writes.length === 0) return []
    const changes = store.applyWrites(writes, time)
    catchUp()
    return changes
  }

  /** Runs what is due at the earliest moment. */
  const step = (): void => {
    const batch = queue.take()
    if (!batch) return
    time = Math.max(time, batch.at)
    // In the order of the controllers' list, so that ties never rest on who was woken first.
    for (const controller of [...byName.values()]) {
      const keys = batch.keys.get(controller.name)
      if (!keys) continue
      const context = { snapshot: store, now: time, random }
      const { writes, again = [] } = controller.reconcile(context, [...keys].sort())
      write(writes)
      for (const { key, at, background = false } of again) {
        queue.add({ at: Math.max(at, time + 1), controller: controller.name, key, background })
      }
    }
  }

  return {
    now: () => time,
    write,
    catchUp,
    schedule: (controller, key, at, background = false) => {
      queue.add({ at: Math.max(at, time), controller, key, background })
    },
    advance: (ms) => {
      catchUp()
      const until = time + ms
      for (let at = queue.nextAt(); at !== undefined && at <= until; at = queue.nextAt()) step()
      time = Math.max(time, until)
    },
    settle: (limitMs = hour, done) => {
      catchUp()
      const until = time + limitMs
      while (queue.hasForeground()) {
        if (done?.() === true) return true
        const at = queue.nextAt()
        if (at === undefined || at > until) return false
        step()
      }
      return true
    },
    isQuiet: () => {
      catchUp()
      return !queue.hasForeground()
    },
    add: (controller) => {
      byName.set(controller.name, controller)
    },
    remove: (name) => {
      byName.delete(name)
      queue.forget(name)
    },
  }
}
