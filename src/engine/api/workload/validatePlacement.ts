import { duplicate, forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { LabelSelector } from '../types.ts'
import { validateLabelSelector } from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain, labelValueFaults, qualifiedName } from '../validation/names.ts'
import { choice, count, each, part, text, texts } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

/** Where a pod may run. Source: kubernetes pkg/apis/core/validation. */

const must = 'requiredDuringSchedulingIgnoredDuringExecution'
const may = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(spec: Loose, path: string): readonly FieldError[] {
  const affinity = part(spec, 'affinity')
  const node = asLoose(affinity['nodeAffinity'])
  return [
    ...(node ? validateNodeAffinity(node, `${path}.affinity.nodeAffinity`) : []),
    ...['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
      const pods = part(affinity, kind)
      const at = `${path}.affinity.${kind}`
      return [
        ...each(pods, must, at, validatePodTerm),
        ...each(pods, may, at, (term, field) => [
          ...weightFaults(term, field),
          ...validatePodTerm(part(term, 'podAffinityTerm'), `${field}.podAffinityTerm`),
        ]),
      ]
    }),
  ]
}

function validateNodeAffinity(affinity: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const selector = asLoose(affinity[must])
  if (selector) {
    const field = `${path}.${must}`
    if (asList(selector['nodeSelectorTerms']).length === 0) {
      faults.push(required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term'))
    }
    faults.push(...each(selector, 'nodeSelectorTerms', field, (term, at) => validateTerm(term, at, true)))
  }
  return [
    ...faults,
    ...each(affinity, may, path, (term, at) => [
      ...weightFaults(term, at),
      // What is only preferred may ask for values that no label can have.
      ...validateTerm(part(term, 'preference'), `${at}.preference`, false),
    ]),
  ]
}

function weightFaults(term: Loose, path: string): readonly FieldError[] {
  const weight = count(term, 'weight') ?? 0
  return weight >= 1 && weight <= 100 ? [] : [invalid(`${path}.weight`, weight, 'must be in the range 1-100')]
}

function validateTerm(term: Loose, path: string, isStrict: boolean): readonly FieldError[] {
  return [
    ...each(term, 'matchExpressions', path, (requirement, at) => validateRequirement(requirement, at, isStrict)),
    ...each(term, 'matchFields', path, validateFieldRequirement),
  ]
}

function validateRequirement(requirement: Loose, path: string, isStrict: boolean): readonly FieldError[] {
  const [operator, key, values] = [
    text(requirement, 'operator'),
    text(requirement, 'key'),
    texts(requirement, 'values'),
  ]
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
    faults.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  return [
    ...faults,
    ...invalids(`${path}.key`, key, qualifiedName(key)),
    ...(isStrict ? values.flatMap((value, i) => invalids(`${path}.values[${i}]`, value, labelValueFaults(value))) : []),
  ]
}

function validateFieldRequirement(requirement: Loose, path: string): readonly FieldError[] {
  const [operator, key, values] = [
    text(requirement, 'operator'),
    text(requirement, 'key'),
    texts(requirement, 'values'),
  ]
  const faults: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    if (values.length !== 1) faults.push(required(`${path}.values`, detail))
  } else {
    faults.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  if (key !== 'metadata.name') return [...faults, invalid(`${path}.key`, key, 'not a valid field selector key')]
  return [...faults, ...values.flatMap((value, i) => invalids(`${path}.values[${i}]`, value, dns1123Subdomain(value)))]
}

function validatePodTerm(term: Loose, path: string): readonly FieldError[] {
  const selector = (field: string): LabelSelector | undefined => asLoose(term[field])
  const key = text(term, 'topologyKey')
  return [
    ...validateLabelSelector(selector('labelSelector'), `${path}.labelSelector`),
    ...validateLabelSelector(selector('namespaceSelector'), `${path}.namespaceSelector`),
    ...texts(term, 'namespaces').flatMap((name) => invalids(`${path}.namespace`, name, dns1123Label(name))),
    ...validateLabelKeys(term, path),
    ...(key === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...invalids(`${path}.topologyKey`, key, qualifiedName(key)),
  ]
}

/** Keys whose values are taken from the pod itself. They stand in the selector by now (`mergeLabelKeys`). */
function validateLabelKeys(term: Loose, path: string): readonly FieldError[] {
  const [matching, differing] = [texts(term, 'matchLabelKeys'), texts(term, 'mismatchLabelKeys')]
  const selector = asLoose(term['labelSelector']) as LabelSelector | undefined
  const names = (list: string, keys: readonly string[]): readonly FieldError[] => {
    if (keys.length === 0) return []
    if (!selector) return [forbidden(`${path}.${list}`, 'must not be specified when labelSelector is not set')]
    return keys.flatMap((key, i) => invalids(`${path}.${list}[${i}]`, key, qualifiedName(key)))
  }
  const faults = [...names('matchLabelKeys', matching), ...names('mismatchLabelKeys', differing)]
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}))
  for (const { key } of selector?.matchExpressions ?? []) {
    const i = matching.lastIndexOf(key)
    if (i >= 0 && seen.has(key)) {
      faults.push(invalid(`${path}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    }
    seen.add(key)
  }
  matching.forEach((key, i) => {
    const detail = 'exists in both matchLabelKeys and mismatchLabelKeys'
    if (differing.includes(key)) faults.push(invalid(`${path}.matchLabelKeys[${i}]`, key, detail))
  })
  return faults
}

export function validateSpread(spec: Loose, path: string): readonly FieldError[] {
  const constraints = asList(spec['topologySpreadConstraints'])
  const kindOf = (constraint: Loose): string =>
    `{${text(constraint, 'topologyKey')}, ${text(constraint, 'whenUnsatisfiable')}}`
  return constraints.flatMap((constraint, i) => {
    const at = `${path}.topologySpreadConstraints[${i}]`
    const [skew, domains] = [count(constraint, 'maxSkew') ?? 0, count(constraint, 'minDomains')]
    const action = text(constraint, 'whenUnsatisfiable')
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    const faults: FieldError[] = []
    if (skew <= 0) faults.push(invalid(`${at}.maxSkew`, skew, 'must be greater than zero'))
    if (text(constraint, 'topologyKey') === '') faults.push(required(`${at}.topologyKey`, 'can not be empty'))
    if (!actions.includes(action)) faults.push(notSupported(`${at}.whenUnsatisfiable`, action, actions))
    if (constraints.slice(i + 1).some((other) => kindOf(other) === kindOf(constraint))) {
      faults.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, kindOf(constraint)))
    }
    if (domains !== undefined) {
      if (domains <= 0) faults.push(invalid(`${at}.minDomains`, domains, 'must be greater than zero'))
      if (action !== 'DoNotSchedule') {
        const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
        faults.push(invalid(`${at}.minDomains`, domains, detail))
      }
    }
    return [
      ...faults,
      ...choice(constraint, 'nodeAffinityPolicy', at, 'Honor Ignore'),
      ...choice(constraint, 'nodeTaintsPolicy', at, 'Honor Ignore'),
      ...validateLabelKeys({ ...constraint, mismatchLabelKeys: [] }, at),
      ...validateLabelSelector(asLoose(constraint['labelSelector']), `${at}.labelSelector`),
    ]
  })
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateToleration(toleration: Loose, path: string): readonly FieldError[] {
  const [key, operator, value] = [text(toleration, 'key'), text(toleration, 'operator'), text(toleration, 'value')]
  const effect = text(toleration, 'effect')
  const faults: FieldError[] = []
  if (key !== '') faults.push(...invalids(`${path}.key`, key, qualifiedName(key)))
  if (key === '' && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    faults.push(invalid(`${path}.operator`, operator, detail))
  }
  if (toleration['tolerationSeconds'] !== undefined && effect !== 'NoExecute') {
    faults.push(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  if (operator === 'Equal' || operator === '') {
    const wrong = labelValueFaults(value)
    if (wrong.length > 0) faults.push(invalid(`${path}.operator`, value, wrong.join(';')))
  } else if (operator === 'Exists') {
    const detail = "value must be empty when `operator` is 'Exists'"
    if (value !== '') faults.push(invalid(`${path}.operator`, value, detail))
  } else {
    // Comparisons are known, and switched off.
    const isComparison = operator === 'Lt' || operator === 'Gt'
    const plain = ['Equal', 'Exists']
    faults.push(notSupported(`${path}.operator`, operator, isComparison ? [...plain, 'Lt', 'Gt'] : plain))
  }
  if (effect !== '' && !effects.includes(effect)) faults.push(notSupported(`${path}.effect`, effect, effects))
  return faults
}
