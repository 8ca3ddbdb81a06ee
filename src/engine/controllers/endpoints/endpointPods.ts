import { parseIp } from '../../base/ip.ts'
import type { IpFamily } from '../../base/ip.ts'
import type { Pod, Service, ServicePort, SlicePort } from '../../api/types.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Change } from '../../store/store.ts'
import { isFinished, isReady, isTerminating } from '../podState.ts'
import { labelsMatcher } from '../selector.ts'
import { createServiceIndex } from './serviceIndex.ts'

/** The pods that `service` selects, by key. */
export function selectedPods(snapshot: Snapshot, service: Service): readonly Pod[] {
  const all = snapshot.sorted('Pod', 'namespace', service.metadata.namespace ?? '')
  const matches = labelsMatcher(service.spec.selector)
  return all.filter((pod) => matches(pod.metadata.labels))
}

/** A pod can be an endpoint once it has an address and until its containers have ended. Source: endpointslice util. */
export function isEndpoint(pod: Pod, includeTerminating: boolean): boolean {
  if (isFinished(pod) || !hasIp(pod)) return false
  return includeTerminating || !isTerminating(pod)
}

export function podIps(pod: Pod): readonly string[] {
  const { podIPs, podIP } = pod.status ?? {}
  if (podIPs && podIPs.length > 0) return podIPs.map(({ ip }) => ip)
  return podIP === undefined || podIP === '' ? [] : [podIP]
}

/** The addresses of `pod` that are of `family`, in the order of its status. */
export function ipsOfFamily(pod: Pod, family: IpFamily): readonly string[] {
  const wanted = family === 'IPv6'
  const ips: string[] = []
  for (const ip of podIps(pod)) if (ip.includes(':') === wanted) ips.push(wanted ? canonicalIp(ip) : ip)
  return ips
}

/** An IPv6 address in the one form of RFC 5952; what is none stays as it is. */
export function canonicalIp(ip: string): string {
  const parsed = parseIp(ip)
  return parsed.ok ? parsed.value : ip
}

/** The families that a Service has endpoints of, the primary one first. */
export function familiesOf(service: Service): readonly IpFamily[] {
  const { ipFamilies, clusterIP } = service.spec
  if (ipFamilies && ipFamilies.length > 0) return ipFamilies
  if (clusterIP === 'None') return ['IPv4', 'IPv6']
  return clusterIP?.includes(':') === true ? ['IPv6'] : ['IPv4']
}

export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None'
}

/** The number behind `targetPort` in `pod`; undefined: no container has a port of that name and protocol. Source: podutil.FindPort. */
export function findPort(pod: Pod, port: ServicePort): number | undefined {
  const { targetPort = port.port } = port
  if (typeof targetPort === 'number') return targetPort
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container['restartPolicy'] === 'Always')
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = (container.ports ?? []).find(
      ({ name, protocol }) => name === targetPort && (protocol ?? 'TCP') === port.protocol,
    )
    if (found) return found.containerPort
  }
  return undefined
}

/** The ports of `service` as `pod` serves them; those that it does not have are left out. */
export function endpointPorts(
  service: Service,
  pod: Pod,
): readonly Required<Pick<SlicePort, 'name' | 'port' | 'protocol'>>[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = findPort(pod, port)
    if (number === undefined) return []
    const { appProtocol, protocol } = port
    return [{ name: port.name ?? '', port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

/** The hostname that DNS gives the endpoint: only where the pod's subdomain is the Service. */
export function endpointHostname(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec
  return hostname !== undefined && hostname !== '' && subdomain === service.metadata.name ? hostname : undefined
}

export interface ServiceWaker {
  /** Which Services a change concerns: itself, or those that select the pod before or after. */
  readonly wakes: (change: Change) => readonly string[]
  /** The Services that select `pod`. */
  readonly servicesOf: (pod: Pod) => readonly string[]
}

export function createServiceWaker(): ServiceWaker {
  const index = createServiceIndex()
  const wakes = (change: Change): readonly string[] => {
    if (change.kind === 'Service') {
      index.apply(change)
      return [change.key]
    }
    if (change.kind !== 'Pod') return []
    const after = change.object as Pod
    const before = change.previous as Pod | undefined
    if (change.type === 'MODIFIED' && before && sameForEndpoints(before, after)) return []
    const keys = index.select(after)
    if (!before || before.metadata.labels === after.metadata.labels) return keys
    return [...new Set([...keys, ...index.select(before)])]
  }
  return { wakes, servicesOf: index.select }
}

/** Without an address a pod is nobody's endpoint, whatever else becomes of it. Source: endpointslice util podEndpointsChanged. */
function sameForEndpoints(a: Pod, b: Pod): boolean {
  if (a.metadata.labels !== b.metadata.labels) return false
  if (!hasIp(a) && !hasIp(b)) return true
  return (
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.spec.nodeName === b.spec.nodeName &&
    isFinished(a) === isFinished(b) &&
    isReady(a) === isReady(b) &&
    (a.status?.podIPs === b.status?.podIPs || podIps(a).join() === podIps(b).join())
  )
}

function hasIp({ status }: Pod): boolean {
  return (status?.podIPs?.length ?? 0) > 0 || (status?.podIP ?? '') !== ''
}
