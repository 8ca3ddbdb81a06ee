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
    stops.push({ from: start, to: i, packetId: event.packetId })
    start = i + 1
  }
  return fold(stops, folded, events)
}

/** Joins neighbouring stops of a folded packet. What kube-proxy or the client does in between stays on its own. */
function fold(stops: readonly Hop[], folded: ReadonlySet<number>, events: readonly TraceEvent[]): readonly Hop[] {
  const out: Hop[] = []
  for (const stop of stops) {
    const before = out.at(-1)
    const type = events[stop.from]?.type
    const own = type === 'concluded' || type === 'proxyPicked' || type === 'proxyCopied'
    if (!folded.has(stop.packetId) || own) out.push(stop)
    else if (before?.stops && before.packetId === stop.packetId && type !== 'sent') {
      out[out.length - 1] = { ...before, to: stop.to, stops: [...before.stops, stop] }
    } else out.push({ ...stop, stops: [stop] })
  }
  return out
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
  const present = events.slice(from, to + 1)
  const last = present.at(-1)
  if (next.type === 'concluded') return last?.type !== 'timedOut'
  if (next.packetId !== last?.packetId) return true
  if (STARTERS.has(next.type)) return true
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
