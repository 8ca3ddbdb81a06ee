import type { Packet, TraceEvent } from '../engine/index.ts'
import { formatAddress, formatMark } from './format.ts'

/** A packet's header, and what the kernel keeps about it, at one moment. */
export interface Header {
  readonly packet: Packet
  /** conntrack's word for it; absent where conntrack has not seen it (in a pod, on the wire). */
  readonly state?: string
}

export interface HeaderRow {
  readonly name: 'source' | 'destination' | 'protocol' | 'mark' | 'conntrack' | 'ttl' | 'data'
  /** Absent: there is no In. */
  readonly before?: string
  readonly after: string
  /** The word for the change (`DNAT`, `un-SNAT`, `mark`, ...); absent when nothing changed. */
  readonly change?: string
}

/** The header after `events` (of one packet, at one place), starting from `before`. */
export function applyEvents(before: Header | undefined, events: readonly TraceEvent[]): Header | undefined {
  return events.reduce((header, event) => applyEvent(header, event), before)
}

function applyEvent(header: Header | undefined, event: TraceEvent): Header | undefined {
  switch (event.type) {
    case 'sent':
      return { packet: event.packet }
    case 'linkCrossed':
    case 'delivered':
      return { packet: event.packet }
    case 'hookEntered': {
      const state = event.state ?? header?.state
      return { packet: event.packet, ...(state !== undefined && { state }) }
    }
    case 'conntrack':
      if (!header || event.action === 'discarded') return header
      return { ...header, state: event.state }
    case 'markSet':
      return header && { ...header, packet: { ...header.packet, mark: event.to } }
    case 'translated':
      return header && { ...header, packet: translate(header.packet, event) }
    case 'chainEntered':
    case 'rulesMissed':
    case 'ruleMatched':
    case 'chainReturned':
    case 'policyApplied':
    case 'diceRolled':
    case 'affinityChecked':
    case 'routed':
    case 'balanced':
    case 'ipvsScheduled':
    case 'ipvsRefused':
    case 'proxyPicked':
    case 'proxyFailed':
    case 'proxyCopied':
    case 'rejected':
    case 'dropped':
    case 'timedOut':
    case 'concluded':
      return header
  }
}

/** DNAT writes the destination and its undoing, on the way back, the source; SNAT the other way round. */
export function translatedEnd(event: Extract<TraceEvent, { type: 'translated' }>): 'source' | 'destination' {
  return (event.kind === 'DNAT') === event.undo ? 'source' : 'destination'
}

function translate(packet: Packet, event: Extract<TraceEvent, { type: 'translated' }>): Packet {
  return translatedEnd(event) === 'source' ? { ...packet, source: event.to } : { ...packet, destination: event.to }
}

/** The In | Out table: one row a field, a word beside each change. */
export function headerRows(
  before: Header | undefined,
  after: Header | undefined,
  events: readonly TraceEvent[],
): readonly HeaderRow[] {
  if (!after) return []
  const words = changeWords(events)
  const [was, is] = [before && fields(before), fields(after)]
  return ROWS.flatMap((name): HeaderRow[] => {
    const value = is[name]
    const old = was?.[name]
    if (value === undefined && old === undefined) return []
    // Recorded in conntrack's table: a change though its word stays the same.
    const changed = was !== undefined && (old !== value || (name === 'conntrack' && words.get(name) === RECORDED))
    // Every router takes one off: worth a line only where it happens.
    if (name === 'ttl' && !changed) return []
    return [
      {
        name,
        ...(was && { before: old ?? '–' }),
        after: value ?? '–',
        ...(changed && { change: words.get(name) ?? CHANGED[name] }),
      },
    ]
  })
}

const ROWS = ['source', 'destination', 'protocol', 'mark', 'conntrack', 'ttl', 'data'] as const
const CHANGED: Readonly<Record<HeaderRow['name'], string>> = {
  source: 'changed',
  destination: 'changed',
  protocol: 'changed',
  mark: 'mark',
  conntrack: 'tracked',
  ttl: 'forwarded',
  data: 'changed',
}

const RECORDED = 'recorded'
const CONNTRACK: Readonly<Record<Extract<TraceEvent, { type: 'conntrack' }>['action'], string>> = {
  new: 'new flow',
  found: 'known flow',
  confirmed: RECORDED,
  discarded: 'forgotten',
  invalid: 'invalid',
}

function fields({ packet, state }: Header): Readonly<Partial<Record<HeaderRow['name'], string>>> {
  const detail = packet.flags ?? packet.icmp?.kind
  const [firstLine] = (packet.payload ?? '').split('\n')
  return {
    source: formatAddress(packet.source),
    destination: formatAddress(packet.destination),
    protocol: detail === undefined ? packet.protocol : `${packet.protocol} ${detail}`,
    mark: formatMark(packet.mark),
    ...(state !== undefined && { conntrack: state }),
    ttl: String(packet.ttl),
    ...(firstLine !== undefined && firstLine !== '' && { data: firstLine.trim() }),
  }
}

function changeWords(events: readonly TraceEvent[]): ReadonlyMap<HeaderRow['name'], string> {
  const words = new Map<HeaderRow['name'], string>()
  for (const event of events) {
    if (event.type === 'translated') words.set(translatedEnd(event), translationWord(event))
    if (event.type === 'conntrack') words.set('conntrack', CONNTRACK[event.action])
  }
  return words
}

/** `DNAT`, `un-DNAT`, `SNAT`, `un-SNAT`. */
export function translationWord({ kind, undo }: Extract<TraceEvent, { type: 'translated' }>): string {
  return undo ? `un-${kind}` : kind
}
