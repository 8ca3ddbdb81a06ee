import { fqdn, isAbsolute } from './name.ts'
import { resolvOption } from './resolvConf.ts'
import type { DnsMessage, Question, ResourceRecord } from './message.ts'
import type { ResolvConf } from './resolvConf.ts'

/** What the resolver wants sent now: questions side by side from one socket, to one server. */
export interface ResolverSend {
  readonly server: string
  readonly questions: readonly Question[]
  readonly timeoutMs: number
  /** Why this is sent: which candidate of the search list, which try. */
  readonly candidate: { readonly index: number; readonly of: number }
  readonly attempt: number
}

/** What came back for each question of a `ResolverSend`, in its order. */
export type ResolverReply =
  | { readonly type: 'message'; readonly message: DnsMessage }
  /** Nothing within `timeoutMs`. */
  | { readonly type: 'timeout' }
  /** ICMP: nobody listens there, or there is no way. */
  | { readonly type: 'refused' }

export interface ResolvedName {
  /** IPv4 first, as the server ordered them. */
  readonly addresses: readonly string[]
  /** Where the chain of aliases ended, without the trailing dot. */
  readonly canonicalName: string
  /** The names on the way there. */
  readonly aliases: readonly string[]
}

export type ResolverResult =
  | ({ readonly ok: true } & ResolvedName)
  /** EAI_NONAME: no candidate has an address. EAI_AGAIN: a server failed or did not answer. */
  | { readonly ok: false; readonly error: 'EAI_NONAME' | 'EAI_AGAIN' }

/** Runs a lookup: takes the replies to the last send, gives the next send or the result. */
export type ResolverRun = Generator<ResolverSend, ResolverResult, readonly ResolverReply[]>

const DEFAULT_NDOTS = 1
const MAX_NDOTS = 15
const DEFAULT_TIMEOUT = 5
const MAX_TIMEOUT = 30
const DEFAULT_ATTEMPTS = 2
const MAX_ATTEMPTS = 5

/** The names that are tried for `name`, in order: with each search domain, and as it stands. */
export function searchCandidates(name: string, conf: ResolvConf): readonly string[] {
  if (isAbsolute(name)) return [name]
  const dots = name.split('.').length - 1
  const asIs = fqdn(name)
  const searched = conf.search.map((domain) => fqdn(domain === '.' ? name : `${name}.${domain}`))
  return dots >= resolvOption(conf, 'ndots', DEFAULT_NDOTS, MAX_NDOTS) ? [asIs, ...searched] : [...searched, asIs]
}

/**
 * getaddrinfo as glibc 2.36 does it: A and AAAA side by side for each candidate until one has an address.
 * No such name or no address goes on to the next candidate; so does a server failure, but a silent server ends the
 * search (the bare name is still tried once). Drive it with `next(replies)` until `done`.
 */
export function* resolveName(
  name: string,
  conf: ResolvConf,
  types: readonly ('A' | 'AAAA')[] = ['A', 'AAAA'],
): ResolverRun {
  const candidates = searchCandidates(name, conf)
  let failed = false
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index] ?? name
    const outcome = yield* askServers(candidate, conf, types, { index, of: candidates.length })
    if (outcome.type === 'found') return { ok: true, ...outcome.found }
    if (outcome.type === 'serverFailure') failed = true
    // Aliases without an address are an answer all the same: the search ends here.
    if (outcome.type === 'aliasOnly') break
    if (outcome.type !== 'silent' && outcome.type !== 'refused') continue
    failed = true
    const bare = fqdn(name)
    if (candidate === bare) continue
    // Where nobody listens at all, not even the bare name is tried.
    if (outcome.type === 'refused') break
    // A silent server ends the walk through the search list, except for the name as it was typed.
    if (!candidates.slice(index + 1).includes(bare)) break
    index = candidates.indexOf(bare) - 1
  }
  return { ok: false, error: failed ? 'EAI_AGAIN' : 'EAI_NONAME' }
}

type Outcome =
  | { readonly type: 'found'; readonly found: ResolvedName }
  | { readonly type: 'none' | 'aliasOnly' | 'serverFailure' | 'silent' | 'refused' }

/** One candidate: every server in turn, as often as `attempts` says. */
function* askServers(
  candidate: string,
  conf: ResolvConf,
  types: readonly ('A' | 'AAAA')[],
  position: ResolverSend['candidate'],
): Generator<ResolverSend, Outcome, readonly ResolverReply[]> {
  const servers = conf.nameservers.length > 0 ? conf.nameservers : ['127.0.0.1']
  const attempts = resolvOption(conf, 'attempts', DEFAULT_ATTEMPTS, MAX_ATTEMPTS)
  const timeout = resolvOption(conf, 'timeout', DEFAULT_TIMEOUT, MAX_TIMEOUT) * 1000
  const questions = types.map((type): Question => ({ name: candidate, type, class: 'IN' }))
  let sawFailure = false
  let onlyRefusals = true
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const [turn, server] of servers.entries()) {
      // Later servers wait longer, and share that time.
      const timeoutMs = turn === 0 ? timeout : Math.floor((timeout * 2 ** turn) / servers.length)
      const replies = yield { server, questions, timeoutMs, candidate: position, attempt }
      onlyRefusals &&= replies.every((reply) => reply.type === 'refused')
      const messages = replies.flatMap((reply) => (reply.type === 'message' ? [reply.message] : []))
      if (messages.some((message) => isFailure(message))) {
        sawFailure = true
        continue
      }
      if (messages.length < questions.length) continue
      const addresses = messages.flatMap((message) => addressesIn(message))
      if (addresses.length === 0) {
        const answered = messages.some((message) => message.rcode === 'NOERROR' && message.answer.length > 0)
        return { type: answered ? 'aliasOnly' : 'none' }
      }
      return { type: 'found', found: { addresses, ...namesOf(candidate, messages) } }
    }
  }
  return { type: sawFailure ? 'serverFailure' : onlyRefusals ? 'refused' : 'silent' }
}

function isFailure(message: DnsMessage): boolean {
  return message.rcode !== 'NOERROR' && message.rcode !== 'NXDOMAIN'
}

function addressesIn(message: DnsMessage): readonly string[] {
  if (message.rcode !== 'NOERROR') return []
  const type = message.question[0]?.type
  return message.answer.flatMap((record) =>
    (record.type === 'A' || record.type === 'AAAA') && record.type === type ? [record.address] : [],
  )
}

/** Follows the aliases from `name`. */
function namesOf(
  name: string,
  messages: readonly DnsMessage[],
): { readonly canonicalName: string; readonly aliases: readonly string[] } {
  const records: readonly ResourceRecord[] = messages.flatMap((message) => message.answer)
  const visited: string[] = []
  let current = name
  for (;;) {
    const here = current.toLowerCase()
    const alias = records.find((record) => record.type === 'CNAME' && record.name.toLowerCase() === here)
    if (alias?.type !== 'CNAME' || visited.includes(current)) break
    visited.push(current)
    current = alias.target
  }
  const plain = (text: string): string => text.replace(/\.$/, '')
  return { canonicalName: plain(current), aliases: visited.map(plain) }
}
