import type { KubeObject, Service, ServicePort } from '../api/types.ts'
import { ipv4FromNumber, ipv4Number } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'
import type { Random } from '../base/random.ts'
import type { Snapshot } from '../store/snapshot.ts'

/** Defaults of the kinds of the first scenario. Stands in for the API front until that is wired. */
export function admit(
  object: KubeObject,
  current: KubeObject | undefined,
  snapshot: Snapshot,
  random: Random,
): KubeObject {
  const namespaced = object.kind === 'Namespace' || object.kind === 'Node' ? object : inNamespace(object)
  if (object.kind === 'Service') {
    return service(namespaced as Service, current as Service | undefined, snapshot, random)
  }
  if (object.kind === 'Namespace') {
    const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
    return { ...object, metadata: { ...object.metadata, labels }, status: { phase: 'Active' } }
  }
  return current?.['status'] === undefined ? namespaced : { ...namespaced, status: current['status'] }
}

function inNamespace(object: KubeObject): KubeObject {
  const { namespace = 'default' } = object.metadata
  return { ...object, metadata: { ...object.metadata, namespace } }
}

function service(given: Service, current: Service | undefined, snapshot: Snapshot, random: Random): Service {
  const { spec } = given
  const type = (spec as Partial<Service['spec']>).type ?? 'ClusterIP'
  const ports = (spec.ports ?? []).map((port): ServicePort => ({
    ...port,
    protocol: (port as Partial<ServicePort>).protocol ?? 'TCP',
    targetPort: port.targetPort ?? port.port,
  }))
  if (type === 'ExternalName') return { ...given, spec: { ...spec, type, ports } }
  const clusterIP = spec.clusterIP ?? current?.spec.clusterIP ?? freeClusterIP(snapshot, random)
  return {
    ...given,
    spec: {
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      ...spec,
      type,
      ports,
      clusterIP,
      clusterIPs: [clusterIP],
    },
    status: current?.status ?? { loadBalancer: {} },
  }
}

function freeClusterIP(snapshot: Snapshot, random: Random): string {
  const used = new Set([...snapshot.list('Service')].map((one) => one.spec.clusterIP))
  const draw = random.fork(`clusterIP ${snapshot.revision}`)
  for (;;) {
    const ip = ipv4FromNumber(ipv4Number('10.96.1.1' as Ip) + draw.below(2 ** 20 - 258))
    if (!used.has(ip)) return ip
  }
}
