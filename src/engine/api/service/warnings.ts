import type { Service } from '../types.ts'
import { cidrWarnings, ipWarnings } from '../validation/addresses.ts'
import { isHeadless } from './service.ts'

/** What the API server remarks on a Service that it accepts. Source: kubernetes pkg/api/service/warnings.go. */
export function serviceWarnings({ metadata, spec }: Service): readonly string[] {
  const warnings: string[] = []
  const [hints, mode] = ['service.kubernetes.io/topology-aware-hints', 'service.kubernetes.io/topology-mode']
  if (metadata.annotations?.[hints] !== undefined) {
    warnings.push(`annotation ${hints} is deprecated, please use ${mode} instead`)
  }
  const externalIPs = spec.externalIPs ?? []
  const headless = isHeadless(spec)
  if (!headless) (spec.clusterIPs ?? []).forEach((ip, i) => warnings.push(...ipWarnings(`spec.clusterIPs[${i}]`, ip)))
  if (headless) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  externalIPs.forEach((ip, i) => warnings.push(...ipWarnings(`spec.externalIPs[${i}]`, ip)))
  if (spec.loadBalancerIP) warnings.push(...ipWarnings('spec.loadBalancerIP', spec.loadBalancerIP))
  const ranges = spec.loadBalancerSourceRanges ?? []
  ranges.forEach((range, i) => warnings.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${i}]`, range)))
  if (spec.type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  }
  if (spec.type !== 'ExternalName' && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return warnings
}
