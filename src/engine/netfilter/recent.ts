import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'

/** The kernel keeps this many sources per list. Source: xt_recent, module parameter ip_list_tot. */
const SOURCES_PER_LIST = 100
/** ... and this many times per source: ip_pkt_list_tot. */
const STAMPS_PER_SOURCE = 20

/** The lists of `-m recent` in one network namespace: list name, source, time last seen; oldest first. */
export interface RecentLists {
  /** Seconds since `source` was last seen, or undefined when the list does not hold it. */
  readonly age: (list: string, source: Ip, now: SimTime) => number | undefined
  /** How often `source` was seen within the last `seconds`, of the last 20 times. */
  readonly hits: (list: string, source: Ip, seconds: number, now: SimTime) => number
  /** Adds or refreshes `source`; the oldest entry gives way when the list is full. */
  readonly set: (list: string, source: Ip, now: SimTime) => void
  readonly remove: (list: string, source: Ip) => void
  /** Drops the oldest entry when it is older than `seconds`: the kernel's reap looks at that one only. */
  readonly reap: (list: string, seconds: number, now: SimTime) => void
  readonly entries: () => readonly { readonly list: string; readonly source: Ip; readonly seen: SimTime }[]
  /** The lists of the moment; the function brings them back. */
  readonly checkpoint: () => () => void
}

export function createRecentLists(): RecentLists {
  // Stamps are replaced, never changed, so a copy of the Maps is a copy of all.
  let lists = new Map<string, Map<Ip, readonly SimTime[]>>()
  return {
    age: (name, source, now) => {
      const seen = lists.get(name)?.get(source)?.at(-1)
      return seen === undefined ? undefined : (now - seen) / 1000
    },
    hits: (name, source, seconds, now) =>
      (lists.get(name)?.get(source) ?? []).filter((seen) => now - seen <= seconds * 1000).length,
    set: (name, source, now) => {
      let list = lists.get(name)
      if (!list) lists.set(name, (list = new Map<Ip, readonly SimTime[]>()))
      // A Map remembers insertion order: deleting first makes the entry the youngest.
      const stamps = list.get(source) ?? []
      if (!list.delete(source) && list.size >= SOURCES_PER_LIST) {
        const oldest = list.keys().next()
        if (!oldest.done) list.delete(oldest.value)
      }
      list.set(source, [...stamps.slice(1 - STAMPS_PER_SOURCE), now])
    },
    remove: (name, source) => {
      lists.get(name)?.delete(source)
    },
    reap: (name, seconds, now) => {
      const list = lists.get(name)
      const oldest = list?.entries().next()
      if (list && oldest && !oldest.done && now - (oldest.value[1].at(-1) ?? now) > seconds * 1000)
        list.delete(oldest.value[0])
    },
    entries: () =>
      [...lists].flatMap(([list, sources]) =>
        [...sources].map(([source, stamps]) => ({ list, source, seen: stamps.at(-1) ?? 0 })),
      ),
    checkpoint: () => {
      const saved = copyLists(lists)
      return () => {
        lists = copyLists(saved)
      }
    },
  }
}

function copyLists<T>(lists: ReadonlyMap<string, ReadonlyMap<Ip, T>>): Map<string, Map<Ip, T>> {
  return new Map([...lists].map(([name, list]) => [name, new Map(list)]))
}
