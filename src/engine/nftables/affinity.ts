import { createCheckpointMap } from '../base/versionedMap.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'

/** One element of a set that packets fill. */
interface Element {
  readonly set: string
  readonly ip: Ip
  readonly timeoutMs: number
  readonly updated: SimTime
}

/** The elements of the sets with a timeout: which clients stick to which endpoint. */
export interface AffinitySets {
  /** Milliseconds since the element was last refreshed; undefined: not in the set, or too old. */
  readonly age: (set: string, ip: Ip, now: SimTime) => number | undefined
  readonly update: (set: string, ip: Ip, timeoutMs: number, now: SimTime) => void
  /** What `nft list` shows of a set, in the order of arrival. */
  readonly elements: (set: string, now: SimTime) => readonly { readonly ip: Ip; readonly expiresMs: number }[]
  /** Drops the elements of sets that `keeps` denies. */
  readonly retain: (keeps: (set: string) => boolean) => void
  readonly checkpoint: () => () => void
}

export function createAffinitySets(): AffinitySets {
  const elements = createCheckpointMap<Element>()
  return {
    age(set, ip, now) {
      const element = elements.get(`${set} ${ip}`)
      return element && now < element.updated + element.timeoutMs ? now - element.updated : undefined
    },
    update(set, ip, timeoutMs, now) {
      elements.set(`${set} ${ip}`, { set, ip, timeoutMs, updated: now })
    },
    elements(set, now) {
      return [...elements.values()]
        .filter((element) => element.set === set && now < element.updated + element.timeoutMs)
        .map(({ ip, updated, timeoutMs }) => ({ ip, expiresMs: updated + timeoutMs - now }))
    },
    retain(keeps) {
      for (const key of [...elements.keys()]) {
        const element = elements.get(key)
        if (element && !keeps(element.set)) elements.delete(key)
      }
    },
    checkpoint: elements.checkpoint,
  }
}
