import { forbidden, invalid } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { plainJson } from '../json.ts'
import type { KubeObject, Pod } from '../types.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../validation/meta.ts'
import { dns1123Subdomain } from '../validation/names.ts'
import { asList } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'
import { validatePodSpec } from './validatePodSpec.ts'

export function validatePod(pod: Pod): readonly FieldError[] {
  const ephemeral = asList((pod.spec as Loose)['ephemeralContainers'])
  return [
    ...validateObjectMeta(pod.metadata, dns1123Subdomain),
    ...validatePodSpec(pod.spec, 'spec'),
    ...(ephemeral.length === 0 ? [] : [forbidden('spec.ephemeralContainers', 'cannot be set on create')]),
    ...blankImages(pod.spec, 'spec'),
  ]
}

/** Only pods themselves are asked for images without blanks around them; templates are not. */
function blankImages(spec: Loose, field: string): readonly FieldError[] {
  const detail = 'must not have leading or trailing whitespace'
  return ['containers', 'initContainers'].flatMap((list) =>
    asList(spec[list]).flatMap(({ image }, i) =>
      typeof image === 'string' && image.trim() !== image
        ? [invalid(`${field}.${list}[${i}].image`, image, detail)]
        : [],
    ),
  )
}

const mayChange = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
]

/** A pod's spec is fixed but for images, its deadline and added tolerations. */
export function validatePodUpdate(pod: Pod, old: Pod): readonly FieldError[] {
  const faults = [...validateObjectMetaUpdate(pod.metadata, old.metadata), ...validatePodSpec(pod.spec, 'spec')]
  if (plainJson(fixedPart(pod.spec)) === plainJson(fixedPart(old.spec))) {
    const now = asList(pod.spec['tolerations']).map(plainJson)
    const lost = asList(old.spec['tolerations']).some((toleration) => !now.includes(plainJson(toleration)))
    if (!lost) return faults
  }
  const list = mayChange.join(',')
  return [...faults, forbidden('spec', `pod updates may not change fields other than ${list}`)]
}

function fixedPart(spec: Loose): Loose {
  const next: Record<string, unknown> = { ...spec }
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) Reflect.deleteProperty(next, field)
  for (const field of ['containers', 'initContainers']) {
    if (next[field] !== undefined) next[field] = asList(next[field]).map((container) => ({ ...container, image: '' }))
  }
  return next
}

const graceWarning = 'must be >= 0; negative values are invalid and will be treated as 1'

/** What the API server remarks on pods and on workloads' templates. `field` is where the pod's spec stands. */
export function podWarnings(spec: Loose, field: string): readonly string[] {
  const warnings: string[] = []
  for (const list of ['initContainers', 'containers']) {
    asList(spec[list]).forEach((container, i) => {
      const path = `${field}.${list}[${i}]`
      warnings.push(...portWarnings(asList(container['ports']), `${path}.ports`))
      warnings.push(...envWarnings(asList(container['env']), `${path}.env`))
    })
  }
  const grace = spec['terminationGracePeriodSeconds']
  if (typeof grace === 'number' && grace < 0) {
    warnings.push(`${field}.terminationGracePeriodSeconds: ${graceWarning}`)
  }
  return warnings
}

function portWarnings(ports: readonly Loose[], field: string): readonly string[] {
  const first = new Map<string, number>()
  return ports.flatMap((port, i) => {
    const key = plainJson([port['protocol'], port['containerPort'], port['hostPort'] ?? 0, port['hostIP'] ?? ''])
    const before = first.get(key)
    if (before !== undefined) return [`${field}[${i}]: duplicate port definition with ${field}[${before}]`]
    first.set(key, i)
    return []
  })
}

function envWarnings(variables: readonly Loose[], field: string): readonly string[] {
  const last = new Map<string, number>()
  return variables.flatMap((variable, i) => {
    const name = String(variable['name'])
    const before = last.get(name)
    last.set(name, i)
    if (before === undefined) return []
    return [
      `${field}[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ]
  })
}

/** A name that makes bad host names. */
export function nameWarnings(object: KubeObject, faults: readonly string[]): readonly string[] {
  if (faults.length === 0) return []
  const advice =
    'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended'
  return [`metadata.name: ${advice}: [${faults.join(' ')}]`]
}
