import {
  allocatesNodePorts,
  isExternallyAccessible,
  needsClusterIP,
  needsHealthCheckNodePort,
  needsNodePort,
  nodePortsOf,
  sameList,
  withFields,
} from './service.ts'
import type { ServicePort } from '../types.ts'
import type { ServiceSpec } from './service.ts'

/** Copies allocated values that the new Service leaves out from the old one. Node ports are matched by port name. */
export function carryAllocated(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let next = spec
  if (needsClusterIP(old) && needsClusterIP(spec)) {
    if (!next.clusterIP) next = withFields(next, { clusterIP: old.clusterIP })
    if ((next.clusterIPs ?? []).length === 0) next = withFields(next, { clusterIPs: old.clusterIPs })
  }
  if (keepsNodePorts(old) && keepsNodePorts(spec)) {
    const wanted = nodePortsOf(spec)
    const kept = new Set(nodePortsOf(old).filter((port) => wanted.includes(port)))
    const byName = new Map((old.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]))
    const ports = (next.ports ?? []).map((port) => {
      const before = byName.get(port.name ?? '') ?? 0
      return (port.nodePort ?? 0) === 0 && before !== 0 && !kept.has(before) ? { ...port, nodePort: before } : port
    })
    if (next.ports) next = withFields(next, { ports })
  }
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && !next.healthCheckNodePort) {
    next = withFields(next, { healthCheckNodePort: old.healthCheckNodePort })
  }
  return next
}

/** A load balancer that wants no node ports does not get the old ones back. */
function keepsNodePorts(spec: ServiceSpec): boolean {
  return needsNodePort(spec) && allocatesNodePorts(spec)
}

/** Brings `clusterIPs` in line with `clusterIP` where a client changed only the latter. `old` undefined: a new Service. */
export function alignClusterIPs(spec: ServiceSpec, old: ServiceSpec | undefined): ServiceSpec {
  const single = spec.clusterIP ?? ''
  if (!old) {
    return single !== '' && (spec.clusterIPs ?? []).length === 0 ? withFields(spec, { clusterIPs: [single] }) : spec
  }
  const before = old.clusterIP ?? ''
  let next = spec
  if (single === before && (spec.clusterIPs ?? []).length === 0) {
    next = withFields(next, { clusterIPs: old.clusterIPs })
  }
  if (single === before || !sameList(next.clusterIPs, old.clusterIPs)) return next
  return withFields(next, { clusterIPs: single === '' ? undefined : [single] })
}

function withoutNodePort(port: ServicePort): ServicePort {
  const { nodePort, ...rest } = port
  return nodePort === undefined ? port : rest
}

/**
 * Drops values that no longer apply to the new type, unless the client changed them in the same breath: then
 * validation speaks.
 */
export function dropStale(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let next = spec
  const drop = (field: keyof ServiceSpec): void => {
    next = withFields(next, { [field]: undefined })
  }
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    if (sameList(spec.clusterIPs, old.clusterIPs)) {
      drop('clusterIP')
      drop('clusterIPs')
    }
    if (sameList(spec.ipFamilies, old.ipFamilies)) drop('ipFamilies')
    if (spec.ipFamilyPolicy === old.ipFamilyPolicy) drop('ipFamilyPolicy')
  }
  if (needsNodePort(old) && !needsNodePort(spec)) {
    const before = nodePortsOf(old)
    if (nodePortsOf(spec).every((port) => before.includes(port)) && spec.ports) {
      next = withFields(next, { ports: spec.ports.map(withoutNodePort) })
    }
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec)) {
    if (spec.healthCheckNodePort === old.healthCheckNodePort) drop('healthCheckNodePort')
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) drop('allocateLoadBalancerNodePorts')
    if (spec.loadBalancerClass === old.loadBalancerClass) drop('loadBalancerClass')
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec)) {
    if (spec.externalTrafficPolicy === old.externalTrafficPolicy) drop('externalTrafficPolicy')
  }
  return next
}
