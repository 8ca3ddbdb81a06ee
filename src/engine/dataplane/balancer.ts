import { dropSkb, tell } from './walk.ts'
import { tellRoute } from './routeChoice.ts'
import { transmit } from './transmit.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import type { Machine } from './machine.ts'
import type { BalancedPort } from './network.ts'
import type { Skb } from './skb.ts'
import type { Walk } from './walk.ts'
import type { RouteResult } from '../routing/routingTable.ts'

/**
 * A load balancer before the nodes passes a packet on to one of them as it is (direct server return): the node sees
 * the client's address and the balancer's own as destination, and answers past the balancer.
 */
export function balance(walk: Walk, machine: Machine, ports: readonly BalancedPort[], skb: Skb): void {
  const { packet } = skb
  const { source, destination, protocol } = packet
  const port = ports.find(
    (one) => one.ip === destination.ip && one.protocol === protocol && one.port === destination.port,
  )
  if (!port) {
    dropSkb(walk, machine, skb, { reason: 'notBalanced', detail: formatSocketAddress(destination) })
    return
  }
  const { targets } = port
  const connection = `${protocol} ${formatSocketAddress(source)} ${formatSocketAddress(destination)}`
  const known = walk.balanced.get(connection)
  const chosen = known ?? (targets.length > 1 ? walk.chance.pick(targets.length, 'balancer') : 0)
  const target = targets[chosen]
  if (!target) {
    dropSkb(walk, machine, skb, { reason: 'noHealthyNode', detail: port.service })
    return
  }
  walk.balanced.set(connection, chosen)
  if (walk.trace) {
    tell(walk, machine, packet, {
      type: 'balanced',
      service: port.service,
      candidates: targets.map(({ node, ip }) => ({
        label: node,
        address: { ip, port: destination.port },
        probability: 1 / targets.length,
      })),
      chosen,
      because: known === undefined ? 'hash' : 'connection',
      check: port.check,
    })
  }
  const route: RouteResult = { type: 'unicast', device: 'eth0', via: target.ip, text: `${target.ip} dev eth0` }
  tellRoute(walk, machine, skb, 'forward', route)
  transmit(walk, machine, skb, route)
}
