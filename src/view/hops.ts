import type { SocketAddress, Trace, TraceEvent } from '../engine/index.ts'
import { formatAddress } from './format.ts'

/** A run of events of one packet at one place: what one step shows. Both ends are indices into the trace's events, inclusive. */
export interface Hop {
  readonly from: number
  readonly to: number
  readonly packetId: number
  /**
   * A later packet of a direction whose way was already shown stop by stop: its whole walk is one hop, and these are
   * its stops.
   */
  readonly stops?: readonly Hop[]
}

/** These end a walk in a way that the reader must see happen, so the packet is shown stop by stop. */
const NOTABLE: ReadonlySet<TraceEvent['type']> = new Set([
  'dropped',
  'rejected',
  'ipvsRefused',
  'proxyFailed',
  'timedOut',
])

const STARTERS: ReadonlySet<TraceEvent['type']> = new Set([
  'sent',
  'linkCrossed',
  'proxyPicked',
  'proxyFailed',
  'proxyCopied',
  'timedOut',
  'ipvsScheduled',
  'ipvsRefused',
])

const MOVES: ReadonlySet<TraceEvent['type']> = new Set(['hookEntered', 'delivered', 'routed', 'dropped', 'rejected'])

const ENDS: ReadonlySet<TraceEvent['type']> = new Set(['delivered', 'dropped', 'rejected'])

const remembered = new WeakMap<Trace, readonly Hop[]>()

/** The hops of `trace`, in order, without gaps. Remembered per trace. */
export function hopsOf(trace: Trace): readonly Hop[] {
  const known = remembered.get(trace) ?? group(trace.events)
  remembered.set(trace, known)
  return known
}

/** The hop that holds event `cursor`; the last one past the end, -1 in an empty trace. */
export function hopAt(hops: readonly Hop[], cursor: number): number {
  let low = 0
  let high = hops.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((hops[middle]?.to ?? 0) < cursor) low = middle + 1
    else high = middle
  }
  return high < 0 ? -1 : low
}

function group(events: readonly TraceEvent[]): readonly Hop[] {
  const notable = new Set(events.filter(({ type }) => NOTABLE.has(type)).map(({ packetId }) => packetId))
  const ways = new Set<string>()
  const folded = new Set<number>()
  const stops: Hop[] = []
  let start = 0
  for (let i = 0; i < events.length; i += 1) {
    const event = events[i]
    if (!event) break
    if (event.type === 'sent') {
      const way = wayOf(event)
      if (ways.has(way) && !notable.has(event.packetId)) folded.add(event.packetId)
      ways.add(way)
    }
    const next = events[i + 1]
    if (next && !startsStop(events, start, i, next)) continue
    stops.push({ from: start, to: i, packetId: events[start]?.packetId ?? event.packetId })
    start = i + 1
  }
  return fold(stops, folded, events)
}

/**
 * Joins the stops of a folded packet, and packets that travel together: an ACK and the request right behind it are one
 * walk. A folded packet beside one that is shown stop by stop (a second DNS query) rides in the other's stops.
 */
function fold(stops: readonly Hop[], folded: ReadonlySet<number>, events: readonly TraceEvent[]): readonly Hop[] {
  const out: Hop[] = []
  const travelling = new Set<number>()
  for (const stop of stops) {
    const first = events[stop.from]
    const before = out.at(-1)
    const ended = events.slice(stop.from, stop.to + 1).some(({ type }) => ENDS.has(type))
    const others = travelling.size > 0
    if (first?.type === 'sent') travelling.add(stop.packetId)
    if (ended) travelling.delete(stop.packetId)
    const own = first?.type === 'concluded' || first?.type === 'proxyPicked' || first?.type === 'proxyCopied'
    if (before && resumes(events, before, stop)) out[out.length - 1] = { ...before, to: stop.to }
    else if (!before || own || !folded.has(stop.packetId)) out.push(stop)
    else if (before.stops && (first?.type !== 'sent' || others)) {
      // What the walk is about is the packet that carries something: the one sent last.
      const packetId = first?.type === 'sent' ? stop.packetId : before.packetId
      out[out.length - 1] = { ...before, packetId, to: stop.to, stops: [...before.stops, stop] }
    } else if (!before.stops && others && first?.type !== 'sent') out[out.length - 1] = { ...before, to: stop.to }
    else if (!before.stops && others && stop.packetId !== before.packetId)
      out[out.length - 1] = { ...before, to: stop.to }
    else out.push({ ...stop, stops: [stop] })
  }
  return out
}

/** Another packet moved while this one was on the wire: its arrival belongs to the stop it arrives at. */
function resumes(events: readonly TraceEvent[], before: Hop, stop: Hop): boolean {
  if (before.stops || before.packetId !== stop.packetId) return false
  const own = events.slice(before.from, before.to + 1).filter(({ packetId }) => packetId === before.packetId)
  const next = events[stop.from]?.type
  // Outside the nodes there is no hook between the wire and the socket, only a look at the routes.
  const arriving = own.every(({ type, at }) => type === 'linkCrossed' || (type === 'routed' && !at.startsWith('node/')))
  return arriving && (next === 'hookEntered' || next === 'routed' || next === 'delivered')
}

/** Packets of equal way take equal stops: same sender, same connection. Datagrams count without the client's port. */
function wayOf(event: Extract<TraceEvent, { type: 'sent' }>): string {
  const { protocol, source, destination, icmp } = event.packet
  const address = ({ ip, port }: SocketAddress): string =>
    protocol === 'UDP' && port >= 32768 ? ip : formatAddress({ ip, port })
  return [event.at, protocol, icmp?.kind ?? '', address(source), address(destination)].join(' ')
}

/** Whether `next` begins a new stop, given that events `from`..`to` make the present one. */
function startsStop(events: readonly TraceEvent[], from: number, to: number, next: TraceEvent): boolean {
  const own = events[from]?.packetId
  if (next.type === 'concluded') return events[to]?.type !== 'timedOut'
  if (STARTERS.has(next.type)) return true
  // What happens to another packet in passing (conntrack forgets it) rides along; where it moves, it is seen.
  if (next.packetId !== own) return MOVES.has(next.type)
  const present = events.slice(from, to + 1).filter(({ packetId }) => packetId === own)
  if (next.type === 'hookEntered' || next.type === 'delivered') return !arriving(present)
  if (next.type === 'routed') return hookOf(present) === 'PREROUTING'
  return false
}

/** The packet has come over a link and met no hook yet, or stands at a socket that has only just handed it over. */
function arriving(present: readonly TraceEvent[]): boolean {
  return present[0]?.type === 'linkCrossed' && hookOf(present) === undefined
}

function hookOf(present: readonly TraceEvent[]): string | undefined {
  return present.findLast((event) => event.type === 'hookEntered')?.hook
}
