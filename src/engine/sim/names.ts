import type { Ip } from '../base/ip.ts'
import { ipOrUndefined } from '../base/ip.ts'
import type { Random } from '../base/random.ts'
import type { SimTime } from '../base/time.ts'
import { podIps } from '../controllers/endpointPods.ts'
import { queryMessage } from '../dns/message.ts'
import { fqdn } from '../dns/name.ts'
import { createNameService } from '../dns/nameService.ts'
import type { Carried, DnsDestination, NameService } from '../dns/nameService.ts'
import { OUTSIDE_WORLD } from '../dns/outsideWorld.ts'
import { resolvConfFor } from '../dns/resolvConf.ts'
import type { ResolvConf } from '../dns/resolvConf.ts'
import { answerFromUpstream } from '../dns/upstream.ts'
import type { DnsClusterView } from '../dns/clusterIndex.ts'
import type { Dataplane } from '../dataplane/createDataplane.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { unixSeconds } from '../store/timestamp.ts'
import { chanceOf } from './requests.ts'
import type { Lookup } from './requests.ts'

/** Names as clients in the cluster see them. */
export interface Names {
  readonly service: NameService
  /** `/etc/resolv.conf` at `pod/NAMESPACE/NAME`; elsewhere the machine's own, which knows nothing of the cluster. */
  readonly resolvConf: (from: string) => ResolvConf
  readonly lookup: Lookup
}

export interface NamesOptions {
  readonly snapshot: Snapshot
  /** The kernels as they are now. */
  readonly dataplane: () => Dataplane
  readonly random: Random
  readonly now: () => SimTime
  /** Answers at the cluster DNS address although no CoreDNS runs: for dumps that hold none. */
  readonly builtIn?: boolean
}

const clusterDns = '10.96.0.10'
/** Where machines outside the cluster's DNS ask; kubehop answers for it without packets. */
const machineConf: ResolvConf = { nameservers: ['172.16.210.1'], search: [], options: [] }

export function createNames({ snapshot, dataplane, random, now, builtIn = false }: NamesOptions): Names {
  const dice = random.fork('dns packets')
  let known: { readonly revision: number; readonly view: DnsClusterView } | undefined
  const view = (): DnsClusterView => {
    if (known?.revision !== snapshot.revision) known = { revision: snapshot.revision, view: viewOf(snapshot) }
    return known.view
  }
  const hasCoreDns = (): boolean => [...snapshot.sorted('Pod', 'namespace', 'kube-system')].some(isCoreDns)

  const carry = (from: string, to: DnsDestination): Carried => {
    if (builtIn && to.ip === clusterDns && !hasCoreDns()) {
      return { type: 'delivered', server: 'built in', localIps: [clusterDns], elapsedMs: 1 }
    }
    const ip = ipOrUndefined(to.ip)
    if (ip === undefined) return { type: 'unreachable', what: 'network' }
    const protocol = to.transport === 'tcp' ? 'TCP' : 'UDP'
    const attempt = dataplane().attempt(
      { from, protocol, destination: { ip, port: to.port }, payload: 'dns' },
      // What is said does not matter on the way; the service makes the answer once it knows which process was reached.
      { chance: chanceOf(dice), now: now(), timeoutMs: to.timeoutMs, dns: () => 'answer' },
    )
    switch (attempt?.outcome.outcome) {
      case undefined:
        return { type: 'unreachable', what: 'network' }
      case 'connected': {
        const pod = snapshot.get('Pod', attempt.outcome.pod ?? '')
        const elapsedMs = attempt.endedAt - attempt.startedAt
        return {
          type: 'delivered',
          server: attempt.outcome.pod ?? attempt.outcome.server ?? '',
          localIps: pod ? podIps(pod) : [],
          elapsedMs,
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

  const service = createNameService({
    view,
    corefile: () => {
      const config = snapshot.get('ConfigMap', 'kube-system/coredns')
      return (config?.['data'] as { readonly Corefile?: string } | undefined)?.Corefile
    },
    outside: () => OUTSIDE_WORLD,
    now,
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

  return {
    service,
    resolvConf,
    lookup: (from, name) => {
      const conf = resolvConf(from)
      if (conf === machineConf || conf.nameservers.includes('172.16.210.1')) return outsideAddresses(name)
      const { result } = service.resolve(from, name, conf)
      return result.ok ? result.addresses.flatMap((address) => ipOrUndefined(address) ?? []) : []
    },
  }
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

function outsideAddresses(name: string): readonly Ip[] {
  const reply = answerFromUpstream(OUTSIDE_WORLD, queryMessage(1, { name: fqdn(name), type: 'A', class: 'IN' }))
  return reply.answer.flatMap((record) => ('address' in record ? (ipOrUndefined(record.address) ?? []) : []))
}
