import { send } from './send.ts'
import { errnoOf } from './errno.ts'
import { familyOf } from '../base/ip.ts'
import type { Machine } from './machine.ts'
import type { Socket } from './socketTable.ts'
import type { Walk } from './walk.ts'
import type { Packet, SocketAddress, TcpFlags } from '../packet/packet.ts'
import type { Errno } from '../trace/event.ts'

/** What the owner of a connection wants to know. */
export interface TcpEvents {
  readonly connected: (connection: TcpConnection) => void
  readonly data: (connection: TcpConnection, payload: string, packet: Packet) => void
  /** The peer closed (`fin`) or broke off (`reset`). */
  readonly closed: (connection: TcpConnection, how: 'fin' | 'reset') => void
  /** It was never connected. */
  readonly failed: (errno: Errno) => void
}

/** One end of a TCP connection; segments are never lost or repeated, only dropped by the network. */
export interface TcpConnection {
  readonly socket: Socket
  readonly send: (payload: string, why: string) => void
  /** FIN, once. */
  readonly close: () => void
  /** RST: what a close does while unread data waits. */
  readonly reset: () => void
  /** Gives up without a word: a dial that took too long. */
  readonly abandon: () => void
}

type State = 'synSent' | 'synReceived' | 'established' | 'finSent' | 'closed'

interface Ends {
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly owner: string
  readonly isListener?: boolean
}

/** Sends a SYN. `failed` may be called before this returns. */
export function connect(walk: Walk, machine: Machine, ends: Ends, events: TcpEvents): TcpConnection {
  const end = createEnd(walk, machine, ends, events, 'synSent')
  const errno = end.segment('SYN', 'SYN')
  // A SYN that dies in OUTPUT is like one lost on the way: only having no route fails at once.
  if (errno === 'ENETUNREACH') {
    end.connection.abandon()
    events.failed(errno)
  }
  return end.connection
}

/** Answers a SYN. */
export function accept(walk: Walk, machine: Machine, ends: Ends, events: TcpEvents): TcpConnection {
  const end = createEnd(walk, machine, ends, events, 'synReceived')
  end.segment('SYN,ACK', 'SYN,ACK')
  return end.connection
}

function createEnd(
  walk: Walk,
  machine: Machine,
  { local, remote, owner, isListener = false }: Ends,
  events: TcpEvents,
  initial: State,
): {
  readonly connection: TcpConnection
  readonly segment: (flags: TcpFlags, why: string, payload?: string) => Errno | undefined
} {
  let state = initial
  let heardFin = false
  const segment = (flags: TcpFlags, why: string, payload?: string): Errno | undefined => {
    // A connection may outlive changes of the network: its machine as it is now.
    const here = walk.network.machines.get(machine.id)
    if (!here) return 'ENETUNREACH'
    return send(walk, here, owner, why, {
      protocol: 'TCP',
      source: local,
      destination: remote,
      flags,
      ...(payload !== undefined && { payload }),
    })
  }
  const over = (): void => {
    state = 'closed'
    walk.sockets.close(socket)
  }
  const onPacket = (packet: Packet): void => {
    const { flags, payload } = packet
    if (flags === 'RST' || flags === 'RST,ACK') {
      const wasConnecting = state === 'synSent'
      over()
      if (wasConnecting) events.failed('ECONNREFUSED')
      else events.closed(connection, 'reset')
      return
    }
    if (state === 'synSent') {
      if (flags !== 'SYN,ACK') return
      state = 'established'
      segment('ACK', 'ACK')
      events.connected(connection)
      return
    }
    if (state === 'synReceived') {
      state = 'established'
      events.connected(connection)
      // Either the handshake's own ACK, or data that came with it.
    }
    if (payload !== undefined) events.data(connection, payload, packet)
    if (flags === 'FIN,ACK') {
      heardFin = true
      if (state === 'finSent') {
        segment('ACK', 'ACK')
        over()
      } else {
        events.closed(connection, 'fin')
        connection.close()
      }
      return
    }
    if (state === 'finSent' && heardFin) over()
  }
  const socket: Socket = {
    machine: machine.id,
    protocol: 'TCP',
    local,
    remote,
    owner,
    isListener,
    onPacket,
    processEnds: () => {
      connection.close()
    },
    onError: (packet) => {
      // Before the connection stands every ICMP error ends it; afterwards they are only noted.
      if (state !== 'synSent') return
      over()
      events.failed(errnoOf(packet.icmp?.kind, familyOf(remote.ip)))
    },
  }
  const connection: TcpConnection = {
    socket,
    send: (payload, why) => {
      if (state === 'established') segment('PSH,ACK', why, payload)
    },
    close: () => {
      if (state !== 'established' && state !== 'synReceived') return
      state = 'finSent'
      segment('FIN,ACK', 'FIN,ACK')
    },
    reset: () => {
      if (state === 'closed') return
      over()
      segment('RST,ACK', 'RST')
    },
    abandon: over,
  }
  walk.sockets.open(socket)
  return { connection, segment }
}
