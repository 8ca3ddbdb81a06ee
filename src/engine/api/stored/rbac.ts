import { invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { goStruct, plainJson } from '../json.ts'
import type { KubeObject, LabelSelector } from '../types.ts'
import { isUsableSelector, validateLabelSelector } from '../validation/meta.ts'
import { dns1123Subdomain } from '../validation/names.ts'
import { asList, asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'
import { text } from '../workload/fields.ts'
import { mapAt, namedBy, pathSegment, textsOf } from './rules.ts'

const group = 'rbac.authorization.k8s.io'

/** Roles of both kinds. Source: kubernetes pkg/apis/rbac/validation. */
export function validateRole(object: KubeObject): readonly FieldError[] {
  const isNamespaced = object.kind === 'Role'
  const faults = asList(object['rules']).flatMap((rule, i) => ruleFaults(rule, isNamespaced, `rules[${i}]`))
  const aggregation = asLoose(object['aggregationRule'])
  if (isNamespaced || !aggregation) return faults
  const field = 'aggregationRule.clusterRoleSelectors'
  const selectors = asList(aggregation['clusterRoleSelectors']) as readonly LabelSelector[]
  if (selectors.length === 0) {
    faults.push(required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  }
  selectors.forEach((selector, i) => {
    faults.push(...validateLabelSelector(selector, `${field}[${i}]`))
    if (!isUsableSelector(selector)) faults.push(invalid(`${field}[${i}]`, null, 'invalid label selector.'))
  })
  return faults
}

function ruleFaults(rule: Loose, isNamespaced: boolean, field: string): readonly FieldError[] {
  const has = (name: string): boolean => textsOf(rule[name]).length > 0
  const faults: FieldError[] = has('verbs') ? [] : [required(`${field}.verbs`, 'verbs must contain at least one value')]
  if (has('nonResourceURLs')) {
    const refuse = (detail: string): number =>
      faults.push(invalid(`${field}.nonResourceURLs`, rule['nonResourceURLs'], detail))
    if (isNamespaced) refuse('namespaced rules cannot apply to non-resource URLs')
    if (['apiGroups', 'resources', 'resourceNames'].some(has)) {
      refuse('rules cannot apply to both regular resources and non-resource URLs')
    }
    return faults
  }
  if (!has('apiGroups'))
    faults.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  if (!has('resources')) faults.push(required(`${field}.resources`, 'resource rules must supply at least one resource'))
  return faults
}

/** Bindings of both kinds. */
export function validateBinding(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const isNamespaced = object.kind === 'RoleBinding'
  const role = mapAt(object, 'roleRef')
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const faults: FieldError[] = []
  if (role['apiGroup'] !== group) faults.push(notSupported('roleRef.apiGroup', role['apiGroup'], [group]))
  if (!kinds.includes(text(role, 'kind'))) faults.push(notSupported('roleRef.kind', text(role, 'kind'), kinds))
  faults.push(...namedBy('roleRef.name', text(role, 'name'), pathSegment))
  asList(object['subjects']).forEach((subject, i) => {
    faults.push(...subjectFaults(subject, isNamespaced, `subjects[${i}]`))
  })
  if (old && plainJson(old['roleRef']) !== plainJson(role)) {
    const value = goStruct({ APIGroup: role['apiGroup'] ?? '', Kind: role['kind'] ?? '', Name: role['name'] ?? '' })
    faults.push(invalid('roleRef', value, 'cannot change roleRef'))
  }
  return faults
}

function subjectFaults(subject: Loose, isNamespaced: boolean, field: string): readonly FieldError[] {
  const [name, kind, of] = [text(subject, 'name'), text(subject, 'kind'), text(subject, 'apiGroup')]
  const faults: FieldError[] = name === '' ? [required(`${field}.name`)] : []
  if (kind === 'ServiceAccount') {
    if (name !== '') faults.push(...invalids(`${field}.name`, name, dns1123Subdomain(name)))
    if (of !== '') faults.push(notSupported(`${field}.apiGroup`, of, ['']))
    if (!isNamespaced && text(subject, 'namespace') === '') faults.push(required(`${field}.namespace`))
    return faults
  }
  if (kind === 'User' || kind === 'Group') {
    return of === group ? faults : [...faults, notSupported(`${field}.apiGroup`, of, [group])]
  }
  return [...faults, notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])]
}
