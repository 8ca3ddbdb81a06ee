import { cidrOrUndefined, prefixOf } from '../base/cidr.ts'
import type { Cidr } from '../base/cidr.ts'
import { ipOrUndefined } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'
import type { Node, Pod } from '../api/types.ts'
import type { ClosedPort, Listener, NetworkSpec, NodeSpec, OutsideHostSpec, PodSpec } from '../dataplane/network.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { openListeners } from './workload.ts'

/** What the objects do not say about the network. */
export interface NetworkOptions {
  readonly lan: Cidr
  readonly clusterCidrs: readonly Cidr[]
  readonly outsideHosts: readonly OutsideHostSpec[]
  readonly closedPorts?: readonly ClosedPort[]
  /** kube-proxy sets it in iptables mode with localhostNodePorts. */
  readonly routeLocalnet: (node: string) => boolean
  /** What a pod of the node's own network listens on beside what its image says. */
  readonly moreListeners: (pod: Pod) => readonly Listener[]
}

export const defaultNetworkOptions: NetworkOptions = {
  lan: '172.16.210.0/24' as Cidr,
  clusterCidrs: ['10.244.0.0/16' as Cidr],
  outsideHosts: [{ name: '172.16.210.100', address: '172.16.210.100' as Ip }],
  routeLocalnet: () => false,
  moreListeners: () => [],
}

/** The machines and wires of the cluster: its Nodes, and the Pods that run on them under the addresses that they name. */
export function buildNetwork(snapshot: Snapshot, options: Partial<NetworkOptions> = {}): NetworkSpec {
  const all = { ...defaultNetworkOptions, ...options }
  const nodes = [...snapshot.list('Node')].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const specs = nodes.map((node) => nodeSpec(node, all))
  const known = new Map(specs.map((spec) => [spec.name, spec]))
  const pods: PodSpec[] = []
  for (const pod of snapshot.list('Pod')) {
    const node = known.get(pod.spec.nodeName ?? '')
    const spec = node && podSpec(pod, node)
    const more = spec?.hostNetwork === true ? all.moreListeners(pod) : []
    if (spec) pods.push(more.length > 0 ? { ...spec, listeners: [...spec.listeners, ...more] } : spec)
  }
  pods.sort(byName)
  return {
    nodes: specs,
    pods,
    outsideHosts: all.outsideHosts,
    lan: all.lan,
    clusterCidrs: clusterCidrsOf(specs, all.clusterCidrs),
    ...(all.closedPorts ? { closedPorts: all.closedPorts } : {}),
  }
}

function nodeSpec(node: Node, { routeLocalnet }: NetworkOptions): NodeSpec {
  const podCidrs = node.spec.podCIDRs ?? (node.spec.podCIDR === undefined ? [] : [node.spec.podCIDR])
  return {
    name: node.metadata.name,
    addresses: (node.status?.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP')
      .flatMap(({ address }) => ipOrUndefined(address) ?? []),
    podCidrs: podCidrs.flatMap((cidr) => cidrOrUndefined(cidr) ?? []),
    sysctls: {
      ipForward: true,
      bridgeNfCallIptables: true,
      routeLocalnet: routeLocalnet(node.metadata.name),
      rpFilter: false,
    },
    cniMasquerade: !isOff(node, 'cni-masquerade'),
    hairpinMode: !isOff(node, 'bridge-hairpin'),
  }
}

function byName(a: PodSpec, b: PodSpec): number {
  if (a.namespace === b.namespace) return a.name < b.name ? -1 : 1
  return `${a.namespace}/` < `${b.namespace}/` ? -1 : 1
}

/** Annotations of a Node that switch off what its network plugin sets up: `kubehop.dev/bridge-hairpin: "off"`. */
function isOff({ metadata }: Node, name: 'cni-masquerade' | 'bridge-hairpin'): boolean {
  return metadata.annotations?.[`kubehop.dev/${name}`] === 'off'
}

const specs = new WeakMap<Pod, PodSpec>()

/** The pod as a machine; undefined while it has no address or once its programs have ended. Remembered per object. */
function podSpec(pod: Pod, node: NodeSpec): PodSpec | undefined {
  const known = specs.get(pod)
  if (known) return known
  const { phase, podIPs, podIP } = pod.status ?? {}
  if (phase === 'Succeeded' || phase === 'Failed') return undefined
  const texts = podIPs && podIPs.length > 0 ? podIPs.map(({ ip }) => ip) : podIP === undefined ? [] : [podIP]
  const hostNetwork = pod.spec.hostNetwork === true
  const ips = hostNetwork ? node.addresses : texts.flatMap((text) => ipOrUndefined(text) ?? [])
  if (ips.length === 0) return undefined
  const spec: PodSpec = {
    namespace: pod.metadata.namespace ?? 'default',
    name: pod.metadata.name,
    node: node.name,
    ips,
    hostNetwork,
    // Before its containers run nobody listens; a terminating pod serves on until they end.
    listeners: phase === 'Running' ? openListeners(pod) : [],
  }
  specs.set(pod, spec)
  return spec
}

/** The default `10.244.0.0/16` unless a node's pod CIDR lies outside; of IPv6 the /56 around the first node's. */
function clusterCidrsOf(nodes: readonly NodeSpec[], given: readonly Cidr[]): readonly Cidr[] {
  const first = nodes.flatMap(({ podCidrs }) => podCidrs).find((cidr) => prefixOf(cidr).family === 'IPv6')
  if (first === undefined || given.some((cidr) => prefixOf(cidr).family === 'IPv6')) return given
  const around = cidrOrUndefined(`${first.slice(0, first.indexOf('/'))}/56`)
  return around === undefined ? given : [...given, around]
}
