import { createRoutingTable, networkOf } from '../routing/routingTable.ts'
import { familyOfCidr, nthAddress, parseCidr, prefixOf } from '../base/cidr.ts'
import { familyOf } from '../base/ip.ts'
import { invariant } from '../base/invariant.ts'
import type { Machine, Node } from './machine.ts'
import type { NetworkSpec, NodeSpec, PodSpec } from './network.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { Interface, InterfaceAddress, Route } from '../routing/interface.ts'

const ALL_BITS = { IPv4: 32, IPv6: 128 } as const

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

export function nodeRouting(spec: NodeSpec, network: NetworkSpec, kubeIpvs0: readonly Ip[]): Machine['routing'] {
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

export function podRouting(pod: PodSpec, cidrs: readonly Cidr[]): Machine['routing'] {
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

/** `beyondRouter`: it reaches the cluster's LAN through the router alone. */
export function hostRouting(address: Ip, beyondRouter: boolean, lan: Cidr): Machine['routing'] {
  const family = familyOf(address)
  const interfaces = [
    LOOPBACK,
    ethernet('eth0', 2, [global(address, beyondRouter ? ALL_BITS[family] : lanBits(address, lan))]),
  ]
  const via = beyondRouter ? nthAddress(lan, 1) : gatewayOf(address, lan)
  const routes: readonly Route[] =
    via === undefined
      ? []
      : [{ destination: DEFAULTS[family], type: 'unicast', device: 'eth0', via, onlink: beyondRouter }]
  return createRoutingTable(interfaces, [...routes, ...connectedRoutes(interfaces)])
}

export function routerRouting({ lan, nodes, outsideHosts }: NetworkSpec): Machine['routing'] {
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
  return createRoutingTable(interfaces, [...routes, ...connectedRoutes(interfaces)])
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
