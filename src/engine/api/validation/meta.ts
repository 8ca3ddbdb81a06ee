import { duplicate, forbidden, invalid, invalids, notSupported, required, tooLong } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { plainJson } from '../json.ts'
import type { KubeObject, Labels, LabelSelector, ObjectMeta } from '../types.ts'
import { byteLength, labelValueFaults, qualifiedName } from './names.ts'

/** A rule for names; gives the details of its faults. */
export type NameRule = (name: string) => readonly string[]

export function validateLabels(labels: Labels | undefined, field: string): readonly FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...invalids(field, key, qualifiedName(key)),
    ...invalids(field, value, labelValueFaults(value)),
  ])
}

const maxAnnotations = 256 * 1024

export function validateAnnotations(annotations: Labels | undefined, field: string): readonly FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const faults = entries.flatMap(([key]) => invalids(field, key, qualifiedName(key.toLowerCase())))
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return size > maxAnnotations ? [...faults, tooLong(field, maxAnnotations)] : faults
}

const standardFinalizers = ['kubernetes', 'foregroundDeletion', 'orphan']

function validateFinalizers(finalizers: readonly string[] | undefined): readonly FieldError[] {
  const list = finalizers ?? []
  const both = list.includes('foregroundDeletion') && list.includes('orphan')
  return [
    ...list.flatMap((name) => invalids('metadata.finalizers', name, qualifiedName(name))),
    ...(both
      ? [invalid('metadata.finalizers', list, 'finalizer orphan and foregroundDeletion cannot be both set')]
      : []),
    ...list.flatMap((name, i) =>
      name.includes('/') || standardFinalizers.includes(name)
        ? []
        : invalids(`metadata.finalizers[${i}]`, name, [
            'name is neither a standard finalizer name nor is it fully qualified',
          ]),
    ),
  ]
}

function validateOwners(owners: ObjectMeta['ownerReferences']): readonly FieldError[] {
  const field = 'metadata.ownerReferences'
  const faults: FieldError[] = []
  let controller: string | undefined
  for (const owner of owners ?? []) {
    // What is no group and version at all counts as empty. Source: apimachinery schema.FromAPIVersionAndKind.
    const parts = owner.apiVersion.split('/')
    const version = parts.length > 2 ? '' : (parts.at(-1) ?? '')
    if (version === '') {
      faults.push(invalid(`${field}.apiVersion`, owner.apiVersion, 'version must not be empty'))
    }
    if (owner.kind === '') faults.push(invalid(`${field}.kind`, owner.kind, 'must not be empty'))
    if (owner.name === '') faults.push(invalid(`${field}.name`, owner.name, 'must not be empty'))
    if (owner.uid === '') faults.push(invalid(`${field}.uid`, owner.uid, 'must not be empty'))
    if (owner.kind === 'Event' && version === 'v1') {
      faults.push(invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (owner.controller === true) {
      if (controller !== undefined) {
        const names = `"controller" set to true for ${controller} and ${owner.name}`
        faults.push(invalid(field, owners, `Only one reference can have Controller set to true. Found ${names}`))
      }
      controller = owner.name
    }
  }
  return faults
}

/** Rules for the metadata of a new object. `namespaced` objects have a namespace by now. */
export function validateObjectMeta(meta: ObjectMeta, nameRule: NameRule): readonly FieldError[] {
  const faults: FieldError[] = []
  if (meta.generateName !== undefined && meta.generateName !== '') {
    const stem = meta.generateName.endsWith('-') ? `${meta.generateName.slice(0, -1)}a` : meta.generateName
    faults.push(...invalids('metadata.generateName', meta.generateName, nameRule(stem)))
  }
  if (meta.name === '') faults.push(required('metadata.name', 'name or generateName is required'))
  else faults.push(...invalids('metadata.name', meta.name, nameRule(meta.name)))
  if ((meta.generation ?? 0) < 0) {
    faults.push(invalid('metadata.generation', meta.generation, 'must be greater than or equal to 0'))
  }
  return [...faults, ...validateCommonMeta(meta)]
}

function validateCommonMeta(meta: ObjectMeta): readonly FieldError[] {
  return [
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations, 'metadata.annotations'),
    ...validateOwners(meta.ownerReferences),
    ...validateFinalizers(meta.finalizers),
  ]
}

/** What may not change in metadata, and the rules that hold for every update. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const faults: FieldError[] = []
  const same = (field: keyof ObjectMeta): void => {
    if (plainJson(meta[field]) !== plainJson(old[field])) {
      faults.push(invalid(`metadata.${field}`, meta[field] ?? null, 'field is immutable'))
    }
  }
  if (meta.resourceVersion === '')
    faults.push(invalid('metadata.resourceVersion', '', 'must be specified for an update'))
  same('name')
  same('namespace')
  same('uid')
  same('creationTimestamp')
  same('deletionTimestamp')
  same('deletionGracePeriodSeconds')
  return [...faults, ...validateCommonMeta(meta)]
}

const selectorOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

export function validateLabelSelector(selector: LabelSelector | undefined, field: string): readonly FieldError[] {
  if (!selector) return []
  const expressions = selector.matchExpressions ?? []
  return [
    ...validateLabels(selector.matchLabels, `${field}.matchLabels`),
    ...expressions.flatMap((expression, i) => {
      const path = `${field}.matchExpressions[${i}]`
      const values = expression.values ?? []
      const faults: FieldError[] = []
      if (expression.operator === 'In' || expression.operator === 'NotIn') {
        if (values.length === 0) {
          faults.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      } else if (expression.operator === 'Exists' || expression.operator === 'DoesNotExist') {
        if (values.length > 0) {
          const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
          faults.push(forbidden(`${path}.values`, detail))
        }
      } else {
        faults.push(invalid(`${path}.operator`, expression.operator, 'not a valid selector operator'))
      }
      faults.push(...invalids(`${path}.key`, expression.key, qualifiedName(expression.key)))
      values.forEach((value, j) => {
        faults.push(...invalids(`${path}.values[${j}]`, value, labelValueFaults(value)))
      })
      return faults
    }),
  ]
}

/** Whether the selector can be turned into a matcher at all. */
export function isUsableSelector(selector: LabelSelector): boolean {
  const labels = Object.entries(selector.matchLabels ?? {})
  return (
    labels.every(([key, value]) => qualifiedName(key).length === 0 && labelValueFaults(value).length === 0) &&
    (selector.matchExpressions ?? []).every((expression) => {
      const values = expression.values ?? []
      const takesValues = expression.operator === 'In' || expression.operator === 'NotIn'
      return (
        selectorOperators.includes(expression.operator) &&
        takesValues === values.length > 0 &&
        qualifiedName(expression.key).length === 0 &&
        values.every((value) => labelValueFaults(value).length === 0)
      )
    })
  )
}

export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0
}

/** No selector matches nothing, an empty one everything. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false
  const value = (key: string): string | undefined => (labels && Object.hasOwn(labels, key) ? labels[key] : undefined)
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, want]) => value(key) === want) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const has = value(key)
      switch (operator) {
        case 'In':
          return has !== undefined && values.includes(has)
        case 'NotIn':
          return has === undefined || !values.includes(has)
        case 'Exists':
          return has !== undefined
        default:
          return has === undefined
      }
    })
  )
}

/** Keys that appear more than once, by position. */
export function duplicates(values: readonly string[], field: (i: number) => string): readonly FieldError[] {
  const seen = new Set<string>()
  return values.flatMap((value, i) => {
    if (seen.has(value)) return [duplicate(field(i), value)]
    seen.add(value)
    return []
  })
}

/** `value` must be one of `supported`; empty is a missing value. */
export function oneOf(field: string, value: string | undefined, supported: readonly string[]): readonly FieldError[] {
  if (value === undefined || value === '') return [required(field)]
  return supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

export function nonNegative(field: string, value: number | undefined): readonly FieldError[] {
  return value !== undefined && value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : []
}

/** An immutable field that has changed. */
export function immutable(field: string, value: unknown, old: unknown): readonly FieldError[] {
  return plainJson(value) === plainJson(old) ? [] : [invalid(field, value ?? null, 'field is immutable')]
}

/** The spec of an object whose kind's type has one. */
export function specOf<T extends KubeObject>(object: T): T['spec'] {
  return object['spec'] as T['spec']
}
