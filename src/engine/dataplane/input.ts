import { balance } from './balancer.ts'
import { dropSkb } from './walk.ts'
import { isMulticast } from '../base/ip.ts'
import { isNode } from './machine.ts'
import { martian, tellRoute } from './routeChoice.ts'
import { runHook } from './hooks.ts'
import { runPostrouting } from './output.ts'
import { transmit } from './transmit.ts'
import type { Machine } from './machine.ts'
import type { Skb } from './skb.ts'
import type { Walk } from './walk.ts'
import type { RouteResult } from '../routing/routingTable.ts'

/** A packet came in through an interface of `machine`, bridge or not. */
export function receive(walk: Walk, machine: Machine, skb: Skb): void {
  if (isNode(machine) && runHook(walk, machine, skb, 'PREROUTING') === 'gone') return
  if (machine.balances && !machine.routing.isLocal(skb.packet.destination.ip)) {
    balance(walk, machine, machine.balances, skb)
    return
  }
  routeInput(walk, machine, skb)
}

/** After PREROUTING: to a socket, onwards, or nowhere. Source: Linux net/ipv4/route.c, ip_route_input_slow. */
export function routeInput(walk: Walk, machine: Machine, skb: Skb): void {
  const { routing } = machine
  const { destination } = skb.packet
  // What comes over lo keeps the route with which it was sent.
  if (skb.inInterface !== 'lo') {
    const strange = martian(machine, skb)
    if (strange !== undefined) {
      dropSkb(walk, machine, skb, { reason: 'martian', detail: strange })
      return
    }
  }
  if (routing.isBroadcast(destination.ip)) {
    if (isNode(machine) && runHook(walk, machine, skb, 'INPUT') === 'gone') return
    dropSkb(walk, machine, skb, { reason: 'noListener', detail: 'broadcast' })
    return
  }
  if (isMulticast(destination.ip)) {
    dropSkb(walk, machine, skb, { reason: 'notHere', detail: 'multicast' })
    return
  }
  const route = routing.lookup(destination.ip)
  if (route.type === 'local') {
    tellRoute(walk, machine, skb, 'local', route)
    deliverLocally(walk, machine, skb)
    return
  }
  if (!forwards(machine)) {
    dropSkb(walk, machine, skb, { reason: machine.kind === 'node' ? 'forwardingOff' : 'notHere' })
    return
  }
  if (route.type === 'blackhole') {
    dropSkb(walk, machine, skb, { reason: 'blackhole', detail: route.text.trim() })
    return
  }
  if (route.type === 'unreachable') {
    tellRoute(walk, machine, skb, 'unreachable', route)
    walk.stack.sendError(walk, machine, skb, 'net-unreachable', 'noRoute')
    return
  }
  tellRoute(walk, machine, skb, 'forward', route)
  forward(walk, machine, skb, route)
}

function forwards(machine: Machine): boolean {
  return machine.kernel ? machine.kernel.sysctls.ipForward : machine.kind === 'lan'
}

function forward(walk: Walk, machine: Machine, skb: Skb, route: Extract<RouteResult, { type: 'unicast' }>): void {
  if (skb.packet.ttl <= 1) {
    dropSkb(walk, machine, skb, { reason: 'ttl' })
    walk.stack.sendError(walk, machine, skb, 'time-exceeded', undefined)
    return
  }
  skb.packet = { ...skb.packet, ttl: skb.packet.ttl - 1 }
  skb.route = route
  skb.outInterface = route.device
  if (isNode(machine)) {
    if (runHook(walk, machine, skb, 'FORWARD') === 'gone') return
    if (runPostrouting(walk, machine, skb) === 'gone') return
  }
  transmit(walk, machine, skb, route)
}

/** INPUT, then the socket. */
export function deliverLocally(walk: Walk, machine: Machine, skb: Skb): void {
  skb.outInterface = undefined
  if (isNode(machine) && runHook(walk, machine, skb, 'INPUT') === 'gone') return
  walk.stack.deliver(walk, machine, skb)
}
