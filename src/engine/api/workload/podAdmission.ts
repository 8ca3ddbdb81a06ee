import type { Random } from '../../base/random.ts'
import { err, ok } from '../../base/result.ts'
import type { Result } from '../../base/result.ts'
import { plainJson } from '../json.ts'
import type { KubeObject, Pod } from '../types.ts'
import { part, text } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { mergeLabelKeys } from './labelKeys.ts'

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Five characters as the API server appends them to generated names. */
export function nameSuffix(random: Random): string {
  let suffix = ''
  for (let i = 0; i < 5; i++) suffix += suffixAlphabet.charAt(random.below(suffixAlphabet.length))
  return suffix
}

/** The objects that admission asks for. */
export interface Lookups {
  readonly find: (kind: string, namespace: string, name: string) => KubeObject | undefined
  readonly all: (kind: string) => readonly KubeObject[]
}

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const tokenVolumePrefix = 'kube-api-access-'

function tokenVolume(name: string): Loose {
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
    {
      downwardAPI: { items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }] },
    },
  ]
  return { name, projected: { defaultMode: 420, sources } }
}

function hasToken(container: Loose): boolean {
  return asList(container['volumeMounts']).some((mount) => mount['mountPath'] === tokenPath)
}

function withToken(spec: Loose, random: Random): Loose {
  const volumes = asList(spec['volumes'])
  const own = volumes.find((volume) => text(volume, 'name').startsWith(tokenVolumePrefix))
  const name = own ? text(own, 'name') : `${tokenVolumePrefix}${nameSuffix(random)}`
  let next = spec
  const isNeeded = ['initContainers', 'containers'].some((list) => !asList(spec[list]).every(hasToken))
  for (const list of ['initContainers', 'containers']) {
    if (next[list] === undefined) continue
    const containers = asList(next[list]).map((container) => {
      if (hasToken(container)) return container
      const mount = { mountPath: tokenPath, name, readOnly: true }
      return { ...container, volumeMounts: [...asList(container['volumeMounts']), mount] }
    })
    next = { ...next, [list]: containers }
  }
  return isNeeded && !own ? { ...next, volumes: [...volumes, tokenVolume(name)] } : next
}

function withAccount(pod: Pod, random: Random, lookups: Lookups | undefined): Loose {
  const name = text(pod.spec, 'serviceAccountName') || 'default'
  const account = lookups?.find('ServiceAccount', pod.metadata.namespace ?? 'default', name)
  let spec: Loose = { ...pod.spec, serviceAccount: name, serviceAccountName: name }
  const mounts = spec['automountServiceAccountToken'] ?? account?.['automountServiceAccountToken']
  if (mounts !== false) spec = withToken(spec, random)
  const secrets = asList(account?.['imagePullSecrets'])
  if (asList(spec['imagePullSecrets']).length === 0 && secrets.length > 0) {
    spec = { ...spec, imagePullSecrets: secrets.map((secret) => ({ name: text(secret, 'name') })) }
  }
  return spec
}

/** The two tolerations that every pod has: what comes of a node that is gone is seen after five minutes. */
export function withTolerations(spec: Loose): Loose {
  const tolerations = asList(spec['tolerations'])
  const tolerates = (key: string): boolean =>
    tolerations.some(
      (toleration) =>
        ((toleration['key'] ?? '') === '' || toleration['key'] === key) &&
        ((toleration['effect'] ?? '') === '' || toleration['effect'] === 'NoExecute'),
    )
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !tolerates(key))
    .map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 }))
  return added.length === 0 ? spec : { ...spec, tolerations: [...tolerations, ...added] }
}

interface Priority {
  readonly name?: string
  readonly value: number
  readonly policy: string
}

const lower = 'PreemptLowerPriority'
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2000001000,
  'system-cluster-critical': 2000000000,
}

function priorityOf(spec: Loose, lookups: Lookups | undefined): Priority | undefined {
  const read = (found: KubeObject): Priority => ({
    name: found.metadata.name,
    value: Number(found['value'] ?? 0),
    policy: text(found, 'preemptionPolicy') || lower,
  })
  const name = text(spec, 'priorityClassName')
  if (name !== '') {
    const found = lookups?.find('PriorityClass', '', name)
    if (found) return read(found)
    const value = Object.hasOwn(systemClasses, name) ? systemClasses[name] : undefined
    return value === undefined ? undefined : { name, value, policy: lower }
  }
  const defaults = (lookups?.all('PriorityClass') ?? []).filter((found) => found['globalDefault'] === true).map(read)
  const first = [...defaults].sort((a, b) => a.value - b.value)[0]
  return first ?? { value: 0, policy: lower }
}

function withPriority(spec: Loose, lookups: Lookups | undefined): Result<Loose, string> {
  const found = priorityOf(spec, lookups)
  if (!found) return err(`no PriorityClass with name ${text(spec, 'priorityClassName')} was found`)
  const value = spec['priority'] ?? found.value
  const policy = text(spec, 'preemptionPolicy') || found.policy
  const computed = 'must not be provided in pod spec; priority admission controller computed'
  const given = 'from the given PriorityClass name'
  if (value !== found.value) {
    return err(`the integer value of priority (${JSON.stringify(value)}) ${computed} ${found.value} ${given}`)
  }
  if (policy !== found.policy) {
    return err(`the string value of PreemptionPolicy (${policy}) ${computed} ${found.policy} ${given}`)
  }
  const name = found.name === undefined ? {} : { priorityClassName: found.name }
  return ok({ ...spec, ...name, priority: found.value, preemptionPolicy: found.policy })
}

function withRuntimeClass(spec: Loose, lookups: Lookups | undefined): Result<Loose, string> {
  const name = spec['runtimeClassName']
  if (typeof name !== 'string' || !lookups) return ok(spec)
  const found = lookups.find('RuntimeClass', '', name)
  if (!found) return err(`pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  const fixed = asLoose(part(found, 'overhead')['podFixed'])
  let next = spec
  if (found['overhead'] !== undefined) {
    if (next['overhead'] !== undefined && plainJson(next['overhead']) !== plainJson(fixed)) {
      return err("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    }
    if (fixed) next = { ...next, overhead: fixed }
  }
  const scheduling = asLoose(found['scheduling'])
  if (!scheduling) return ok(next)
  const own = part(next, 'nodeSelector')
  for (const [key, value] of Object.entries(part(scheduling, 'nodeSelector'))) {
    if (own[key] === undefined || own[key] === value) continue
    const side = (whose: string, selector: Loose): string => `${whose}.nodeSelector[${key}] = ${text(selector, key)}`
    const sides = `${side('runtimeClass.scheduling', part(scheduling, 'nodeSelector'))}; ${side('pod.spec', own)}`
    return err(`conflict: ${sides}`)
  }
  const nodeSelector = { ...own, ...part(scheduling, 'nodeSelector') }
  const tolerations = [...asList(next['tolerations']), ...asList(scheduling['tolerations'])]
  return ok({
    ...next,
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(tolerations.length > 0 ? { tolerations } : {}),
  })
}

const mirror = 'kubernetes.io/config.mirror'

/**
 * What the admission plugins make of a new pod: service account and its token, priority, the two standard tolerations,
 * runtime class; or why they forbid it. Without `lookups` nothing is asked for and nothing forbidden.
 * Source: kubernetes plugin/pkg/admission: serviceaccount, priority, defaulttolerationseconds, runtimeclass.
 */
export function admitPodSpec(pod: Pod, random: Random, lookups?: Lookups): Result<Pod, string> {
  const isMirror = Object.hasOwn(pod.metadata.annotations ?? {}, mirror)
  if (isMirror && text(pod.spec, 'serviceAccountName') !== '') {
    return err('a mirror pod may not reference service accounts')
  }
  const prioritized = withPriority(isMirror ? pod.spec : withAccount(pod, random, lookups), lookups)
  if (!prioritized.ok) {
    if (lookups) return prioritized
    return ok({ ...pod, spec: withTolerations({ ...pod.spec, preemptionPolicy: lower, priority: 0 }) as Pod['spec'] })
  }
  const run = withRuntimeClass(withTolerations(prioritized.value), lookups)
  if (!run.ok) return run
  return ok({ ...pod, spec: mergeLabelKeys(run.value, pod.metadata.labels) as Pod['spec'] })
}

/** What is forbidden only after everything else was found well: overhead that no runtime class speaks of. */
export function overheadFault(pod: Pod, lookups: Lookups): string | undefined {
  const name = text(pod.spec, 'runtimeClassName')
  const found = name === '' ? undefined : lookups.find('RuntimeClass', '', name)
  if ((pod.spec as Loose)['overhead'] === undefined || found?.['overhead'] !== undefined) return undefined
  return 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
}
