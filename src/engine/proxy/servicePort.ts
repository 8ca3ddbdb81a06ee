import { cidrOrUndefined, familyOfCidr } from '../base/cidr.ts'
import { flatText } from '../base/flatText.ts'
import { familyOf, ipOrUndefined } from '../base/ip.ts'
import type { Service } from '../api/types.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip, IpFamily } from '../base/ip.ts'

export type L4Protocol = 'TCP' | 'UDP' | 'SCTP'

/** One port of one Service as kube-proxy sees it, for one IP family. Source: pkg/proxy/serviceport.go. */
export interface ServicePortInfo {
  readonly namespace: string
  readonly service: string
  readonly portName: string
  /** `ns/name:port`, or `ns/name` for an unnamed port: the text in rule comments and hashes. */
  readonly name: string
  readonly protocol: L4Protocol
  readonly clusterIP: Ip
  readonly port: number
  /** 0: none. */
  readonly nodePort: number
  readonly externalIPs: readonly Ip[]
  readonly loadBalancerVIPs: readonly Ip[]
  readonly sourceRanges: readonly Cidr[]
  /** A range holds every address: as if there were no ranges, but kube-proxy takes it for a change when it comes or goes. */
  readonly anySource?: true
  readonly externalPolicyLocal: boolean
  readonly internalPolicyLocal: boolean
  /** 0: none. */
  readonly healthCheckNodePort: number
  /** Seconds of ClientIP affinity; 0: no affinity. */
  readonly affinitySeconds: number
}

/** `name:protocol`: which endpoints belong to which port. */
export function portKey(portName: string, protocol: string): string {
  return `${portName}:${protocol}`
}

/** NodePort, load balancer or external IP: reachable from outside. */
export function isExternallyAccessible(port: ServicePortInfo): boolean {
  return port.nodePort !== 0 || port.loadBalancerVIPs.length > 0 || port.externalIPs.length > 0
}

export function usesClusterEndpoints(port: ServicePortInfo): boolean {
  return !port.internalPolicyLocal || isExternallyAccessible(port)
}

export function usesLocalEndpoints(port: ServicePortInfo): boolean {
  return port.internalPolicyLocal || (port.externalPolicyLocal && isExternallyAccessible(port))
}

/**
 * The ports of `service` in `family`, by port name and protocol; empty when kube-proxy skips the Service.
 * `knowsIpMode`: load balancer addresses of ipMode Proxy are left out (kube-proxy since v1.29).
 */
export function servicePorts(service: Service, family: IpFamily, knowsIpMode = true): readonly ServicePortInfo[] {
  const { spec, metadata } = service
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return []
  const clusterIP = clusterIpOf(service, family)
  if (!clusterIP) return []
  const ingress = (service.status?.loadBalancer?.ingress ?? []).filter(
    ({ ipMode }) => !knowsIpMode || ipMode !== 'Proxy',
  )
  const externalPolicyLocal =
    spec.externalTrafficPolicy === 'Local' &&
    (spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.externalIPs?.length ?? 0) > 0)
  const namespace = metadata.namespace ?? 'default'
  const externalIPs = addresses(spec.externalIPs ?? [], family)
  const loadBalancerVIPs =
    ingress.length === 0
      ? NONE
      : addresses(
          ingress.map(({ ip }) => ip),
          family,
        )
  const ranges = sourceRanges(spec.loadBalancerSourceRanges ?? [], family)
  const anySource = ranges.some((cidr) => cidr.endsWith('/0'))
  const ports = (spec.ports ?? []).map((port): ServicePortInfo => {
    const portName = port.name ?? ''
    // A dump is not defaulted, so `protocol` may be missing in spite of its type.
    const protocol = (port.protocol as L4Protocol | undefined) ?? 'TCP'
    return {
      namespace,
      service: metadata.name,
      portName,
      name: flatText(`${namespace}/${metadata.name}${portName === '' ? '' : `:${portName}`}`),
      protocol,
      clusterIP,
      port: port.port,
      nodePort: port.nodePort ?? 0,
      externalIPs,
      loadBalancerVIPs,
      sourceRanges: anySource ? NONE : ranges,
      ...(anySource && { anySource }),
      externalPolicyLocal,
      internalPolicyLocal: spec.internalTrafficPolicy === 'Local',
      healthCheckNodePort: spec.type === 'LoadBalancer' && externalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0,
      affinitySeconds:
        spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : 0,
    }
  })
  return ports.sort((a, b) => compareText(a.portName, b.portName) || compareText(a.protocol, b.protocol))
}

/** Most Services have no addresses but their own. */
const NONE: readonly never[] = []

function addresses(texts: readonly (string | undefined)[], family: IpFamily): readonly Ip[] {
  if (texts.length === 0) return NONE
  return texts.flatMap((text) => ipOrUndefined(text) ?? []).filter((ip) => familyOf(ip) === family)
}

function sourceRanges(texts: readonly string[], family: IpFamily): readonly Cidr[] {
  if (texts.length === 0) return NONE
  return texts.flatMap((text) => cidrOrUndefined(text.trim()) ?? []).filter((cidr) => familyOfCidr(cidr) === family)
}

function clusterIpOf({ spec }: Service, family: IpFamily): Ip | undefined {
  if (!spec.ipFamilies || spec.ipFamilies.length === 0) {
    const ip = ipOrUndefined(spec.clusterIP)
    return ip && familyOf(ip) === family ? ip : undefined
  }
  const index = spec.ipFamilies.indexOf(family)
  return index < 0 ? undefined : ipOrUndefined((spec.clusterIPs ?? [spec.clusterIP])[index])
}

/** Order by UTF-16 code unit, as `<` has it. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
