import { forbidden, invalid, invalids, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { plainJson } from '../json.ts'
import type { KubeObject } from '../types.ts'
import { qualifiedName } from '../validation/names.ts'
import { asList, asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'
import { text } from '../workload/fields.ts'
import { amount, mapAt, textsOf } from './rules.ts'

const compute = ['cpu', 'memory', 'ephemeral-storage']
const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const quotaNames = [
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...counted,
]
const standard = [...quotaNames, 'storage']

/** A resource's name: one that is known, or one with a domain. */
function nameFaults(field: string, name: string): readonly FieldError[] {
  const details = qualifiedName(name)
  if (details.length > 0) return invalids(field, name, details)
  if (name.includes('/') || standard.includes(name)) return []
  return [invalid(field, name, 'must be a standard resource type or fully qualified')]
}

/** A resource that a container can ask for. */
export function containerResource(field: string, name: string): readonly FieldError[] {
  const isKnown = name.includes('/') || compute.includes(name) || name.startsWith('hugepages-')
  const faults = nameFaults(field, name)
  return isKnown ? faults : [...faults, invalid(field, name, 'must be a standard resource for containers')]
}

/** Source: kubernetes pkg/apis/core/validation, ValidateResourceQuotaSpec. */
export function validateQuota(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const faults: FieldError[] = []
  for (const [name, quantity] of Object.entries(mapAt(spec, 'hard'))) {
    const field = `spec.hard[${name}]`
    const isQuota = name.includes('/') || quotaNames.includes(name)
    faults.push(...nameFaults(field, name))
    if (!isQuota) faults.push(invalid(field, name, 'must be a standard resource for quota'))
    const value = amount(quantity)
    if (value < 0) faults.push(invalid(field, quantity, 'must be greater than or equal to 0'))
    const isWhole = counted.includes(name) || name.includes('/')
    if (isWhole && !Number.isInteger(value)) faults.push(invalid(field, quantity, 'must be an integer'))
  }
  const scopes = textsOf(spec['scopes'])
  faults.push(...scopeFaults(scopes, Object.keys(mapAt(spec, 'hard')), spec['scopes']))
  asList(mapAt(spec, 'scopeSelector')['matchExpressions']).forEach((expression) => {
    faults.push(...selectorFaults(expression))
  })
  const before = mapAt(old, 'spec')['scopes']
  if (old && plainJson([...scopes].sort()) !== plainJson([...textsOf(before)].sort())) {
    faults.push(invalid('spec.scopes', spec['scopes'] ?? null, 'field is immutable'))
  }
  return faults
}

const scopeNames = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]

function scopeFaults(scopes: readonly string[], hard: readonly string[], value: unknown): readonly FieldError[] {
  const field = 'spec.scopes'
  const has = (a: string, b: string): boolean => scopes.includes(a) && scopes.includes(b)
  return [
    ...scopes.flatMap((scope) => [
      ...(scopeNames.includes(scope) ? [] : [invalid(field, value, 'unsupported scope')]),
      ...hard
        .filter((name) => quotaNames.includes(name) && !fits(scope, name))
        .map(() => invalid(field, value, 'unsupported scope applied to resource')),
    ]),
    ...(has('BestEffort', 'NotBestEffort') ? [invalid(field, value, 'conflicting scopes')] : []),
    ...(has('Terminating', 'NotTerminating') ? [invalid(field, value, 'conflicting scopes')] : []),
  ]
}

/** Whether a scope says something about a resource. */
function fits(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage'
  const isPods = name === 'pods' || (!counted.includes(name) && name !== 'requests.storage')
  return ['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'].includes(
    scope,
  )
    ? isPods
    : true
}

function selectorFaults(expression: Loose): readonly FieldError[] {
  const field = 'spec.scopeSelector.matchExpressions'
  const [scope, operator] = [text(expression, 'scopeName'), text(expression, 'operator')]
  const values = textsOf(expression['values'])
  const faults: FieldError[] = []
  if (!scopeNames.includes(scope)) faults.push(invalid(`${field}.scopeName`, scope, 'unsupported scope'))
  const plain = scopeNames.filter((name) => name !== 'PriorityClass' && name !== 'VolumeAttributesClass')
  if (plain.includes(scope) && operator !== 'Exists') {
    const names = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort'].map(
      (name) => `ResourceQuotaScope${name}`,
    )
    const detail = `must be 'Exists' when scope is any of ${names.join(', ')} or ResourceQuotaScopeCrossNamespacePodAffinity`
    faults.push(invalid(`${field}.operator`, operator, detail))
  }
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    if (values.length === 0) faults.push(required(`${field}.values`, detail))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    if (values.length > 0) faults.push(invalid(`${field}.values`, values, detail))
  } else faults.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'))
  return faults
}

/** Source: kubernetes pkg/apis/core/validation, ValidateLimitRange. */
export function validateLimitRange(object: KubeObject): readonly FieldError[] {
  const limits = asList(mapAt(object, 'spec')['limits'])
  return limits.flatMap((limit, i) => {
    const field = `spec.limits[${i}]`
    const type = text(limit, 'type')
    const names = qualifiedName(type)
    const faults: FieldError[] = [...invalids(`${field}.type`, type, names)]
    if (names.length === 0 && !type.includes('/') && !['Pod', 'Container', 'PersistentVolumeClaim'].includes(type)) {
      faults.push(invalid(`${field}.type`, type, 'must be a standard limit type or fully qualified'))
    }
    if (limits.findIndex((other) => text(other, 'type') === type) < i) {
      faults.push({ field: `${field}.type`, type: 'Duplicate value', badValue: type, detail: '' })
    }
    return [...faults, ...limitFaults(limit, type, field)]
  })
}

const limitMaps = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

function limitFaults(limit: Loose, type: string, field: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const isPod = type === 'Pod'
  const containerNames = isPod || type === 'Container'
  const given = new Set<string>()
  for (const map of limitMaps) {
    const quantities = mapAt(limit, map)
    if (isPod && map.startsWith('default')) {
      if (Object.keys(quantities).length > 0) {
        faults.push(forbidden(`${field}.${map}`, "may not be specified when `type` is 'Pod'"))
      }
      continue
    }
    for (const name of Object.keys(quantities)) {
      const path = `${field}.${map}[${name}]`
      given.add(name)
      faults.push(...(containerNames ? containerResource(path, name) : nameFaults(path, name)))
    }
  }
  const hasStorage = ['min', 'max'].some((map) => Object.hasOwn(mapAt(limit, map), 'storage'))
  if (type === 'PersistentVolumeClaim' && !hasStorage) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided'
    faults.push(required(`${field}.limits`, detail))
  }
  for (const name of given) faults.push(...orderFaults(limit, name, field, isPod))
  return faults
}

function asText(quantity: unknown): string {
  return typeof quantity === 'string' ? quantity : ''
}

/** min <= defaultRequest <= default <= max. */
function orderFaults(limit: Loose, name: string, field: string, isPod: boolean): readonly FieldError[] {
  const value = (map: string): unknown => (isPod && map.startsWith('default') ? undefined : mapAt(limit, map)[name])
  const words = {
    min: 'min value',
    max: 'max value',
    default: 'default limit value',
    defaultRequest: 'default request value',
  }
  const pairs = [
    ['min', 'max', 'min', 'min'],
    ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest'],
    ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest'],
    ['defaultRequest', 'default', 'defaultRequest', 'defaultRequest'],
    ['min', 'default', 'default', 'min'],
    ['default', 'max', 'default', 'max'],
  ] as const
  const faults = pairs.flatMap(([low, high, place, shown]) => {
    const [a, b] = [value(low), value(high)]
    if (a === undefined || b === undefined || amount(a) <= amount(b)) return []
    const word = (map: typeof low | typeof high): string =>
      map === 'default' && (low === 'min' || high === 'max') ? 'default value' : words[map]
    const detail = `${word(low)} ${asText(a)} is greater than ${word(high)} ${asText(b)}`
    return [invalid(`${field}.${place}[${name}]`, value(shown), detail)]
  })
  const ratio = value('maxLimitRequestRatio')
  if (ratio === undefined || amount(ratio) >= 1) return faults
  return [...faults, invalid(`${field}.maxLimitRequestRatio[${name}]`, ratio, `ratio ${asText(ratio)} is less than 1`)]
}

/** What a limit's maximum and defaults make of the limits that were not given. */
export function defaultLimitRange(object: KubeObject): KubeObject {
  const given = mapAt(object, 'spec')['limits']
  if (!Array.isArray(given)) return { ...object, spec: { ...mapAt(object, 'spec'), limits: null } }
  const limits = asList(given).map((limit) => {
    if (limit['type'] !== 'Container') return limit
    const most = { ...mapAt(limit, 'max'), ...asLoose(limit['default']) }
    const request = { ...mapAt(limit, 'min'), ...most, ...asLoose(limit['defaultRequest']) }
    const filled = { ...limit, default: most, defaultRequest: request }
    return Object.fromEntries(Object.entries(filled).filter(([, map]) => Object.keys(map as object).length > 0))
  })
  return { ...object, spec: { ...mapAt(object, 'spec'), limits } }
}
