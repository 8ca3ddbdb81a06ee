import type { KubeObject, Node, Service } from '../api/types.ts'
import type { Dataplane } from '../dataplane/createDataplane.ts'
import type { Random } from '../base/random.ts'
import type { Result } from '../base/result.ts'
import type { ProxyMode } from '../proxy/types.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import { keyOf, objectId, objectKey } from '../store/objects.ts'
import type { ApiServer } from '../store/apiServer.ts'
import type { Store } from '../store/store.ts'
import type { Request, Trace } from '../trace/event.ts'
import { createCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { createFleet } from './fleet.ts'
import type { Fleet } from './fleet.ts'
import type { ClusterShape } from './labCluster.ts'
import { createNames } from './names.ts'
import type { Names } from './names.ts'
import { nodeTables } from './nodeTables.ts'
import type { ReadYaml } from './proxyConfigMap.ts'
import { followOutside } from './followOutside.ts'
import { NAME_SERVER, outsideNetwork } from './outside.ts'
import { createProxyController, proxyControllerName } from './proxyController.ts'
import { hasHealthCheckPort } from './proxyHealth.ts'
import { createProxyPods, createProxySockets, runOn } from './proxyPods.ts'
import { switchMode } from './proxySwitch.ts'
import { chanceOf, outcomesOf, traceRequest } from './requests.ts'
import type { NodeTables, ObjectChanges, WeightedOutcome } from './types.ts'

/** From the start of a kube-proxy until it has heard of all Services and endpoints. */
const informersMs = 100

/** A running cluster: objects, controllers, and on every node a kube-proxy and a kernel. */
export interface Sim {
  readonly cluster: Cluster
  readonly store: Store
  readonly fleet: Fleet
  readonly names: Names
  readonly now: () => number
  /** The write side; `settle` or `advance` has the controllers answer. */
  readonly api: ApiServer
  /** Runs until nothing changes any more. False: an hour of virtual time was not enough. */
  readonly settle: () => boolean
  readonly advance: (ms: number) => void
  /** Whether `settle` would have nothing to wait for. */
  readonly isQuiet: () => boolean
  /** What the first node's kube-proxy runs in, or ran in last. */
  readonly mode: () => ProxyMode
  /** Edits the ConfigMap of kube-proxy, deletes kube-proxy's pods, and runs until their successors have done their work. */
  readonly setMode: (mode: ProxyMode) => void
  /** Sends now, from the present state; what it leaves behind (connections, counters) stays. */
  readonly request: (request: Request) => Trace
  /** Every possible end of `request` from the present state. The error is a sentence for the user. */
  readonly everyOutcome: (request: Request) => Result<readonly WeightedOutcome[], string>
  readonly nodeTables: (node: string) => NodeTables | undefined
  /** What changed since the last call; everything at the first. */
  readonly changes: () => ObjectChanges
}

export interface SimOptions {
  readonly seed: number
  /** Takes the place of the mode in `proxyConfig`. */
  readonly mode?: ProxyMode
  readonly shape?: Partial<ClusterShape>
  /** KubeProxyConfiguration of the ConfigMap, as read from YAML. */
  readonly proxyConfig?: RawProxyConfig
  /** For what users write into that ConfigMap. Without it only the engine's own texts can be read. */
  readonly readYaml?: ReadYaml
}

export function createSim({ seed, shape, ...options }: SimOptions): Sim {
  const cluster = createCluster(seed, shape, options)
  const { store, loop, random, proxies } = cluster
  const fleet = createFleet(store, {
    mode: options.mode ?? 'iptables',
    now: loop.now(),
    outside: () => outsideNetwork(store),
    runOf: (node) => runOn(store, proxies, node),
    moreListeners: createProxySockets(store, proxies),
  })
  const followed = followMachines(cluster, fleet)
  const outsideChanged = followOutside(store, loop)
  const machines = (): void => {
    if (outsideChanged()) fleet.refresh(loop.now())
    followed()
  }
  const dataplane = (): Dataplane => {
    loop.catchUp()
    machines()
    fleet.dataplane().catchUp(loop.now())
    return fleet.dataplane()
  }
  // Kept connections end on time, as kube-proxy in ipvs mode waits for the last one of a server.
  loop.add({
    name: 'connections',
    delay: 0,
    kinds: [],
    wakes: () => [],
    reconcile: ({ now }) => {
      fleet.dataplane().catchUp(now)
      return { writes: [], again: nextTimeout(fleet) }
    },
  })
  const names = createNames({
    snapshot: store,
    dataplane,
    random: random.fork('dns'),
    now: loop.now,
    upstream: NAME_SERVER,
    begunWith: cluster.nameServers.begunWith,
  })
  const netChanges = collectChanges(store)
  let requests = 0
  const settle = (): boolean => loop.settle()
  settle()
  const nextRandom = (): Random => random.fork(`request ${requests++}`)
  return {
    cluster,
    store,
    fleet,
    names,
    now: loop.now,
    api: cluster.api,
    settle,
    advance: loop.advance,
    isQuiet: loop.isQuiet,
    mode: fleet.mode,
    setMode: (next) => {
      if (next === fleet.mode()) return
      switchMode(cluster.api, store, cluster.proxyTexts, next, cluster.shape.version)
      settle()
    },
    request: (request) => {
      loop.catchUp()
      machines()
      const trace = traceRequest(fleet, request, chanceOf(nextRandom()), loop.now(), names.find)
      loop.advance(Math.max(0, Math.ceil(trace.endedAt - loop.now())))
      for (const { key, at } of nextTimeout(fleet)) loop.schedule('connections', key, at, true)
      return trace
    },
    everyOutcome: (request) => {
      loop.catchUp()
      machines()
      return outcomesOf(fleet, request, loop.now(), names.find)
    },
    nodeTables: (node) => {
      loop.catchUp()
      machines()
      return nodeTables(fleet, node, loop.now())
    },
    changes: () => {
      loop.catchUp()
      return netChanges(loop.now())
    },
  }
}

/** When a kept connection may time out next; `settle` does not wait for it. */
function nextTimeout(
  fleet: Fleet,
): readonly { readonly key: string; readonly at: number; readonly background: true }[] {
  const at = fleet.dataplane().nextDue()
  return at === undefined ? [] : [{ key: 'timeouts', at: Math.ceil(at), background: true }]
}

/** Runs a kube-proxy per node. The function returned has the machines follow Nodes and Pods, when these have changed. */
function followMachines({ store, loop, random, isNodeUp, proxies }: Cluster, fleet: Fleet): () => void {
  let stale = true
  const refresh = (): void => {
    if (!stale) return
    stale = false
    fleet.refresh(loop.now())
  }
  const addProxy = (node: string, delay?: number): void => {
    const minSyncMs = (): number => fleet.agent(node)?.minSyncMs() ?? 0
    loop.add(createProxyController(fleet, node, random, isNodeUp, minSyncMs))
    if (delay !== undefined) loop.schedule(proxyControllerName(node), 'sync', loop.now() + delay)
  }
  for (const { name } of fleet.agents()) {
    addProxy(name)
    // The lab has been running for a while: nobody's next sync has to wait for this one.
    fleet.sync(name, loop.now())
  }
  loop.add(
    createProxyPods(fleet, proxies, store, (node) => {
      loop.remove(proxyControllerName(node))
      addProxy(node, informersMs)
    }),
  )
  loop.add({
    name: 'machines',
    delay: 0,
    kinds: ['Node', 'Pod', 'Service', 'EndpointSlice'],
    wakes: ({ type, kind, object, previous }) => {
      if (kind === 'Service' || kind === 'EndpointSlice') {
        stale ||= [object, previous].some((one) => isHealthChecked(store, one))
        return []
      }
      if (kind !== 'Pod' && kind !== 'Node') return []
      stale = true
      return kind === 'Node' && type !== 'MODIFIED' ? [(object as Node).metadata.name] : []
    },
    reconcile: (_context, names) => {
      refresh()
      for (const name of names) {
        loop.remove(proxyControllerName(name))
        if (store.get('Node', name)) addProxy(name, 0)
      }
      return { writes: [] }
    },
  })
  return refresh
}

/** Whether kube-proxies answer health checks for this Service, or for the one that this slice belongs to. */
function isHealthChecked(store: Store, object: KubeObject | undefined): boolean {
  if (object?.kind === 'Service') return hasHealthCheckPort(object as Service)
  const name = object?.metadata.labels?.['kubernetes.io/service-name']
  const service = name === undefined ? undefined : store.get('Service', objectKey(object?.metadata.namespace, name))
  return service !== undefined && hasHealthCheckPort(service)
}

/** The net changes since the last call, what came and went in between left out; at the first call all objects. */
function collectChanges(store: Store): (now: number) => ObjectChanges {
  let touched = new Map<string, Set<string>>()
  const touch = (kind: string, key: string): void => {
    const keys = touched.get(kind)
    if (keys) keys.add(key)
    else touched.set(kind, new Set([key]))
  }
  for (const kind of store.kinds()) for (const object of store.list(kind)) touch(kind, keyOf(object))
  store.watch(({ kind, key }) => {
    touch(kind, key)
  })
  return (now) => {
    const changed: KubeObject[] = []
    const deleted: string[] = []
    for (const [kind, keys] of touched) {
      for (const key of keys) {
        const object = store.get<string>(kind, key)
        if (object) changed.push(object)
        else deleted.push(objectId(kind, key))
      }
    }
    touched = new Map()
    return { changed, deleted, now }
  }
}
