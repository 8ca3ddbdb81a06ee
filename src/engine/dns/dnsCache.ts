import { matchingZone } from './name.ts'
import { replyTo, withoutEdns } from './message.ts'
import type { CacheConfig } from './cacheOptions.ts'
import type { DnsMessage, Question, ResourceRecord } from './message.ts'

/** CoreDNS's cache plugin: what it was told, for as long as the shortest TTL allows. Time is in milliseconds. */
export interface DnsCache {
  /** The cached reply to `query` with its TTLs counted down; undefined when there is none. */
  readonly get: (query: DnsMessage, now: number) => DnsMessage | undefined
  /** Keeps `reply` where it may be kept and gives it back with its TTLs brought to one value. */
  readonly put: (query: DnsMessage, reply: DnsMessage, now: number) => DnsMessage
  /** What is held now, for display. */
  readonly entries: (now: number) => readonly CacheEntryView[]
}

export interface CacheEntryView {
  readonly name: string
  readonly type: string
  readonly rcode: string
  /** Seconds left. */
  readonly ttl: number
}

type Kind = 'success' | 'denial' | 'serverError' | 'other'

interface Entry {
  readonly reply: DnsMessage
  readonly kind: Kind
  readonly storedAt: number
  /** Seconds. */
  readonly ttl: number
}

/** Source: coredns 1.14 plugin/cache. Differs: no eviction, no prefetch, no stale answers. */
export function createDnsCache(config: CacheConfig): DnsCache {
  const entries = new Map<string, Entry>()
  return {
    get: (query, now) => {
      const key = keyOf(query)
      const entry = entries.get(key)
      if (!entry) return undefined
      const left = secondsLeft(entry, now)
      if (left <= 0) {
        entries.delete(key)
        return undefined
      }
      const ttl = config.keepTtl ? entry.ttl : left
      const { rcode, recursionAvailable } = entry.reply
      return withTtl({ ...entry.reply, ...headerOf(query), rcode, recursionAvailable, authoritative: true }, ttl)
    },
    put: (query, reply, now) => {
      const kind = kindOf(reply)
      const ttl = ttlOf(config, reply, kind)
      // What an upstream says about itself is not passed on.
      const capped = withTtl(withoutEdns(reply), ttl)
      if (ttl > 0 && mayKeep(config, capped, kind)) {
        entries.set(keyOf(query), { reply: capped, kind, storedAt: now, ttl })
      }
      return capped
    },
    entries: (now) =>
      [...entries.values()]
        .filter((entry) => secondsLeft(entry, now) > 0)
        .map((entry) => ({
          name: entry.reply.question[0]?.name ?? '.',
          type: entry.reply.question[0]?.type ?? '',
          rcode: entry.reply.rcode,
          ttl: secondsLeft(entry, now),
        })),
  }
}

function headerOf(
  query: DnsMessage,
): Pick<DnsMessage, 'id' | 'opcode' | 'question' | 'recursionDesired' | 'checkingDisabled'> {
  const { id, opcode, question, recursionDesired, checkingDisabled } = replyTo(query, 'NOERROR')
  return { id, opcode, question, recursionDesired, checkingDisabled }
}

function keyOf(query: DnsMessage): string {
  const question = query.question[0]
  const bits = `${query.edns?.dnssecOk === true} ${query.checkingDisabled}`
  return `${question?.name.toLowerCase() ?? ''} ${question?.type ?? ''} ${question?.class ?? ''} ${bits}`
}

function secondsLeft(entry: Entry, now: number): number {
  return entry.ttl - Math.floor((now - entry.storedAt) / 1000)
}

function hasStartOfAuthority(reply: DnsMessage): boolean {
  return reply.authority.some((record) => record.type === 'SOA')
}

function kindOf(reply: DnsMessage): Kind {
  const type = reply.question[0]?.type
  if (type === 'AXFR' || type === 'IXFR' || reply.opcode !== 'QUERY') return 'other'
  if (reply.answer.length > 0) {
    if (reply.rcode !== 'NOERROR') return reply.rcode === 'SERVFAIL' ? 'serverError' : 'other'
    return hasStartOfAuthority(reply) && !answersQuestion(reply) ? 'denial' : 'success'
  }
  if (reply.rcode === 'NOERROR') return hasStartOfAuthority(reply) ? 'denial' : 'success'
  if (reply.rcode === 'NXDOMAIN') return 'denial'
  return reply.rcode === 'SERVFAIL' || reply.rcode === 'NOTIMP' ? 'serverError' : 'other'
}

/** The TTL that every record of the reply gets, seconds. */
function ttlOf(config: CacheConfig, reply: DnsMessage, kind: Kind): number {
  switch (kind) {
    case 'serverError':
      return config.failTtl
    case 'denial':
      return clamp(shortestTtl(reply, config.maxDenialTtl), config.minDenialTtl, config.maxDenialTtl)
    case 'other':
      return clamp(config.minTtl, config.minTtl, config.maxTtl)
    case 'success':
      return clamp(shortestTtl(reply, config.maxTtl), config.minTtl, config.maxTtl)
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

/** With nothing to go by, five seconds. */
const FALLBACK_TTL = 5

function shortestTtl(reply: DnsMessage, ceiling: number): number {
  const records = [...reply.answer, ...reply.authority, ...reply.additional]
  return records.length === 0 ? FALLBACK_TTL : Math.min(ceiling, ...records.map((record) => record.ttl))
}

function withTtl(reply: DnsMessage, ttl: number): DnsMessage {
  const set = (records: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    records.map((record) => (record.ttl === ttl ? record : { ...record, ttl }))
  return { ...reply, answer: set(reply.answer), authority: set(reply.authority), additional: set(reply.additional) }
}

function mayKeep(config: CacheConfig, reply: DnsMessage, kind: Kind): boolean {
  const name = reply.question[0]?.name ?? '.'
  if (reply.truncated || kind === 'other') return false
  if (reply.rcode === 'NXDOMAIN' && !hasStartOfAuthority(reply)) return false
  if (kind === 'success') {
    if (reply.answer.length > 0 && !answersQuestion(reply)) return false
    return matchingZone(config.disableSuccess, name) === undefined
  }
  return matchingZone(config.disableDenial, name) === undefined
}

/** Whether the chain of CNAMEs from the question's name ends in a record of the type that was asked for. */
function answersQuestion(reply: DnsMessage): boolean {
  const question = reply.question[0]
  if (!question) return false
  const { type } = question
  if (type === 'ANY') return reply.answer.some((record) => sameName(record, question))
  let name = question.name.toLowerCase()
  const visited = new Set<string>()
  for (;;) {
    const here = reply.answer.filter((record) => record.name.toLowerCase() === name)
    if (here.some((record) => record.type === type)) return true
    const alias = here.find((record) => record.type === 'CNAME')
    if (alias?.type !== 'CNAME' || visited.has(name)) return false
    visited.add(name)
    name = alias.target.toLowerCase()
  }
}

function sameName(record: ResourceRecord, question: Question): boolean {
  return record.name.toLowerCase() === question.name.toLowerCase()
}
