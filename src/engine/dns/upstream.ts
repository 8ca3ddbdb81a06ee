import { matchingZone } from './name.ts'
import { replyTo } from './message.ts'
import type { DnsMessage, Question, ResourceRecord } from './message.ts'

/** What an upstream server knows: the outside world's names, editable in a scenario. */
export interface UpstreamZoneData {
  readonly records: readonly ResourceRecord[]
  /** Start-of-authority records; a name that does not exist is denied by the closest. */
  readonly authorities: readonly ResourceRecord[]
  /** Names for which the server fails. */
  readonly failing: readonly string[]
}

const MAX_CHAIN = 8

/** A recursive server that knows the whole outside world and nothing else: ra set, aa clear. */
export function answerFromUpstream(data: UpstreamZoneData, query: DnsMessage): DnsMessage {
  const question = query.question[0]
  const base = {
    ...replyTo(query, 'NOERROR'),
    recursionAvailable: true,
    ...(query.edns ? { edns: { ...query.edns, options: [] } } : {}),
  }
  if (!question) return { ...base, rcode: 'FORMERR' }
  if (data.failing.some((name) => sameName(name, question.name))) return { ...base, rcode: 'SERVFAIL' }
  if (question.class !== 'IN') return deny(data, base, question.name, [], 'NXDOMAIN')
  const answer: ResourceRecord[] = []
  let name = question.name
  for (let step = 0; step < MAX_CHAIN; step++) {
    const here = data.records.filter((record) => sameName(record.name, name))
    const wanted = here.filter((record) => record.type === question.type || question.type === 'ANY')
    // The question's own spelling is echoed in the owner of what it asked for.
    answer.push(...(wanted.length > 0 ? wanted : aliasesOf(here)).map((record) => spelled(record, name)))
    if (wanted.length > 0) return { ...base, answer }
    const alias = aliasesOf(here)[0]
    if (alias?.type !== 'CNAME') {
      return deny(data, base, name, answer, exists(data, name) ? 'NOERROR' : 'NXDOMAIN')
    }
    name = alias.target
  }
  return { ...base, answer }
}

function aliasesOf(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  return records.filter((record) => record.type === 'CNAME')
}

function spelled(record: ResourceRecord, name: string): ResourceRecord {
  return record.name === name ? record : { ...record, name }
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function exists(data: UpstreamZoneData, name: string): boolean {
  return data.records.some((record) => sameName(record.name, name))
}

function deny(
  data: UpstreamZoneData,
  base: DnsMessage,
  name: string,
  answer: readonly ResourceRecord[],
  rcode: 'NOERROR' | 'NXDOMAIN',
): DnsMessage {
  const zone = matchingZone(
    data.authorities.map((record) => record.name),
    name,
  )
  return { ...base, rcode, answer, authority: data.authorities.filter((record) => record.name === zone) }
}

/** The question that a record answers directly, for lists of what a server knows. */
export function questionFor(record: ResourceRecord): Question {
  return { name: record.name, type: record.type, class: 'IN' }
}
