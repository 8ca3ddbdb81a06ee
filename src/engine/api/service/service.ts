import type { IpFamily } from '../../base/ip.ts'
import type { Service } from '../types.ts'

/** A Service while it is being admitted: values that are not valid yet may stand in it. */
export type ServiceSpec = Service['spec'] & { readonly ipFamilies?: readonly IpFamily[] }

/** Which fields a Service needs, by its type. Source: kubernetes pkg/registry/core/service/storage. */

export function needsClusterIP(spec: ServiceSpec): boolean {
  return spec.type !== 'ExternalName'
}

export function needsNodePort(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer'
}

/** Whether node ports are allocated without being asked for. */
export function allocatesNodePorts(spec: ServiceSpec): boolean {
  if (spec.type === 'NodePort') return true
  return spec.type === 'LoadBalancer' && (spec.allocateLoadBalancerNodePorts ?? true)
}

export function needsHealthCheckNodePort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
}

export function isExternallyAccessible(spec: ServiceSpec): boolean {
  return needsNodePort(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
}

export function isHeadless(spec: ServiceSpec): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None'
}

export function hasSelector(spec: ServiceSpec): boolean {
  return Object.keys(spec.selector ?? {}).length > 0
}

/** Node ports in use, in port order. */
export function nodePortsOf(spec: ServiceSpec): readonly number[] {
  return (spec.ports ?? []).flatMap(({ nodePort = 0 }) => (nodePort === 0 ? [] : [nodePort]))
}

/** The addresses that the Service holds: none while headless. */
export function addressesOf(spec: ServiceSpec): readonly string[] {
  return (spec.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== '')
}

/** A spec with some fields replaced; undefined removes one. */
export function withFields(spec: ServiceSpec, fields: { readonly [K in keyof ServiceSpec]?: unknown }): ServiceSpec {
  const next: Record<string, unknown> = { ...spec, ...fields }
  for (const key of Object.keys(fields)) if (next[key] === undefined) Reflect.deleteProperty(next, key)
  return next as unknown as ServiceSpec
}

export function sameList(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  const [x, y] = [a ?? [], b ?? []]
  return x.length === y.length && x.every((item, i) => item === y[i])
}
