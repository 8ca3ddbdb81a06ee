import { createRandom } from '../engine/base/random.ts'
import { createNameService, OUTSIDE_WORLD, standInDns } from '../engine/index.ts'
import { ipOrUndefined } from '../engine/base/ip.ts'
import type { ConnectErrno, CurlFetch, CurlIo, FetchResult, HttpHeader } from './curlIo.ts'
import type { DnsIo } from './digIo.ts'
import type { DnsClusterView, Fleet, NameService, ResolvConf } from '../engine/index.ts'
import type { Ip } from '../engine/base/ip.ts'
import type { Random } from '../engine/base/random.ts'

/** The part of a Sim or a World that network programs need. */
export interface ProgramWorld {
  readonly fleet: Pick<Fleet, 'dataplane'>
  readonly names: {
    readonly service: NameService
    readonly resolvConf: (from: string) => ResolvConf
    readonly lookup: (from: string, name: string) => readonly Ip[]
  }
}

export interface MachineOptions {
  /** `pod/NAMESPACE/NAME` or `node/NAME`. */
  readonly from: string
  readonly seed: number
  /** Virtual milliseconds. */
  readonly now: () => number
  /** The clock on the wall, Unix milliseconds. */
  readonly unixMs: () => number
  /** For dumps: who answers names at once, whatever the packets would meet. See `createStandInNames`. */
  readonly standIn?: NameService
  /** Lets virtual time pass. */
  readonly advance?: (ms: number) => void
}

/** How long the kernel of a machine goes on sending SYNs. */
const SYN_RETRIES_MS = 131_000

/** dig's and curl's view of a simulated machine: their packets walk the simulated network. */
export function createMachineIo(
  world: ProgramWorld,
  options: MachineOptions,
): { readonly dns: DnsIo; readonly web: CurlIo } {
  const random = createRandom(options.seed).fork(`programs at ${options.from}`)
  const ledger: Ledger = { random, kept: new Map() }
  const { service, resolvConf, lookup } = world.names
  const pass = options.advance ?? ((): void => undefined)
  const dns: DnsIo = {
    query: ({ server, port, tcp, timeoutMs }, message) => {
      const to = { ip: server, port, transport: tcp ? 'tcp' : 'udp', timeoutMs } as const
      const direct = options.standIn?.query(options.from, to, message)
      const result = direct?.type === 'message' ? direct : service.query(options.from, to, message)
      pass(result.type === 'message' ? result.elapsedMs : result.type === 'timeout' ? timeoutMs : 0)
      return result
    },
    resolvConf: resolvConf(options.from),
    lookUp: (name) => lookup(options.from, name),
    unixMs: options.unixMs,
    below: random.below,
  }
  const web: CurlIo = {
    lookUp: (name, limitMs) => {
      const { addresses, elapsedMs } = resolve(world, options.from, name)
      if (limitMs !== undefined && elapsedMs > limitMs) {
        pass(limitMs)
        return { type: 'timeout' }
      }
      pass(elapsedMs)
      return addresses.length > 0 ? { type: 'found', addresses, elapsedMs } : { type: 'notFound', elapsedMs }
    },
    fetch: (request) => {
      const result = fetchOver(world, options, request, ledger)
      pass('elapsedMs' in result ? result.elapsedMs : (request.connectLimitMs ?? request.limitMs ?? 0))
      return result
    },
    close: (connection) => {
      world.fleet.dataplane().closeKept(options.from, keptName(connection), options.now())
    },
    wait: pass,
  }
  return { dns, web }
}

/**
 * For dumps whose kube-dns is served by machines that the dump does not hold: the names of `view`, answered at its
 * address without packets. `serial`: Unix seconds. `corefile`: kubeadm's when absent. Undefined: the dump's own pods serve.
 */
export function createStandInNames(
  view: DnsClusterView,
  seed: number,
  serial: number,
  corefile?: string,
): NameService | undefined {
  const standIn = standInDns(view)
  if (!standIn) return undefined
  return createNameService({
    view: () => view,
    corefile: () => corefile,
    outside: () => OUTSIDE_WORLD,
    now: () => 0,
    serial: () => serial,
    carry: (_from, to) =>
      standIn.addresses.includes(to.ip) && to.port === 53
        ? { type: 'delivered', server: 'stand-in', localIps: standIn.localIps, elapsedMs: 0 }
        : { type: 'timeout' },
    random: createRandom(seed),
  })
}

function resolve(
  world: ProgramWorld,
  from: string,
  name: string,
): { readonly addresses: readonly string[]; readonly elapsedMs: number } {
  if (!from.startsWith('pod/')) return { addresses: world.names.lookup(from, name), elapsedMs: 0 }
  const { result, elapsedMs } = world.names.service.resolve(from, name, world.names.resolvConf(from))
  return { addresses: result.ok ? result.addresses : [], elapsedMs }
}

/** What the programs of one place have opened: the authority that each kept connection belongs to. */
interface Ledger {
  readonly random: Random
  readonly kept: Map<number, string>
}

const keptName = (connection: number): string => `curl connection ${connection}`

/** One request: over a new TCP connection, or over one that an earlier request left open. */
function fetchOver(world: ProgramWorld, options: MachineOptions, request: CurlFetch, ledger: Ledger): FetchResult {
  const ip = ipOrUndefined(request.address)
  if (ip === undefined) return { type: 'connectFailed', errno: 'ENETUNREACH', elapsedMs: 0, immediate: true }
  const limit = request.connectLimitMs ?? request.limitMs
  const connection = request.reuse ?? ledger.kept.size + 1
  const authority = `${request.scheme} ${request.serverName}:${request.port}`
  ledger.kept.set(connection, authority)
  const attempt = world.fleet.dataplane().requestOver(
    {
      from: options.from,
      protocol: 'TCP',
      destination: { ip, port: request.port },
      payload: payloadOf(request),
      connection: keptName(connection),
      authority,
    },
    { chance: chanceFrom(ledger.random), now: options.now(), timeoutMs: limit ?? SYN_RETRIES_MS },
  )
  if (!attempt) return { type: 'connectFailed', errno: 'ENETUNREACH', elapsedMs: 0, immediate: true }
  const { outcome, response, use } = attempt
  const elapsedMs = attempt.endedAt - attempt.startedAt
  const local = { address: use.local.ip, port: use.local.port }
  const connected = { connectMs: 0, elapsedMs, local }
  switch (outcome.outcome) {
    case 'connected':
      if (request.scheme === 'https') return { type: 'tlsFailed', what: 'wrongVersion', ...connected }
      return { ...connected, ...parseResponse(response ?? ''), ...(use.open && { connection }) }
    case 'closed':
      return { type: outcome.errno === 'ECONNRESET' ? 'reset' : 'emptyReply', ...connected }
    case 'timeout':
      return limit === undefined ? { type: 'connectFailed', errno: 'ETIMEDOUT', elapsedMs } : { type: 'connectTimeout' }
    case 'refused':
    case 'unreachable': {
      const errno = outcome.errno === undefined || outcome.errno === 'ECONNRESET' ? 'ECONNREFUSED' : outcome.errno
      const immediate = IMMEDIATE.includes(errno)
      return { type: 'connectFailed', errno, elapsedMs, ...(immediate ? { immediate } : {}) }
    }
  }
}

/** What the kernel says without having sent anything. */
const IMMEDIATE: readonly ConnectErrno[] = ['ENETUNREACH', 'EACCES', 'EPERM', 'EINVAL']

function payloadOf({ request }: CurlFetch): string {
  const headers = request.headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('')
  return `${request.method} ${request.target} HTTP/${request.version ?? '1.1'}\r\n${headers}\r\n${request.body}`
}

type Parsed = Pick<Extract<FetchResult, { type: 'response' }>, 'type' | 'status' | 'reason' | 'headers' | 'body'>

/** A server that does not speak HTTP answers with a body alone. */
function parseResponse(text: string): Parsed {
  const match = /^HTTP\/\d(?:\.\d)? (\d{3}) ?([^\r\n]*)\r?\n/.exec(text)
  if (!match) return { type: 'response', status: 200, reason: 'OK', headers: [], body: text }
  const end = /\r?\n\r?\n/.exec(text)
  const head = text.slice(match[0].length, end?.index ?? text.length)
  const headers = head.split(/\r?\n/).flatMap((line): readonly HttpHeader[] => {
    const colon = line.indexOf(':')
    return colon < 0 ? [] : [{ name: line.slice(0, colon), value: line.slice(colon + 1).trim() }]
  })
  const body = end ? text.slice(end.index + end[0].length) : ''
  return { type: 'response', status: Number(match[1]), reason: match[2] ?? '', headers, body }
}

function chanceFrom(random: Random): Parameters<ReturnType<Fleet['dataplane']>['attempt']>[1]['chance'] {
  return {
    roll: (probability) => {
      const roll = random.next()
      return { roll, won: roll < probability }
    },
    pick: (n) => random.below(n),
    port: (from, to) => from + random.below(to - from + 1),
  }
}
