import { forbidden, invalid } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { Service } from '../types.ts'
import { validateObjectMetaUpdate } from '../validation/meta.ts'
import { isHeadless, needsHealthCheckNodePort } from './service.ts'
import type { ServiceSpec } from './service.ts'
import { validateService } from './validate.ts'
import { validateClass } from './validatePolicies.ts'

const once = 'may not change once set'

/** Every fault of an update. Source: kubernetes pkg/apis/core/validation, ValidateServiceUpdate. */
export function validateServiceUpdate(service: Service, old: Service): readonly FieldError[] {
  const healthPort = service.spec.healthCheckNodePort
  const stillChecked = needsHealthCheckNodePort(service.spec) && needsHealthCheckNodePort(old.spec)
  return [
    ...validateObjectMetaUpdate(service.metadata, old.metadata),
    ...validateKeptAddresses(service.spec, old.spec),
    ...validateKeptFamilies(service.spec, old.spec),
    ...validateClass(service.spec, old.spec),
    ...(stillChecked && healthPort !== old.spec.healthCheckNodePort
      ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
      : []),
    ...validateService(service, old),
  ]
}

function isExternal(a: ServiceSpec, b: ServiceSpec): boolean {
  return a.type === 'ExternalName' || b.type === 'ExternalName'
}

/** The first address stays; a second one may come, and go with SingleStack. */
function validateKeptAddresses(spec: ServiceSpec, old: ServiceSpec): readonly FieldError[] {
  if (isExternal(spec, old) || (isHeadless(spec) && isHeadless(old))) return []
  const [now, before] = [spec.clusterIPs ?? [], old.clusterIPs ?? []]
  const changed = (i: number): FieldError => invalid(`spec.clusterIPs[${i}]`, now, once)
  if (now.length === before.length) return before.flatMap((ip, i) => (ip === now[i] ? [] : [changed(i)]))
  const faults: FieldError[] = []
  if (now.length === 0) faults.push(invalid('spec.clusterIPs[0]', now, 'primary clusterIP can not be unset'))
  else if (before.length > 0 && now[0] !== before[0]) faults.push(changed(0))
  if (now.length === 1 && before.length > 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const detail = "must be set to 'SingleStack' when releasing the secondary clusterIP"
    faults.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, detail))
  }
  return faults
}

/** As for addresses. All of it is told of `ipFamilies[0]`, partly with the addresses as the value. */
function validateKeptFamilies(spec: ServiceSpec, old: ServiceSpec): readonly FieldError[] {
  if (isExternal(spec, old) || isHeadless(spec) || isHeadless(old)) return []
  const [now, before] = [spec.ipFamilies ?? [], old.ipFamilies ?? []]
  const ips = spec.clusterIPs ?? []
  const field = 'spec.ipFamilies[0]'
  if (now.length === before.length) {
    return before.flatMap((family, i) => (family === now[i] ? [] : [invalid(field, now, once)]))
  }
  const faults: FieldError[] = []
  const isReduced = now.length < before.length
  if (isReduced && ips.length === 0) faults.push(invalid(field, now, 'primary ipFamily can not be unset'))
  if (now.length > 0 && before.length > 0 && now[0] !== before[0]) faults.push(invalid(field, ips, once))
  if (isReduced && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const detail = "must be set to 'SingleStack' when releasing the secondary ipFamily"
    faults.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, detail))
  }
  return faults
}
