import type { ServicePort } from '../types.ts'
import { isExternallyAccessible, withFields } from './service.ts'
import type { ServiceSpec } from './service.ts'

/** Fills what a Service's author may leave out. Source: kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_Service. */
export function defaultService(spec: ServiceSpec): ServiceSpec {
  const type: ServiceSpec['type'] = orDefault<ServiceSpec['type']>(spec.type, 'ClusterIP')
  const sessionAffinity = spec.sessionAffinity || 'None'
  let next = withFields(spec, { type, sessionAffinity })
  const hasTimeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds !== undefined
  if (sessionAffinity === 'None') next = withFields(next, { sessionAffinityConfig: undefined })
  if (sessionAffinity === 'ClientIP' && !hasTimeout) {
    next = withFields(next, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } })
  }
  if (spec.ports) next = withFields(next, { ports: spec.ports.map(defaultPort) })
  if (isExternallyAccessible(next) && !next.externalTrafficPolicy) {
    next = withFields(next, { externalTrafficPolicy: 'Cluster' })
  }
  const hasInternal = ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(type)
  if (next.internalTrafficPolicy === undefined && hasInternal) {
    next = withFields(next, { internalTrafficPolicy: 'Cluster' })
  }
  // Meaningless there, and dropped without a word; what is no policy at all is left to be refused.
  const policy: string | undefined = next.internalTrafficPolicy
  if (type === 'ExternalName' && (policy === 'Cluster' || policy === 'Local')) {
    next = withFields(next, { internalTrafficPolicy: undefined })
  }
  if (type === 'LoadBalancer' && next.allocateLoadBalancerNodePorts === undefined) {
    next = withFields(next, { allocateLoadBalancerNodePorts: true })
  }
  return next
}

/** Empty text counts as absent, whatever the type promises of a decoded manifest. */
function orDefault<T extends string>(value: string | undefined, fallback: T): T {
  return value === undefined || value === '' ? fallback : (value as T)
}

function defaultPort(port: ServicePort): ServicePort {
  const targetPort = port.targetPort === undefined || port.targetPort === 0 || port.targetPort === ''
  return { ...port, protocol: orDefault(port.protocol, 'TCP'), ...(targetPort ? { targetPort: port.port } : {}) }
}
