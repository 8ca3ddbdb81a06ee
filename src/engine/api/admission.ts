import type { Random } from '../base/random.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import { forbidden } from './fieldError.ts'
import type { FieldError } from './fieldError.ts'
import { admitService } from './service/admit.ts'
import type { Pools } from './service/pools.ts'
import { serviceWarnings } from './service/warnings.ts'
import { forbiddenStatus, invalidStatus } from './status.ts'
import type { StatusError } from './status.ts'
import type { EndpointSlice, KubeObject, Pod, Service } from './types.ts'
import { endpointsWarnings, validateEndpoints } from './other/endpoints.ts'
import { endpointSliceWarnings, prepareEndpointSlice, validateEndpointSlice } from './other/endpointSlice.ts'
import { prepareNamespace, validateConfigMap, validateNamespace, validateNode } from './other/basics.ts'
import { prepareStored, storedWarnings, validateStored } from './stored/storedKinds.ts'
import { dns1123Label } from './validation/names.ts'
import { asLoose } from './workload/loose.ts'
import type { Loose } from './workload/loose.ts'
import { claimWarnings } from './workload/validateClaim.ts'
import { syncAppArmor } from './workload/appArmorSync.ts'
import { newPodStatus } from './workload/newPodStatus.ts'
import { admitPodSpec, overheadFault, withTolerations } from './workload/podAdmission.ts'
import type { Lookups } from './workload/podAdmission.ts'
import { nameWarnings, podWarnings } from './workload/podWarnings.ts'
import { validatePod, validatePodUpdate } from './workload/validatePod.ts'
import { validateWorkload, validateWorkloadUpdate } from './workload/validateWorkload.ts'
import { plainJson } from './json.ts'

export interface AdmissionContext {
  readonly pools: Pools
  /** For addresses, ports and names that nobody chose. */
  readonly random: Random
  readonly dryRun: boolean
  readonly lookups: Lookups
  /** The time of the request, as objects hold it. */
  readonly now: string
  /** Hears what is remarked even where the object is refused. */
  readonly warn: (warning: string) => void
}

export interface Admitted {
  readonly object: KubeObject
  readonly warnings: readonly string[]
}

/** Workloads may ask for this many pods: what is beyond is refused with our own words rather than never finishing. */
export const maxReplicas = 150_000

const workloads = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']

/**
 * Admits a decoded, defaulted object: new (`old` undefined) or in the place of `old`. Its name is final by now.
 * Pure: what the object holds of the pools is counted by whoever stores it.
 */
export function admit(
  object: KubeObject,
  old: KubeObject | undefined,
  context: AdmissionContext,
): Result<Admitted, StatusError> {
  if (object.kind === 'Pod') return admitPod(object as Pod, old as Pod | undefined, context)
  const prepared = old ? carryOver(prepare(object), old) : prepareNew(prepare(object), context.random)
  if (prepared.kind === 'Service') {
    const admitted = admitService(prepared as Service, old as Service | undefined, context)
    return admitted.ok ? ok({ object: admitted.value, warnings: serviceWarnings(admitted.value) }) : admitted
  }
  const faults = [...validate(prepared, old), ...boundFaults(prepared)]
  if (faults.length > 0) return err(invalidStatus(prepared.kind, prepared.metadata.name, faults))
  return ok({ object: withoutEmptyLabels(prepared), warnings: warningsOf(prepared, old) })
}

function admitPod(pod: Pod, old: Pod | undefined, context: AdmissionContext): Result<Admitted, StatusError> {
  const { name } = pod.metadata
  if (old) {
    const next = carryOver({ ...pod, spec: keptPriority(withTolerations(pod.spec), old) }, old) as Pod
    const faults = validatePodUpdate(next, old)
    return faults.length > 0 ? err(invalidStatus('Pod', name, faults)) : ok({ object: next, warnings: [] })
  }
  const admitted = admitPodSpec(pod, context.random, context.lookups)
  if (!admitted.ok) return err(forbiddenStatus('pods', name, admitted.error))
  const synced = syncAppArmor(admitted.value)
  const next: Pod = { ...synced.pod, status: newPodStatus(synced.pod.spec, context.now) }
  synced.warnings.forEach(context.warn)
  const faults = validatePod(next)
  if (faults.length > 0) return err(invalidStatus('Pod', name, faults))
  const forbidden = overheadFault(next, context.lookups)
  if (forbidden !== undefined) return err(forbiddenStatus('pods', name, forbidden))
  const warnings = [...nameWarnings(next, dns1123Label(name)), ...podWarnings(next.metadata, next.spec, '')]
  return ok({ object: next, warnings })
}

/** What admission gave a pod once is not asked of those who write it again. */
function keptPriority(spec: Loose, old: Pod): Loose {
  const before: Loose = old.spec
  const kept = ['priority', 'preemptionPolicy'].filter(
    (field) => spec[field] === undefined && before[field] !== undefined,
  )
  return kept.length === 0 ? spec : { ...spec, ...Object.fromEntries(kept.map((field) => [field, before[field]])) }
}

/** An empty map of labels is only told from none while the manifest is judged. */
function withoutEmptyLabels(object: KubeObject): KubeObject {
  const spec = asLoose(object['spec'])
  const template = asLoose(spec?.['template'])
  const meta = asLoose(template?.['metadata'])
  const labels = asLoose(meta?.['labels'])
  if (!workloads.includes(object.kind) || !meta || !labels || Object.keys(labels).length > 0) return object
  const metadata = Object.fromEntries(Object.entries(meta).filter(([field]) => field !== 'labels'))
  return { ...object, spec: { ...spec, template: { ...template, metadata } } }
}

function prepare(object: KubeObject): KubeObject {
  return object.kind === 'EndpointSlice' ? prepareEndpointSlice(object as EndpointSlice) : object
}

const templateGeneration = 'deprecated.daemonset.template.generation'

/** Fields that only the system sets, and what admission plugins add. */
function prepareNew(object: KubeObject, random: Random): KubeObject {
  switch (object.kind) {
    case 'Service':
      return { ...object, status: { loadBalancer: {} } }
    case 'Namespace':
      return prepareNamespace(object)
    case 'DaemonSet':
      return withAnnotation(withoutStatus(object), templateGeneration, '1')
    default:
      return workloads.includes(object.kind) ? withoutStatus(object) : prepareStored(object, random)
  }
}

function withAnnotation(object: KubeObject, key: string, value: string): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [key]: value } } }
}

/** A new workload's status is the controller's to write. */
function withoutStatus(object: KubeObject): KubeObject {
  const zero: Readonly<Record<string, unknown>> = {
    ReplicaSet: { replicas: 0 },
    StatefulSet: { replicas: 0, availableReplicas: 0 },
    DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  }
  return { ...object, status: zero[object.kind] ?? {} }
}

/** On an update the status stays, and so does metadata that clients may leave out. */
function carryOver(object: KubeObject, old: KubeObject): KubeObject {
  const metadata = { ...object.metadata }
  const before = old.metadata
  const kept = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const
  const merged: Record<string, unknown> = metadata
  for (const field of kept) merged[field] ??= before[field]
  // A client's count of changes is never believed.
  merged['generation'] = before.generation
  if (before.generateName !== undefined) merged['generateName'] ??= before.generateName
  Reflect.deleteProperty(merged, 'selfLink')
  for (const field of Object.keys(merged)) if (merged[field] === undefined) Reflect.deleteProperty(merged, field)
  let next: KubeObject = { ...object, metadata }
  if (old['status'] !== undefined) next = { ...next, status: old['status'] }
  if (object.kind === 'Namespace') {
    const labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
    next = { ...next, metadata: { ...metadata, labels }, spec: old['spec'] ?? { finalizers: ['kubernetes'] } }
  }
  if (object.kind === 'DaemonSet') {
    const changed = plainJson(asLoose(object['spec'])?.['template']) !== plainJson(asLoose(old['spec'])?.['template'])
    const generation = Number(before.annotations?.[templateGeneration] ?? '1') + (changed ? 1 : 0)
    next = withAnnotation(next, templateGeneration, String(generation))
  }
  return next
}

function validate(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  switch (object.kind) {
    case 'Namespace':
      return validateNamespace(object, old)
    case 'ConfigMap':
      return validateConfigMap(object, old)
    case 'Node':
      return validateNode(object, old)
    case 'Endpoints':
      return validateEndpoints(object, old)
    case 'EndpointSlice':
      return validateEndpointSlice(object as EndpointSlice, old as EndpointSlice | undefined)
    default:
      if (workloads.includes(object.kind)) return old ? validateWorkloadUpdate(object, old) : validateWorkload(object)
      return validateStored(object, old)
  }
}

/** The simulator's own limit. */
function boundFaults(object: KubeObject): readonly FieldError[] {
  const replicas = asLoose(object['spec'])?.['replicas']
  if (!workloads.includes(object.kind) || typeof replicas !== 'number' || replicas <= maxReplicas) return []
  return [forbidden('spec.replicas', `more than ${maxReplicas} pods are not simulated (docs/fidelity.md)`)]
}

function warningsOf(object: KubeObject, old: KubeObject | undefined): readonly string[] {
  switch (object.kind) {
    case 'Endpoints':
      return endpointsWarnings(object)
    case 'EndpointSlice':
      return endpointSliceWarnings(object as EndpointSlice)
    default:
      return workloads.includes(object.kind) ? workloadWarnings(object, old) : storedWarnings(object, old)
  }
}

function workloadWarnings(object: KubeObject, old: KubeObject | undefined): readonly string[] {
  const [spec, before] = [asLoose(object['spec']) ?? {}, asLoose(old?.['spec'])]
  const template = asLoose(spec['template']) ?? {}
  const isSet = object.kind === 'StatefulSet'
  const part = object.kind === 'DaemonSet' ? 'template' : undefined
  const changed = !before || plainJson(part ? spec[part] : spec) !== plainJson(part ? before[part] : before)
  const names = isSet || object.kind === 'DaemonSet' || old ? [] : dns1123Label(object.metadata.name)
  const limit = spec['revisionHistoryLimit']
  const claims = Array.isArray(spec['volumeClaimTemplates']) ? (spec['volumeClaimTemplates'] as readonly Loose[]) : []
  return [
    ...nameWarnings(object, names),
    ...(changed
      ? podWarnings(asLoose(template['metadata']) ?? {}, asLoose(template['spec']) ?? {}, 'spec.template')
      : []),
    ...(isSet
      ? claims.flatMap((claim, i) =>
          claimWarnings(asLoose(claim['spec']) ?? {}, `spec.volumeClaimTemplates[${i}]${old ? '.Spec' : ''}`),
        )
      : []),
    ...(isSet && typeof limit === 'number' && limit < 0 ? [historyRemark] : []),
  ]
}

const historyRemark =
  'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'
