import type { Container, Endpoints, EndpointSlice, KubeObject, Pod, Service, ServicePort } from '../api/types.ts'

/**
 * Objects of a live cluster as the API server would decode them: defaults of the fields that the engine reads, nothing
 * else. A `List` gives its items.
 */
export function decodeDump(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.flatMap((object) => {
    const items = object.kind.endsWith('List') ? object['items'] : undefined
    return Array.isArray(items) ? decodeDump(items as readonly KubeObject[]) : [decode(object)]
  })
}

function decode(object: KubeObject): KubeObject {
  switch (object.kind) {
    case 'Service':
      return decodeService(object as Service)
    case 'EndpointSlice':
      return decodeSlice(object as EndpointSlice)
    case 'Endpoints':
      return decodeEndpoints(object as Endpoints)
    case 'Pod':
      return decodePod(object as Pod)
    default:
      return object
  }
}

function decodeService(service: Service): Service {
  const { spec } = service
  const ports = (spec.ports ?? []).map((port): ServicePort => {
    const { protocol = 'TCP' } = port as Partial<ServicePort>
    return { ...port, protocol, targetPort: port.targetPort ?? port.port }
  })
  const { type = 'ClusterIP' } = spec as Partial<Service['spec']>
  const affinity = spec.sessionAffinity ?? 'None'
  const withExternal = type === 'NodePort' || type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0
  return {
    ...service,
    spec: {
      ...spec,
      type,
      sessionAffinity: affinity,
      ...(affinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined
        ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } }
        : {}),
      ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster' }),
      ...(withExternal ? { externalTrafficPolicy: spec.externalTrafficPolicy ?? 'Cluster' } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    },
  }
}

function decodeSlice(slice: EndpointSlice): EndpointSlice {
  const { endpoints, ports } = slice
  return {
    ...slice,
    endpoints: endpoints?.map((endpoint) => ({ ...endpoint, conditions: endpoint.conditions ?? {} })) ?? null,
    ports: ports?.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' })) ?? null,
  }
}

function decodeEndpoints(endpoints: Endpoints): Endpoints {
  if (!endpoints.subsets) return endpoints
  return {
    ...endpoints,
    subsets: endpoints.subsets.map((subset) =>
      subset.ports ? { ...subset, ports: subset.ports.map((port) => ({ protocol: 'TCP' as const, ...port })) } : subset,
    ),
  }
}

function decodePod(pod: Pod): Pod {
  const { podIP, podIPs } = pod.status ?? {}
  const status =
    podIP !== undefined && podIP !== '' && (podIPs ?? []).length === 0
      ? { status: { ...pod.status, podIPs: [{ ip: podIP }] } }
      : {}
  const withPorts = (container: Container): Container =>
    container.ports ? { ...container, ports: container.ports.map((port) => ({ protocol: 'TCP', ...port })) } : container
  return { ...pod, ...status, spec: { ...pod.spec, containers: pod.spec.containers.map(withPorts) } }
}
