import { attach } from './conntrackSteps.ts'
import { crossToPod } from './transmit.ts'
import { isNode } from './machine.ts'
import { ownSkb } from './skb.ts'
import { sendOut } from './output.ts'
import { tellRoute } from './routeChoice.ts'
import { tell } from './walk.ts'
import type { Machine, Node } from './machine.ts'
import type { Skb } from './skb.ts'
import type { Walk } from './walk.ts'
import type { IcmpMessage, Packet, TcpFlags } from '../packet/packet.ts'

/** What `--reject-with` and its likes send. */
const REJECT_KINDS: Readonly<Record<string, IcmpMessage['kind']>> = {
  'icmp-port-unreachable': 'port-unreachable',
  'icmp6-port-unreachable': 'port-unreachable',
  'port-unreach': 'port-unreachable',
  'icmp-host-unreachable': 'host-unreachable',
  'icmp6-addr-unreachable': 'host-unreachable',
  'addr-unreach': 'host-unreachable',
  'icmp-net-unreachable': 'net-unreachable',
  'icmp6-no-route': 'net-unreachable',
  'no-route': 'net-unreachable',
  'icmp-proto-unreachable': 'proto-unreachable',
  'icmp-net-prohibited': 'net-prohibited',
  'icmp-host-prohibited': 'host-prohibited',
}

/** Answers a refused packet: an ICMP error, or a RST where the rule says `tcp-reset`. */
export function refuse(walk: Walk, machine: Machine, skb: Skb, how: string): void {
  if (how === 'tcp-reset') {
    if (isNode(machine) && skb.physInInterface !== undefined) resetOnBridge(walk, machine, skb)
    else sendRelatedReset(walk, machine, skb)
    return
  }
  sendError(walk, machine, skb, REJECT_KINDS[how] ?? 'admin-prohibited', undefined)
}

type ErrorCause = 'noListener' | 'noRoute' | 'noNeighbour'

/** Sends an ICMP error about `skb` to its source. Never about an error or a reset. */
export function sendError(
  walk: Walk,
  machine: Machine,
  skb: Skb,
  kind: IcmpMessage['kind'],
  cause: ErrorCause | undefined,
): void {
  const { packet } = skb
  if (walk.trace && cause) tell(walk, machine, packet, { type: 'rejected', by: cause, with: `icmp-${kind}` })
  if (packet.icmp && packet.icmp.kind !== 'echo-request') return
  const { source, destination, protocol } = packet
  const { routing } = machine
  // A packet that was meant for this machine is answered from the address that it was sent to.
  const answersAs = routing.isLocal(destination.ip) ? destination.ip : routing.sourceFor(source.ip)
  if (answersAs === undefined) return
  const answer = {
    protocol: 'ICMP',
    source: { ip: answersAs, port: 0 },
    destination: { ip: source.ip, port: 0 },
    icmp: { kind, inner: { protocol, source, destination } },
  } as const
  sendAnswer(walk, machine, `ICMP ${kind}`, answer, attach(skb))
}

/** The TCP stack's own RST for a packet that nobody expects: conntrack finds its connection by its addresses. Never for a RST. */
export function sendReset(walk: Walk, machine: Machine, skb: Skb): void {
  const answer = resetFor(skb)
  if (answer) sendAnswer(walk, machine, answer.flags, answer, undefined)
}

/** The RST of a rule: it belongs to the connection of the packet that it refuses. */
function sendRelatedReset(walk: Walk, machine: Machine, skb: Skb): void {
  const answer = resetFor(skb)
  if (answer) sendAnswer(walk, machine, answer.flags, answer, attach(skb))
}

/**
 * A refused packet came through a bridge port: the RST goes straight back through it, past all rules and past NAT, so that
 * a client that asked for a Service does not know its sender. Source: Linux net/ipv4/netfilter/nf_reject_ipv4.c.
 */
function resetOnBridge(walk: Walk, node: Node, skb: Skb): void {
  const answer = resetFor(skb)
  const pod = answer && node.podsByIp.get(answer.destination.ip)
  if (!pod) return
  const reset = ownSkb({ ...answer, id: ++walk.ids.last, mark: 0, ttl: 64 })
  if (walk.trace) {
    tell(walk, node, reset.packet, { type: 'sent', packet: reset.packet, by: 'kernel', why: answer.flags })
  }
  crossToPod(walk, node, reset, pod)
}

function resetFor({ packet }: Skb): (Answer & { readonly flags: TcpFlags }) | undefined {
  if (packet.protocol !== 'TCP' || packet.flags === 'RST' || packet.flags === 'RST,ACK') return undefined
  const flags: TcpFlags = packet.flags === 'SYN' ? 'RST,ACK' : 'RST'
  return { protocol: 'TCP', source: packet.destination, destination: packet.source, flags }
}

type Answer = Pick<Packet, 'protocol' | 'source' | 'destination' | 'flags' | 'icmp'>

function sendAnswer(walk: Walk, machine: Machine, why: string, answer: Answer, tracked: Skb['tracked']): void {
  const route = machine.routing.lookup(answer.destination.ip)
  if (route.type !== 'unicast' && route.type !== 'local') return
  const skb = ownSkb({ ...answer, id: ++walk.ids.last, mark: 0, ttl: 64 })
  if (isNode(machine)) skb.tracked = tracked
  if (walk.trace) tell(walk, machine, skb.packet, { type: 'sent', packet: skb.packet, by: 'kernel', why })
  skb.route = route
  skb.outInterface = route.device
  tellRoute(walk, machine, skb, 'output', route)
  sendOut(walk, machine, skb)
}
