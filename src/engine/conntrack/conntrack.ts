import { invert, sameTuple } from './flow.ts'
import { isReset, nextTcpState, tcpTimeout } from './tcpStates.ts'
import { setupNat } from './nat.ts'
import type { Chance } from './hookContext.ts'
import type { Direction, Flow, Tuple } from './flow.ts'
import type { ManipKind } from './nat.ts'
import type { Mapping } from './hookContext.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Packet, Protocol, SocketAddress } from '../packet/packet.ts'
import type { ConnectionState } from '../trace/event.ts'
import type { TcpTimeouts } from './tcpStates.ts'

/** What conntrack says about one packet. No flow: INVALID. */
export interface Tracked {
  readonly flow: Flow | undefined
  readonly direction: Direction
  readonly state: ConnectionState
  /** The entry was begun for this packet. */
  readonly isNew: boolean
}

/** Which entries `remove` takes. All given fields must hold. */
export interface FlowFilter {
  readonly protocol?: Protocol
  readonly originalDestination?: Ip
  readonly originalDestinationPort?: number
  readonly replySource?: Ip
}

/** The connections of one network namespace. */
export interface Conntrack {
  /** The first thing that happens to a packet: find its connection, or begin one. */
  readonly track: (packet: Packet, now: SimTime) => Tracked
  /** Fixes a NAT mapping for a connection that is not confirmed yet. */
  readonly map: (flow: Flow, kind: ManipKind, mapping: Mapping, chance: Chance) => void
  /** Enters the connection into the table: its first packet got through. False: another one took the tuple. */
  readonly confirm: (flow: Flow, now: SimTime) => boolean
  /** Removes entries; the number removed. */
  readonly remove: (filter: FlowFilter) => number
  /** Takes the one flow that began so. */
  readonly forget: (protocol: Protocol, original: Tuple) => void
  readonly clear: () => void
  /** For packets from now on; entries keep the time that they have. */
  readonly setTimeouts: (timeouts: TcpTimeouts) => void
  /** Whether some connection uses `tuple` in either direction. */
  readonly isTaken: (protocol: Protocol, tuple: Tuple, now: SimTime) => boolean
  /** The same for a tuple in parts, which nobody needs to make. */
  readonly isTakenBetween: (
    protocol: Protocol,
    sourceIp: Ip,
    sourcePort: number,
    destination: SocketAddress,
    now: SimTime,
  ) => boolean
  /** Whether the flow is in the table. */
  readonly holds: (flow: Flow) => boolean
  /** Living entries in order of creation. */
  readonly flows: (now: SimTime) => readonly Flow[]
  readonly checkpoint: () => () => void
  /** Notes what an attempt does to the table, until called with undefined. */
  readonly watch: (watcher: FlowWatcher | undefined) => void
  /** Takes in a flow that is finished as it is; the caller has made sure that its tuples are free. */
  readonly adopt: (flow: Flow, now: SimTime) => void
}

/** What happened while it watched. */
export interface FlowWatcher {
  /** Flows that were begun, confirmed or not. */
  readonly begun: Flow[]
  /** An older flow was met: found, updated, or in the way of a tuple. */
  metOlder: boolean
}

const UDP_SECONDS = 30
const UDP_STREAM_SECONDS = 120
/** From this age on a UDP flow with answers is a stream, and assured. */
const UDP_STREAM_AFTER_MS = 2000
const ICMP_SECONDS = 30
const SCTP_SECONDS = 210

interface Entry {
  readonly flow: Flow
  readonly direction: Direction
  /** Another entry with the same pair of ports. */
  next: Entry | undefined
}

/** Source: Linux net/netfilter/nf_conntrack_core.c and its protocol trackers. */
export function createConntrack(first: TcpTimeouts): Conntrack {
  /** By pair of ports, each a short list: most ports are random. */
  let table = new Map<number, Entry>()
  /** Every flow of the table, in order of confirmation. */
  let confirmed = new Set<Flow>()
  let now: SimTime = 0
  /** How many flows may stand before a sweep; lookups drop dead entries too, but only those that they meet. */
  let sweepAt = 4096
  let watcher: FlowWatcher | undefined
  let timeouts = first

  const find = (protocol: Protocol, { source, destination }: Tuple): Entry | undefined =>
    findBetween(protocol, source.ip, source.port, destination)
  const findBetween = (protocol: Protocol, ip: Ip, port: number, destination: SocketAddress): Entry | undefined => {
    for (let entry = table.get(port * 65536 + destination.port); entry; entry = entry.next) {
      const { flow } = entry
      const tuple = entry.direction === 'original' ? flow.original : flow.reply
      if (
        tuple.source.port !== port ||
        tuple.destination.port !== destination.port ||
        tuple.source.ip !== ip ||
        tuple.destination.ip !== destination.ip ||
        flow.protocol !== protocol
      ) {
        continue
      }
      if (watcher && !watcher.begun.includes(flow)) watcher.metOlder = true
      if (flow.expiresAt > now) return entry
      drop(flow)
      return undefined
    }
    return undefined
  }
  const enter = (flow: Flow, direction: Direction): void => {
    const key = keyOf(flow[direction])
    table.set(key, { flow, direction, next: table.get(key) })
  }
  const leave = (flow: Flow, direction: Direction): void => {
    const key = keyOf(flow[direction])
    let before: Entry | undefined
    for (let entry = table.get(key); entry; entry = entry.next) {
      if (entry.flow !== flow || entry.direction !== direction) before = entry
      else {
        if (before) before.next = entry.next
        else if (entry.next) table.set(key, entry.next)
        else table.delete(key)
        return
      }
    }
  }
  const drop = (flow: Flow): void => {
    if (!confirmed.delete(flow)) return
    leave(flow, 'original')
    leave(flow, 'reply')
  }
  const insert = (flow: Flow): void => {
    confirmed.add(flow)
    enter(flow, 'original')
    // To oneself without NAT both directions may be the same tuple: the original one stands.
    if (!sameTuple(flow.original, flow.reply)) enter(flow, 'reply')
  }
  const sweep = (): void => {
    for (const flow of confirmed) if (flow.expiresAt <= now) drop(flow)
    sweepAt = Math.max(4096, 2 * confirmed.size)
  }

  const trackError = (packet: Packet): Tracked => {
    const inner = packet.icmp?.inner
    const entry = inner && find(inner.protocol, invert(inner))
    if (!entry) return INVALID
    return { flow: entry.flow, direction: entry.direction, state: 'RELATED', isNew: false }
  }

  const begin = (packet: Packet): Tracked => {
    const original: Tuple = { source: packet.source, destination: packet.destination }
    if (packet.protocol === 'ICMP' && packet.icmp?.kind !== 'echo-request') return INVALID
    const flow: Flow = {
      protocol: packet.protocol,
      original,
      reply: invert(original),
      confirmed: false,
      seenReply: false,
      assured: false,
      dnatDone: false,
      snatDone: false,
      hasDnat: false,
      hasSnat: false,
      state: packet.protocol === 'TCP' ? 'NONE' : undefined,
      startedAt: now,
      expiresAt: Infinity,
      ipvs: undefined,
    }
    watcher?.begun.push(flow)
    return update(flow, 'original', packet) === 'invalid'
      ? INVALID
      : { flow, direction: 'original', state: 'NEW', isNew: true }
  }

  /** The protocol's own view of one more packet. `again`: the old entry was over, the packet begins another one. */
  const update = (flow: Flow, direction: Direction, packet: Packet): 'ok' | 'invalid' | 'again' => {
    switch (packet.protocol) {
      case 'TCP':
        return updateTcp(flow, direction, packet)
      case 'UDP': {
        const stream = flow.seenReply && now - flow.startedAt > UDP_STREAM_AFTER_MS
        if (stream) flow.assured = true
        flow.expiresAt =
          now + 1000 * (stream ? (timeouts.udpStream ?? UDP_STREAM_SECONDS) : (timeouts.udp ?? UDP_SECONDS))
        return 'ok'
      }
      case 'SCTP':
        flow.expiresAt = now + 1000 * SCTP_SECONDS
        flow.assured ||= direction === 'reply'
        return 'ok'
      case 'ICMP':
        flow.expiresAt = now + 1000 * ICMP_SECONDS
        return 'ok'
      default:
        return packet.protocol satisfies never
    }
  }

  const updateTcp = (flow: Flow, direction: Direction, packet: Packet): 'ok' | 'invalid' | 'again' => {
    const before = flow.state ?? 'NONE'
    const next = nextTcpState(before, direction, packet.flags ?? 'ACK')
    if (next === 'invalid') return 'invalid'
    if (next === 'ignored') return 'ok'
    const over = before === 'TIME_WAIT' || before === 'CLOSE'
    if (next === 'SYN_SENT' && over) {
      drop(flow)
      return 'again'
    }
    flow.state = next
    flow.expiresAt = now + 1000 * tcpTimeout(next, timeouts)
    if (next === 'ESTABLISHED' && (before === 'SYN_RECV' || before === 'ESTABLISHED')) flow.assured = true
    // A reset as the only answer: there is no connection to remember.
    if (isReset(packet.flags) && !flow.seenReply && flow.confirmed) drop(flow)
    return 'ok'
  }

  return {
    track: (packet, at) => {
      now = at
      if (packet.icmp?.inner) return trackError(packet)
      const entry = find(packet.protocol, packet)
      if (!entry) return begin(packet)
      const { flow, direction } = entry
      const result = update(flow, direction, packet)
      if (result === 'again') return begin(packet)
      if (result === 'invalid') return INVALID
      if (direction === 'reply') flow.seenReply = true
      return { flow, direction, state: flow.seenReply ? 'ESTABLISHED' : 'NEW', isNew: false }
    },
    map: (flow, kind, mapping, chance) => {
      const isTaken = (reply: Tuple): boolean => {
        const entry = find(flow.protocol, reply)
        return entry !== undefined && entry.flow !== flow
      }
      setupNat(flow, kind, mapping, isTaken, chance)
    },
    confirm: (flow, at) => {
      now = at
      if (flow.confirmed) return true
      if (find(flow.protocol, flow.original) || find(flow.protocol, flow.reply)) return false
      if (confirmed.size >= sweepAt) sweep()
      flow.confirmed = true
      insert(flow)
      return true
    },
    forget: (protocol, original) => {
      const entry = find(protocol, original)
      if (entry?.direction === 'original') drop(entry.flow)
    },
    remove: (filter) => {
      const doomed = [...confirmed].filter((flow) => fits(flow, filter))
      for (const flow of doomed) drop(flow)
      return doomed.length
    },
    clear: () => {
      table.clear()
      confirmed.clear()
    },
    setTimeouts: (next) => {
      timeouts = next
    },
    isTaken: (protocol, tuple, at) => {
      now = at
      return find(protocol, tuple) !== undefined
    },
    isTakenBetween: (protocol, sourceIp, sourcePort, destination, at) => {
      now = at
      return findBetween(protocol, sourceIp, sourcePort, destination) !== undefined
    },
    holds: (flow) => confirmed.has(flow),
    flows: (at) => [...confirmed].filter((flow) => flow.expiresAt > at),
    checkpoint: () => {
      const saved = [...confirmed].map((flow) => ({ ...flow }))
      return () => {
        table = new Map()
        confirmed = new Set()
        for (const flow of saved) insert({ ...flow })
      }
    },
    watch: (next) => {
      watcher = next
    },
    adopt: (flow, at) => {
      now = at
      if (confirmed.size >= sweepAt) sweep()
      insert(flow)
    },
  }
}

const INVALID: Tracked = { flow: undefined, direction: 'original', state: 'INVALID', isNew: false }

function keyOf({ source, destination }: Tuple): number {
  return source.port * 65536 + destination.port
}

function fits(flow: Flow, filter: FlowFilter): boolean {
  const { destination } = flow.original
  return (
    (filter.protocol === undefined || filter.protocol === flow.protocol) &&
    (filter.originalDestination === undefined || filter.originalDestination === destination.ip) &&
    (filter.originalDestinationPort === undefined || filter.originalDestinationPort === destination.port) &&
    (filter.replySource === undefined || filter.replySource === flow.reply.source.ip)
  )
}
