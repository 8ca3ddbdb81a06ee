import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { Service } from '../types.ts'
import { cidrFaults } from '../validation/addresses.ts'
import { oneOf } from '../validation/meta.ts'
import { portNumber, qualifiedName } from '../validation/names.ts'
import { isExternallyAccessible, needsHealthCheckNodePort } from './service.ts'
import type { ServiceSpec } from './service.ts'

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** Fields of load balancers. */
export function validateLoadBalancer(service: Service, old?: Service): readonly FieldError[] {
  const spec = service.spec
  const isBalancer = spec.type === 'LoadBalancer'
  const faults: FieldError[] = [...validateRanges(service, old)]
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalancer) {
    faults.push(forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer))
  }
  if (spec.allocateLoadBalancerNodePorts === undefined && isBalancer) {
    faults.push(required('spec.allocateLoadBalancerNodePorts'))
  }
  return [...faults, ...validateClass(spec, old?.spec)]
}

export function validateClass(spec: ServiceSpec, old: ServiceSpec | undefined): readonly FieldError[] {
  const field = 'spec.loadBalancerClass'
  const name = spec.loadBalancerClass
  const faults: FieldError[] = []
  const stays = old?.type === 'LoadBalancer' && spec.type === 'LoadBalancer'
  if (stays && old.loadBalancerClass !== name) faults.push(invalid(field, name ?? null, 'may not change once set'))
  if (name === undefined) return faults
  if (spec.type !== 'LoadBalancer') return [...faults, forbidden(field, onlyLoadBalancer)]
  return [...faults, ...invalids(field, name, qualifiedName(name))]
}

/** Source ranges; as an annotation they still count where the field is empty. */
function validateRanges({ metadata, spec }: Service, old?: Service): readonly FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? []
  const isBalancer = spec.type === 'LoadBalancer'
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges'
    return [
      ...(isBalancer ? [] : [forbidden(field, onlyLoadBalancer)]),
      ...ranges.flatMap((range, i) => cidrFaults(`${field}[${i}]`, range.trim(), old?.spec.loadBalancerSourceRanges)),
    ]
  }
  const annotation = metadata.annotations?.[rangesAnnotation]
  if (annotation === undefined) return []
  const field = `metadata.annotations[${rangesAnnotation}]`
  const list = annotation.trim() === '' ? [] : annotation.split(',')
  return [
    ...(isBalancer ? [] : [forbidden(field, onlyLoadBalancer)]),
    ...list.flatMap((range) => cidrFaults(field, range.trim())),
  ]
}

const scopes = ['Cluster', 'Local']

/** External and internal traffic policy, the health check port, traffic distribution. */
export function validateTrafficPolicies(spec: ServiceSpec): readonly FieldError[] {
  const faults: FieldError[] = []
  const external = spec.externalTrafficPolicy ?? ''
  if (isExternallyAccessible(spec)) {
    faults.push(...oneOf('spec.externalTrafficPolicy', external, scopes))
  } else if (external !== '') {
    const detail = 'may only be set for externally-accessible services'
    faults.push(invalid('spec.externalTrafficPolicy', external, detail))
  }
  const port = spec.healthCheckNodePort ?? 0
  const portField = 'spec.healthCheckNodePort'
  if (needsHealthCheckNodePort(spec)) {
    faults.push(...(port === 0 ? [required(portField)] : invalids(portField, port, portNumber(port))))
  } else if (port !== 0) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    faults.push(invalid(portField, port, detail))
  }
  const internal = spec.internalTrafficPolicy
  if (internal !== undefined && !scopes.includes(internal)) {
    faults.push(notSupported('spec.internalTrafficPolicy', internal, scopes))
  } else if (internal === undefined && ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type)) {
    faults.push(required('spec.internalTrafficPolicy'))
  }
  const distribution = spec.trafficDistribution
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  if (distribution !== undefined && !distributions.includes(distribution)) {
    faults.push(notSupported('spec.trafficDistribution', distribution, distributions))
  }
  return faults
}
