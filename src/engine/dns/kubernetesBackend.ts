import { familyOf, ipOrUndefined } from '../base/ip.ts'
import { isSubdomain } from './name.ts'
import { parseRecordRequest } from './recordRequest.ts'
import { addressOfReverseName, parseStrictIp } from './strictIp.ts'
import type { ClusterIndex, DnsEndpoint, DnsPort } from './clusterIndex.ts'
import type { KubernetesConfig } from './kubernetesOptions.ts'
import type { RecordRequest } from './recordRequest.ts'

/** One thing that a name stands for: an address, or another name (ExternalName). */
export interface Hit {
  readonly host: string
  /** -1: none. */
  readonly port: number
  readonly ttl: number
  /** The name under which an SRV record points at `host`, absolute. */
  readonly owner: string
  /** For TXT. */
  readonly text?: string
}

/** The hits of a name that exists (possibly none: NODATA), or that it does not exist. */
export type Lookup = readonly Hit[] | 'nameError'

/** What the kubernetes plugin of one CoreDNS pod knows. */
export interface KubernetesBackend {
  readonly config: KubernetesConfig
  readonly index: ClusterIndex
  /** Addresses of the CoreDNS pod itself. */
  readonly localIps: readonly string[]
}

const DNS_SCHEMA_VERSION = '1.1.0'
const DNS_VERSION_TTL = 28800

/** What the address of a host is: `CNAME` when it is a name. */
export function hostType(host: string): 'A' | 'AAAA' | 'CNAME' {
  const ip = parseStrictIp(host)
  if (ip === undefined) return 'CNAME'
  return familyOf(ip) === 'IPv4' ? 'A' : 'AAAA'
}

/**
 * Answers `qname` (as asked) for `qtype` below `zone` (in the asker's spelling).
 * Source: coredns 1.14 plugin/kubernetes/kubernetes.go, Services.
 */
export function findHits(backend: KubernetesBackend, qname: string, qtype: string, zone: string): Lookup {
  const name = qname.toLowerCase()
  if (qtype === 'TXT') return textHits(backend, name, qname, zone)
  if (qtype === 'NS') return nameServerHits(backend, zone)
  // The plugin compares a lower-case name with the zone as typed; both must agree in case.
  if (name === `ns.dns.${zone}`) {
    return nameServerHits(backend, zone)
      .filter((hit) => hostType(hit.host) === qtype)
      .map((hit) => ({ ...hit, owner: qname }))
  }
  const hits = findRecords(backend, name, zone)
  if (hits === 'nameError' || qtype !== 'SRV') return hits
  return hits.filter((hit) => hostType(hit.host) !== 'CNAME')
}

function textHits(backend: KubernetesBackend, name: string, qname: string, zone: string): Lookup {
  if (name === `dns-version.${zone.toLowerCase()}`) {
    return [{ host: '', port: 0, ttl: DNS_VERSION_TTL, owner: qname, text: DNS_SCHEMA_VERSION }]
  }
  const hits = findRecords(backend, name, zone)
  return hits !== 'nameError' && hits.length > 0 ? [] : 'nameError'
}

function findRecords(backend: KubernetesBackend, name: string, zone: string): Lookup {
  const request = parseRecordRequest(name, zone)
  if (!request) return 'nameError'
  if (request.podOrSvc === '') return []
  if (isSubdomain('in-addr.arpa.', name) || isSubdomain('ip6.arpa.', name)) return 'nameError'
  if (!isExposed(backend, request.namespace)) return 'nameError'
  return request.podOrSvc === 'pod' ? findPods(backend, request, zone) : findServices(backend, request, zone)
}

function isExposed(backend: KubernetesBackend, namespace: string): boolean {
  const only = backend.config.namespaces
  return (only.length === 0 || only.includes(namespace)) && backend.index.namespaces.has(namespace)
}

function findPods(backend: KubernetesBackend, request: RecordRequest, zone: string): Lookup {
  const { pods, ttl } = backend.config
  if (pods === 'disabled') return 'nameError'
  const label = request.service
  if (label === '') return []
  const dotted = label.split('-').length === 4 && !label.includes('--')
  const ip = label.replaceAll('-', dotted ? '.' : ':')
  const hit: Hit = { host: ip, port: 0, ttl, owner: `${label}.${request.namespace}.pod.${zone}` }
  if (pods === 'insecure') return parseStrictIp(ip) === undefined ? 'nameError' : [hit]
  const matching = backend.index.podNamespacesByIP(ip).filter((namespace) => namespace === request.namespace)
  return matching.length > 0 ? matching.map(() => hit) : 'nameError'
}

function findServices(backend: KubernetesBackend, request: RecordRequest, zone: string): Lookup {
  if (request.service === '') return []
  const service = backend.index.service(request.service, request.namespace)
  if (!service) return 'nameError'
  const { ttl } = backend.config
  const owner = `${service.name}.${service.namespace}.svc.${zone}`
  const wantedPort = (port: DnsPort): boolean => matchesPort(request, port)
  const slices = backend.index.slices(service.name, service.namespace)

  if (service.externalName !== undefined) {
    if (request.endpoint !== '' || request.port !== '' || request.protocol !== '') return 'nameError'
    if (hostType(service.externalName) !== 'CNAME') return 'nameError'
    return [{ host: service.externalName, port: 0, ttl, owner }]
  }
  if (backend.config.ignoreEmptyService && !service.headless && !slices.some((slice) => slice.endpoints.length > 0)) {
    return 'nameError'
  }
  if (!service.headless && request.endpoint === '') {
    const hits = service.ports
      .filter(wantedPort)
      .map((port) => service.clusterIPs.map((ip) => ({ host: ip, port: port.port, ttl, owner })))
    return hits.length > 0 ? hits.flat() : 'nameError'
  }
  const hits = slices.flatMap((slice) =>
    slice.endpoints
      .map((endpoint) => ({ endpoint, label: endpointLabel(endpoint, backend.config.endpointPodNames) }))
      .filter(({ label }) => request.endpoint === '' || label.toLowerCase() === request.endpoint)
      .flatMap(({ endpoint, label }) =>
        slice.ports
          .filter(wantedPort)
          .map((port) => ({ host: endpoint.address, port: port.port, ttl, owner: `${label}.${owner}` })),
      ),
  )
  return hits.length > 0 ? hits : 'nameError'
}

function matchesPort(request: RecordRequest, port: DnsPort): boolean {
  return (
    (request.port === '' || request.port === port.name.toLowerCase()) &&
    (request.protocol === '' || request.protocol === port.protocol.toLowerCase())
  )
}

/** The label of an endpoint below its Service: its hostname, else its address with dashes. */
function endpointLabel(endpoint: DnsEndpoint, podNames: boolean): string {
  if (endpoint.hostname !== '') return endpoint.hostname
  if (podNames && endpoint.targetName !== '') return endpoint.targetName
  const dashed = endpoint.address.replace(/[.:]/g, '-')
  return endpoint.address.includes(':') && dashed.endsWith('-') ? `${dashed}0` : dashed
}

/** The Services that have this CoreDNS among their endpoints; without any, the pod's own addresses as `ns.dns`. */
function nameServerHits(backend: KubernetesBackend, zone: string): readonly Hit[] {
  const { ttl, endpointPodNames } = backend.config
  const slices = backend.localIps.flatMap((ip) => backend.index.slicesByAddress(ip))
  if (slices.length === 0) {
    return backend.localIps.map((ip) => ({ host: ip, port: 0, ttl, owner: `ns.dns.${zone}` }))
  }
  return slices.flatMap((slice) => {
    const service = backend.index.service(slice.service, slice.namespace)
    if (!service) return []
    const owner = `${service.name}.${service.namespace}.svc.${zone}`
    if (!service.headless) return service.clusterIPs.map((ip) => ({ host: ip, port: 0, ttl, owner }))
    return slice.endpoints.map((endpoint) => ({
      host: endpoint.address,
      port: 0,
      ttl,
      owner: `${endpointLabel(endpoint, endpointPodNames)}.${owner}`,
    }))
  })
}

/** The names of an address: of the Service with that cluster IP, else of every ready endpoint with it. */
export function findNames(backend: KubernetesBackend, qname: string, zone: string): readonly string[] | 'nameError' {
  const name = qname.toLowerCase()
  const ip = addressOfReverseName(name)
  if (ip === undefined) return findRecords(backend, name, zone) === 'nameError' ? 'nameError' : []
  const { config, index } = backend
  const domain = `svc.${config.zones.find((candidate) => !candidate.endsWith('.arpa.')) ?? zone}`
  const visible = (namespace: string): boolean => config.namespaces.length === 0 || isExposed(backend, namespace)
  const service = index.serviceByClusterIP(ip)
  if (service && visible(service.namespace)) return [`${service.name}.${service.namespace}.${domain}`]
  const names = index
    .slicesByAddress(ip)
    .filter((slice) => visible(slice.namespace))
    .flatMap((slice) =>
      slice.endpoints
        .filter((endpoint) => endpoint.address === ip)
        .map((endpoint) => endpointLabel(endpoint, config.endpointPodNames))
        .map((label) => `${label}.${slice.service}.${slice.namespace}.${domain}`),
    )
  return names.length > 0 ? names : 'nameError'
}

/** `host` as a canonical address. */
export function addressOf(host: string): string {
  return ipOrUndefined(host) ?? host
}
