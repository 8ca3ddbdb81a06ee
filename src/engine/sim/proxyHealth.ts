import type { EndpointSlice, Node, Service } from '../api/types.ts'
import type { FixedPage, Listener } from '../dataplane/network.ts'
import type { ProxyConfig } from '../proxy/types.ts'

/** What kube-proxy itself listens on: its health, its metrics, and the health check port of each of `services`. */
export function proxyListeners(
  node: Node,
  config: ProxyConfig,
  services: Iterable<Service>,
  slices: readonly EndpointSlice[],
): readonly Listener[] {
  return [
    { protocol: 'TCP', port: 10256, address: 'any', app: { type: 'pages', pages: healthPages(node) } },
    { protocol: 'TCP', port: 10249, address: 'loopback', app: { type: 'pages', pages: metricsPages(config) } },
    ...healthCheckPorts(node.metadata.name, services, slices),
  ]
}

/** `/healthz` also asks whether the node is about to go; `/livez` only kube-proxy. Source: pkg/proxy/healthcheck/proxy_health.go. */
function healthPages({ metadata, spec }: Node): Readonly<Record<string, FixedPage>> {
  const taints = (spec['taints'] ?? []) as readonly { readonly key: string }[]
  const eligible =
    metadata.deletionTimestamp === undefined && !taints.some(({ key }) => key === 'ToBeDeletedByClusterAutoscaler')
  const page = (status: FixedPage['status']): FixedPage => ({
    status,
    type: 'application/json',
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body: `{"lastUpdated": "{now}","currentTime": "{now}", "nodeEligible": ${eligible}}`,
  })
  return { '/healthz': page(eligible ? 200 : 503), '/livez': page(200) }
}

function metricsPages({ mode }: ProxyConfig): Readonly<Record<string, FixedPage>> {
  const plain = (body: string): FixedPage => ({
    status: 200,
    type: 'text/plain; charset=utf-8',
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body,
  })
  return { '/proxyMode': plain(mode), '/healthz': plain('ok') }
}

/** One server per Service whose load balancer asks for local endpoints. Source: pkg/proxy/healthcheck/service_health.go. */
function healthCheckPorts(
  node: string,
  services: Iterable<Service>,
  slices: readonly EndpointSlice[],
): readonly Listener[] {
  const listeners: Listener[] = []
  for (const { metadata, spec } of services) {
    const port = Number(spec['healthCheckNodePort'])
    const namespace = metadata.namespace ?? 'default'
    const local = localReady(node, `${namespace}/${metadata.name}`, slices)
    const body = { service: { namespace, name: metadata.name }, localEndpoints: local, serviceProxyHealthy: true }
    const other: FixedPage = {
      status: local > 0 ? 200 : 503,
      type: 'application/json',
      headers: { 'X-Content-Type-Options': 'nosniff', 'X-Load-Balancing-Endpoint-Weight': String(local) },
      body: JSON.stringify(body, undefined, '\t'),
    }
    listeners.push({ protocol: 'TCP', port, address: 'any', app: { type: 'pages', pages: {}, other } })
  }
  return listeners
}

/** How many different addresses of ready endpoints the node has; of two families the one with more. */
function localReady(node: string, service: string, slices: readonly EndpointSlice[]): number {
  const ips = { IPv4: new Set<string>(), IPv6: new Set<string>() }
  for (const { metadata, endpoints, addressType } of slices) {
    const name = metadata.labels?.['kubernetes.io/service-name'] ?? ''
    if (`${metadata.namespace ?? 'default'}/${name}` !== service || addressType === 'FQDN') continue
    for (const { nodeName, conditions, addresses } of endpoints ?? []) {
      if (nodeName !== node || conditions?.ready === false || conditions?.terminating === true) continue
      if (addresses[0] !== undefined) ips[addressType].add(addresses[0])
    }
  }
  return Math.max(ips.IPv4.size, ips.IPv6.size)
}

/** Whether kube-proxy opens a health check port for the Service. */
export function hasHealthCheckPort({ spec }: Service): boolean {
  return (
    spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && Number(spec['healthCheckNodePort']) > 0
  )
}
