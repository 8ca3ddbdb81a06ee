import { countHoldings } from '../api/service/pools.ts'
import type { Pools } from '../api/service/pools.ts'
import { addressesOf, needsNodePort, nodePortsOf } from '../api/service/service.ts'
import type { Service } from '../api/types.ts'
import { keyOf } from './objects.ts'
import type { Store } from './store.ts'

/** Keeps the pools in step with the Services of the store, whoever writes them. */
export function keepHoldings(store: Store, pools: Pools): void {
  const counted = new Map<string, Service>()

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
  for (const service of store.list('Service')) learn(service)
  store.watch(
    ({ type, key, object }) => {
      if (type === 'DELETED') forget(key)
      else learn(object as Service)
    },
    ['Service'],
  )
}
