import type { Ip } from '../base/ip.ts'
import { ipOrUndefined } from '../base/ip.ts'
import type { Random } from '../base/random.ts'
import type { SimTime } from '../base/time.ts'
import { podIps } from '../controllers/endpoints/endpointPods.ts'
import { describeQuery, describeReply } from '../dns/dnsText.ts'
import { queryMessage } from '../dns/message.ts'
import type { DnsMessage } from '../dns/message.ts'
import { fqdn } from '../dns/name.ts'
import { createNameService } from '../dns/nameService.ts'
import type { DnsDestination, NameService, NameServiceDeps } from '../dns/nameService.ts'
import { resolvConfFor } from '../dns/resolvConf.ts'
import type { ResolvConf } from '../dns/resolvConf.ts'
import { answerFromUpstream } from '../dns/upstream.ts'
import type { DnsClusterView } from '../dns/clusterIndex.ts'
import type { Dataplane } from '../dataplane/createDataplane.ts'
import type { DnsAnswer } from '../dataplane/walk.ts'
import type { Pod } from '../api/types.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { unixSeconds } from '../store/timestamp.ts'
import { chanceOf } from './requests.ts'
import type { Find, Watch } from './requests.ts'
import { outsideZone } from './outside.ts'

/** Names as clients in the cluster see them. */
export interface Names {
  readonly service: NameService
  /** `/etc/resolv.conf` at `pod/NAMESPACE/NAME`; elsewhere the machine's own, which knows nothing of the cluster. */
  readonly resolvConf: (from: string) => ResolvConf
  /** The addresses behind a name, as a client at `from` finds them; `watch` has the packets told. */
  readonly find: Find
  readonly lookup: (from: string, name: string) => readonly Ip[]
}

export interface NamesOptions {
  readonly snapshot: Snapshot
  /** The kernels as they are now. */
  readonly dataplane: () => Dataplane
  readonly random: Random
  readonly now: () => SimTime
  /** Answers at the cluster DNS address although no CoreDNS runs: for dumps that hold none. */
  readonly builtIn?: boolean
  /** The name server outside, where machines ask and CoreDNS forwards to; absent: it answers without packets. */
  readonly upstream?: Ip
  /** The Corefile with which the CoreDNS in a pod began. */
  readonly begunWith?: (pod: Pod) => string | undefined
}

const clusterDns = '10.96.0.10'
/** CoreDNS's forward plugin gives up after that. */
const FORWARD_TIMEOUT_MS = 2000

export function createNames({
  snapshot,
  dataplane,
  random,
  now,
  builtIn = false,
  upstream,
  begunWith,
}: NamesOptions): Names {
  const dice = random.fork('dns packets')
  /** Where machines outside the cluster's DNS ask. */
  const machineConf: ResolvConf = { nameservers: [upstream ?? '172.16.210.1'], search: [], options: [] }
  let known: { readonly revision: number; readonly view: DnsClusterView } | undefined
  const view = (): DnsClusterView => {
    if (known?.revision !== snapshot.revision) known = { revision: snapshot.revision, view: viewOf(snapshot) }
    return known.view
  }
  const hasCoreDns = (): boolean => [...snapshot.sorted('Pod', 'namespace', 'kube-system')].some(isCoreDns)

  // While somebody watches a lookup: what its packets share with the rest of the request, and how late it is.
  let watched: Watch | undefined
  const localIpsOf = (pod: string): readonly string[] => {
    const object = snapshot.get('Pod', pod)
    return object ? podIps(object) : []
  }

  const carry: NameServiceDeps['carry'] = (from, to, messages, answer) => {
    if (builtIn && to.ip === clusterDns && !hasCoreDns()) {
      return { type: 'delivered', server: 'built in', localIps: [clusterDns], elapsedMs: 1 }
    }
    const ip = ipOrUndefined(to.ip)
    if (ip === undefined) return { type: 'unreachable', what: 'network' }
    const protocol = to.transport === 'tcp' ? 'TCP' : 'UDP'
    const isUpstream = upstream !== undefined && to.ip === upstream
    const watch = watched
    const startedAt = watch?.at ?? now()
    const [payload = 'dns', ...beside] = messages.map((message) => describeQuery(message))
    const say = (question: string, pod: string, time: SimTime): DnsAnswer => {
      const message = messages.find((one) => describeQuery(one) === question)
      if (!message || !watch) return { text: 'answer', afterMs: 0 }
      // The server may ask others on its part, from now on.
      watch.at = time
      const text = describeReply(answer(message, pod, localIpsOf(pod), isUpstream))
      return { text, afterMs: watch.at - time }
    }
    const attempt = dataplane().attempt(
      { from, protocol, destination: { ip, port: to.port }, ...(watch ? { payload, beside } : { payload: 'dns' }) },
      // Unwatched, what is said does not matter on the way: the service makes the answer from who was reached.
      {
        chance: watch?.chance ?? chanceOf(dice),
        now: startedAt,
        timeoutMs: to.timeoutMs,
        dns: say,
        ...(watch && { trace: true, journey: watch.journey }),
      },
    )
    if (watch && attempt) {
      watch.at = attempt.endedAt
      watch.attempt = attempt
    }
    switch (attempt?.outcome.outcome) {
      case undefined:
        return { type: 'unreachable', what: 'network' }
      case 'connected': {
        const { pod, server = '' } = attempt.outcome
        return {
          type: 'delivered',
          server: pod ?? server,
          localIps: localIpsOf(pod ?? ''),
          elapsedMs: attempt.endedAt - attempt.startedAt,
          ...(isUpstream && { upstream: true }),
        }
      }
      case 'refused':
      case 'closed':
        return { type: 'refused' }
      case 'unreachable':
        return { type: 'unreachable', what: attempt.outcome.errno === 'ENETUNREACH' ? 'network' : 'host' }
      case 'timeout':
        return { type: 'timeout' }
    }
  }

  /** CoreDNS asks the machines' own name server, as its pod would. */
  const forward = (server: string, question: DnsMessage): DnsMessage | undefined => {
    const to: DnsDestination = { ip: upstream ?? '', port: 53, transport: 'udp', timeoutMs: FORWARD_TIMEOUT_MS }
    const result = service.query(`pod/${server}`, to, question)
    return result.type === 'message' ? result.message : undefined
  }

  const service: NameService = createNameService({
    view,
    corefile: () => {
      const config = snapshot.get('ConfigMap', 'kube-system/coredns')
      return (config?.['data'] as { readonly Corefile?: string } | undefined)?.Corefile
    },
    begunWith: (server) => {
      const pod = snapshot.get('Pod', server)
      return pod && begunWith?.(pod)
    },
    outside: () => outsideZone(snapshot),
    now,
    ...(upstream !== undefined && { forward }),
    serial: () => unixSeconds(now()),
    carry,
    random: random.fork('names'),
  })

  const resolvConf = (from: string): ResolvConf => {
    const pod = from.startsWith('pod/') ? snapshot.get('Pod', from.slice('pod/'.length)) : undefined
    if (!pod) return machineConf
    const dns = snapshot.get('Service', 'kube-system/kube-dns')?.spec.clusterIPs ?? [clusterDns]
    return resolvConfFor(pod, { clusterDomain: 'cluster.local', clusterDns: dns, nodeResolvConf: machineConf })
  }

  const find: Names['find'] = (from, name, watch) => {
    const conf = resolvConf(from)
    // In a dump nobody outside answers: kubehop does, without packets.
    if (upstream === undefined && conf.nameservers.includes(machineConf.nameservers[0] ?? '')) {
      return { addresses: outsideAddresses(snapshot, name) }
    }
    watched = watch
    const { result } = service.resolve(from, name, conf)
    watched = undefined
    if (!result.ok) return { addresses: [], error: result.error }
    return { addresses: result.addresses.flatMap((address) => ipOrUndefined(address) ?? []) }
  }

  return { service, resolvConf, find, lookup: (from, name) => find(from, name).addresses }
}

function isCoreDns(pod: { readonly spec: { readonly containers: readonly { readonly image?: string }[] } }): boolean {
  return pod.spec.containers.some(({ image }) => image?.includes('coredns') === true)
}

function viewOf(snapshot: Snapshot): DnsClusterView {
  const byName = <T extends { readonly metadata: { readonly namespace?: string; readonly name: string } }>(
    objects: Iterable<T>,
  ): readonly T[] => {
    const key = ({ metadata }: T): string => `${metadata.namespace ?? ''}/${metadata.name}`
    return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  }
  return {
    services: byName(snapshot.list('Service')),
    endpointSlices: byName(snapshot.list('EndpointSlice')),
    pods: byName(snapshot.list('Pod')),
    namespaces: byName(snapshot.list('Namespace')).map(({ metadata }) => metadata.name),
  }
}

function outsideAddresses(snapshot: Snapshot, name: string): readonly Ip[] {
  const reply = answerFromUpstream(outsideZone(snapshot), queryMessage(1, { name: fqdn(name), type: 'A', class: 'IN' }))
  return reply.answer.flatMap((record) => ('address' in record ? (ipOrUndefined(record.address) ?? []) : []))
}
