import type { EndpointSlice, KubeObject, Node, Pod, Service } from '../engine/index.ts'
import { NOTHING_SET, outsideConfig } from './outsideConfig.ts'
import type { OutsideConfig } from './outsideConfig.ts'
import { OUTSIDE_NAMES } from './places.ts'
import { shortPodName, splitPodName, workloadOf } from './podName.ts'

export interface TopologyPod {
  /** `pod/dev/client`, as a namespace id of the trace. */
  readonly id: string
  /** `Pod/dev/client`, as a key of the cluster's objects. */
  readonly key: string
  readonly name: string
  readonly namespace: string
  readonly stem: string
  readonly suffix: string
  /** Replicas of one workload on one node share it. */
  readonly group: string
  readonly ip: string
  readonly hostNetwork: boolean
  readonly state: 'ready' | 'notReady' | 'terminating' | 'pending'
  /** System pods stand last and stack first. */
  readonly system: boolean
  readonly createdAt: string
}

export interface TopologyNode {
  readonly name: string
  readonly ip: string
  readonly ready: boolean
  readonly controlPlane: boolean
  /** Without kube-proxy's own pod. In order of age, then namespace and name. */
  readonly pods: readonly TopologyPod[]
  /** Key of kube-proxy's pod, where the cluster lists one. */
  readonly kubeProxy?: string
}

export interface TopologyEndpoint {
  readonly ip: string
  readonly port: number
  readonly ready: boolean
  /** `pod/dev/web-1` where the slice names one. */
  readonly pod?: string
}

export interface TopologyServicePort {
  readonly name: string
  readonly protocol: string
  readonly port: number
  readonly nodePort?: number
  /** Addresses of this port that kube-proxy would use: ready ones, in slice order. */
  readonly endpoints: readonly TopologyEndpoint[]
}

export interface TopologyService {
  readonly key: string
  readonly name: string
  readonly namespace: string
  readonly type: string
  readonly clusterIP: string
  readonly ips: readonly string[]
  readonly ports: readonly TopologyServicePort[]
  /** Addresses that a load balancer holds for it. */
  readonly balancedIps: readonly string[]
  readonly externalName?: string
  readonly affinity: boolean
  readonly system: boolean
}

export interface Topology {
  readonly nodes: readonly TopologyNode[]
  readonly services: readonly TopologyService[]
  readonly podCount: number
  /** What an address is called: pod suffixes, service names, node names. */
  readonly names: ReadonlyMap<string, string>
  readonly pending: readonly TopologyPod[]
  readonly outside: OutsideConfig
}

const SYSTEM = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'kube-flannel'])

/** What stands where, from the cluster's objects. Equal objects give equal topology whatever their order. */
export function buildTopology(objects: Iterable<KubeObject>): Topology {
  const nodes: Node[] = []
  const pods: Pod[] = []
  const services: Service[] = []
  const slices: EndpointSlice[] = []
  let outside = NOTHING_SET
  for (const object of objects) {
    if (object.kind === 'Node') nodes.push(object as Node)
    else if (object.kind === 'Pod') pods.push(object as Pod)
    else if (object.kind === 'Service') services.push(object as Service)
    else if (object.kind === 'EndpointSlice') slices.push(object as EndpointSlice)
    else outside = outsideConfig(object) ?? outside
  }
  const onNode = groupBy(pods, (pod) => pod.spec.nodeName ?? '')
  const slicesOf = groupBy(
    slices,
    ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
  )
  const topologyNodes = nodes.sort(byName).map((node) => readNode(node, onNode.get(node.metadata.name) ?? []))
  const topologyServices = services.sort(byName).map((service) => readService(service, slicesOf))
  const pending = (onNode.get('') ?? []).sort(byAge).map(readPod)
  return {
    nodes: topologyNodes,
    services: topologyServices,
    podCount: pods.length,
    names: nameAddresses(topologyNodes, topologyServices),
    pending,
    outside,
  }
}

function readNode(node: Node, pods: readonly Pod[]): TopologyNode {
  const labels = node.metadata.labels ?? {}
  const proxy = pods.find(isKubeProxy)
  const conditions = node.status?.conditions
  return {
    name: node.metadata.name,
    ip: node.status?.addresses?.find((address) => address.type === 'InternalIP')?.address ?? '',
    ready: conditions?.find((condition) => condition.type === 'Ready')?.status !== 'False',
    controlPlane: 'node-role.kubernetes.io/control-plane' in labels,
    pods: pods
      .filter((pod) => pod !== proxy && !isFinished(pod))
      .sort(byAge)
      .map(readPod),
    ...(proxy && { kubeProxy: objectKey(proxy) }),
  }
}

function readPod(pod: Pod): TopologyPod {
  const namespace = pod.metadata.namespace ?? 'default'
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.status
  const ip = pod.status?.podIP ?? ''
  return {
    id: `pod/${namespace}/${pod.metadata.name}`,
    key: objectKey(pod),
    name: pod.metadata.name,
    namespace,
    ...splitPodName(pod),
    group: `${namespace}/${workloadOf(pod)}`,
    ip,
    hostNetwork: pod.spec.hostNetwork === true,
    state: stateOf(pod, ip, ready),
    system: SYSTEM.has(namespace),
    createdAt: pod.metadata.creationTimestamp ?? '',
  }
}

function stateOf(pod: Pod, ip: string, ready: string | undefined): TopologyPod['state'] {
  if (pod.metadata.deletionTimestamp !== undefined) return 'terminating'
  // A dump may leave conditions out; an address then has to do.
  if (ready === 'True' || (ready === undefined && ip !== '')) return 'ready'
  return pod.status?.phase === 'Running' ? 'notReady' : 'pending'
}

function readService(service: Service, slicesOf: ReadonlyMap<string, readonly EndpointSlice[]>): TopologyService {
  const { name } = service.metadata
  const namespace = service.metadata.namespace ?? 'default'
  const { spec } = service
  const ingress = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]))
  const own = [...(slicesOf.get(`${namespace}/${name}`) ?? [])].sort(byName)
  return {
    key: objectKey(service),
    name,
    namespace,
    type: spec.type,
    clusterIP: spec.clusterIP ?? '',
    ips: [
      ...(spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP])),
      ...(spec.externalIPs ?? []),
      ...ingress,
    ].filter((ip) => ip !== '' && ip !== 'None'),
    ports: (spec.ports ?? []).map((port) => ({
      name: port.name ?? '',
      protocol: port.protocol,
      port: port.port,
      ...(port.nodePort !== undefined && port.nodePort !== 0 && { nodePort: port.nodePort }),
      endpoints: own.flatMap((slice) => readEndpoints(slice, port.name ?? '')),
    })),
    balancedIps: ingress,
    ...(typeof spec['externalName'] === 'string' && { externalName: spec['externalName'] }),
    affinity: spec.sessionAffinity === 'ClientIP',
    system: SYSTEM.has(namespace) || (namespace === 'default' && name === 'kubernetes'),
  }
}

function readEndpoints(slice: EndpointSlice, portName: string): readonly TopologyEndpoint[] {
  const port = slice.ports?.find(({ name }) => (name ?? '') === portName)?.port
  if (port === undefined) return []
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions, targetRef }) => {
    const [ip] = addresses
    if (ip === undefined) return []
    const pod =
      targetRef?.kind === 'Pod' && targetRef.name !== undefined
        ? { pod: `pod/${targetRef.namespace ?? slice.metadata.namespace ?? 'default'}/${targetRef.name}` }
        : {}
    return [{ ip, port, ready: conditions?.ready !== false, ...pod }]
  })
}

function nameAddresses(
  nodes: readonly TopologyNode[],
  services: readonly TopologyService[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>(OUTSIDE_NAMES)
  for (const service of services) for (const ip of service.ips) names.set(ip, service.name)
  for (const node of nodes) {
    for (const pod of node.pods) if (pod.ip !== '' && !pod.hostNetwork) names.set(pod.ip, shortPodName(pod.name))
    if (node.ip !== '') names.set(node.ip, node.name)
  }
  return names
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

function isKubeProxy(pod: Pod): boolean {
  return pod.metadata.namespace === 'kube-system' && pod.metadata.labels?.['k8s-app'] === 'kube-proxy'
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

function objectKey(object: KubeObject): string {
  const { namespace, name } = object.metadata
  return namespace === undefined ? `${object.kind}/${name}` : `${object.kind}/${namespace}/${name}`
}

function byName(a: KubeObject, b: KubeObject): number {
  return compare(sortName(a), sortName(b))
}

function byAge(a: KubeObject, b: KubeObject): number {
  return (
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compare(sortName(a), sortName(b))
  )
}

const sortName = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
