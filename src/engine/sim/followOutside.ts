import type { KubeObject, Service } from '../api/types.ts'
import type { Store } from '../store/store.ts'
import type { ControlLoop } from './controlLoop.ts'
import { OUTSIDE_CONFIG } from './outside.ts'

/** Watches what the machines outside depend on. The function returned says whether it has changed since the last call. */
export function followOutside(store: Store, loop: ControlLoop): () => boolean {
  let changed = false
  loop.add({
    name: 'outside',
    delay: 0,
    kinds: ['ConfigMap', 'Service', 'EndpointSlice'],
    wakes: ({ key, object, previous }) => {
      changed ||=
        object.kind === 'ConfigMap'
          ? key === OUTSIDE_CONFIG
          : [object, previous].some((one) => one !== undefined && isBalanced(store, one))
      return []
    },
    reconcile: () => ({ writes: [] }),
  })
  return () => {
    const was = changed
    changed = false
    return was
  }
}

/** Whether a load balancer serves the Service, or the one that the slice belongs to. */
function isBalanced(store: Store, object: KubeObject): boolean {
  if (object.kind === 'Service') return (object as Service).spec.type === 'LoadBalancer'
  const { namespace = 'default', labels } = object.metadata
  const service = store.get('Service', `${namespace}/${labels?.['kubernetes.io/service-name'] ?? ''}`)
  return service?.spec.type === 'LoadBalancer' && service.spec.externalTrafficPolicy === 'Local'
}
