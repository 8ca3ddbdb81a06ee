import type { Random } from '../base/random.ts'
import type { Controller } from '../controllers/controller.ts'
import type { Fleet } from './fleet.ts'

/** The name of the control loop of kube-proxy on `node`. */
export function proxyControllerName(node: string): string {
  return `kube-proxy ${node}`
}

/**
 * kube-proxy on `node` as a control loop: changes of Services and slices reach it after the node's own latency, and it
 * syncs at most once per `minSyncMs`. Between the nodes' syncs the cluster disagrees with itself, as in life.
 */
export function createProxyController(
  fleet: Fleet,
  node: string,
  random: Random,
  isUp: (node: string) => boolean,
  minSyncMs: () => number,
): Controller {
  let lastSync = -Infinity
  return {
    name: proxyControllerName(node),
    kinds: ['Service', 'EndpointSlice', 'Node'],
    delay: 20 + random.fork(`informer latency ${node}`).below(80),
    wakes: ({ kind, key }) =>
      kind === 'Service' || kind === 'EndpointSlice' || (kind === 'Node' && key === node) ? ['sync'] : [],
    reconcile: ({ now }) => {
      if (!isUp(node)) return { writes: [] }
      const due = lastSync + minSyncMs()
      if (now < due) return { writes: [], again: [{ key: 'sync', at: due }] }
      lastSync = now
      fleet.sync(node, now)
      return { writes: [] }
    },
  }
}
