import { parseStrictIp } from './strictIp.ts'
import type { EndpointSlice, Pod, Service } from '../api/types.ts'

/** What CoreDNS watches, as plain objects in a fixed order. */
export interface DnsClusterView {
  readonly services: readonly Service[]
  readonly endpointSlices: readonly EndpointSlice[]
  /** Only read with `pods verified`. */
  readonly pods: readonly Pod[]
  /** Names of the existing Namespaces. */
  readonly namespaces: readonly string[]
}

/** A Service as the kubernetes plugin keeps it. Headless or without ports: one port -1 stands for "any". */
export interface DnsService {
  readonly name: string
  readonly namespace: string
  readonly externalName?: string
  readonly headless: boolean
  readonly clusterIPs: readonly string[]
  readonly ports: readonly DnsPort[]
  readonly labels: Readonly<Record<string, string>>
}

export interface DnsPort {
  readonly name: string
  readonly protocol: string
  /** -1: the object names no port. */
  readonly port: number
}

export interface DnsEndpoint {
  readonly address: string
  readonly hostname: string
  /** Name of the pod behind it, for `endpoint_pod_names`; empty when unknown or too long for a label. */
  readonly targetName: string
}

/** The ready endpoints of one EndpointSlice; each is served at each port. */
export interface DnsSlice {
  readonly service: string
  readonly namespace: string
  readonly endpoints: readonly DnsEndpoint[]
  readonly ports: readonly DnsPort[]
  readonly labels: Readonly<Record<string, string>>
}

/** The cluster as the kubernetes plugin looks things up in it. */
export interface ClusterIndex {
  readonly namespaces: ReadonlySet<string>
  readonly service: (name: string, namespace: string) => DnsService | undefined
  readonly slices: (service: string, namespace: string) => readonly DnsSlice[]
  readonly serviceByClusterIP: (ip: string) => DnsService | undefined
  readonly slicesByAddress: (ip: string) => readonly DnsSlice[]
  readonly podNamespacesByIP: (ip: string) => readonly string[]
}

const NO_PORTS: readonly DnsPort[] = [{ name: '', protocol: '', port: -1 }]
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'

/** Indexes a view; make it once per state of the cluster. Source: coredns 1.14 plugin/kubernetes/object. */
export function indexCluster(view: DnsClusterView): ClusterIndex {
  const services = new Map<string, DnsService>()
  const byClusterIP = new Map<string, DnsService>()
  for (const object of view.services) {
    const service = dnsService(object)
    services.set(`${service.name}.${service.namespace}`, service)
    for (const ip of service.clusterIPs) if (!byClusterIP.has(ip)) byClusterIP.set(ip, service)
  }
  const slices = new Map<string, DnsSlice[]>()
  const byAddress = new Map<string, DnsSlice[]>()
  for (const object of view.endpointSlices) {
    const slice = dnsSlice(object)
    append(slices, `${slice.service}.${slice.namespace}`, slice)
    for (const address of new Set(slice.endpoints.map((endpoint) => endpoint.address)))
      append(byAddress, address, slice)
  }
  const pods = new Map<string, string[]>()
  for (const pod of view.pods) {
    const ip = livePodIP(pod)
    if (ip !== undefined) append(pods, ip, pod.metadata.namespace ?? 'default')
  }
  return {
    namespaces: new Set(view.namespaces),
    service: (name, namespace) => services.get(`${name}.${namespace}`),
    slices: (service, namespace) => slices.get(`${service}.${namespace}`) ?? [],
    serviceByClusterIP: (ip) => byClusterIP.get(ip),
    slicesByAddress: (ip) => byAddress.get(ip) ?? [],
    podNamespacesByIP: (ip) => pods.get(ip) ?? [],
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

function dnsService(service: Service): DnsService {
  const { spec } = service
  const clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : spec.clusterIP ? [spec.clusterIP] : []
  const ports = (spec.ports ?? []).map((port) => ({ name: port.name ?? '', protocol: port.protocol, port: port.port }))
  return {
    name: service.metadata.name,
    namespace: service.metadata.namespace ?? 'default',
    ...(spec.type === 'ExternalName' ? { externalName: spec.externalName ?? '' } : {}),
    headless: clusterIPs[0] === 'None',
    labels: service.metadata.labels ?? {},
    clusterIPs: clusterIPs[0] === 'None' ? [] : clusterIPs.map(canonical),
    ports: ports.length > 0 ? ports : NO_PORTS,
  }
}

function dnsSlice(slice: EndpointSlice): DnsSlice {
  const ports = (slice.ports ?? []).map((port) => ({
    name: port.name ?? '',
    protocol: port.protocol ?? '',
    port: port.port ?? -1,
  }))
  const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready ?? true)
  return {
    service: slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? '',
    namespace: slice.metadata.namespace ?? 'default',
    labels: slice.metadata.labels ?? {},
    endpoints: ready.flatMap((endpoint) =>
      endpoint.addresses.map((address) => {
        const target = endpoint.targetRef?.name ?? ''
        return {
          address: canonical(address),
          hostname: endpoint.hostname ?? '',
          targetName: target.length < 64 ? target : '',
        }
      }),
    ),
    ports: ports.length > 0 ? ports : NO_PORTS,
  }
}

/** The address of a pod that DNS may name: neither finished nor being deleted. */
function livePodIP(pod: Pod): string | undefined {
  const phase = pod.status?.phase
  if (pod.metadata.deletionTimestamp !== undefined) return undefined
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Unknown') return undefined
  return pod.status?.podIP
}

function canonical(address: string): string {
  return parseStrictIp(address) ?? address
}
