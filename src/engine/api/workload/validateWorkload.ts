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
import { dns1123Subdomain, percentText } from '../validation/names.ts'
import { asLoose } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'
import { count, text } from './validateContainer.ts'
import { validatePodTemplate } from './validatePodSpec.ts'

/** Deployment, ReplicaSet, StatefulSet, DaemonSet. Source: kubernetes pkg/apis/apps/validation. */
export function validateWorkload(object: KubeObject): readonly FieldError[] {
  return [...validateObjectMeta(object.metadata, dns1123Subdomain), ...validateSpec(object)]
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
  const faults = [...validateObjectMetaUpdate(object.metadata, old.metadata), ...validateSpec(object)]
  if (object.kind !== 'StatefulSet') {
    return [...faults, ...immutable('spec.selector', spec['selector'], before['selector'])]
  }
  const fixed = (value: Loose): string =>
    plainJson(Object.fromEntries(Object.entries(value).filter(([key]) => !mutableStatefulSetFields.includes(key))))
  if (fixed(spec) === fixed(before)) return faults
  const names = mutableStatefulSetFields.map((name) => `'${name}'`)
  const list = `${names.slice(0, -1).join(', ')} and ${names.slice(-1).join('')}`
  return [...faults, forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)]
}

function validateSpec(object: KubeObject): readonly FieldError[] {
  const spec = asLoose(object['spec']) ?? {}
  const selector = (asLoose(spec['selector']) as LabelSelector | undefined) ?? undefined
  return [
    ...nonNegative('spec.replicas', count(spec, 'replicas')),
    ...(object.kind === 'StatefulSet' ? validateStatefulSetFields(spec) : []),
    ...(object.kind === 'DaemonSet' ? [] : nonNegative('spec.minReadySeconds', count(spec, 'minReadySeconds'))),
    ...validateSelector(object.kind, selector, spec),
    ...(object.kind === 'Deployment' ? validateDeploymentFields(spec) : []),
    ...(object.kind === 'DaemonSet' ? validateDaemonSetFields(spec) : []),
  ]
}

/** The selector, and the template that it has to match. */
function validateSelector(kind: string, selector: LabelSelector | undefined, spec: Loose): readonly FieldError[] {
  const template = asLoose(spec['template']) ?? {}
  const labels = asLoose(asLoose(template['metadata'])?.['labels']) as Labels | undefined
  const faults: FieldError[] = []
  if (selector) {
    faults.push(...validateLabelSelector(selector, 'spec.selector'))
    if (isEmptySelector(selector)) {
      // A ReplicaSet's message speaks of deployments too.
      const owner = kind === 'StatefulSet' || kind === 'DaemonSet' ? kind.toLowerCase() : 'deployment'
      faults.push(invalid('spec.selector', selector, `empty selector is invalid for ${owner}`))
    }
  } else {
    faults.push(required('spec.selector'))
  }
  if (selector && !isUsableSelector(selector)) {
    if (kind === 'DaemonSet') return [...faults, ...validateTemplate(kind, template)]
    return [...faults, invalid('spec.selector', selector, kind === 'StatefulSet' ? '' : 'invalid label selector')]
  }
  if (!(selector && isEmptySelector(selector)) && !selectorMatches(selector, labels)) {
    const detail = '`selector` does not match template `labels`'
    faults.push(invalid('spec.template.metadata.labels', labels ?? null, detail))
  }
  return [...faults, ...validateTemplate(kind, template)]
}

function validateTemplate(kind: string, template: Loose): readonly FieldError[] {
  const spec = asLoose(template['spec']) ?? {}
  const restarts = text(spec, 'restartPolicy')
  const owner = kind === 'Deployment' ? 'ReplicaSet' : kind
  return [
    ...validatePodTemplate(template, 'spec.template'),
    ...(Array.isArray(spec['ephemeralContainers']) && spec['ephemeralContainers'].length > 0
      ? [forbidden('spec.template.spec.ephemeralContainers', 'ephemeral containers not allowed in pod template')]
      : []),
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
    ...validateStrategy(asLoose(spec['strategy']) ?? {}),
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

function isNothing(value: unknown): boolean {
  return typeof value === 'string' ? !/^0*[1-9]\d*%$/.test(value) : !(typeof value === 'number' && value !== 0)
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

function validateStatefulSetFields(spec: Loose): readonly FieldError[] {
  const faults: FieldError[] = []
  const policy = text(spec, 'podManagementPolicy')
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    faults.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"))
  }
  const strategy = asLoose(spec['updateStrategy']) ?? {}
  const rolling = asLoose(strategy['rollingUpdate'])
  switch (strategy['type']) {
    case 'OnDelete':
      if (rolling) {
        const detail = "only allowed for updateStrategy 'RollingUpdate'"
        faults.push(invalid('spec.updateStrategy.rollingUpdate', rolling, detail))
      }
      break
    case 'RollingUpdate':
      faults.push(...nonNegative('spec.updateStrategy.rollingUpdate.partition', count(rolling ?? {}, 'partition')))
      break
    default: {
      const value = goStruct({ Type: strategy['type'] ?? '', RollingUpdate: rolling ?? null })
      faults.push(invalid('spec.updateStrategy', value, "must be 'RollingUpdate' or 'OnDelete'"))
    }
  }
  return faults
}

function validateDaemonSetFields(spec: Loose): readonly FieldError[] {
  const strategy = asLoose(spec['updateStrategy']) ?? {}
  const rolling = asLoose(strategy['rollingUpdate']) ?? {}
  const faults: FieldError[] = [...nonNegative('spec.minReadySeconds', count(spec, 'minReadySeconds'))]
  const field = 'spec.updateStrategy.rollingUpdate'
  const [unavailable, surge] = [rolling['maxUnavailable'], rolling['maxSurge']]
  if (strategy['type'] === 'RollingUpdate') {
    faults.push(
      ...intOrPercent(`${field}.maxUnavailable`, unavailable),
      ...intOrPercent(`${field}.maxSurge`, surge),
      ...notAboveAll(`${field}.maxUnavailable`, unavailable),
      ...notAboveAll(`${field}.maxSurge`, surge),
    )
    if (!isNothing(unavailable) && !isNothing(surge)) {
      faults.push(invalid(`${field}.maxSurge`, surge, 'may not be set when maxUnavailable is non-zero'))
    }
    if (isNothing(unavailable) && isNothing(surge)) {
      faults.push(required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
    }
  } else if (strategy['type'] !== 'OnDelete') {
    faults.push(notSupported('spec.updateStrategy.type', strategy['type'], ['OnDelete', 'RollingUpdate']))
  }
  return [...faults, ...nonNegative('spec.revisionHistoryLimit', count(spec, 'revisionHistoryLimit'))]
}
