import { goQuote } from '../json.ts'
import type { KubeObject, ObjectMeta } from '../types.ts'
import { ipWarnings } from '../validation/addresses.ts'
import { labelValueFaults } from '../validation/names.ts'
import { count, part, text, texts } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { overlapWarnings } from './overlapWarnings.ts'
import { isFractional, quantityOf } from './quantities.ts'
import { claimWarnings } from './validateClaim.ts'
import { appArmorPrefix, seccompPod, seccompPrefix } from './validateProfiles.ts'

/** What the API server remarks on pods and on workloads' templates. Source: kubernetes pkg/api/pod/warnings.go. */

const oldLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

const oldAnnotations: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]

/** Kinds of volumes that are gone, or going. */
const oldVolumes: readonly (readonly [string, string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['ephemeral', ''],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

const must = 'requiredDuringSchedulingIgnoredDuringExecution'
const may = 'preferredDuringSchedulingIgnoredDuringExecution'
const noSelector = 'a null labelSelector results in matching no pod'

function oldLabel(key: string): string | undefined {
  return Object.hasOwn(oldLabels, key) ? oldLabels[key] : undefined
}

function termWarnings(term: Loose, checksValues: boolean, path: string): readonly string[] {
  return asList(term['matchExpressions']).flatMap((expression, i) => {
    const at = `${path}.matchExpressions[${i}]`
    const key = text(expression, 'key')
    const old = oldLabel(key)
    return [
      ...(old === undefined ? [] : [`${at}.key: ${key} is ${old}`]),
      ...(checksValues
        ? texts(expression, 'values').flatMap((value, j) =>
            labelValueFaults(value).map((fault) => `${at}.values[${j}]: ${value} is invalid, ${fault}`),
          )
        : []),
    ]
  })
}

function placementWarnings(spec: Loose, path: string): readonly string[] {
  const node = part(part(spec, 'affinity'), 'nodeAffinity')
  const at = `${path}.affinity.nodeAffinity`
  return [
    ...Object.keys(part(spec, 'nodeSelector')).flatMap((key) => {
      const old = oldLabel(key)
      return old === undefined ? [] : [`${path}.nodeSelector[${key}]: ${old}`]
    }),
    ...asList(part(node, must)['nodeSelectorTerms']).flatMap((term, i) =>
      termWarnings(term, false, `${at}.${must}.nodeSelectorTerms[${i}]`),
    ),
    ...asList(node[may]).flatMap((term, i) =>
      termWarnings(part(term, 'preference'), true, `${at}.${may}[${i}].preference`),
    ),
    ...asList(spec['topologySpreadConstraints']).flatMap((constraint, i) => {
      const field = `${path}.topologySpreadConstraints[${i}]`
      const key = text(constraint, 'topologyKey')
      const old = oldLabel(key)
      return [
        ...(old === undefined ? [] : [`${field}.topologyKey: ${key} is ${old}`]),
        ...(constraint['labelSelector'] === undefined ? [`${field}.labelSelector: ${noSelector}`] : []),
      ]
    }),
  ]
}

function volumeWarnings(spec: Loose, path: string): readonly string[] {
  return asList(spec['volumes']).flatMap((volume, i) =>
    oldVolumes.flatMap(([kind, remark]) => {
      if (volume[kind] === undefined) return []
      const at = `${path}.volumes[${i}].${kind === 'storageos' ? 'storageOS' : kind}`
      if (kind !== 'ephemeral') return [`${at}: ${remark}`]
      const template = asLoose(part(volume, kind)['volumeClaimTemplate'])
      return template ? claimWarnings(part(template, 'spec'), `${at}.volumeClaimTemplate.spec`) : []
    }),
  )
}

/** Entries whose `field` another has had before. */
function repeated(spec: Loose, list: string, field: string, path: string): readonly string[] {
  const seen = new Set<string>()
  return asList(spec[list]).flatMap((item, i) => {
    const value = text(item, field)
    if (seen.has(value)) return [`${path}.${list}[${i}].${field}: duplicate ${field} ${goQuote(value)}`]
    seen.add(value)
    return []
  })
}

function fractions(list: Loose, path: string): readonly string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) =>
    isFractional(list[name])
      ? [`${path}[${name}]: fractional byte value "${quantityOf(list[name])}" is invalid, must be an integer`]
      : [],
  )
}

type Annotations = Readonly<Record<string, string>>

function containerWarnings(
  container: Loose,
  path: string,
  annotations: Annotations,
  at: Surroundings,
): readonly string[] {
  const context = part(container, 'securityContext')
  const name = text(container, 'name')
  const warnings: string[] = []
  const has = (key: string): boolean => Object.hasOwn(annotations, key)
  if (context['seccompProfile'] === undefined && has(seccompPrefix + name)) {
    warnings.push(`${at.annotations}[${seccompPrefix + name}]: ${seccompRemark}`)
  }
  const key = appArmorPrefix + name
  if (at.isTemplate && context['appArmorProfile'] === undefined && has(key)) {
    warnings.push(`${at.annotations}[${key}]: ${appArmorRemark}`)
  }
  const resources = part(container, 'resources')
  for (const resource of ['memory', 'ephemeral-storage']) {
    for (const list of ['limits', 'requests']) {
      warnings.push(...fractions({ [resource]: part(resources, list)[resource] }, `${path}.resources.${list}`))
    }
  }
  return [...warnings, ...envWarnings(asList(container['env']), `${path}.env`)]
}

const seccompRemark = 'non-functional in v1.27+; use the "seccompProfile" field instead'
export const appArmorRemark = 'deprecated since v1.30; use the "appArmorProfile" field instead'

function envWarnings(variables: readonly Loose[], field: string): readonly string[] {
  const seen = new Set<string>()
  return variables.flatMap((variable, i) => {
    const name = text(variable, 'name')
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    const reference = `$(${name})`
    const value = text(variable, 'value')
    if (variable['valueFrom'] === undefined && value !== reference && value.includes(reference)) return []
    return [`${field}[${i}]: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`]
  })
}

interface Surroundings {
  readonly annotations: string
  readonly isTemplate: boolean
}

type Visited = readonly (readonly [container: Loose, path: string])[]

function portWarnings(containers: Visited): readonly string[] {
  const taken = new Map<string, { readonly field: string; readonly port: Loose }[]>()
  return containers.flatMap(([container, path]) =>
    asList(container['ports']).flatMap((port, i) => {
      const field = `${path}.ports[${i}]`
      const [ip, host] = [text(port, 'hostIP'), count(port, 'hostPort') ?? 0]
      const warnings: string[] = []
      if (ip !== '' && host === 0) warnings.push(`${field}: hostIP set without hostPort: ${goPort(port)}`)
      const key = `${String(port['containerPort'])}/${text(port, 'protocol')}`
      const others = taken.get(key) ?? []
      for (const other of others) {
        const [otherIp, otherHost] = [text(other.port, 'hostIP'), count(other.port, 'hostPort') ?? 0]
        const how =
          ip === otherIp && host === otherHost
            ? 'duplicate'
            : host === 0 || otherHost === 0
              ? 'overlapping'
              : host === otherHost && (ip === '') !== (otherIp === '')
                ? 'dangerously ambiguous'
                : undefined
        if (how !== undefined) warnings.push(`${field}: ${how} port definition with ${other.field}`)
      }
      taken.set(key, [...others, { field, port }])
      return warnings
    }),
  )
}

/** A port as Go's `%+v` shows it. */
function goPort(port: Loose): string {
  const fields = [
    ['Name', text(port, 'name')],
    ['HostPort', count(port, 'hostPort') ?? 0],
    ['ContainerPort', count(port, 'containerPort') ?? 0],
    ['Protocol', text(port, 'protocol')],
    ['HostIP', text(port, 'hostIP')],
  ]
  return `{${fields.map((field) => field.join(':')).join(' ')}}`
}

function portNameWarnings(containers: Visited): readonly string[] {
  const names = new Map<string, string>()
  return containers.flatMap(([container, path]) =>
    asList(container['ports']).flatMap((port, i) => {
      const name = text(port, 'name')
      const other = names.get(name)
      const field = `${path}.ports[${i}]`
      if (name !== '' && other === undefined) names.set(name, field)
      if (other === undefined) return []
      const use = `services and probes that select ports by name will use ${other}`
      return [`${field}: duplicate port name ${goQuote(name)} with ${other}, ${use}`]
    }),
  )
}

function affinityWarnings(spec: Loose, path: string): readonly string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const pods = part(part(spec, 'affinity'), kind)
    const at = `${path}.affinity.${kind}`
    return [
      ...asList(pods[must]).flatMap((term, i) =>
        term['labelSelector'] === undefined ? [`${at}.${must}[${i}].labelSelector: ${noSelector}`] : [],
      ),
      ...asList(pods[may]).flatMap((term, i) =>
        part(term, 'podAffinityTerm')['labelSelector'] === undefined
          ? [`${at}.${may}[${i}].podAffinityTerm.labelSelector: ${noSelector}`]
          : [],
      ),
    ]
  })
}

const graceRemark = 'must be >= 0; negative values are invalid and will be treated as 1'

/** `field`: where the template stands (`spec.template`); empty for a pod itself. */
export function podWarnings(meta: Partial<ObjectMeta>, spec: Loose, field: string): readonly string[] {
  const prefix = field === '' ? '' : `${field}.`
  const path = `${prefix}spec`
  const annotations: Annotations = meta.annotations ?? {}
  const at: Surroundings = { annotations: `${prefix}metadata.annotations`, isTemplate: field !== '' }
  const containers: Visited = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    asList(spec[list]).map((container, i) => [container, `${path}.${list}[${i}]`] as const),
  )
  const hasSeccomp = part(spec, 'securityContext')['seccompProfile'] !== undefined
  const grace = count(spec, 'terminationGracePeriodSeconds') ?? 0
  return [
    ...placementWarnings(spec, path),
    ...oldAnnotations.flatMap(([key, remark]) =>
      Object.hasOwn(annotations, key) ? [`${at.annotations}[${key}]: ${remark}`] : [],
    ),
    ...volumeWarnings(spec, path),
    ...overlapWarnings(asList(spec['volumes'])),
    ...repeated(spec, 'hostAliases', 'ip', path),
    ...repeated(spec, 'imagePullSecrets', 'name', path),
    ...asList(spec['imagePullSecrets']).flatMap((secret, i) =>
      text(secret, 'name') === '' ? [`${path}.imagePullSecrets[${i}].name: invalid empty name ""`] : [],
    ),
    ...fractions(part(spec, 'overhead'), `${path}.overhead`),
    ...(!hasSeccomp && Object.hasOwn(annotations, seccompPod)
      ? [`${at.annotations}[${seccompPod}]: ${seccompRemark}`]
      : []),
    ...containers.flatMap(([container, place]) => containerWarnings(container, place, annotations, at)),
    ...portWarnings(containers),
    ...portNameWarnings(containers),
    ...(grace < 0 ? [`${path}.terminationGracePeriodSeconds: ${graceRemark}`] : []),
    ...affinityWarnings(spec, path),
    ...texts(part(spec, 'dnsConfig'), 'nameservers').flatMap((server, i) =>
      ipWarnings(`${path}.dnsConfig.nameservers[${i}]`, server),
    ),
    ...asList(spec['hostAliases']).flatMap((alias, i) => ipWarnings(`${path}.hostAliases[${i}].ip`, text(alias, 'ip'))),
  ]
}

/** A name that makes bad host names. */
export function nameWarnings(object: KubeObject, faults: readonly string[]): readonly string[] {
  if (faults.length === 0) return []
  const use = object.kind === 'Pod' ? "the Pod's hostname" : 'Pod names and hostnames'
  const advice = `this is used in ${use}, which can result in surprising behavior; a DNS label is recommended`
  return [`metadata.name: ${advice}: [${faults.join(' ')}]`]
}
