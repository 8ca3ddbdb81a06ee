import { addressOf, findHits, findNames, hostType } from './kubernetesBackend.ts'
import { fqdn, isSubdomain, matchingZone } from './name.ts'
import { replyTo } from './message.ts'
import type { DnsMessage, Question, RecordData, ResourceRecord } from './message.ts'
import type { Hit, KubernetesBackend } from './kubernetesBackend.ts'

/** Asks this CoreDNS for another name; undefined when nothing came. */
export type SelfLookup = (question: Question) => DnsMessage | undefined

export interface KubernetesQuery {
  readonly backend: KubernetesBackend
  readonly query: DnsMessage
  readonly selfLookup: SelfLookup
  /** Unix seconds of the last change that CoreDNS saw: the SOA's serial. */
  readonly serial: number
}

interface Found {
  readonly records: readonly ResourceRecord[]
  readonly additional?: readonly ResourceRecord[]
  readonly truncated?: boolean
}

const MAX_CNAME_CHAIN = 10
const MAX_SOA_TTL = 300

/**
 * The kubernetes plugin's reply; `next` when the question is not for its zones or falls through.
 * Source: coredns 1.14 plugin/kubernetes/handler.go and plugin/backend_lookup.go.
 */
export function answerFromCluster(context: KubernetesQuery): DnsMessage | 'next' | 'refused' {
  const { backend, query } = context
  const question = query.question[0]
  if (!question) return 'next'
  const matched = matchingZone(backend.config.zones, question.name)
  if (matched === undefined) return 'next'
  // The zone as the client spelled it: answers echo the case of the question.
  const zone = question.name.slice(question.name.length - matched.length)
  if (question.type === 'AXFR' || question.type === 'IXFR') return 'refused'
  const found = lookUp(context, question, zone)
  if (found === 'nameError') {
    const fallsThrough = backend.config.fallthrough.some((above) => isSubdomain(above, question.name))
    return fallsThrough ? 'next' : negative(context, zone, 'NXDOMAIN')
  }
  if (found.records.length === 0) return negative(context, zone, 'NOERROR')
  return {
    ...replyTo(query, 'NOERROR'),
    authoritative: true,
    truncated: found.truncated === true,
    answer: found.records,
    additional: found.additional ?? [],
  }
}

function negative(context: KubernetesQuery, zone: string, rcode: 'NOERROR' | 'NXDOMAIN'): DnsMessage {
  return { ...replyTo(context.query, rcode), authoritative: true, authority: [startOfAuthority(context, zone)] }
}

function startOfAuthority(context: KubernetesQuery, zone: string): ResourceRecord {
  const { ttl } = context.backend.config
  return {
    name: zone,
    ttl: Math.min(ttl, MAX_SOA_TTL),
    type: 'SOA',
    mname: `ns.dns.${zone}`,
    rname: `hostmaster.${zone}`,
    serial: context.serial,
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: ttl,
  }
}

function lookUp(context: KubernetesQuery, question: Question, zone: string): Found | 'nameError' {
  const { backend } = context
  const { name, type } = question
  switch (type) {
    case 'A':
    case 'AAAA':
      return addresses(context, name, type, zone, [])
    case 'TXT':
      return records(findHits(backend, name, type, zone), (hit) =>
        hit.text === undefined ? [] : [record(name, hit.ttl, { type, strings: [hit.text] })],
      )
    case 'CNAME':
      return records(findHits(backend, name, type, zone), (hit, i) =>
        i === 0 && hostType(hit.host) === 'CNAME' ? [record(name, hit.ttl, { type, target: fqdn(hit.host) })] : [],
      )
    case 'PTR': {
      const names = findNames(backend, name, zone)
      if (names === 'nameError') return names
      const ttl = backend.config.ttl
      return { records: [...new Set(names)].map((target) => record(name, ttl, { type, target: fqdn(target) })) }
    }
    case 'MX':
      // No Service is a mail exchanger, but the name may exist.
      return records(findHits(backend, name, type, zone), () => [])
    case 'SRV':
      return serviceRecords(findHits(backend, name, type, zone), name)
    case 'SOA':
      return { records: name === zone ? [startOfAuthority(context, zone)] : [] }
    case 'NS':
      return name.toLowerCase() === zone ? nameServers(context, name, zone) : existence(context, name, zone)
    default:
      return existence(context, name, zone)
  }
}

function record(name: string, ttl: number, data: RecordData): ResourceRecord {
  return { name, ttl, ...data }
}

function records(
  hits: readonly Hit[] | 'nameError',
  toRecords: (hit: Hit, index: number) => readonly ResourceRecord[],
): Found | 'nameError' {
  return hits === 'nameError' ? hits : { records: hits.flatMap(toRecords) }
}

/** For types that no Service has: whether the name exists, as an A lookup would tell. */
function existence(context: KubernetesQuery, name: string, zone: string): Found | 'nameError' {
  return addresses(context, name, 'A', zone, []) === 'nameError' ? 'nameError' : { records: [] }
}

/** The addresses of a name; an ExternalName becomes a CNAME and what this CoreDNS knows about its target. */
function addresses(
  context: KubernetesQuery,
  name: string,
  type: 'A' | 'AAAA',
  zone: string,
  previous: readonly ResourceRecord[],
): Found | 'nameError' {
  const hits = findHits(context.backend, name, type, zone)
  if (hits === 'nameError') return hits
  const found: ResourceRecord[] = []
  const seen = new Set<string>()
  let truncated = false
  for (const hit of hits) {
    const kind = hostType(hit.host)
    if (kind === type && !seen.has(hit.host)) {
      seen.add(hit.host)
      found.push(record(name, hit.ttl, { type, address: addressOf(hit.host) }))
    }
    if (kind !== 'CNAME') continue
    const target = fqdn(hit.host)
    const alias = record(name, hit.ttl, { type: 'CNAME', target })
    const loops = previous.some((earlier) => earlier.type === 'CNAME' && earlier.target === target)
    if (isSubdomain(name, target) || previous.length > MAX_CNAME_CHAIN || loops) continue
    if (isSubdomain(zone, target)) {
      const next = addresses(context, target, type, zone, [...previous, alias])
      if (next === 'nameError') continue
      if (next.records.length > 0) found.push(alias, ...next.records)
      truncated ||= next.truncated === true
    } else {
      const reply = context.selfLookup({ name: target, type, class: 'IN' })
      if (!reply) continue
      found.push(alias, ...reply.answer)
      truncated ||= reply.truncated
    }
  }
  return { records: found, truncated }
}

/** All ports of a Service as SRV records with equal weights, and the addresses they point at. */
function serviceRecords(hits: readonly Hit[] | 'nameError', name: string): Found | 'nameError' {
  if (hits === 'nameError') return hits
  const answer: ResourceRecord[] = []
  const additional: ResourceRecord[] = []
  const seen = new Set<string>()
  const weight = Math.max(1, Math.floor((100 / (hits.length * 100)) * 100))
  const isNew = (key: string): boolean => {
    const fresh = !seen.has(key)
    seen.add(key)
    return fresh
  }
  for (const hit of hits) {
    const type = hostType(hit.host)
    if (hit.port === -1 || type === 'CNAME') continue
    const target = fqdn(hit.owner)
    if (isNew(`${target} port ${hit.port}`)) {
      answer.push(record(name, hit.ttl, { type: 'SRV', priority: 0, weight, port: hit.port, target }))
    }
    if (isNew(`${target} address ${hit.host}`)) {
      additional.push(record(target, hit.ttl, { type, address: addressOf(hit.host) }))
    }
  }
  return { records: answer, additional }
}

function nameServers(context: KubernetesQuery, name: string, zone: string): Found | 'nameError' {
  const hits = findHits(context.backend, name, 'NS', zone)
  if (hits === 'nameError') return hits
  const targets = [...new Set(hits.map((hit) => fqdn(hit.owner)))]
  const { ttl } = context.backend.config
  return {
    records: targets.map((target) => record(name, ttl, { type: 'NS', target })),
    additional: hits.flatMap((hit) => {
      const type = hostType(hit.host)
      return type === 'CNAME' ? [] : [record(fqdn(hit.owner), hit.ttl, { type, address: addressOf(hit.host) })]
    }),
  }
}
