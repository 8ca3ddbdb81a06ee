import { contains, familyOfCidr, parseCidr, prefixOf } from '../base/cidr.ts'
import { familyOf, ipv4FromNumber, ipv4Number } from '../base/ip.ts'
import type { Interface, Route } from './interface.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'

/** Where a packet goes. */
export type RouteResult =
  | { readonly type: 'local'; readonly device: string; readonly text: string }
  | {
      readonly type: 'unicast'
      readonly device: string
      readonly via?: Ip
      readonly source?: Ip
      readonly text: string
    }
  | { readonly type: 'blackhole'; readonly text: string }
  | { readonly type: 'unreachable' }

/** Routes of one network namespace: the local table of its own addresses, then the main table by longest prefix. */
export interface RoutingTable {
  readonly lookup: (destination: Ip) => RouteResult
  readonly isLocal: (ip: Ip) => boolean
  /** Whether `ip` means everybody on one of the namespace's own networks, or everybody: 172.16.210.255, 255.255.255.255. */
  readonly isBroadcast: (ip: Ip) => boolean
  /** The source address of a packet that the namespace itself sends to `destination`. */
  readonly sourceFor: (destination: Ip) => Ip | undefined
  /** The address that MASQUERADE gives to what leaves through `device` towards `nextHop`. */
  readonly addressOf: (device: string, nextHop: Ip) => Ip | undefined
  readonly interfaces: readonly Interface[]
  readonly routes: readonly Route[]
}

const REMEMBERED = 20_000

/** `routesOf` is asked when the first packet needs a route: a node of 5,000 has a route to each of the others. */
export function createRoutingTable(
  interfaces: readonly Interface[],
  routesOf: readonly Route[] | (() => readonly Route[]),
): RoutingTable {
  const local = new Map<Ip, string>()
  for (const { name, addresses } of interfaces) {
    for (const { ip } of addresses) if (!local.has(ip)) local.set(ip, name)
  }
  // Longest prefix first; of equal ones the first given stands.
  let sorted: readonly Route[] | undefined
  let made: readonly Route[] | undefined
  const allRoutes = (): readonly Route[] => (made ??= typeof routesOf === 'function' ? routesOf() : routesOf)
  const routesInOrder = (): readonly Route[] =>
    (sorted ??= [...allRoutes()].sort((a, b) => prefixOf(b.destination).bits - prefixOf(a.destination).bits))
  const isLocal = (ip: Ip): boolean => local.has(ip) || ip.startsWith('127.')
  const broadcasts = broadcastsOf(interfaces)
  const known = new Map<Ip, RouteResult>()

  const compute = (destination: Ip): RouteResult => {
    if (isLocal(destination)) return { type: 'local', device: 'lo', text: `local ${destination}` }
    const route = routesInOrder().find((r) => contains(r.destination, destination))
    if (!route) return { type: 'unreachable' }
    const text = printRoute(route)
    if (route.type === 'blackhole') return { type: 'blackhole', text }
    return {
      type: 'unicast',
      device: route.device,
      text,
      ...(route.via !== undefined && { via: route.via }),
      ...(route.source !== undefined && { source: route.source }),
    }
  }
  const lookup = (destination: Ip): RouteResult => {
    let result = known.get(destination)
    if (!result) {
      if (known.size >= REMEMBERED) known.clear()
      known.set(destination, (result = compute(destination)))
    }
    return result
  }
  /** Source: Linux net/ipv4/devinet.c, inet_select_addr. */
  const addressOf = (device: string, nextHop: Ip): Ip | undefined => {
    const family = familyOf(nextHop)
    const usable = (i: Interface | undefined): readonly { ip: Ip; bits: number }[] =>
      (i?.addresses ?? []).filter((a) => a.scope === 'global' && familyOf(a.ip) === family)
    const own = usable(interfaces.find((i) => i.name === device))
    const near = own.find(({ ip, bits }) => {
      const network = networkOf(ip, bits)
      return network !== undefined && contains(network, nextHop)
    })
    return (near ?? own[0] ?? interfaces.flatMap(usable)[0])?.ip
  }
  return {
    lookup,
    isLocal,
    isBroadcast: (ip) => broadcasts.has(ip),
    sourceFor: (destination) => {
      const route = lookup(destination)
      if (route.type === 'local') return destination
      if (route.type !== 'unicast') return undefined
      return route.source ?? addressOf(route.device, route.via ?? destination)
    },
    addressOf,
    interfaces,
    get routes() {
      return allRoutes()
    },
  }
}

/** IPv6 has no broadcast. */
function broadcastsOf(interfaces: readonly Interface[]): ReadonlySet<Ip> {
  const found = new Set<Ip>([ipv4FromNumber(0xffffffff)])
  for (const { addresses } of interfaces) {
    for (const { ip, bits } of addresses) {
      if (familyOf(ip) === 'IPv4' && bits < 31)
        found.add(ipv4FromNumber((ipv4Number(ip) | (0xffffffff >>> bits)) >>> 0))
    }
  }
  return found
}

/** The network of an address: 172.16.210.0/24 of 172.16.210.11/24. */
export function networkOf(ip: Ip, bits: number): Cidr | undefined {
  const parsed = parseCidr(`${ip}/${bits}`)
  return parsed.ok ? parsed.value : undefined
}

/** One line of `ip route`, which ends with a blank as the real one does. */
export function printRoute({ destination, type, device, via, onlink, source }: Route): string {
  const bits = prefixOf(destination).bits
  const host = bits === (familyOfCidr(destination) === 'IPv4' ? 32 : 128)
  const name = bits === 0 ? 'default' : host ? destination.slice(0, destination.indexOf('/')) : destination
  if (type === 'blackhole') return `blackhole ${name} `
  const words = [name, via && `via ${via}`, `dev ${device}`]
  if (source !== undefined) words.push(`proto kernel scope link src ${source}`)
  if (onlink) words.push('onlink')
  return `${words.filter(Boolean).join(' ')} `
}
