import { connect } from './tcp.ts'
import { ephemeralPort, send } from './send.ts'
import { errnoOf, failure, isHardForUdp } from './errno.ts'
import { startAssociation } from './sctp.ts'
import { familyOf, isMulticast, LOOPBACK } from '../base/ip.ts'
import { success } from './clientEnd.ts'
import type { AttemptRequest } from './request.ts'
import type { ClientEnd, ClientEnds } from './clientEnd.ts'
import type { Machine } from './machine.ts'
import type { Socket } from './socketTable.ts'
import type { Walk } from './walk.ts'
import type { Protocol, SocketAddress } from '../packet/packet.ts'
import type { Errno, Outcome } from '../trace/event.ts'

export interface Client {
  /** Undefined: still waiting. */
  readonly end: () => ClientEnd | undefined
  /** How it ends when time is up. */
  readonly givenUp: () => Outcome
}

/** The end that a client has come to, once. */
interface ClientState {
  end: ClientEnd | undefined
  errno: Errno | undefined
}

/** Starts the client of an attempt on `machine`: its first packet is on its way when this returns. */
export function startClient(walk: Walk, machine: Machine, request: AttemptRequest): Client {
  const state: ClientState = { end: undefined, errno: undefined }
  const { protocol } = request
  const remote = meantAddress(request.destination)
  const ip = machine.routing.sourceFor(remote.ip)
  const refused = unfit(machine, protocol, remote)
  if (refused !== undefined) state.end = { outcome: failure(refused) }
  else if (ip === undefined) state.end = { outcome: failure('ENETUNREACH') }
  else {
    const port = protocol === 'ICMP' ? 0 : ephemeralPort(walk, machine, protocol, remote)
    const owner = request.from.startsWith('pod/') ? request.from.slice(4) : machine.process
    start(walk, machine, { local: { ip, port }, remote, owner }, request, state)
  }
  return {
    end: () => state.end,
    givenUp: () => (state.errno === undefined ? { outcome: 'timeout' } : failure(state.errno)),
  }
}

/** Who asks for 0.0.0.0 gets his own machine. Source: Linux net/ipv4/route.c, ip_route_output_key_hash_rcu. */
function meantAddress({ ip, port }: SocketAddress): SocketAddress {
  if (ip === '0.0.0.0') return { ip: LOOPBACK.IPv4, port }
  return ip === '::' ? { ip: LOOPBACK.IPv6, port } : { ip, port }
}

/** No connection goes to many at once, and no datagram without SO_BROADCAST. Source: tcp_v4_connect, ip4_datagram_connect. */
function unfit({ routing }: Machine, protocol: Protocol, { ip }: SocketAddress): Errno | undefined {
  if (routing.isBroadcast(ip)) return protocol === 'TCP' || protocol === 'SCTP' ? 'ENETUNREACH' : 'EACCES'
  return isMulticast(ip) && protocol === 'TCP' ? 'ENETUNREACH' : undefined
}

function start(walk: Walk, machine: Machine, ends: ClientEnds, request: AttemptRequest, state: ClientState): void {
  switch (request.protocol) {
    case 'TCP':
      startTcp(walk, machine, ends, request.payload ?? defaultRequest(ends.remote), state)
      return
    case 'UDP':
      startUdp(walk, machine, ends, [request.payload ?? 'hostname', ...(request.beside ?? [])], state)
      return
    case 'SCTP':
      startAssociation(walk, machine, ends, request.payload ?? 'hostname', (end) => (state.end ??= end))
      return
    case 'ICMP':
      startPing(walk, machine, ends, state)
      return
    default:
      request.protocol satisfies never
  }
}

/** Something to which every workload answers. */
export function defaultRequest({ ip, port }: SocketAddress): string {
  const host = ip.includes(':') ? `[${ip}]` : ip
  return `GET /hostname HTTP/1.1\r\nHost: ${host}:${port}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n`
}

function startTcp(walk: Walk, machine: Machine, ends: ClientEnds, payload: string, state: ClientState): void {
  connect(walk, machine, ends, {
    connected: (connection) => {
      connection.send(payload, payload.split(' HTTP/', 1)[0] ?? '')
    },
    data: (connection, response) => {
      state.end ??= success(walk, response)
      connection.close()
    },
    closed: (_connection, how) => {
      state.end ??= { outcome: how === 'reset' ? failure('ECONNRESET') : { outcome: 'closed' } }
    },
    failed: (errno) => {
      state.end ??= { outcome: failure(errno) }
    },
  })
}

function startUdp(
  walk: Walk,
  machine: Machine,
  ends: ClientEnds,
  payloads: readonly string[],
  state: ClientState,
): void {
  let answers = 0
  const socket: Socket = {
    machine: machine.id,
    protocol: 'UDP',
    ...ends,
    onPacket: ({ payload: response = '' }) => {
      answers++
      if (answers === payloads.length) state.end ??= success(walk, response)
    },
    onError: ({ icmp }) => {
      if (isHardForUdp(icmp?.kind)) state.end ??= { outcome: failure(errnoOf(icmp?.kind, familyOf(ends.remote.ip))) }
    },
  }
  walk.sockets.open(socket)
  const { local: source, remote: destination, owner } = ends
  for (const payload of payloads) {
    const why = destination.port === 53 ? payload : 'datagram'
    const errno = send(walk, machine, owner, why, { protocol: 'UDP', source, destination, payload })
    if (errno === 'ENETUNREACH') state.end ??= { outcome: failure(errno) }
    else state.errno = errno
  }
}

function startPing(walk: Walk, machine: Machine, ends: ClientEnds, state: ClientState): void {
  const socket: Socket = {
    machine: machine.id,
    protocol: 'ICMP',
    ...ends,
    onPacket: ({ source }) => {
      state.end ??= { outcome: { outcome: 'connected', server: source.ip }, response: '' }
    },
    onError: ({ icmp }) => {
      state.end ??= { outcome: failure(errnoOf(icmp?.kind, familyOf(ends.remote.ip))) }
    },
  }
  walk.sockets.open(socket)
  const { local: source, remote: destination, owner } = ends
  const icmp = { kind: 'echo-request' } as const
  const errno = send(walk, machine, owner, 'echo request', { protocol: 'ICMP', source, destination, icmp })
  if (errno === 'ENETUNREACH') state.end ??= { outcome: failure(errno) }
  else state.errno = errno
}
