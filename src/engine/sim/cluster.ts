import type { Json } from '../api/json.ts'
import { findKind } from '../api/kinds.ts'
import type { KubeObject } from '../api/types.ts'
import type { Cidr } from '../base/cidr.ts'
import { invariant } from '../base/invariant.ts'
import { createRandom } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { SimTime } from '../base/time.ts'
import { createRuntime } from '../cni/runtime.ts'
import type { Controller } from '../controllers/controller.ts'
import { daemonSetController } from '../controllers/workload/daemonSet.ts'
import { deploymentController } from '../controllers/workload/deployment.ts'
import { createEndpointsController } from '../controllers/endpoints/endpoints.ts'
import { createEndpointSliceController } from '../controllers/endpoints/endpointSlice.ts'
import { createEndpointSliceMirroringController } from '../controllers/endpoints/endpointSliceMirroring.ts'
import { garbageCollector } from '../controllers/garbageCollector.ts'
import { createKubelets } from '../controllers/kubelet/kubelet.ts'
import type { PodRuntime } from '../controllers/kubelet/runtime.ts'
import { modeOf } from '../proxy/config.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import type { ProxyMode } from '../proxy/types.ts'
import { OUTSIDE_CONFIG, hasLoadBalancer } from './outside.ts'
import { createLoadBalancerController } from '../controllers/loadBalancer.ts'
import { createNamespaceController } from '../controllers/namespace.ts'
import { createNodeLifecycle } from '../controllers/nodeLifecycle.ts'
import { replicaSetController } from '../controllers/workload/replicaSet.ts'
import { scheduler } from '../controllers/scheduler/scheduler.ts'
import { statefulSetController } from '../controllers/workload/statefulSet.ts'
import { keyOf } from '../store/objects.ts'
import { createApiServer } from '../store/apiServer.ts'
import type { ApiServer } from '../store/apiServer.ts'
import { createStore } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { createControlLoop } from './controlLoop.ts'
import type { ControlLoop } from './controlLoop.ts'
import { createCoreDnsProcesses, isCoreDnsContainer } from './coreDnsProcesses.ts'
import type { CoreDnsProcesses } from './coreDnsProcesses.ts'
import { clusterCidr, labNode, labShape, systemObjects } from './labCluster.ts'
import type { ClusterShape } from './labCluster.ts'
import { createConfigTexts, kubeadmProxyConfig } from './proxyConfigMap.ts'
import type { ConfigTexts, ReadYaml } from './proxyConfigMap.ts'
import { createProxyProcesses, isProxyContainer } from './proxyProcesses.ts'
import type { ProxyProcesses } from './proxyProcesses.ts'
import { proxyImage } from './proxySwitch.ts'

/** A cluster without data plane: objects, and the controllers that keep them. */
export interface Cluster {
  readonly store: Store
  readonly loop: ControlLoop
  readonly random: Random
  /** What it changes, the controllers see at the next `settle` or `advance`. */
  readonly api: ApiServer
  /** Cuts a node's power or brings it back: its kubelet falls silent, its kube-proxy writes no more. */
  readonly setNodeUp: (node: string, up: boolean) => void
  readonly isNodeUp: (node: string) => boolean
  readonly shape: ClusterShape
  readonly proxyTexts: ConfigTexts
  readonly proxies: ProxyProcesses
  readonly nameServers: CoreDnsProcesses
}

export interface ClusterOptions {
  /** KubeProxyConfiguration of the ConfigMap; kubeadm's when absent. */
  readonly proxyConfig?: RawProxyConfig
  /** Takes the place of the mode that `proxyConfig` names. */
  readonly mode?: ProxyMode
  readonly readYaml?: ReadYaml
}

/** The age of the cluster when the user's first manifest arrives, in milliseconds. */
const bootMs = 60_000

/** Addresses that the cloud hands out: documentation range (RFC 5737). */
const loadBalancerPool = Array.from({ length: 90 }, (_, i) => `203.0.113.${i + 10}`)

/** Every controller of the cluster, in the order in which ties are broken. */
function allControllers(
  down: ReadonlyMap<string, SimTime>,
  shape: ClusterShape,
  proxies: ProxyProcesses,
  nameServers: CoreDnsProcesses,
): readonly Controller[] {
  const runtime = createRuntime()
  const behaviourOf: PodRuntime['behaviourOf'] = (pod, container) => {
    const behaviour = runtime.behaviourOf(pod, container)
    if (isCoreDnsContainer(container))
      return { ...behaviour, exitOf: (startedAt) => nameServers.exitOf(pod, startedAt) }
    if (!isProxyContainer(container)) return behaviour
    return { ...behaviour, exitOf: (startedAt) => proxies.exitOf(pod, startedAt) }
  }
  return [
    createNamespaceController(),
    deploymentController,
    replicaSetController,
    statefulSetController,
    daemonSetController,
    scheduler,
    createNodeLifecycle({ downSince: (node) => down.get(node) }),
    createKubelets({ ...runtime, behaviourOf, isUp: (node) => !down.has(node) }),
    createEndpointSliceController(),
    createEndpointsController(),
    createEndpointSliceMirroringController(),
    createLoadBalancerController(
      loadBalancerPool,
      (snapshot) => shape.loadBalancer || hasLoadBalancer(snapshot),
      OUTSIDE_CONFIG,
    ),
    garbageCollector,
  ]
}

/** A freshly booted kubeadm cluster. The control plane node is up before the workers join, so CoreDNS runs there. */
export function createCluster(
  seed: number,
  shape: Partial<ClusterShape> = {},
  { proxyConfig, mode, readYaml }: ClusterOptions = {},
): Cluster {
  const full = { ...labShape, ...shape }
  const random = createRandom(seed)
  const down = new Map<string, SimTime>()
  const store = createStore(random.fork('uids'))
  const proxyTexts = createConfigTexts(readYaml)
  const proxies = createProxyProcesses(store, proxyTexts)
  const nameServers = createCoreDnsProcesses(store)
  const loop = createControlLoop(store, random.fork('controllers'), allControllers(down, full, proxies, nameServers))
  const api = createApiServer({ store, random: random.fork('api'), now: loop.now, serviceCidrs: serviceCidrs(full) })
  loop.write([{ type: 'create', object: labNode(0, full) }])
  const config = withMode(proxyConfig ?? kubeadmProxyConfig(clusterCidr(full)), mode)
  const addon = { config: proxyTexts.write(config), image: proxyImage(modeOf(config), full.version) }
  for (const object of systemObjects(full, addon)) install(api, loop, object)
  loop.settle()
  const workers = Array.from({ length: full.nodes - 1 }, (_, i) => labNode(i + 1, full))
  loop.write(workers.map((object) => ({ type: 'create', object })))
  loop.settle()
  loop.advance(bootMs - (loop.now() % bootMs))
  const setNodeUp = (node: string, up: boolean): void => {
    if (up) down.delete(node)
    else if (!down.has(node)) down.set(node, loop.now())
    loop.schedule('nodelifecycle', node, loop.now())
    if (!up) return
    // The kubelet takes up its pods again.
    for (const pod of store.indexed('Pod', 'node', node)) loop.schedule('kubelet', keyOf(pod), loop.now())
  }
  return {
    store,
    loop,
    random,
    api,
    setNodeUp,
    isNodeUp: (node) => !down.has(node),
    shape: full,
    proxyTexts,
    proxies,
    nameServers,
  }
}

/** With the two lines that every configuration has to begin with, and another mode where one is asked for. */
function withMode(given: RawProxyConfig, mode: ProxyMode | undefined): RawProxyConfig {
  const head = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' }
  const whole = 'kind' in given && 'apiVersion' in given ? given : { ...head, ...given }
  return { ...whole, ...(mode === undefined || modeOf(given) === mode ? {} : { mode }) }
}

function serviceCidrs({ dualStack }: ClusterShape): readonly Cidr[] {
  return ['10.96.0.0/12' as Cidr, ...(dualStack ? ['fd00:10:96::/112' as Cidr] : [])]
}

/** Kinds that the cluster's parts write themselves, status and all, past admission. */
const writtenByParts = new Set(['Endpoints', 'EndpointSlice', 'Pod'])

function install(api: ApiServer, loop: ControlLoop, object: KubeObject): void {
  if (writtenByParts.has(object.kind)) {
    loop.write([{ type: 'create', object }])
    return
  }
  const kind = findKind(object.apiVersion, object.kind)
  const made = kind && api.create(kind, object.metadata.namespace ?? '', object as unknown as Json)
  invariant(made?.ok === true, `system object ${object.kind} ${object.metadata.name}: ${JSON.stringify(made)}`)
}
