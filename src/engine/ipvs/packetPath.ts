import { clientKey } from './connectionTable.ts'
import { firstState, isActive, nextState, stateSeconds } from './connectionState.ts'
import { endConnection, serverOf, uncount } from './kernel.ts'
import { candidate, chooseServer } from './choose.ts'
import { packetLength, tickRates } from './statistics.ts'
import { findServer, virtualServerKey } from './virtualServer.ts'
import type { Ip } from '../base/ip.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { Candidate } from '../trace/event.ts'
import type { Connection } from './connectionTable.ts'
import type { IpvsKernel } from './kernel.ts'
import type { IpvsProtocol } from './model.ts'
import type { Counters } from './statistics.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'

/** The virtual server that owns a packet's connection, as `-m ipvs` sees it. `protocol` is the IP protocol number. */
export interface VirtualAddress {
  readonly protocol: number
  readonly address: Ip
  readonly port: number
}

/** What IPVS decided about one packet; the dataplane rewrites and routes it. */
export type PacketVerdict =
  | { readonly type: 'pass' }
  | { readonly type: 'toServer'; readonly server: SocketAddress; readonly virtual: VirtualAddress }
  | { readonly type: 'toClient'; readonly source: SocketAddress; readonly virtual: VirtualAddress }
  | { readonly type: 'refuse'; readonly virtual: VirtualAddress }
  | { readonly type: 'drop' }

const PASS: PacketVerdict = { type: 'pass' }
const PROTOCOL_NUMBERS: Readonly<Record<IpvsProtocol, number>> = { TCP: 6, UDP: 17, SCTP: 132 }

/** ip_vs_in: looks up a client's packet, or schedules it when it begins a connection. Source: ip_vs_core.c. */
export function incoming(kernel: IpvsKernel, ctx: HookContext): PacketVerdict {
  const { packet } = ctx
  const { protocol } = packet
  if (protocol === 'ICMP') return PASS
  const key = clientKey(protocol, packet.source, packet.destination)
  const known = kernel.connections.get(key)
  if (known) {
    const verdict = continueConnection(kernel, ctx, known)
    if (verdict !== 'reopened') return verdict
  }
  // Only what begins a connection is scheduled; a stray segment goes on to the local stack, which answers RST.
  if (protocol === 'TCP' && packet.flags !== 'SYN') return PASS
  const virtual = kernel.virtuals.own(virtualServerKey(protocol, packet.destination))
  const verdict = virtual ? beginConnection(kernel, ctx, virtual, key) : PASS
  // A moment later its timer goes off: the scheduler still saw the old connection.
  if (known) uncount(kernel, known)
  return verdict
}

/** The packet of a known connection. `reopened`: it is out of the table, though still counted, and the packet begins another. */
function continueConnection(kernel: IpvsKernel, ctx: HookContext, known: Connection): PacketVerdict | 'reopened' {
  const virtual = kernel.virtuals.get(known.virtualKey)
  const server = virtual && findServer(virtual, known.serverKey)
  if (!virtual || !server) return PASS
  if (ctx.packet.flags === 'SYN' && (server.weight === 0 || (isOver(known.state) && known.control === undefined))) {
    // conntrack may hold the old connection still; then this packet is lost and only the next one starts afresh.
    if (ctx.state !== 'NEW') {
      endConnection(kernel, known)
      return { type: 'drop' }
    }
    kernel.connections.remove(known)
    return 'reopened'
  }
  pass(kernel, ctx, known, 'fromClient')
  if (ctx.trace) {
    const own = virtual.servers.indexOf(server)
    const candidates = virtual.servers.map((other) => candidate(other, other === server ? 1 : 0))
    emitScheduled(ctx, virtual, { candidates, chosen: own, because: 'connection' })
  }
  return { type: 'toServer', server: known.server, virtual: virtualAddress(known) }
}

/** A SYN that meets one of these begins a new connection (`conn_reuse_mode` 1, the default). */
function isOver(state: Connection['state']): boolean {
  return state === 'TIME_WAIT' || state === 'CLOSE'
}

/** `key` is the connection's, see `clientKey`. */
function beginConnection(kernel: IpvsKernel, ctx: HookContext, virtual: VirtualServer, key: string): PacketVerdict {
  const { packet } = ctx
  const choice = chooseServer(kernel, ctx, virtual)
  const address = {
    protocol: PROTOCOL_NUMBERS[virtual.protocol],
    address: virtual.address.ip,
    port: virtual.address.port,
  }
  if (!choice) {
    ctx.trace?.({ ...place(ctx), type: 'ipvsRefused', virtual: virtual.key, reason: 'noServer' })
    return { type: 'refuse', virtual: address }
  }
  const { server } = choice
  const connection: Connection = {
    epoch: 0,
    key,
    protocol: virtual.protocol,
    client: packet.source,
    virtual: virtual.address,
    server: server.address,
    virtualKey: virtual.key,
    serverKey: server.key,
    template: false,
    control: choice.control,
    controlled: 0,
    state: firstState(virtual.protocol),
    active: false,
    timeoutMs: 0,
    expires: ctx.now,
  }
  server.inactive++
  for (const counters of [virtual.counters, server.counters]) {
    tickRates(counters, ctx.now)
    counters.connections++
  }
  track(kernel, ctx, connection, server, 'fromClient')
  count(ctx, virtual.counters, server.counters, 'fromClient')
  kernel.connections.add(connection)
  if (ctx.trace) {
    const chosen = choice.candidates.findIndex((one) => one.label === server.key)
    emitScheduled(ctx, virtual, { candidates: choice.candidates, chosen, because: choice.because })
  }
  return { type: 'toServer', server: server.address, virtual: address }
}

/** ip_vs_out: a server's answer, or an ICMP error about a connection. */
export function outgoing(kernel: IpvsKernel, ctx: HookContext): PacketVerdict {
  const { packet } = ctx
  if (packet.protocol === 'ICMP') {
    const inner = packet.icmp?.inner
    const about = inner && kernel.connections.byServer(inner.protocol, inner.destination, inner.source)
    return about ? { type: 'toClient', source: about.virtual, virtual: virtualAddress(about) } : PASS
  }
  const known = kernel.connections.byServer(packet.protocol, packet.source, packet.destination)
  if (!known) return PASS
  pass(kernel, ctx, known, 'fromServer')
  return { type: 'toClient', source: known.virtual, virtual: virtualAddress(known) }
}

/** A packet of a known connection goes through: state, timer and counters. */
function pass(kernel: IpvsKernel, ctx: HookContext, known: Connection, direction: Direction): void {
  const connection = kernel.connections.own(known.key)
  const server = connection && serverOf(kernel, connection)
  if (!connection || !server) return
  track(kernel, ctx, connection, server, direction)
  const virtual = kernel.virtuals.own(connection.virtualKey)
  if (virtual) count(ctx, virtual.counters, server.counters, direction)
}

type Direction = 'fromClient' | 'fromServer'

function track(
  kernel: IpvsKernel,
  ctx: HookContext,
  connection: Connection,
  server: RealServer,
  direction: Direction,
): void {
  const { protocol } = connection
  connection.state = nextState(connection.state, ctx.packet, direction)
  const active = isActive(protocol, connection.state)
  if (active !== connection.active) {
    server.active += active ? 1 : -1
    server.inactive += active ? -1 : 1
    connection.active = active
  }
  connection.timeoutMs = stateSeconds(protocol, connection.state, kernel.timeouts) * 1000
  connection.expires = ctx.now + connection.timeoutMs
  // Source: ip_vs_control_assure_ct.
  const assured = protocol === 'UDP' ? direction === 'fromServer' : connection.state === 'ESTABLISHED'
  if (!assured || connection.control === undefined) return
  const control = kernel.connections.own(connection.control)
  if (control) control.state = 'ASSURED'
}

function count(ctx: HookContext, virtual: Counters, server: Counters, direction: Direction): void {
  const bytes = packetLength(ctx.packet)
  for (const counters of [virtual, server]) {
    tickRates(counters, ctx.now)
    if (direction === 'fromClient') {
      counters.inPackets++
      counters.inBytes += bytes
    } else {
      counters.outPackets++
      counters.outBytes += bytes
    }
  }
}

function virtualAddress(connection: Connection): VirtualAddress {
  const { protocol, virtual } = connection
  return { protocol: PROTOCOL_NUMBERS[protocol], address: virtual.ip, port: virtual.port }
}

function place(ctx: HookContext): { time: number; at: string; packetId: number; hook: HookContext['hook'] } {
  return { time: ctx.now, at: ctx.namespace, packetId: ctx.packet.id, hook: ctx.hook }
}

function emitScheduled(
  ctx: HookContext,
  virtual: VirtualServer,
  how: { candidates: readonly Candidate[]; chosen: number; because: 'scheduler' | 'persistence' | 'connection' },
): void {
  ctx.trace?.({ ...place(ctx), type: 'ipvsScheduled', virtual: virtual.key, scheduler: virtual.scheduler, ...how })
}
