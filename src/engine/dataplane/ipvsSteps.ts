import { contextOf } from './hookContextOf.ts'
import { dropSkb, tell } from './walk.ts'
import type { IpvsVerdict } from './hookPipeline.ts'
import type { Node } from './machine.ts'
import type { HookEnd, Skb } from './skb.ts'
import type { Walk } from './walk.ts'
import type { Hook } from '../trace/event.ts'

/** ip_vs_out: gives a real server's answer the virtual server's address. */
export function ipvsOutgoing(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  const { ipvs } = node.kernel
  if (!ipvs || skb.skipsIpvs) return 'goOn'
  return obey(walk, node, skb, hook, ipvs.outgoing(contextOf(walk, node, skb, hook)))
}

/** ip_vs_in: sends a client's packet to a real server. */
export function ipvsIncoming(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  const { ipvs } = node.kernel
  if (!ipvs || skb.skipsIpvs) return 'goOn'
  return obey(walk, node, skb, hook, ipvs.incoming(contextOf(walk, node, skb, hook)))
}

function obey(walk: Walk, node: Node, skb: Skb, hook: Hook, verdict: IpvsVerdict): HookEnd {
  const { packet } = skb
  switch (verdict.type) {
    case 'pass':
      return 'goOn'
    case 'drop':
      dropSkb(walk, node, skb, { hook, reason: 'rule', detail: 'ipvs' })
      return 'gone'
    case 'refuse':
      if (walk.trace) {
        tell(walk, node, packet, { type: 'rejected', hook, by: 'ipvs', with: 'icmp-port-unreachable' })
      }
      if (hook === 'OUTPUT') skb.sendError = 'EPERM'
      walk.stack.refuse(walk, node, skb, 'icmp-port-unreachable')
      return 'gone'
    case 'toClient': {
      const inner = packet.icmp?.inner
      const source = inner ? { ...verdict.source, port: 0 } : verdict.source
      skb.packet = {
        ...packet,
        source,
        ...(packet.icmp && inner && { icmp: { ...packet.icmp, inner: { ...inner, destination: verdict.source } } }),
      }
      // `-m ipvs` finds a connection by client and real server: an answer under the virtual address is none to it.
      skb.skipsIpvs = true
      if (walk.trace) {
        const { source: from } = packet
        tell(walk, node, packet, { type: 'translated', hook, kind: 'DNAT', undo: true, by: 'ipvs', from, to: source })
      }
      return 'goOn'
    }
    case 'toServer':
      return toServer(walk, node, skb, hook, verdict)
    default:
      return verdict satisfies never
  }
}

function toServer(
  walk: Walk,
  node: Node,
  skb: Skb,
  hook: Hook,
  { server, virtual }: Extract<IpvsVerdict, { type: 'toServer' }>,
): HookEnd {
  const { packet, tracked } = skb
  const flow = tracked?.flow
  if (flow && tracked.direction === 'original') {
    // IPVS tells conntrack what answers will look like, but leaves the rewriting to itself: no DNAT bit.
    if (!flow.confirmed) flow.reply = { ...flow.reply, source: server }
    flow.ipvs = virtual
  }
  skb.packet = { ...packet, destination: server }
  skb.ipvs = virtual
  skb.skipsIpvs = true
  if (walk.trace) {
    const { destination: from } = packet
    tell(walk, node, packet, { type: 'translated', hook, kind: 'DNAT', undo: false, by: 'ipvs', from, to: server })
  }
  // A server on this very machine: the packet goes on where it is. Otherwise it is sent as if made here.
  if (node.routing.isLocal(server.ip)) {
    if (hook === 'OUTPUT') skb.route = node.routing.lookup(server.ip)
    return 'goOn'
  }
  walk.stack.sendAnew(walk, node, skb)
  return 'gone'
}
