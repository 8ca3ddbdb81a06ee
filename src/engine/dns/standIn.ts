import type { DnsClusterView } from './clusterIndex.ts'

/** A cluster DNS that is not there as pods: who answers in its place. */
export interface StandIn {
  /** The cluster IPs of kube-system/kube-dns. */
  readonly addresses: readonly string[]
  /** The endpoint addresses behind them that belong to no pod; those of the Service itself when it has none. */
  readonly localIps: readonly string[]
}

/**
 * For dumps: who answers at kube-dns's address when the objects hold no DNS pods for all of its endpoints. Undefined:
 * every ready endpoint is a pod that the objects hold (or there is no such Service), so the packets decide.
 */
export function standInDns(view: DnsClusterView): StandIn | undefined {
  const isDns = (name: string | undefined, namespace: string | undefined): boolean =>
    name === 'kube-dns' && namespace === 'kube-system'
  const service = view.services.find(({ metadata }) => isDns(metadata.name, metadata.namespace))
  if (!service) return undefined
  const addresses = service.spec.clusterIPs ?? (service.spec.clusterIP ? [service.spec.clusterIP] : [])
  const endpoints = view.endpointSlices
    .filter(({ metadata }) => isDns(metadata.labels?.['kubernetes.io/service-name'], metadata.namespace))
    .flatMap((slice) => slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready ?? true)
    .flatMap((endpoint) => endpoint.addresses)
  const podIps = new Set(view.pods.flatMap((pod) => pod.status?.podIP ?? []))
  const strangers = endpoints.filter((address) => !podIps.has(address))
  if (endpoints.length > 0 && strangers.length === 0) return undefined
  return { addresses, localIps: strangers.length > 0 ? strangers : addresses }
}
