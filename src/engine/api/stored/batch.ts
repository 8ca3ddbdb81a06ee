import { invalid, invalids, notSupported, required, tooMany } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { plainJson } from '../json.ts'
import type { KubeObject, Labels, LabelSelector } from '../types.ts'
import { immutable, isUsableSelector, nonNegative, selectorMatches, validateLabelSelector } from '../validation/meta.ts'
import { byteLength, dns1123Label, qualifiedName } from '../validation/names.ts'
import { asList, asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'
import { count, text } from '../workload/fields.ts'
import { validatePodTemplate } from '../workload/validatePodSpec.ts'
import { cronFault } from './cron.ts'
import { choice, domainPath, longerThan, mapAt } from './rules.ts'

const legacy = ['controller-uid', 'job-name']

/** The labels by which a Job finds its pods. */
export function jobLabels({ metadata }: KubeObject): Labels {
  const [uid, name] = [metadata.uid ?? '', metadata.name]
  return {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
}

/** Source: kubernetes pkg/apis/batch/validation. */
export function validateJob(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const completions = count(spec, 'completions')
  const faults: FieldError[] = []
  if (old)
    return [...jobSpecFaults(spec, 'spec'), ...selectorFaults(spec), ...jobUpdateFaults(spec, mapAt(old, 'spec'))]
  if (spec['manualSelector'] !== true && asLoose(spec['selector'])) faults.push(...generatedFaults(object, spec))
  faults.push(...jobSpecFaults(spec, 'spec'), ...selectorFaults(spec))
  if (spec['completionMode'] === 'Indexed' && (completions ?? 0) > 0) {
    const last = `${object.metadata.name}-${(completions ?? 0) - 1}`
    if (dns1123Label(last).length > 0) {
      const detail = `will not able to create pod with invalid DNS label: ${last}`
      faults.push(invalid('metadata.name', object.metadata.name, detail))
    }
  }
  return faults
}

/** The labels that the server gave the template must be the Job's own, and the selector must be the server's. */
function generatedFaults(object: KubeObject, spec: Loose): readonly FieldError[] {
  const has = mapAt(mapAt(mapAt(spec, 'template'), 'metadata'), 'labels')
  const want = jobLabels(object)
  const field = 'spec.template.metadata.labels'
  const faults: FieldError[] = [...legacy, ...Object.keys(want).filter((key) => !legacy.includes(key))].flatMap(
    (key) => {
      if (!Object.hasOwn(has, key)) return [required(`${field}[${key}]`, `must be '${want[key] ?? ''}'`)]
      return has[key] === want[key] ? [] : [invalid(`${field}[${key}]`, has, `must be '${want[key] ?? ''}'`)]
    },
  )
  const selector = spec['selector'] as LabelSelector
  if (isUsableSelector(selector) && !selectorMatches(selector, want)) {
    faults.push(invalid('spec.selector', selector, '`selector` not auto-generated'))
  }
  return faults
}

function selectorFaults(spec: Loose): readonly FieldError[] {
  const selector = asLoose(spec['selector']) as LabelSelector | undefined
  const labels = mapAt(mapAt(spec, 'template'), 'metadata')['labels'] as Labels | undefined
  const faults = selector ? [...validateLabelSelector(selector, 'spec.selector')] : [required('spec.selector')]
  if (!selector || (isUsableSelector(selector) && !selectorMatches(selector, labels))) {
    const detail = '`selector` does not match template `labels`'
    faults.push(invalid('spec.template.metadata.labels', labels ?? null, detail))
  }
  return faults
}

function jobUpdateFaults(spec: Loose, before: Loose): readonly FieldError[] {
  const faults: FieldError[] = []
  if (spec['completionMode'] !== 'Indexed' || before['completionMode'] !== 'Indexed') {
    faults.push(...immutable('spec.completions', spec['completions'], before['completions']))
  } else if (spec['completions'] !== before['completions'] && spec['completions'] !== spec['parallelism']) {
    const detail = `can only be modified in tandem with spec.parallelism`
    faults.push(invalid('spec.completions', spec['completions'], detail))
  }
  faults.push(...immutable('spec.selector', spec['selector'], before['selector']))
  if (plainJson(spec['template']) !== plainJson(schedulable(before, spec))) {
    faults.push(invalid('spec.template', spec['template'], 'field is immutable'))
  }
  const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy']
  return [...faults, ...fixed.flatMap((field) => immutable(`spec.${field}`, spec[field], before[field]))]
}

/** The old template, with those parts taken over that a Job that is suspended may change. */
function schedulable(before: Loose, spec: Loose): unknown {
  if (before['suspend'] !== true) return before['template']
  const [old, now] = [mapAt(before, 'template'), mapAt(spec, 'template')]
  const podSpec: Record<string, unknown> = { ...mapAt(old, 'spec') }
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates']) {
    Reflect.deleteProperty(podSpec, field)
    const value = mapAt(now, 'spec')[field]
    if (value !== undefined) podSpec[field] = value
  }
  return { ...old, metadata: now['metadata'], spec: podSpec }
}

const modes = ['NonIndexed', 'Indexed']

function jobSpecFaults(spec: Loose, field: string): readonly FieldError[] {
  const number = (name: string): number | undefined => count(spec, name)
  const [mode, completions] = [spec['completionMode'], number('completions')]
  const isIndexed = mode === 'Indexed'
  const [limit, failed] = [number('backoffLimitPerIndex'), number('maxFailedIndexes')]
  const faults: FieldError[] = numbers.flatMap((name) => nonNegative(`${field}.${name}`, number(name)))
  if (failed !== undefined && limit === undefined) {
    faults.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  if (typeof spec['managedBy'] === 'string') {
    faults.push(...domainPath(`${field}.managedBy`, spec['managedBy']))
    faults.push(...longerThan(`${field}.managedBy`, spec['managedBy'], 63))
  }
  faults.push(...choice(`${field}.completionMode`, mode, modes))
  if (isIndexed) {
    const most = 100_000
    if (completions === undefined) faults.push(required(`${field}.completions`, 'when completion mode is Indexed'))
    const tooLarge = `must be less than or equal to ${most}`
    if ((number('parallelism') ?? 0) > most) {
      const detail = `${tooLarge} when completion mode is Indexed`
      faults.push(invalid(`${field}.parallelism`, number('parallelism'), detail))
    }
    if (completions !== undefined && failed !== undefined && failed > completions) {
      faults.push(invalid(`${field}.maxFailedIndexes`, failed, 'must be less than or equal to completions'))
    }
    if ((failed ?? 0) > most) faults.push(invalid(`${field}.maxFailedIndexes`, failed, tooLarge))
  } else if (mode === undefined || mode === 'NonIndexed') {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
      if (number(name) !== undefined) {
        faults.push(invalid(`${field}.${name}`, number(name), 'requires indexed completion mode'))
      }
    }
  }
  const policy = asLoose(spec['podFailurePolicy'])
  const template = mapAt(spec, 'template')
  const podSpec = mapAt(template, 'spec')
  if (policy) faults.push(...failurePolicyFaults(policy, spec, podSpec, `${field}.podFailurePolicy.rules`))
  const success = asLoose(spec['successPolicy'])
  if (success) faults.push(...successFaults(success, isIndexed, completions ?? 0, `${field}.successPolicy`))
  const replacements = policy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  faults.push(...choice(`${field}.podReplacementPolicy`, spec['podReplacementPolicy'], replacements))
  faults.push(...validatePodTemplate(template, `${field}.template`))
  const path = `${field}.template.spec.restartPolicy`
  const restart = text(podSpec, 'restartPolicy')
  if (restart === 'Always' || restart === '') faults.push(required(path, 'valid values: "OnFailure", "Never"'))
  else if (restart !== 'OnFailure' && restart !== 'Never') {
    faults.push(notSupported(path, restart, ['OnFailure', 'Never']))
  } else if (policy && restart !== 'Never') {
    faults.push(invalid(path, restart, 'only "Never" is supported when podFailurePolicy is specified'))
  }
  return faults
}

const numbers = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
]

/** One of `supported`, which the message for a missing value lists too. */
function listed(field: string, value: string, supported: readonly string[]): readonly FieldError[] {
  if (value !== '') return choice(field, value, supported)
  return [required(field, `valid values: [${supported.map((name) => JSON.stringify(name)).join(' ')}]`)]
}

function failurePolicyFaults(policy: Loose, spec: Loose, podSpec: Loose, field: string): readonly FieldError[] {
  const rules = asList(policy['rules'])
  const containers = [...asList(podSpec['containers']), ...asList(podSpec['initContainers'])]
  const names = containers.map((container) => text(container, 'name'))
  const faults: FieldError[] = rules.length > 20 ? [tooMany(field, rules.length, 20)] : []
  rules.forEach((rule, i) => {
    const path = `${field}[${i}]`
    const action = text(rule, 'action')
    const [codes, conditions] = [asLoose(rule['onExitCodes']), asList(rule['onPodConditions'])]
    if (action === 'FailIndex' && spec['backoffLimitPerIndex'] === undefined) {
      faults.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
    } else faults.push(...listed(`${path}.action`, action, ['Count', 'FailIndex', 'FailJob', 'Ignore']))
    if (codes) faults.push(...exitCodeFaults(codes, names, `${path}.onExitCodes`))
    conditions.forEach((pattern, j) => {
      const at = `${path}.onPodConditions[${j}]`
      faults.push(...invalids(`${at}.type`, text(pattern, 'type'), qualifiedName(text(pattern, 'type'))))
      faults.push(...listed(`${at}.status`, text(pattern, 'status'), ['False', 'True', 'Unknown']))
    })
    const both = codes !== undefined && conditions.length > 0
    if (both || (!codes && conditions.length === 0)) {
      const rest = both
        ? 'both OnExitCodes and OnPodConditions is not supported'
        : 'one of OnExitCodes and OnPodConditions is required'
      faults.push({ field: path, type: 'Invalid value', detail: `specifying ${rest}` })
    }
  })
  return faults
}

function exitCodeFaults(codes: Loose, names: readonly string[], field: string): readonly FieldError[] {
  const operator = text(codes, 'operator')
  const values = (Array.isArray(codes['values']) ? codes['values'] : []) as readonly number[]
  const container = codes['containerName']
  const faults: FieldError[] = [...listed(`${field}.operator`, operator, ['In', 'NotIn'])]
  if (typeof container === 'string' && !names.includes(container)) {
    const detail = 'must be one of the container or initContainer names in the pod template'
    faults.push(invalid(`${field}.containerName`, container, detail))
  }
  if (values.length === 0)
    faults.push(invalid(`${field}.values`, codes['values'] ?? null, 'at least one value is required'))
  if (values.length > 255) faults.push(tooMany(`${field}.values`, values.length, 255))
  values.forEach((value, i) => {
    const path = `${field}.values[${i}]`
    if (operator === 'In' && value === 0) faults.push(invalid(path, value, 'must not be 0 for the In operator'))
    if (values.indexOf(value) < i) faults.push({ field: path, type: 'Duplicate value', badValue: value, detail: '' })
  })
  const isOrdered = values.every((value, i) => i === 0 || (values[i - 1] ?? 0) <= value)
  return isOrdered ? faults : [...faults, invalid(`${field}.values`, values, 'must be ordered')]
}

function successFaults(policy: Loose, isIndexed: boolean, completions: number, field: string): readonly FieldError[] {
  const rules = asList(policy['rules'])
  if (!isIndexed) return [invalid(field, goRules(rules), 'requires indexed completion mode')]
  if (rules.length === 0) {
    return [required(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified')]
  }
  return rules.flatMap((rule, i) => {
    const path = `${field}.rules[${i}]`
    const least = count(rule, 'succeededCount')
    if (least === undefined && rule['succeededIndexes'] === undefined) {
      return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
    }
    const faults: FieldError[] = [...nonNegative(`${path}.succeededCount`, least)]
    if (least !== undefined && least > completions) {
      const detail = `must be less than or equal to ${completions} (the number of specified completions)`
      faults.push(invalid(`${path}.succeededCount`, least, detail))
    }
    return faults
  })
}

function goRules(rules: readonly Loose[]): unknown {
  return {
    Rules: rules.map((rule) => ({
      SucceededCount: rule['succeededCount'] ?? null,
      SucceededIndexes: rule['succeededIndexes'] ?? null,
    })),
  }
}

export function validateCronJob(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const schedule = text(spec, 'schedule')
  const faults: FieldError[] = []
  if (schedule === '') faults.push(required('spec.schedule'))
  else {
    const problem = cronFault(schedule)
    if (problem !== undefined) faults.push(invalid('spec.schedule', schedule, problem))
    if (schedule.includes('TZ')) {
      const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
      faults.push(invalid('spec.schedule', schedule, detail))
    }
  }
  for (const name of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) {
    faults.push(...nonNegative(`spec.${name}`, count(spec, name)))
  }
  const zone = spec['timeZone']
  if (typeof zone === 'string' && (!old || mapAt(old, 'spec')['timeZone'] !== zone)) faults.push(...zoneFaults(zone))
  faults.push(...choice('spec.concurrencyPolicy', spec['concurrencyPolicy'], ['Allow', 'Forbid', 'Replace']))
  const template = mapAt(spec, 'jobTemplate')
  const job = mapAt(template, 'spec')
  const field = 'spec.jobTemplate'
  faults.push(...jobSpecFaults(job, `${field}.spec`))
  if (job['manualSelector'] === true) {
    faults.push(notSupported(`${field}.spec.manualSelector`, true, ['nil', 'false']))
  }
  if (asLoose(job['selector']))
    faults.push(invalid(`${field}.spec.selector`, job['selector'], '`selector` will be auto-generated'))
  if (!old && byteLength(object.metadata.name) > 52) {
    faults.push(invalid('metadata.name', object.metadata.name, 'must be no more than 52 characters'))
  }
  return faults
}

/** Only the name's form is looked at: which zones there are is not known here. */
function zoneFaults(zone: string): readonly FieldError[] {
  const field = 'spec.timeZone'
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')]
  for (const part of zone.split('/')) {
    if (part === '.' || part === '..' || part.startsWith('-') || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part)) {
      return [invalid(field, zone, `unknown time zone ${zone}`)]
    }
  }
  if (zone.toLowerCase() === 'local')
    return [
      invalid(field, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
    ]
  return []
}
