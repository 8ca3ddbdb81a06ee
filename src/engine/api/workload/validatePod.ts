import { unifiedDiff } from '../../base/unifiedDiff.ts'
import { forbidden, invalid, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { goLines, plainJson } from '../json.ts'
import type { ObjectMeta, Pod } from '../types.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../validation/meta.ts'
import { dns1123Subdomain } from '../validation/names.ts'
import { count, each, part, range, text } from './fields.ts'
import { goForm } from './goForm.ts'
import { asList } from './loose.ts'
import type { Loose } from './loose.ts'
import { blankImage } from './validateContainer.ts'
import { validateGatedChanges } from './validateGated.ts'
import { validateToleration } from './validatePlacement.ts'
import { validatePodSpec } from './validatePodSpec.ts'
import { appArmorPrefix, validateProfileAnnotations, validateProfilesMatch } from './validateProfiles.ts'

/** Pods themselves, new and changed. Source: kubernetes pkg/apis/core/validation, ValidatePodCreate, ValidatePodUpdate. */

export function validatePod(pod: Pod): readonly FieldError[] {
  const spec: Loose = pod.spec
  const gated = asList(spec['schedulingGates']).length > 0
  return [
    ...validateObjectMeta(pod.metadata, dns1123Subdomain),
    ...validateMetaAndSpec(pod),
    ...(asList(spec['ephemeralContainers']).length === 0
      ? []
      : [forbidden('spec.ephemeralContainers', 'cannot be set on create')]),
    ...(gated && text(spec, 'nodeName') !== ''
      ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
    ...validateProfilesMatch(pod.metadata, spec, 'spec'),
  ]
}

function validateMetaAndSpec(pod: Pod): readonly FieldError[] {
  const spec: Loose = pod.spec
  const detail = 'must not be specified when serviceAccountName is not set'
  return [
    ...validateProfileAnnotations(pod.metadata, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { name: pod.metadata.name }),
    ...(text(spec, 'serviceAccountName') === ''
      ? each(spec, 'volumes', 'spec', (volume, at) =>
          each(part(volume, 'projected'), 'sources', `${at}.projected`, (source, field) =>
            source['serviceAccountToken'] === undefined ? [] : [forbidden(`${field}.serviceAccountToken`, detail)],
          ),
        )
      : []),
    ...each(spec, 'containers', 'spec', blankImage),
    ...each(spec, 'initContainers', 'spec', blankImage),
  ]
}

const mayChange = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
]

/** A pod's spec is fixed but for images, its deadline, added tolerations and gates that are taken away. */
export function validatePodUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  const [spec, before]: [Loose, Loose] = [pod.spec, old.spec]
  const faults = [
    ...validateObjectMetaUpdate(pod.metadata, old.metadata),
    ...validateObjectMeta(pod.metadata, dns1123Subdomain),
    ...validateMetaAndSpec(pod),
    ...profileChanges(pod.metadata, old.metadata),
    ...validateProfileAnnotations(pod.metadata, spec, 'metadata.annotations'),
  ]
  for (const list of ['containers', 'initContainers']) {
    if (asList(spec[list]).length !== asList(before[list]).length) {
      return [...faults, forbidden(`spec.${list}`, 'pod updates may not add or remove containers')]
    }
    faults.push(
      ...each(spec, list, 'spec', (container, at) => [
        ...(text(container, 'image') === '' ? [required(`${at}.image`)] : []),
        ...blankImage(container, at),
      ]),
    )
  }
  const [deadline, former] = [count(spec, 'activeDeadlineSeconds'), count(before, 'activeDeadlineSeconds')]
  const field = 'spec.activeDeadlineSeconds'
  if (deadline !== undefined) {
    const wrong = range(field, deadline, 0, 2147483647)
    if (wrong.length > 0) return [...faults, ...wrong]
    if (former !== undefined && former < deadline) {
      return [...faults, invalid(field, deadline, 'must be less than or equal to previous value')]
    }
  } else if (former !== undefined) {
    faults.push(invalid(field, null, 'must not update from a positive integer to nil value'))
  }
  faults.push(...addedTolerations(spec, before), ...addedGates(spec, before))
  if (same(spec, before)) return faults
  const gated = asList(before['schedulingGates']).length > 0
  const fixed = gated
    ? validateGatedChanges(unchanged(spec, before), before)
    : { spec: unchanged(spec, before), faults: [] }
  faults.push(...fixed.faults)
  if (same(fixed.spec, before)) return faults
  const lines = (value: Loose): readonly string[] => goLines(goForm(value, 'PodSpec'))
  const diff = unifiedDiff(lines(before), lines(fixed.spec))
  return [...faults, forbidden('spec', `pod updates may not change fields other than ${mayChange.join(',')}\n${diff}`)]
}

function same(a: unknown, b: unknown): boolean {
  return plainJson(a) === plainJson(b)
}

function profileChanges({ annotations = {} }: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const before = old.annotations ?? {}
  const mirror = 'kubernetes.io/config.mirror'
  const faults: FieldError[] = []
  for (const key of [...new Set([...Object.keys(before).sort(), ...Object.keys(annotations).sort()])]) {
    if (annotations[key] === before[key]) continue
    const how = before[key] === undefined ? 'add' : 'remove or update'
    const at = `metadata.annotations[${key}]`
    if (key.startsWith(appArmorPrefix)) faults.push(forbidden(at, `may not ${how} AppArmor annotations`))
    if (key === mirror) faults.push(forbidden(at, `may not ${how} mirror pod annotation`))
  }
  return faults
}

/** Tolerations stay, but for how long they hold; others may come. */
function addedTolerations(spec: Loose, before: Loose): readonly FieldError[] {
  const timeless = (toleration: Loose): string => plainJson({ ...toleration, tolerationSeconds: undefined })
  const now = asList(spec['tolerations']).map(timeless)
  if (!asList(before['tolerations']).every((toleration) => now.includes(timeless(toleration)))) {
    return [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
  }
  return each(spec, 'tolerations', 'spec', validateToleration)
}

function addedGates(spec: Loose, before: Loose): readonly FieldError[] {
  const known = asList(before['schedulingGates']).map((gate) => text(gate, 'name'))
  return each(spec, 'schedulingGates', 'spec', (gate, at) => {
    const name = text(gate, 'name')
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`
    return known.includes(name) ? [] : [forbidden(`${at}.name`, detail)]
  })
}

/** `spec` with the fields of `before` that may change. */
function unchanged(spec: Loose, before: Loose): Loose {
  const next: Record<string, unknown> = { ...spec }
  for (const list of ['containers', 'initContainers']) {
    if (next[list] === undefined) continue
    next[list] = asList(next[list]).map((container, i) => ({ ...container, image: asList(before[list])[i]?.['image'] }))
  }
  for (const field of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']) {
    if (before[field] === undefined) Reflect.deleteProperty(next, field)
    else next[field] = before[field]
  }
  const grace = count(before, 'terminationGracePeriodSeconds') ?? 0
  if (grace < 0 && spec['terminationGracePeriodSeconds'] === 1) next['terminationGracePeriodSeconds'] = grace
  return next
}
