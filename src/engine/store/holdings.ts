import { countHoldings } from '../api/service/pools.ts'
import type { Pools } from '../api/service/pools.ts'
import { addressesOf, needsNodePort, nodePortsOf } from '../api/service/service.ts'
import type { Service } from '../api/types.ts'
import { keyOf } from './objects.ts'
import type { Store } from './store.ts'

/** Keeps the pools in step with the Services of the store, whoever writes them. */
export function createHoldings(store: Store, pools: Pools): { readonly refresh: () => void } {
  const counted = new Map<string, Service>()
  let seen = -1

  const count = (service: Service, sign: 1 | -1): void => {
    const { spec } = service
    const healthPort = spec.healthCheckNodePort ?? 0
    const held = needsNodePort(spec) ? [...nodePortsOf(spec), ...(healthPort === 0 ? [] : [healthPort])] : []
    countHoldings(pools, { addresses: addressesOf(spec), ports: held }, sign)
  }
  const forget = (key: string): void => {
    const before = counted.get(key)
    if (before) count(before, -1)
    counted.delete(key)
  }
  const learn = (service: Service): void => {
    const key = keyOf(service)
    if (counted.get(key) === service) return
    forget(key)
    count(service, 1)
    counted.set(key, service)
  }
  /** Everything anew: at first, and when the log no longer reaches back to what was seen. */
  const recount = (): void => {
    const current = new Set<string>()
    for (const service of store.list('Service')) {
      current.add(keyOf(service))
      learn(service)
    }
    for (const key of [...counted.keys()]) if (!current.has(key)) forget(key)
  }

  return {
    refresh: () => {
      if (store.revision === seen) return
      const changes = seen < 0 ? [] : store.changesSince(seen)
      if (changes[0]?.revision !== seen + 1 || changes.at(-1)?.revision !== store.revision) {
        recount()
      } else {
        for (const { kind, type, key, object } of changes) {
          if (kind !== 'Service') continue
          if (type === 'DELETED') forget(key)
          else learn(object as Service)
        }
      }
      seen = store.revision
    },
  }
}
