import type { EndpointSlice, Node, Pod, Service } from '../api/types.ts'
import type { Controller } from '../controllers/controller.ts'
import type { Listener } from '../dataplane/network.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Fleet } from './fleet.ts'
import { hasHealthCheckPort, proxyListeners } from './proxyHealth.ts'
import { isProxyPod } from './proxyProcesses.ts'
import type { ProxyProcesses, ProxyRun } from './proxyProcesses.ts'

/** The kube-proxy that runs on `node`, or that tried last; undefined: no such pod has come that far. */
export function runOn(snapshot: Snapshot, processes: ProxyProcesses, node: string): ProxyRun | undefined {
  let last: ProxyRun | undefined
  for (const pod of snapshot.indexed('Pod', 'node', node)) {
    const run = isProxyPod(pod) ? processes.lastRun(pod) : undefined
    if (run && (!last || run.startedAt >= last.startedAt)) last = run
  }
  return last
}

/**
 * Starts and stops the nodes' kube-proxies with their pods. `started`: called when one has begun to work, so that it
 * syncs as soon as it has heard of all Services.
 */
export function createProxyPods(
  fleet: Fleet,
  processes: ProxyProcesses,
  cluster: Snapshot,
  started: (node: string) => void,
): Controller {
  const known = new Map<string, ProxyRun>()
  for (const { name } of fleet.agents()) {
    const run = runOn(cluster, processes, name)
    if (run) known.set(name, run)
  }
  return {
    name: 'kube-proxy pods',
    kinds: ['Pod'],
    delay: 0,
    wakes: ({ kind, type, object }) => {
      if (kind !== 'Pod' || !isProxyPod(object as Pod)) return []
      if (type === 'DELETED') processes.forget(object as Pod)
      const { nodeName } = (object as Pod).spec
      return nodeName === undefined ? [] : [nodeName]
    },
    reconcile: ({ snapshot, now }, nodes) => {
      for (const node of nodes) {
        const run = runOn(snapshot, processes, node)
        if (run === known.get(node)) continue
        if (run) known.set(node, run)
        else known.delete(node)
        if (!run?.config) fleet.stopProxy(node, run?.log)
        else {
          fleet.startProxy(node, run, now)
          started(node)
        }
      }
      return { writes: [] }
    },
  }
}

/** The sockets of the kube-proxy in `pod`; none while it does not run. */
export function createProxySockets(snapshot: Snapshot, processes: ProxyProcesses): (pod: Pod) => readonly Listener[] {
  let checked: { readonly revision: number; readonly services: readonly Service[] } | undefined
  const services = (): readonly Service[] => {
    if (checked?.revision !== snapshot.revision) {
      const found = [...snapshot.list('Service')].filter(hasHealthCheckPort)
      checked = { revision: snapshot.revision, services: found }
    }
    return checked.services
  }
  return (pod) => {
    const config = isProxyPod(pod) ? processes.lastRun(pod)?.config : undefined
    const node: Node | undefined = config && snapshot.get('Node', pod.spec.nodeName ?? '')
    if (!config || !node || pod.status?.phase !== 'Running') return []
    const slices = services().flatMap(({ metadata }): readonly EndpointSlice[] => {
      const key = `${metadata.namespace ?? ''}/${metadata.name}`
      return [...snapshot.indexed('EndpointSlice', 'service', key)]
    })
    return proxyListeners(node, config, services(), slices)
  }
}
