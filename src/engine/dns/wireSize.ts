import { assertNever } from '../base/assertNever.ts'
import { fqdn, labelLength, splitLabels } from './name.ts'
import type { DnsMessage, Edns, Question, RecordData, ResourceRecord } from './message.ts'

const HEADER_SIZE = 12
const MINIMUM_UDP_SIZE = 512
/** A compression pointer has 14 bits. */
const MAX_POINTER = 16384

/** Octets of the message on the wire; names are compressed when `message.compress` is set. */
export function messageSize(message: DnsMessage): number {
  const layout = createLayout(message.compress === true)
  for (const question of message.question) layout.question(question)
  for (const record of [...message.answer, ...message.authority, ...message.additional]) layout.record(record)
  return layout.size() + ednsSize(message.edns)
}

function ednsSize(edns: Edns | undefined): number {
  return edns ? edns.options.reduce((sum, option) => sum + 4 + option.data.length / 2, 11) : 0
}

/**
 * `message` made to fit into `limit` octets: as it is, else with compressed names, else with the records that fit
 * and the TC bit. Source: miekg/dns Msg.Truncate.
 */
export function truncateMessage(message: DnsMessage, limit: number): DnsMessage {
  const plain = { ...message, compress: false }
  const size = Math.max(limit, MINIMUM_UDP_SIZE)
  if (messageSize(plain) <= size) return plain
  const budget = size - ednsSize(message.edns)
  const layout = createLayout(true)
  for (const question of message.question) layout.question(question)
  let full = layout.size() >= budget
  const fitting = (records: readonly ResourceRecord[]): readonly ResourceRecord[] => {
    const kept: ResourceRecord[] = []
    for (const record of records) {
      if (full) break
      layout.record(record)
      if (layout.size() <= budget) kept.push(record)
      full = layout.size() >= budget
    }
    return kept
  }
  const [answer, authority, additional] = [
    fitting(message.answer),
    fitting(message.authority),
    fitting(message.additional),
  ]
  const lost =
    answer.length < message.answer.length ||
    authority.length < message.authority.length ||
    additional.length < message.additional.length
  return { ...message, compress: true, truncated: message.truncated || lost, answer, authority, additional }
}

interface Layout {
  /** Octets so far. */
  readonly size: () => number
  readonly question: (question: Question) => void
  readonly record: (record: ResourceRecord) => void
}

/** Adds up record after record and remembers the names that a pointer could refer to. */
function createLayout(compress: boolean): Layout {
  let size = HEADER_SIZE
  const seen = new Set<string>()

  const name = (text: string, mayPoint = true): void => {
    let rest = splitLabels(fqdn(text))
    while (rest.length > 0) {
      const key = rest.join('.')
      if (compress && seen.has(key)) {
        if (mayPoint) {
          size += 2
          return
        }
      } else if (compress && size < MAX_POINTER) {
        seen.add(key)
      }
      size += labelLength(rest[0] ?? '') + 1
      rest = rest.slice(1)
    }
    size += 1
  }

  const data = (record: RecordData): void => {
    switch (record.type) {
      case 'A':
        size += 4
        return
      case 'AAAA':
        size += 16
        return
      case 'CNAME':
      case 'NS':
      case 'PTR':
        name(record.target)
        return
      case 'MX':
        size += 2
        name(record.target)
        return
      case 'SRV':
        // RFC 2782 forbids compression of the target; later names may still point at it.
        size += 6
        name(record.target, false)
        return
      case 'TXT':
        for (const text of record.strings) size += 1 + text.length
        return
      case 'SOA':
        name(record.mname)
        name(record.rname)
        size += 20
        return
      default:
        assertNever(record)
    }
  }

  return {
    size: () => size,
    question: (question) => {
      name(question.name)
      size += 4
    },
    record: (record) => {
      name(record.name)
      size += 10
      data(record)
    },
  }
}
