import { addressOfReverseName, parseStrictIp } from './strictIp.ts'
import { answerFromCluster } from './kubernetesPlugin.ts'
import { createDnsCache } from './dnsCache.ts'
import { familyOf } from '../base/ip.ts'
import { isSubdomain, matchingZone } from './name.ts'
import { messageSize, truncateMessage } from './wireSize.ts'
import { replyTo, withoutEdns } from './message.ts'
import { rewriteQuery } from './rewrite.ts'
import { watched } from './watched.ts'
import type { CacheEntryView, DnsCache } from './dnsCache.ts'
import type { ClusterIndex } from './clusterIndex.ts'
import type { Corefile, ServerBlock } from './corefile.ts'
import type { DnsMessage, Question, ResourceRecord } from './message.ts'
import type { ForwardConfig, HostsConfig } from './corefilePlugins.ts'
import type { IpFamily } from '../base/ip.ts'

export type DnsTransport = 'udp' | 'tcp'

/** What one CoreDNS process sees while it answers. */
export interface CoreDnsWorld {
  readonly index: ClusterIndex
  /** Its own addresses. */
  readonly localIps: readonly string[]
  /** Milliseconds, only for the age of cached answers. */
  readonly now: number
  /** Unix seconds of the last change that it saw: the SOA's serial. */
  readonly serial: number
  /** Whether it has read the cluster's objects yet; until then it says SERVFAIL instead of NXDOMAIN. */
  readonly synced?: boolean
  /** Asks the first of `to` that answers (addresses, or `/etc/resolv.conf`); undefined when none did. */
  readonly forward: (query: DnsMessage, to: readonly string[]) => DnsMessage | undefined
}

export interface CoreDns {
  /** The reply to `query`. The client's transport and family decide how large it may be. */
  readonly answer: (query: DnsMessage, world: CoreDnsWorld, transport?: DnsTransport, family?: IpFamily) => DnsMessage
  readonly cached: (now: number) => readonly CacheEntryView[]
}

const TCP_LIMIT = 65535
const UDP_LIMIT = 512
/** Above this a UDP reply is compressed even though the client would take it whole. */
const FRAGMENT_LIMIT: Readonly<Record<IpFamily, number>> = { IPv4: 1480, IPv6: 1220 }
/** EDNS options that are echoed: NSID, EXPIRE, COOKIE, TCP KEEPALIVE, PADDING. */
const ECHOED_OPTIONS: readonly number[] = [3, 9, 10, 11, 12]

/**
 * A CoreDNS process. Its cache is its only state. `below(n)` draws a whole number in [0, n) for `loadbalance`.
 * Source: coredns 1.14 core/dnsserver/server.go; plugins loadbalance, cache, hosts, kubernetes, forward.
 */
export function createCoreDns(corefile: Corefile, below: (n: number) => number): CoreDns {
  const caches = new Map<ServerBlock, DnsCache>()
  for (const block of corefile) if (block.cache) caches.set(block, createDnsCache(block.cache))

  const serve = (query: DnsMessage, world: CoreDnsWorld, limit: number): DnsMessage =>
    truncateMessage(withClientEdns(chain(query, world, limit), query), limit)

  const chain = (query: DnsMessage, world: CoreDnsWorld, limit: number): DnsMessage => {
    const question = query.question[0]
    if (!question) return replyTo(query, 'SERVFAIL')
    const block = blockFor(corefile, question.name)
    // Classes other than IN are only let in for a forwarder.
    const refused = question.class !== 'IN' && !corefile.some((candidate) => candidate.forwards.length > 0)
    if (!block || refused) return replyTo(query, 'REFUSED')
    const selfLookup = (other: Question): DnsMessage => serve({ ...query, question: [other] }, world, limit)
    const reply = viaCache(block, caches.get(block), query, world, selfLookup)
    return block.loadBalance && reply.rcode === 'NOERROR' ? shuffled(reply, below) : reply
  }

  return {
    answer: (query, world, transport = 'udp', family = 'IPv4') => {
      const rejected = rejection(query)
      if (rejected) return rejected
      if (query.edns && query.edns.version !== 0) {
        const edns = { version: 0, udpSize: 0, dnssecOk: false, flags: 0, options: [] }
        return { ...replyTo(query, 'BADVERS'), edns }
      }
      const limit = transport === 'tcp' ? TCP_LIMIT : Math.max(UDP_LIMIT, query.edns?.udpSize ?? 0)
      const reply = serve(query, world, limit)
      const fragments = transport === 'udp' && messageSize(reply) > FRAGMENT_LIMIT[family]
      return fragments ? { ...reply, compress: true } : reply
    },
    cached: (now) => [...caches.values()].flatMap((cache) => cache.entries(now)),
  }
}

const CLIENT_SUBNET = 8

/** What the server says to a message that it cannot read or does not want to. Source: miekg/dns acceptfunc.go, server.go. */
function rejection(query: DnsMessage): DnsMessage | undefined {
  const isKnown = query.opcode === 'QUERY' || query.opcode === 'NOTIFY'
  const isReadable = query.edns?.options.every(({ code, data }) => code !== CLIENT_SUBNET || data.length >= 8) ?? true
  if (isKnown && query.question.length === 1 && isReadable) return undefined
  const isHeaderBad = !isKnown || query.question.length !== 1
  const question = isHeaderBad ? [] : query.question
  const bare: DnsMessage = { ...withoutEdns(query), response: true, authoritative: false, question }
  return isKnown ? { ...bare, opcode: 'QUERY', rcode: 'FORMERR' } : { ...bare, rcode: 'NOTIMP' }
}

function blockFor(corefile: Corefile, name: string): ServerBlock | undefined {
  const zone = matchingZone(
    corefile.flatMap((block) => block.zones),
    name,
  )
  return zone === undefined ? undefined : corefile.find((block) => block.zones.includes(zone))
}

function viaCache(
  block: ServerBlock,
  cache: DnsCache | undefined,
  query: DnsMessage,
  world: CoreDnsWorld,
  selfLookup: (question: Question) => DnsMessage | undefined,
): DnsMessage {
  const name = query.question[0]?.name ?? '.'
  if (!cache || !block.cache || matchingZone(block.cache.zones, name) === undefined) {
    return fromPlugins(block, query, world, selfLookup).reply
  }
  const hit = cache.get(query, world.now)
  if (hit) return hit
  const { reply, written } = fromPlugins(block, query, world, selfLookup)
  return written ? cache.put(query, reply, world.now) : reply
}

interface Served {
  readonly reply: DnsMessage
  /** False: the chain only gave an rcode, and the server itself made the reply; caches do not see it. */
  readonly written: boolean
}

function fromPlugins(
  block: ServerBlock,
  query: DnsMessage,
  world: CoreDnsWorld,
  selfLookup: (question: Question) => DnsMessage | undefined,
): Served {
  const rewritten = rewriteQuery(block.rewrites, query)
  if (!rewritten) return minimized(block, fromBackends(block, query, world, selfLookup))
  const { reply } = minimized(block, fromBackends(block, rewritten.query, world, selfLookup))
  return { reply: rewritten.restore(reply), written: true }
}

function minimized({ minimal }: ServerBlock, served: Served): Served {
  const { reply } = served
  if (!minimal || reply.rcode !== 'NOERROR' || reply.answer.length === 0) return served
  return { ...served, reply: { ...withoutEdns(reply), authority: [], additional: [] } }
}

function fromBackends(
  block: ServerBlock,
  query: DnsMessage,
  world: CoreDnsWorld,
  selfLookup: (question: Question) => DnsMessage | undefined,
): Served {
  const question = query.question[0]
  const hosts = block.hosts && question ? fromHosts(block.hosts, query, question) : 'next'
  if (hosts === 'failed') return { reply: replyTo(query, 'SERVFAIL'), written: false }
  if (hosts !== 'next') return { reply: hosts, written: true }
  if (block.kubernetes) {
    const localIps = block.bound ? [] : world.localIps
    const backend = { config: block.kubernetes, index: watched(world.index, block.kubernetes), localIps }
    const reply = answerFromCluster({ backend, query, selfLookup, serial: world.serial })
    if (reply === 'refused') return { reply: replyTo(query, 'REFUSED'), written: false }
    if (reply !== 'next') {
      const unsure = reply.rcode === 'NXDOMAIN' && world.synced === false
      return { reply: unsure ? { ...reply, rcode: 'SERVFAIL' } : reply, written: true }
    }
  }
  const forward = block.forwards.find((candidate) => question && takes(candidate, question.name))
  const reply = forward && world.forward(query, forward.to)
  return reply ? { reply, written: true } : { reply: replyTo(query, 'SERVFAIL'), written: false }
}

function takes(forward: ForwardConfig, name: string): boolean {
  return isSubdomain(forward.from, name) && matchingZone(forward.except, name) === undefined
}

/** Source: coredns 1.14 plugin/hosts. `failed`: no such name, and the next plugin is not asked; there is no SOA to deny with. */
function fromHosts(hosts: HostsConfig, query: DnsMessage, question: Question): DnsMessage | 'next' | 'failed' {
  const name = question.name.toLowerCase()
  const base = { name, ttl: hosts.ttl }
  if (question.type === 'PTR') {
    const address = hosts.reverse ? addressOfReverseName(name) : undefined
    const names = hosts.entries.filter((entry) => entry.address === address).flatMap((entry) => entry.names)
    if (names.length === 0) return 'next'
    const answer = names.map((target): ResourceRecord => ({ ...base, type: 'PTR', target }))
    return { ...replyTo(query, 'NOERROR'), authoritative: true, answer }
  }
  if (matchingZone(hosts.zones, name) === undefined) return 'next'
  const entries = hosts.entries.filter((entry) => entry.names.includes(name))
  const answer = entries.flatMap(({ address }): readonly ResourceRecord[] => {
    const ip = parseStrictIp(address)
    const type = ip !== undefined && familyOf(ip) === 'IPv6' ? 'AAAA' : 'A'
    return question.type === type ? [{ ...base, type, address }] : []
  })
  if (entries.length === 0) return matchingZone(hosts.fallthrough, name) === undefined ? 'failed' : 'next'
  return { ...replyTo(query, 'NOERROR'), authoritative: true, answer }
}

/** Aliases first, then other records, then the addresses in random order, then mail exchangers in random order. */
function shuffled(reply: DnsMessage, below: (n: number) => number): DnsMessage {
  const order = (records: readonly ResourceRecord[]): readonly ResourceRecord[] => {
    const isAddress = (record: ResourceRecord): boolean => record.type === 'A' || record.type === 'AAAA'
    return [
      ...records.filter((record) => record.type === 'CNAME'),
      ...records.filter((record) => record.type !== 'CNAME' && record.type !== 'MX' && !isAddress(record)),
      ...shuffle(records.filter(isAddress), below),
      ...shuffle(
        records.filter((record) => record.type === 'MX'),
        below,
      ),
    ]
  }
  return {
    ...reply,
    answer: order(reply.answer),
    authority: order(reply.authority),
    additional: order(reply.additional),
  }
}

function shuffle<T>(items: readonly T[], below: (n: number) => number): readonly T[] {
  const rest = [...items]
  if (rest.length < 2) return rest
  const result: T[] = []
  while (rest.length > 0) result.push(...rest.splice(below(rest.length), 1))
  return result
}

/**
 * The client's OPT record goes back to it with the options that CoreDNS knows; without one, none is sent. A reply that
 * brings options of its own keeps these: one that was forwarded and not cached.
 */
function withClientEdns(reply: DnsMessage, query: DnsMessage): DnsMessage {
  const plain = withoutEdns(reply)
  if (!query.edns) return plain
  if (reply.edns) return { ...plain, edns: { ...query.edns, version: 0, flags: 0, options: reply.edns.options } }
  const options = query.edns.options.filter((option) => ECHOED_OPTIONS.includes(option.code))
  // The other flag bits keep only those of the high octet.
  return { ...plain, edns: { ...query.edns, version: 0, options, flags: query.edns.flags & 0x7f00 } }
}
