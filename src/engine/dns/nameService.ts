import { KUBEADM_COREFILE, parseCorefile } from './corefile.ts'
import { answerFromUpstream } from './upstream.ts'
import { createCoreDns } from './coreDns.ts'
import { indexCluster } from './clusterIndex.ts'
import { queryMessage } from './message.ts'
import { resolveName } from './stubResolver.ts'
import type { ClusterIndex, DnsClusterView } from './clusterIndex.ts'
import type { CoreDns, DnsTransport } from './coreDns.ts'
import type { DnsMessage } from './message.ts'
import type { Random } from '../base/random.ts'
import type { ResolvConf } from './resolvConf.ts'
import type { ResolverReply, ResolverResult, ResolverSend } from './stubResolver.ts'
import type { SimTime } from '../base/time.ts'
import type { UpstreamZoneData } from './upstream.ts'

/** Where a DNS packet ended. */
export type Carried =
  /** A DNS server took it. `server` names the process: its cache and its Corefile go by that name. */
  | {
      readonly type: 'delivered'
      readonly server: string
      readonly localIps: readonly string[]
      readonly elapsedMs: number
      /** The server outside the cluster, which knows the outside world and nothing else. */
      readonly upstream?: boolean
    }
  | { readonly type: 'timeout' }
  | { readonly type: 'refused' }
  | { readonly type: 'unreachable'; readonly what: 'host' | 'network' }

export interface DnsDestination {
  readonly ip: string
  readonly port: number
  readonly transport: DnsTransport
  readonly timeoutMs: number
}

/** What `server` answers to a message that `carry` was given: made once, however often it is asked for. */
export type Answer = (
  message: DnsMessage,
  server: string,
  localIps: readonly string[],
  upstream?: boolean,
) => DnsMessage

/** What names need from the rest of the simulation. */
export interface NameServiceDeps {
  /** The objects now; the same object means that nothing changed. */
  readonly view: () => DnsClusterView
  /** Data `Corefile` of ConfigMap kube-system/coredns; undefined: kubeadm's. */
  readonly corefile: () => string | undefined
  /** The Corefile with which the process `server` began, where that is known: a later one may be broken. */
  readonly begunWith?: (server: string) => string | undefined
  readonly outside: () => UpstreamZoneData
  readonly now: () => SimTime
  /** Unix seconds of the last change of a Service or EndpointSlice. */
  readonly serial: () => number
  /**
   * Walks packets with `messages`, side by side, from a client (`pod/NS/NAME`, `node/NAME`) and back. `answer` is for
   * servers on the way that want to say now what they answer; who does not ask has the answers made afterwards.
   */
  readonly carry: (from: string, to: DnsDestination, messages: readonly DnsMessage[], answer: Answer) => Carried
  /** Asks the servers that `server` forwards to; undefined: no answer. Absent: they answer without packets. */
  readonly forward?: (server: string, question: DnsMessage) => DnsMessage | undefined
  readonly random: Random
}

export type QueryResult =
  | { readonly type: 'message'; readonly message: DnsMessage; readonly elapsedMs: number }
  | Exclude<Carried, { type: 'delivered' }>

/** One send of a resolver and what came back, for the trace. */
export interface ResolverStep {
  readonly send: ResolverSend
  readonly replies: readonly ResolverReply[]
}

/** Names in the cluster: CoreDNS processes behind whatever address a packet reached them by. */
export interface NameService {
  readonly query: (from: string, to: DnsDestination, message: DnsMessage) => QueryResult
  /** A client's getaddrinfo, step by step. */
  readonly resolve: (
    from: string,
    name: string,
    conf: ResolvConf,
  ) => { readonly result: ResolverResult; readonly steps: readonly ResolverStep[]; readonly elapsedMs: number }
}

interface Process {
  readonly corefile: string
  readonly server: CoreDns
}

/** CoreDNS processes start when they are first asked, and again when the Corefile changes (plugin reload). */
export function createNameService(deps: NameServiceDeps): NameService {
  const processes = new Map<string, Process>()
  let indexed: { readonly view: DnsClusterView; readonly index: ClusterIndex } | undefined
  const ids = deps.random.fork('dns ids')

  const index = (): ClusterIndex => {
    const view = deps.view()
    if (indexed?.view !== view) indexed = { view, index: indexCluster(view) }
    return indexed.index
  }

  const processOf = (name: string): CoreDns => {
    const text = deps.corefile() ?? KUBEADM_COREFILE
    const running = processes.get(name)
    if (running?.corefile === text) return running.server
    let parsed = parseCorefile(text)
    // A reload that fails leaves the old configuration running; a first start without one serves nothing.
    if (!parsed.ok && running) return running.server
    const first = parsed.ok ? undefined : deps.begunWith?.(name)
    if (first !== undefined) parsed = parseCorefile(first)
    const server = createCoreDns(parsed.ok ? parsed.value : [], deps.random.fork(`loadbalance ${name}`).below)
    processes.set(name, { corefile: text, server })
    return server
  }

  const answerOf = (
    message: DnsMessage,
    to: DnsDestination,
    server: string,
    localIps: readonly string[],
  ): DnsMessage => {
    const upstream = (question: DnsMessage): DnsMessage => answerFromUpstream(deps.outside(), question)
    const forward = deps.forward ? (question: DnsMessage) => deps.forward?.(server, question) : upstream
    const world = { index: index(), localIps, now: deps.now(), serial: deps.serial(), forward }
    const family = to.ip.includes(':') ? 'IPv6' : 'IPv4'
    return processOf(server).answer(message, world, to.transport, family)
  }

  /** Either all were answered or none: they take one way. */
  const queryAll = (from: string, to: DnsDestination, messages: readonly DnsMessage[]): readonly QueryResult[] => {
    const answers = new Map<DnsMessage, DnsMessage>()
    const answer: Answer = (message, server, localIps, upstream = false) => {
      const made =
        answers.get(message) ??
        (upstream ? answerFromUpstream(deps.outside(), message) : answerOf(message, to, server, localIps))
      answers.set(message, made)
      return made
    }
    const carried = deps.carry(from, to, messages, answer)
    if (carried.type !== 'delivered') return messages.map(() => carried)
    const { server, localIps, elapsedMs, upstream } = carried
    return messages.map((message) => ({
      type: 'message',
      message: answer(message, server, localIps, upstream),
      elapsedMs,
    }))
  }

  const query = (from: string, to: DnsDestination, message: DnsMessage): QueryResult =>
    queryAll(from, to, [message])[0] ?? { type: 'timeout' }

  return {
    query,
    resolve: (from, name, conf) => {
      const steps: ResolverStep[] = []
      let elapsedMs = 0
      const run = resolveName(name, conf)
      let step = run.next()
      while (!step.done) {
        const send = step.value
        const to: DnsDestination = { ip: send.server, port: 53, transport: 'udp', timeoutMs: send.timeoutMs }
        const messages = send.questions.map((question) => queryMessage(ids.below(65536), question))
        const results = queryAll(from, to, messages)
        // The questions travel side by side: the slowest counts.
        elapsedMs += Math.max(0, ...results.map((result) => waitedFor(result, send.timeoutMs)))
        const replies = results.map((result): ResolverReply => {
          if (result.type === 'message') return { type: 'message', message: result.message }
          return { type: result.type === 'timeout' ? 'timeout' : 'refused' }
        })
        steps.push({ send, replies })
        step = run.next(replies)
      }
      return { result: step.value, steps, elapsedMs }
    },
  }
}

function waitedFor(result: QueryResult, timeoutMs: number): number {
  if (result.type === 'message') return result.elapsedMs
  return result.type === 'timeout' ? timeoutMs : 0
}
