import { addFlannelRules } from './flannel.ts'
import { hostRouting, nodeRouting, podRouting, routerRouting } from './machineRouting.ts'
import { createConntrack } from '../conntrack/conntrack.ts'
import { createMatchState } from '../netfilter/matchState.ts'
import { createTables } from '../netfilter/tables.ts'
import { createUserspaceProxy } from './userspaceProxy.ts'
import { familyOfCidr } from '../base/cidr.ts'
import type { Machine, Node, NodeKernel, Service } from './machine.ts'
import type { NetworkSpec, NodeSpec, OutsideHostSpec, PodSpec } from './network.ts'
import type { Network } from './walk.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'

/** kube-proxy raises nf_conntrack_tcp_timeout_established to a day and _close_wait to an hour. */
const TCP_TIMEOUTS = { established: 86_400, closeWait: 3600 } as const

export function buildNetwork(spec: NetworkSpec, before: Network | undefined): Network {
  const nodes = spec.nodes.map((node) => buildNode(node, spec, before))
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const cidrsOf = new Map(spec.nodes.map(({ name, podCidrs }) => [name, podCidrs]))
  const machines = new Map<string, Machine>(nodes.map((node) => [node.id, node]))
  const onNodes = new Map<Node, Map<Ip, Machine>>(nodes.map((node) => [node, new Map<Ip, Machine>()]))
  const ports = new Map<Node, number>()
  const hostServices = new Map<Node, Service[]>()
  for (const pod of spec.pods) {
    const node = byName.get(pod.node)
    if (!node) continue
    const id = `pod/${pod.namespace}/${pod.name}`
    const services = servicesOf(pod)
    if (pod.hostNetwork) {
      hostServices.set(node, [...(hostServices.get(node) ?? []), ...services])
      // The pod's processes are the node's.
      machines.set(id, node)
      continue
    }
    const port = (ports.get(node) ?? 0) + 1
    ports.set(node, port)
    const machine = buildPod(id, pod, node, `veth${portName(id)}`, cidrsOf.get(pod.node) ?? [])
    machines.set(id, machine)
    for (const ip of pod.ips) onNodes.get(node)?.set(ip, machine)
  }
  for (const node of nodes) {
    node.podsByIp = onNodes.get(node) ?? new Map<Ip, Machine>()
    node.services = hostServices.get(node) ?? []
  }
  const hosts = spec.outsideHosts.map((host) => buildHost(host, spec))
  for (const host of hosts) machines.set(host.id, host)
  const router = buildRouter(spec)
  machines.set(router.id, router)
  const lan = [
    ...nodes.map((machine) => ({ machine, device: 'eth0' })),
    ...hosts.map((machine) => ({ machine, device: 'eth0' })),
    { machine: router, device: 'br0' },
  ]
  const owners: Network['owners'] = new Map()
  const addresses = { version: 0 }
  for (const node of nodes) {
    const rebuild = bindings.get(node.kernel)
    bindings.set(node.kernel, () => {
      rebuild?.()
      owners.clear()
      addresses.version++
    })
  }
  return { machines, nodes, lan, owners, addresses, closedPorts: spec.closedPorts ?? [] }
}

function servicesOf({ namespace, name, ips, listeners }: PodSpec): Service[] {
  return listeners.map((listener) => ({ listener, app: listener.app, pod: `${namespace}/${name}`, ips }))
}

/** Eight hex digits after the pod's id, as CNI plugins name their veths. */
function portName(id: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function buildNode(spec: NodeSpec, network: NetworkSpec, before: Network | undefined): Node {
  const known = before?.nodes.find((node) => node.name === spec.name)
  const kernel = known?.kernel ?? createKernel(spec.name)
  kernel.sysctls = { ...spec.sysctls, ...(known && arpIgnoreOf(known.kernel)), ...kernel.typedSysctls }
  const node: Node = {
    id: `node/${spec.name}`,
    kind: 'node',
    name: spec.name,
    process: `node ${spec.name}`,
    routing: nodeRouting(spec, network, kernel.kubeIpvs0),
    services: [],
    podsByIp: new Map<Ip, Machine>(),
    hairpinMode: spec.hairpinMode,
    kernel,
  }
  bindings.set(kernel, () => {
    node.routing = nodeRouting(spec, network, kernel.kubeIpvs0)
  })
  if (spec.cniMasquerade && !known) {
    for (const own of spec.podCidrs) {
      const cluster = network.clusterCidrs.find((c) => familyOfCidr(c) === familyOfCidr(own))
      if (cluster !== undefined) addFlannelRules(kernel.tables[familyOfCidr(own)], cluster, own)
    }
  }
  return node
}

function arpIgnoreOf({ sysctls }: NodeKernel): { arpIgnore?: boolean } {
  return sysctls.arpIgnore === undefined ? {} : { arpIgnore: sysctls.arpIgnore }
}

/** What to do when a kernel's addresses change. */
const bindings = new WeakMap<NodeKernel, () => void>()

function createKernel(name: string): NodeKernel {
  let kubeIpvs0: readonly Ip[] = []
  const kernel: NodeKernel = {
    name,
    tables: { IPv4: createTables('IPv4'), IPv6: createTables('IPv6') },
    conntrack: createConntrack(TCP_TIMEOUTS),
    matchState: createMatchState(),
    sysctls: { ipForward: true, bridgeNfCallIptables: true, routeLocalnet: false, rpFilter: false },
    beforeUse: undefined,
    nft: undefined,
    ipvs: undefined,
    sets: undefined,
    userspace: createUserspaceProxy(),
    get kubeIpvs0() {
      return kubeIpvs0
    },
    setKubeIpvs0: (ips) => {
      if (ips.length === kubeIpvs0.length && ips.every((ip, i) => ip === kubeIpvs0[i])) return
      kubeIpvs0 = ips
      bindings.get(kernel)?.()
    },
  }
  kernel.matchState.journal.recording = true
  return kernel
}

function buildPod(id: string, pod: PodSpec, node: Node, port: string, cidrs: readonly Cidr[]): Machine {
  // Most of 150,000 pods never see a packet.
  let routing: Machine['routing'] | undefined
  return {
    id,
    kind: 'pod',
    name: `${pod.namespace}/${pod.name}`,
    process: `${pod.namespace}/${pod.name}`,
    get routing() {
      return (routing ??= podRouting(pod, cidrs))
    },
    set routing(next) {
      routing = next
    },
    services: servicesOf(pod),
    attachment: { node, port },
  }
}

function buildHost(
  { name, address, listeners = [], beyondRouter = false, balances }: OutsideHostSpec,
  { lan }: NetworkSpec,
): Machine {
  return {
    id: `host/${address}`,
    kind: 'host',
    name: address,
    process: name,
    routing: hostRouting(address, beyondRouter, lan),
    services: listeners.map((listener) => ({ listener, app: listener.app, pod: name, ips: [address] })),
    ...(balances && { balances }),
  }
}

function buildRouter(network: NetworkSpec): Machine {
  return {
    id: 'lan',
    kind: 'lan',
    name: 'router',
    process: 'router',
    routing: routerRouting(network),
    services: [],
  }
}
