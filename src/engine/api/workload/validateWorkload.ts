import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { goStruct, plainJson } from '../json.ts'
import type { KubeObject, Labels, LabelSelector } from '../types.ts'
import {
  immutable,
  isEmptySelector,
  isUsableSelector,
  nonNegative,
  selectorMatches,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain, percentText } from '../validation/names.ts'
import { choice, count, part, text } from './fields.ts'
import { selectorForm } from './goForm.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { validateClaimSpec } from './validateClaim.ts'
import { validatePodTemplate, validateTemplateMeta } from './validatePodSpec.ts'

/** Deployment, ReplicaSet, StatefulSet, DaemonSet. Source: kubernetes pkg/apis/apps/validation. */
export function validateWorkload(object: KubeObject): readonly FieldError[] {
  const rule = object.kind === 'StatefulSet' ? dns1123Label : dns1123Subdomain
  return [...validateObjectMeta(object.metadata, rule), ...validateSpec(object, {})]
}

const mutableStatefulSetFields = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

export function validateWorkloadUpdate(object: KubeObject, old: KubeObject): readonly FieldError[] {
  const spec = asLoose(object['spec']) ?? {}
  const before = asLoose(old['spec']) ?? {}
  const faults = [...validateObjectMetaUpdate(object.metadata, old.metadata)]
  const selector = immutable('spec.selector', spec['selector'], before['selector']).map((fault) => ({
    ...fault,
    badValue: asLoose(spec['selector']) ? selectorForm(spec['selector'] as object) : null,
  }))
  if (object.kind === 'DaemonSet') return [...faults, ...selector, ...validateSpec(object, {})]
  if (object.kind !== 'StatefulSet') return [...faults, ...validateSpec(object, {}), ...selector]
  // What does not change any more is not judged again, and neither is a template once a bad one has come through.
  const trustsTemplate = validateSpec(old, { isUpdate: true }).length > 0
  faults.push(...validateSpec(object, { isUpdate: true, trustsTemplate }))
  const fixed = (value: Loose): string =>
    plainJson(Object.fromEntries(Object.entries(value).filter(([key]) => !mutableStatefulSetFields.includes(key))))
  if (fixed(spec) === fixed(before)) return faults
  const names = mutableStatefulSetFields.map((name) => `'${name}'`)
  const list = `${names.slice(0, -1).join(', ')} and ${names.slice(-1).join('')}`
  return [...faults, forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)]
}

interface SpecOptions {
  readonly isUpdate?: boolean
  readonly trustsTemplate?: boolean
}

function validateSpec(object: KubeObject, options: SpecOptions): readonly FieldError[] {
  const spec = asLoose(object['spec']) ?? {}
  const own = (field: string): readonly FieldError[] => nonNegative(`spec.${field}`, count(spec, field))
  switch (object.kind) {
    case 'StatefulSet':
      return [
        ...validateStatefulSetFields(spec, options),
        ...own('replicas'),
        ...own('minReadySeconds'),
        ...nonNegative('spec.ordinals.start', count(part(spec, 'ordinals'), 'start')),
        ...validateServiceName(spec, options),
        ...validateSelector('StatefulSet', spec, options),
      ]
    case 'DaemonSet':
      return [
        ...validateSelector('DaemonSet', spec, options),
        ...own('minReadySeconds'),
        ...validateDaemonSetStrategy(spec),
        ...own('revisionHistoryLimit'),
      ]
    case 'Deployment':
      return [...own('replicas'), ...validateSelector('Deployment', spec, options), ...validateDeploymentFields(spec)]
    default:
      return [...own('replicas'), ...own('minReadySeconds'), ...validateSelector('ReplicaSet', spec, options)]
  }
}

function validateServiceName(spec: Loose, options: SpecOptions): readonly FieldError[] {
  const name = text(spec, 'serviceName')
  return name === '' || options.isUpdate === true ? [] : invalids('spec.serviceName', name, dns1123Label(name))
}

/** The selector, and the template that it has to match. */
function validateSelector(kind: string, spec: Loose, options: SpecOptions): readonly FieldError[] {
  const selector = asLoose(spec['selector']) as LabelSelector | undefined
  const template = part(spec, 'template')
  const labels = asLoose(part(template, 'metadata')['labels']) as Labels | undefined
  const shown = selector ? selectorForm(selector) : null
  const faults = [...validateLabelSelector(selector, 'spec.selector')]
  if (!selector && kind !== 'DaemonSet') faults.push(required('spec.selector'))
  // A ReplicaSet's message speaks of deployments too.
  const owner = kind === 'StatefulSet' || kind === 'DaemonSet' ? kind.toLowerCase() : 'deployment'
  const isEmpty = selector !== undefined && isEmptySelector(selector)
  const empty = isEmpty ? [invalid('spec.selector', shown, `empty selector is invalid for ${owner}`)] : []
  if (kind !== 'DaemonSet') faults.push(...empty)
  const usable = !selector || isUsableSelector(selector)
  if (!usable && kind !== 'DaemonSet') {
    faults.push(invalid('spec.selector', shown, kind === 'StatefulSet' ? '' : 'invalid label selector'))
    return kind === 'StatefulSet' ? [...faults, ...validateRestarts(kind, template)] : faults
  }
  if (usable && !isEmpty && !selectorMatches(selector, labels)) {
    const detail = '`selector` does not match template `labels`'
    faults.push(invalid('spec.template.metadata.labels', labels ?? null, detail))
  }
  if (kind === 'DaemonSet') faults.push(...empty)
  return [...faults, ...validateTemplate(kind, spec, template, options), ...validateRestarts(kind, template)]
}

function validateTemplate(kind: string, spec: Loose, template: Loose, options: SpecOptions): readonly FieldError[] {
  const path = 'spec.template'
  if (kind !== 'StatefulSet') return validatePodTemplate(template, path)
  const judged = options.trustsTemplate === true ? [] : validatePodTemplate(asStatefulSetRuns(spec, template), path)
  return [...judged, ...validateTemplateMeta(template, path)]
}

/** A StatefulSet's template with what its controller puts in: names of its own, and the claims as volumes. */
function asStatefulSetRuns(spec: Loose, template: Loose): Loose {
  const claims = asList(spec['volumeClaimTemplates']).map((claim) => text(part(claim, 'metadata'), 'name'))
  const own = part(template, 'spec')
  const volumes = [
    ...[...new Set(claims)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...asList(own['volumes']).filter((volume) => !claims.includes(text(volume, 'name'))),
  ]
  const rest = Object.fromEntries(
    Object.entries(own).filter(([field]) => field !== 'hostname' && field !== 'subdomain'),
  )
  return { ...template, spec: volumes.length > 0 ? { ...rest, volumes } : rest }
}

function validateRestarts(kind: string, template: Loose): readonly FieldError[] {
  const spec = part(template, 'spec')
  const restarts = text(spec, 'restartPolicy')
  const owner = kind === 'Deployment' ? 'ReplicaSet' : kind
  return [
    ...(restarts === 'Always' ? [] : [notSupported('spec.template.spec.restartPolicy', restarts, ['Always'])]),
    ...(spec['activeDeadlineSeconds'] === undefined
      ? []
      : [forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${owner} is not Supported`)]),
  ]
}

function validateDeploymentFields(spec: Loose): readonly FieldError[] {
  const deadline = count(spec, 'progressDeadlineSeconds')
  const minReady = count(spec, 'minReadySeconds') ?? 0
  return [
    ...validateStrategy(part(spec, 'strategy')),
    ...nonNegative('spec.minReadySeconds', minReady),
    ...nonNegative('spec.revisionHistoryLimit', count(spec, 'revisionHistoryLimit')),
    ...nonNegative('spec.progressDeadlineSeconds', deadline),
    ...(deadline !== undefined && deadline <= minReady
      ? [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
      : []),
  ]
}

function validateStrategy(strategy: Loose): readonly FieldError[] {
  const field = 'spec.strategy'
  const rolling = asLoose(strategy['rollingUpdate'])
  switch (strategy['type']) {
    case 'Recreate':
      if (!rolling) return []
      return [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
    case 'RollingUpdate':
      return validateRolling(rolling ?? {}, `${field}.rollingUpdate`)
    default: {
      const value = goStruct({ Type: strategy['type'], RollingUpdate: rolling ? goRolling(rolling) : null })
      return [notSupported(field, value, ['Recreate', 'RollingUpdate'])]
    }
  }
}

function goRolling(rolling: Loose): unknown {
  return goStruct({ MaxUnavailable: rolling['maxUnavailable'] ?? 0, MaxSurge: rolling['maxSurge'] ?? 0 })
}

/** Number, or percent text. */
function intOrPercent(field: string, value: unknown): readonly FieldError[] {
  if (typeof value === 'string') return invalids(field, value, percentText(value))
  return nonNegative(field, typeof value === 'number' ? value : undefined)
}

/** Zero, as Go reads it: a percentage, or text that is a whole number. What is neither counts as zero too. */
function isNothing(value: unknown): boolean {
  if (typeof value !== 'string') return !(typeof value === 'number' && value !== 0)
  return !/^[+-]?0*[1-9]\d*$/.test(value) && !/^0*[1-9]\d*%$/.test(value)
}

function notAboveAll(field: string, value: unknown): readonly FieldError[] {
  const above = typeof value === 'string' && /^\d+%$/.test(value) && parseInt(value, 10) > 100
  return above ? [invalid(field, value, 'must not be greater than 100%')] : []
}

function validateRolling(rolling: Loose, field: string): readonly FieldError[] {
  const [unavailable, surge] = [rolling['maxUnavailable'], rolling['maxSurge']]
  const path = `${field}.maxUnavailable`
  return [
    ...intOrPercent(path, unavailable),
    ...intOrPercent(`${field}.maxSurge`, surge),
    ...(isNothing(unavailable) && isNothing(surge)
      ? [invalid(path, unavailable ?? 0, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...notAboveAll(path, unavailable),
  ]
}

function validateStatefulSetFields(spec: Loose, options: SpecOptions): readonly FieldError[] {
  const faults: FieldError[] = []
  const policy = text(spec, 'podManagementPolicy')
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    faults.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"))
  }
  const strategy = part(spec, 'updateStrategy')
  const rolling = asLoose(strategy['rollingUpdate'])
  const form = rolling
    ? goStruct({ Partition: rolling['partition'] ?? 0, MaxUnavailable: rolling['maxUnavailable'] ?? null })
    : null
  const field = 'spec.updateStrategy.rollingUpdate'
  switch (strategy['type']) {
    case 'OnDelete':
      if (rolling) faults.push(invalid(field, form, "only allowed for updateStrategy 'RollingUpdate'"))
      break
    case 'RollingUpdate': {
      faults.push(...nonNegative(`${field}.partition`, count(rolling, 'partition')))
      const unavailable = rolling?.['maxUnavailable']
      if (unavailable === undefined) break
      faults.push(...intOrPercent(`${field}.maxUnavailable`, unavailable))
      if (isNothing(unavailable)) faults.push(invalid(`${field}.maxUnavailable`, unavailable, 'cannot be 0'))
      faults.push(...notAboveAll(`${field}.maxUnavailable`, unavailable))
      break
    }
    default: {
      const value = goStruct({ Type: strategy['type'] ?? '', RollingUpdate: form })
      faults.push(invalid('spec.updateStrategy', value, "must be 'RollingUpdate' or 'OnDelete'"))
    }
  }
  const retention = part(spec, 'persistentVolumeClaimRetentionPolicy')
  for (const when of ['whenDeleted', 'whenScaled']) {
    faults.push(...choice(retention, when, 'spec.persistentVolumeClaimRetentionPolicy', 'Retain Delete'))
  }
  if (options.isUpdate === true) return faults
  return [
    ...faults,
    ...asList(spec['volumeClaimTemplates']).flatMap((claim, i) =>
      validateClaimSpec(part(claim, 'spec'), `spec.volumeClaimTemplates[${i}].spec`),
    ),
  ]
}

function validateDaemonSetStrategy(spec: Loose): readonly FieldError[] {
  const strategy = part(spec, 'updateStrategy')
  const rolling = part(strategy, 'rollingUpdate')
  const field = 'spec.updateStrategy.rollingUpdate'
  const [unavailable, surge] = [rolling['maxUnavailable'], rolling['maxSurge']]
  if (strategy['type'] === 'OnDelete') return []
  if (strategy['type'] !== 'RollingUpdate') {
    const form = strategy['rollingUpdate'] === undefined ? null : goRolling(rolling)
    const value = goStruct({ Type: strategy['type'] ?? '', RollingUpdate: form })
    return [notSupported('spec.updateStrategy', value, ['RollingUpdate', 'OnDelete'])]
  }
  const faults = [
    ...intOrPercent(`${field}.maxUnavailable`, unavailable),
    ...intOrPercent(`${field}.maxSurge`, surge),
    ...notAboveAll(`${field}.maxUnavailable`, unavailable),
    ...notAboveAll(`${field}.maxSurge`, surge),
  ]
  if (!isNothing(unavailable) && !isNothing(surge)) {
    faults.push(invalid(`${field}.maxSurge`, surge, 'may not be set when maxUnavailable is non-zero'))
  }
  if (isNothing(unavailable) && isNothing(surge)) {
    faults.push(required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  }
  return faults
}
