import { dropSkb } from './walk.ts'
import { isNode } from './machine.ts'
import { runHook } from './hooks.ts'
import { tellRoute } from './routeChoice.ts'
import { transmit } from './transmit.ts'
import type { Machine, Node } from './machine.ts'
import type { HookEnd, Skb } from './skb.ts'
import type { Walk } from './walk.ts'

/** POSTROUTING sees no input interface any more. */
export function runPostrouting(walk: Walk, node: Node, skb: Skb): HookEnd {
  skb.inInterface = undefined
  return runHook(walk, node, skb, 'POSTROUTING')
}

/** A packet of the machine's own, route chosen: OUTPUT, POSTROUTING, the wire. */
export function sendOut(walk: Walk, machine: Machine, skb: Skb): void {
  if (isNode(machine)) {
    if (runHook(walk, machine, skb, 'OUTPUT') === 'gone') return
    const { route } = skb
    skb.outInterface = route?.type === 'unicast' || route?.type === 'local' ? route.device : skb.outInterface
    if (runPostrouting(walk, machine, skb) === 'gone') return
  }
  if (skb.route) transmit(walk, machine, skb, skb.route)
}

/** IPVS turned the packet towards a real server: it starts over in OUTPUT, wherever it came from. */
export function sendAnew(walk: Walk, node: Node, skb: Skb): void {
  const route = node.routing.lookup(skb.packet.destination.ip)
  if (route.type !== 'unicast') {
    dropSkb(walk, node, skb, { reason: 'noRoute' })
    return
  }
  tellRoute(walk, node, skb, 'output', route, true)
  skb.route = route
  skb.inInterface = undefined
  skb.outInterface = route.device
  sendOut(walk, node, skb)
}
