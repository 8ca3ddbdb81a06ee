import { ownSkb } from './skb.ts'
import { sendOut } from './output.ts'
import { tell } from './walk.ts'
import { tellRoute } from './routeChoice.ts'
import type { Machine } from './machine.ts'
import type { Walk } from './walk.ts'
import type { IcmpMessage, Packet, Protocol, SocketAddress, TcpFlags } from '../packet/packet.ts'
import type { Errno } from '../trace/event.ts'

/** What a socket hands to its stack. */
export interface Outgoing {
  readonly protocol: Protocol
  readonly source: SocketAddress
  readonly destination: SocketAddress
  readonly flags?: TcpFlags
  readonly icmp?: IcmpMessage
  readonly payload?: string
}

/** Sends a packet of a process of `machine`. The errno of the system call, where it fails. */
export function send(walk: Walk, machine: Machine, by: string, why: string, out: Outgoing): Errno | undefined {
  const route = machine.routing.lookup(out.destination.ip)
  if (route.type === 'unreachable') return 'ENETUNREACH'
  if (route.type === 'blackhole') return 'EINVAL'
  const { protocol, source, destination, flags, icmp, payload } = out
  const packet: { -readonly [K in keyof Packet]: Packet[K] } = {
    id: ++walk.ids.last,
    protocol,
    source,
    destination,
    mark: 0,
    ttl: 64,
  }
  if (flags !== undefined) packet.flags = flags
  if (icmp !== undefined) packet.icmp = icmp
  if (payload !== undefined) packet.payload = payload
  const skb = ownSkb(packet)
  if (walk.trace) tell(walk, machine, skb.packet, { type: 'sent', packet: skb.packet, by, why })
  skb.route = route
  skb.outInterface = route.device
  tellRoute(walk, machine, skb, 'output', route)
  sendOut(walk, machine, skb)
  return skb.sendError
}

const EPHEMERAL = [32768, 60999] as const
/** How many ports a socket tries. */
export const SOCKET_TRIES = 16

/** A local port for a new socket: free on the machine and, on a node, unknown to its conntrack. */
export function ephemeralPort(walk: Walk, machine: Machine, protocol: Protocol, remote: SocketAddress): number {
  const source = machine.routing.sourceFor(remote.ip)
  const conntrack = machine.kernel?.conntrack ?? machine.attachment?.node.kernel.conntrack
  let port = 0
  for (let i = 0; i < SOCKET_TRIES; i++) {
    port = walk.chance.port(...EPHEMERAL)
    if (walk.sockets.hasPort(machine.id, protocol, port)) continue
    if (source === undefined || !conntrack) break
    if (!conntrack.isTaken(protocol, { source: { ip: source, port }, destination: remote }, walk.now)) break
  }
  return port
}
