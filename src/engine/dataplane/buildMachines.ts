import { addFlannelRules } from './flannel.ts'
import { createConntrack } from '../conntrack/conntrack.ts'
import { createMatchState } from '../netfilter/matchState.ts'
import { createRoutingTable, networkOf } from '../routing/routingTable.ts'
import { createTables } from '../netfilter/tables.ts'
import { createUserspaceProxy } from './userspaceProxy.ts'
import { familyOfCidr, nthAddress, parseCidr, prefixOf } from '../base/cidr.ts'
import { familyOf } from '../base/ip.ts'
import { invariant } from '../base/invariant.ts'
import type { Machine, Node, NodeKernel, Service } from './machine.ts'
import type { NetworkSpec, NodeSpec, OutsideHostSpec, PodSpec } from './network.ts'
import type { Network } from './walk.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { Interface, InterfaceAddress, Route } from '../routing/interface.ts'

/** kube-proxy raises nf_conntrack_tcp_timeout_established to a day and _close_wait to an hour. */
const TCP_TIMEOUTS = { established: 86_400, closeWait: 3600 } as const

const LOOPBACK: Interface = {
  name: 'lo',
  index: 1,
  kind: 'loopback',
  addresses: [
    { ip: '127.0.0.1' as Ip, bits: 8, scope: 'host' },
    { ip: '::1' as Ip, bits: 128, scope: 'host' },
  ],
}

function cidr(text: string): Cidr {
  const parsed = parseCidr(text)
  invariant(parsed.ok, text)
  return parsed.value
}
const DEFAULTS = { IPv4: cidr('0.0.0.0/0'), IPv6: cidr('::/0') } as const

/** Every address of an interface makes its network reachable on the link. */
function connectedRoutes(interfaces: readonly Interface[]): readonly Route[] {
  return interfaces.flatMap(({ name, kind, addresses }) =>
    kind === 'loopback' || kind === 'dummy'
      ? []
      : addresses.flatMap(({ ip, bits }): Route[] => {
          const destination = networkOf(ip, bits)
          return destination === undefined ? [] : [{ destination, type: 'unicast', device: name, source: ip }]
        }),
  )
}

function ethernet(name: string, index: number, addresses: readonly InterfaceAddress[]): Interface {
  return { name, index, kind: 'ethernet', addresses }
}

const global = (ip: Ip, bits: number): InterfaceAddress => ({ ip, bits, scope: 'global' })

/** Bits of the LAN's prefix for IPv4; IPv6 LANs are /64. */
function lanBits(ip: Ip, lan: Cidr): number {
  return familyOf(ip) === familyOfCidr(lan) ? prefixOf(lan).bits : 64
}

/** The LAN's router has the first address of each of its networks. */
function gatewayOf(ip: Ip, lan: Cidr): Ip | undefined {
  const network = networkOf(ip, lanBits(ip, lan))
  return network === undefined ? undefined : nthAddress(network, 1)
}

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

function nodeRouting(spec: NodeSpec, network: NetworkSpec, kubeIpvs0: readonly Ip[]): Machine['routing'] {
  const interfaces: Interface[] = [
    LOOPBACK,
    ethernet(
      'eth0',
      2,
      spec.addresses.map((ip) => global(ip, lanBits(ip, network.lan))),
    ),
    {
      name: 'cni0',
      index: 3,
      kind: 'bridge',
      addresses: spec.podCidrs.map((podCidr) => global(nthAddress(podCidr, 1), prefixOf(podCidr).bits)),
    },
  ]
  if (kubeIpvs0.length > 0) {
    const addresses = kubeIpvs0.map((ip) => global(ip, familyOf(ip) === 'IPv4' ? 32 : 128))
    interfaces.push({ name: 'kube-ipvs0', index: 4, kind: 'dummy', addresses })
  }
  return createRoutingTable(interfaces, () => nodeRoutes(spec, network, interfaces))
}

/** The default route, one to the pods of every other node, and what the interfaces reach. */
function nodeRoutes(spec: NodeSpec, { lan, nodes }: NetworkSpec, interfaces: readonly Interface[]): readonly Route[] {
  const routes: Route[] = []
  for (const family of ['IPv4', 'IPv6'] as const) {
    const own = spec.addresses.find((ip) => familyOf(ip) === family)
    const via = own === undefined ? undefined : gatewayOf(own, lan)
    if (via !== undefined) routes.push({ destination: DEFAULTS[family], type: 'unicast', device: 'eth0', via })
  }
  for (const other of nodes) {
    if (other.name === spec.name) continue
    for (const podCidr of other.podCidrs) {
      const via = other.addresses.find((ip) => familyOf(ip) === familyOfCidr(podCidr))
      if (via !== undefined) routes.push({ destination: podCidr, type: 'unicast', device: 'eth0', via })
    }
  }
  return [...routes, ...connectedRoutes(interfaces)]
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

function podRouting(pod: PodSpec, cidrs: readonly Cidr[]): Machine['routing'] {
  const addresses: InterfaceAddress[] = []
  const routes: Route[] = []
  for (const ip of pod.ips) {
    const own = cidrs.find((podCidr) => familyOfCidr(podCidr) === familyOf(ip))
    if (own === undefined) continue
    addresses.push(global(ip, prefixOf(own).bits))
    routes.push({ destination: DEFAULTS[familyOf(ip)], type: 'unicast', device: 'eth0', via: nthAddress(own, 1) })
  }
  const interfaces = [LOOPBACK, ethernet('eth0', 2, addresses)]
  return createRoutingTable(interfaces, [...routes, ...connectedRoutes(interfaces)])
}

function buildHost(
  { name, address, listeners = [], beyondRouter = false, balances }: OutsideHostSpec,
  { lan }: NetworkSpec,
): Machine {
  const bits = beyondRouter ? ALL_BITS[familyOf(address)] : lanBits(address, lan)
  const interfaces = [LOOPBACK, ethernet('eth0', 2, [global(address, bits)])]
  const routes: Route[] = [
    ...[beyondRouter ? nthAddress(lan, 1) : gatewayOf(address, lan)].flatMap((via): Route[] =>
      via === undefined
        ? []
        : [{ destination: DEFAULTS[familyOf(address)], type: 'unicast', device: 'eth0', via, onlink: beyondRouter }],
    ),
  ]
  return {
    id: `host/${address}`,
    kind: 'host',
    name: address,
    process: name,
    routing: createRoutingTable(interfaces, [...routes, ...connectedRoutes(interfaces)]),
    services: listeners.map((listener) => ({ listener, app: listener.app, pod: name, ips: [address] })),
    ...(balances && { balances }),
  }
}

const ALL_BITS = { IPv4: 32, IPv6: 128 } as const

function buildRouter({ lan, nodes, outsideHosts }: NetworkSpec): Machine {
  const v6 = nodes.flatMap(({ addresses }) => addresses).find((ip) => familyOf(ip) !== familyOfCidr(lan))
  const other = v6 === undefined ? undefined : gatewayOf(v6, lan)
  const addresses = [global(nthAddress(lan, 1), prefixOf(lan).bits)]
  if (other !== undefined) addresses.push(global(other, lanBits(other, lan)))
  const interfaces = [LOOPBACK, ethernet('br0', 2, addresses)]
  const routes = (['IPv4', 'IPv6'] as const).map((family): Route => ({
    destination: DEFAULTS[family],
    type: 'blackhole',
    device: 'br0',
  }))
  const only = (ip: Ip): Cidr => cidr(`${ip}/${ALL_BITS[familyOf(ip)]}`)
  for (const { address, beyondRouter, balances = [] } of outsideHosts) {
    if (beyondRouter) routes.push({ destination: only(address), type: 'unicast', device: 'br0' })
    for (const ip of new Set(balances.map((port) => port.ip))) {
      routes.push({ destination: only(ip), type: 'unicast', device: 'br0', via: address })
    }
  }
  return {
    id: 'lan',
    kind: 'lan',
    name: 'router',
    process: 'router',
    routing: createRoutingTable(interfaces, [...routes, ...connectedRoutes(interfaces)]),
    services: [],
  }
}

/** The host's routing when `node` is its only gateway, for addresses on the LAN too. */
export function routingVia(host: Machine, node: Node): Machine['routing'] {
  const { interfaces } = host.routing
  const eth0 = interfaces.find(({ name }) => name === 'eth0')?.addresses[0]
  const family = eth0 ? familyOf(eth0.ip) : 'IPv4'
  const gateway = node.routing.interfaces
    .find(({ name }) => name === 'eth0')
    ?.addresses.find(({ ip }) => familyOf(ip) === family)?.ip
  if (gateway === undefined) return host.routing
  return createRoutingTable(interfaces, [
    { destination: DEFAULTS[family], type: 'unicast', device: 'eth0', via: gateway, onlink: true },
  ])
}
