import { duplicate, forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { LabelSelector } from '../types.ts'
import { validateLabelSelector } from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../validation/names.ts'
import { asList, asLoose } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'

/** Where a pod may run. Source: kubernetes pkg/apis/core/validation. */
export function validateAffinity(affinity: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const node = asLoose(affinity['nodeAffinity'])
  if (node) faults.push(...validateNodeAffinity(node, `${path}.nodeAffinity`))
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const pods = asLoose(affinity[kind])
    if (pods) faults.push(...validatePodAffinity(pods, `${path}.${kind}`))
  }
  return faults
}

const must = 'requiredDuringSchedulingIgnoredDuringExecution'
const may = 'preferredDuringSchedulingIgnoredDuringExecution'

function validateNodeAffinity(affinity: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const selector = asLoose(affinity[must])
  if (selector) {
    const field = `${path}.${must}.nodeSelectorTerms`
    const terms = asList(selector['nodeSelectorTerms'])
    if (terms.length === 0) faults.push(required(field, 'must have at least one node selector term'))
    terms.forEach((term, i) => faults.push(...validateTerm(term, `${field}[${i}]`)))
  }
  asList(affinity[may]).forEach((term, i) => {
    faults.push(...weightFaults(term, `${path}.${may}[${i}]`))
    faults.push(...validateTerm(asLoose(term['preference']) ?? {}, `${path}.${may}[${i}].preference`))
  })
  return faults
}

function weightFaults(term: Loose, path: string): readonly FieldError[] {
  const weight = typeof term['weight'] === 'number' ? term['weight'] : 0
  return weight >= 1 && weight <= 100 ? [] : [invalid(`${path}.weight`, weight, 'must be in the range 1-100')]
}

function validateTerm(term: Loose, path: string): readonly FieldError[] {
  const expressions = asList(term['matchExpressions']).flatMap((requirement, i) =>
    validateRequirement(requirement, `${path}.matchExpressions[${i}]`),
  )
  const fields = asList(term['matchFields']).flatMap((requirement, i) =>
    validateFieldRequirement(requirement, `${path}.matchFields[${i}]`),
  )
  return [...expressions, ...fields]
}

function validateRequirement(requirement: Loose, path: string): readonly FieldError[] {
  const { operator, key } = requirement
  const values = Array.isArray(requirement['values']) ? (requirement['values'] as readonly unknown[]) : []
  const faults: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be specified when `operator` is 'In' or 'NotIn'"
    if (values.length === 0) faults.push(required(`${path}.values`, detail))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    if (values.length > 0) faults.push(forbidden(`${path}.values`, detail))
  } else if (operator === 'Gt' || operator === 'Lt') {
    const detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
    if (values.length !== 1) faults.push(required(`${path}.values`, detail))
  } else {
    faults.push(invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'))
  }
  const name = typeof key === 'string' ? key : ''
  return [...faults, ...invalids(`${path}.key`, name, qualifiedName(name))]
}

function validateFieldRequirement(requirement: Loose, path: string): readonly FieldError[] {
  const { operator, key } = requirement
  const values = Array.isArray(requirement['values']) ? (requirement['values'] as readonly unknown[]) : []
  const faults: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    if (values.length !== 1) faults.push(required(`${path}.values`, detail))
  } else {
    faults.push(invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'))
  }
  if (key !== 'metadata.name') faults.push(invalid(`${path}.key`, key ?? '', 'not a valid field selector key'))
  return faults
}

function validatePodAffinity(affinity: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  asList(affinity[must]).forEach((term, i) => faults.push(...validatePodTerm(term, `${path}.${must}[${i}]`)))
  asList(affinity[may]).forEach((term, i) => {
    faults.push(...weightFaults(term, `${path}.${may}[${i}]`))
    faults.push(...validatePodTerm(asLoose(term['podAffinityTerm']) ?? {}, `${path}.${may}[${i}].podAffinityTerm`))
  })
  return faults
}

function validatePodTerm(term: Loose, path: string): readonly FieldError[] {
  const selector = (field: string): LabelSelector | undefined => asLoose(term[field])
  const namespaces = Array.isArray(term['namespaces']) ? (term['namespaces'] as readonly string[]) : []
  const key = typeof term['topologyKey'] === 'string' ? term['topologyKey'] : ''
  return [
    ...validateLabelSelector(selector('labelSelector'), `${path}.labelSelector`),
    ...validateLabelSelector(selector('namespaceSelector'), `${path}.namespaceSelector`),
    ...namespaces.flatMap((name) => invalids(`${path}.namespace`, name, dns1123Label(name))),
    ...(key === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...invalids(`${path}.topologyKey`, key, qualifiedName(key)),
  ]
}

/** Smaller fields of a pod's spec that name or choose something. */
export function validateChoices(spec: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  asList(spec['readinessGates']).forEach((gate, i) => {
    const name = typeof gate['conditionType'] === 'string' ? gate['conditionType'] : ''
    faults.push(...invalids(`${path}.readinessGates[${i}].conditionType`, name, qualifiedName(name)))
  })
  const gates = asList(spec['schedulingGates']).map(({ name }) => (typeof name === 'string' ? name : ''))
  gates.forEach((name, i) => {
    if (gates.indexOf(name) < i) faults.push(duplicate(`${path}.schedulingGates[${i}]`, name))
    faults.push(...invalids(`${path}.schedulingGates[${i}]`, name, qualifiedName(name)))
  })
  const runtime = spec['runtimeClassName']
  if (typeof runtime === 'string')
    faults.push(...invalids(`${path}.runtimeClassName`, runtime, dns1123Subdomain(runtime)))
  const policies = ['PreemptLowerPriority', 'Never']
  const policy = spec['preemptionPolicy']
  if (typeof policy === 'string' && !policies.includes(policy)) {
    faults.push(notSupported(`${path}.preemptionPolicy`, policy, policies))
  }
  const os = asLoose(spec['os'])
  if (os) {
    const name = typeof os['name'] === 'string' ? os['name'] : ''
    if (name === '') faults.push(required(`${path}.os.name`))
    else if (!['linux', 'windows'].includes(name))
      faults.push(notSupported(`${path}.os.name`, name, ['linux', 'windows']))
  }
  return faults
}
