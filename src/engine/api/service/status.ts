import { forbidden, invalid } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { KubeObject, Service } from '../types.ts'
import { ipFaults } from '../validation/addresses.ts'
import { dns1123Subdomain } from '../validation/names.ts'
import { ipOrUndefined } from '../../base/ip.ts'

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>

/** Defaults and faults of a status that somebody writes by hand. Source: core validation.go ValidateLoadBalancerStatus. */
export function admitServiceStatus(object: KubeObject): {
  readonly object: KubeObject
  readonly faults: readonly FieldError[]
} {
  const service = object as Service
  const ingress = service.status?.loadBalancer?.ingress ?? []
  const field = 'status.loadBalancer.ingress'
  if (ingress.length === 0) return { object, faults: [] }
  if (service.spec.type !== 'LoadBalancer') {
    return { object, faults: [forbidden(field, 'may only be used when `spec.type` is "LoadBalancer"')] }
  }
  const defaulted: Ingress = ingress.map((one) =>
    (one.ip ?? '') !== '' && one.ipMode === undefined ? { ...one, ipMode: 'VIP' } : one,
  )
  const loadBalancer = { ...service.status?.loadBalancer, ingress: defaulted }
  const faults = ingress.flatMap(({ ip = '', hostname = '' }, i) => [
    ...(ip === '' ? [] : ipFaults(`${field}[${i}].ip`, ip)),
    ...(hostname === ''
      ? []
      : dns1123Subdomain(hostname).map((detail) => invalid(`${field}[${i}].hostname`, hostname, detail))),
    ...(ipOrUndefined(hostname) === undefined
      ? []
      : [invalid(`${field}[${i}].hostname`, hostname, 'must be a DNS name, not an IP address')]),
  ])
  return { object: { ...object, status: { ...service.status, loadBalancer } }, faults }
}
