import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { goStruct } from '../json.ts'
import type { KubeObject, Labels, LabelSelector } from '../types.ts'
import { immutable, nonNegative, selectorMatches, validateLabels, validateLabelSelector } from '../validation/meta.ts'
import { dns1123Label, percentText } from '../validation/names.ts'
import { asLoose } from '../workload/loose.ts'
import { count, text } from '../workload/fields.ts'
import { validatePodTemplate } from '../workload/validatePodSpec.ts'
import { containerResource } from './quota.ts'
import { choice, mapAt } from './rules.ts'

/** Source: kubernetes pkg/apis/policy/validation. */
export function validateDisruptionBudget(object: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const selector = asLoose(spec['selector']) as LabelSelector | undefined
  const faults: FieldError[] = []
  const [least, most] = [spec['minAvailable'], spec['maxUnavailable']]
  if (least !== undefined && most !== undefined) {
    const value = goStruct({
      MinAvailable: least,
      Selector: selector ?? null,
      MaxUnavailable: most,
      UnhealthyPodEvictionPolicy: spec['unhealthyPodEvictionPolicy'] ?? null,
    })
    faults.push(invalid('spec', value, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [name, value] of Object.entries({ minAvailable: least, maxUnavailable: most })) {
    const field = `spec.${name}`
    if (typeof value === 'number') faults.push(...nonNegative(field, value))
    if (typeof value !== 'string') continue
    faults.push(...invalids(field, value, percentText(value)))
    if (/^\d+%$/.test(value) && parseInt(value, 10) > 100) {
      faults.push(invalid(field, value, 'must not be greater than 100%'))
    }
  }
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  return [
    ...faults,
    ...validateLabelSelector(selector, 'spec.selector'),
    ...choice('spec.unhealthyPodEvictionPolicy', spec['unhealthyPodEvictionPolicy'], policies),
  ]
}

const highestPriority = 1_000_000_000

/** Source: kubernetes pkg/apis/scheduling/validation. */
export function validatePriorityClass(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const value = count(object, 'value') ?? 0
  const policy = object['preemptionPolicy']
  if (old) {
    return [
      ...(value === (count(old, 'value') ?? 0) ? [] : [forbidden('value', 'may not be changed in an update.')]),
      ...immutable('preemptionPolicy', policy, old['preemptionPolicy']),
    ]
  }
  const name = object.metadata.name
  const faults: FieldError[] = []
  if (name.startsWith('system-')) {
    const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`
    faults.push(forbidden('metadata.name', detail))
  } else if (value > highestPriority) {
    faults.push(forbidden('value', `maximum allowed value of a user defined priority is ${highestPriority}`))
  }
  if (policy === '') faults.push(required('preemptionPolicy'))
  else faults.push(...choice('preemptionPolicy', policy, ['PreemptLowerPriority', 'Never']))
  return faults
}

/** Source: kubernetes pkg/apis/node/validation. */
export function validateRuntimeClass(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const handler = text(object, 'handler')
  const selector = mapAt(object, 'scheduling')['nodeSelector'] as Labels | undefined
  return [
    ...(old ? immutable('handler', handler, old['handler']) : []),
    ...invalids('handler', handler, dns1123Label(handler)),
    ...validateLabels(selector, 'scheduling.nodeSelector'),
    ...Object.keys(mapAt(mapAt(object, 'overhead'), 'podFixed')).flatMap((name) =>
      containerResource(`overhead.limits[${name}]`, name),
    ),
  ]
}

/** Source: kubernetes pkg/apis/coordination/validation. */
export function validateLease(object: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const seconds = count(spec, 'leaseDurationSeconds')
  const faults: FieldError[] = []
  if (seconds !== undefined && seconds <= 0) {
    faults.push(invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  faults.push(...nonNegative('spec.leaseTransitions', count(spec, 'leaseTransitions')))
  return faults
}

/** Source: kubernetes pkg/apis/core/validation, ValidateReplicationControllerSpec. */
export function validateReplicationController(object: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const selector = mapAt(spec, 'selector') as Labels
  const template = asLoose(spec['template'])
  const faults: FieldError[] = [
    ...nonNegative('spec.minReadySeconds', count(spec, 'minReadySeconds')),
    ...(Object.keys(selector).length === 0 ? [required('spec.selector')] : []),
    ...nonNegative('spec.replicas', count(spec, 'replicas')),
  ]
  if (!template) return [...faults, required('spec.template')]
  const labels = mapAt(template, 'metadata')['labels'] as Labels | undefined
  if (Object.keys(selector).length > 0 && !selectorMatches({ matchLabels: selector }, labels)) {
    const detail = '`selector` does not match template `labels`'
    faults.push(invalid('spec.template.metadata.labels', labels ?? null, detail))
  }
  faults.push(...validatePodTemplate(template, 'spec.template'))
  const restart = text(mapAt(template, 'spec'), 'restartPolicy')
  return restart === 'Always'
    ? faults
    : [...faults, notSupported('spec.template.spec.restartPolicy', restart, ['Always'])]
}
