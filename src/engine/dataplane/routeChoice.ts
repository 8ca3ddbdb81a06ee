import { dropSkb, tell } from './walk.ts'
import type { Machine, Node } from './machine.ts'
import type { HookEnd, Skb } from './skb.ts'
import type { Walk } from './walk.ts'
import type { Ip } from '../base/ip.ts'
import type { RouteResult } from '../routing/routingTable.ts'
import type { Hook } from '../trace/event.ts'

/** Why the kernel would not believe the packet's addresses; undefined: it does. */
export function martian(machine: Machine, { packet, inInterface }: Skb): string | undefined {
  const { routing, kernel } = machine
  const { source, destination } = packet
  const localnet = kernel?.sysctls.routeLocalnet ?? false
  const isLoopback = (ip: Ip): boolean => ip.startsWith('127.') || ip === '::1'
  if (isLoopback(destination.ip) && !localnet) return `destination ${destination.ip} from ${inInterface ?? ''}`
  if (isLoopback(source.ip) && !localnet) return `source ${source.ip} from ${inInterface ?? ''}`
  // Somebody else uses an address of this machine. Source: net/ipv4/fib_frontend.c, fib_validate_source.
  if (routing.isLocal(source.ip) && !source.ip.includes(':')) return `source ${source.ip} is an address of this machine`
  if (kernel?.sysctls.rpFilter && !source.ip.includes(':')) {
    const back = routing.lookup(source.ip)
    if (back.type !== 'unicast' || back.device !== inInterface)
      return `rp_filter: ${source.ip} is not behind this interface`
  }
  return undefined
}

/** OUTPUT changed the destination: the route is chosen again, the rules keep seeing the old output interface. */
export function routeAgain(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  const { source, destination } = skb.packet
  const route = node.routing.lookup(destination.ip)
  if (route.type === 'blackhole' || route.type === 'unreachable') {
    dropSkb(walk, node, skb, { hook, reason: 'noRoute' })
    return 'gone'
  }
  // 127.0.0.1 may leave the machine only with route_localnet.
  if (route.type === 'unicast' && source.ip.startsWith('127.') && !node.kernel.sysctls.routeLocalnet) {
    skb.sendError = 'EINVAL'
    dropSkb(walk, node, skb, { hook, reason: 'martian', detail: 'route_localnet is off' })
    return 'gone'
  }
  skb.route = route
  tellRoute(walk, node, skb, 'output', route, true)
  return 'goOn'
}

export function tellRoute(
  walk: Walk,
  machine: Machine,
  skb: Skb,
  result: 'local' | 'forward' | 'output' | 'unreachable',
  route: RouteResult,
  again = false,
): void {
  if (!walk.trace) return
  tell(walk, machine, skb.packet, {
    type: 'routed',
    destination: skb.packet.destination.ip,
    result,
    ...((route.type === 'unicast' || route.type === 'local') && { outInterface: route.device }),
    ...(route.type === 'unicast' && route.via !== undefined && { via: route.via }),
    ...(route.type !== 'unreachable' && { route: route.text.trim() }),
    ...(again && { again }),
  })
}
