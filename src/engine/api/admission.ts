import type { Random } from '../base/random.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import { forbidden } from './fieldError.ts'
import type { FieldError } from './fieldError.ts'
import { admitService } from './service/admit.ts'
import type { Pools } from './service/pools.ts'
import { serviceWarnings } from './service/warnings.ts'
import { invalidStatus } from './status.ts'
import type { StatusError } from './status.ts'
import type { EndpointSlice, KubeObject, Pod, Service } from './types.ts'
import { endpointsWarnings, validateEndpoints } from './other/endpoints.ts'
import { endpointSliceWarnings, prepareEndpointSlice, validateEndpointSlice } from './other/endpointSlice.ts'
import { prepareNamespace, validateConfigMap, validateNamespace, validateNode } from './other/basics.ts'
import { prepareStored, storedWarnings, validateStored } from './stored/storedKinds.ts'
import { dns1123Label } from './validation/names.ts'
import { asLoose } from './workload/podDefaults.ts'
import { newPodStatus } from './workload/newPodStatus.ts'
import { admitPodSpec } from './workload/podAdmission.ts'
import { nameWarnings, podWarnings, validatePod, validatePodUpdate } from './workload/validatePod.ts'
import { validateWorkload, validateWorkloadUpdate } from './workload/validateWorkload.ts'
import { plainJson } from './json.ts'

export interface AdmissionContext {
  readonly pools: Pools
  /** For addresses, ports and names that nobody chose. */
  readonly random: Random
  readonly dryRun: boolean
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
  const prepared = old ? carryOver(prepare(object), old) : prepareNew(prepare(object), context)
  if (prepared.kind === 'Service') {
    const admitted = admitService(prepared as Service, old as Service | undefined, context)
    return admitted.ok ? ok({ object: admitted.value, warnings: serviceWarnings(admitted.value) }) : admitted
  }
  const faults = [...validate(prepared, old), ...boundFaults(prepared)]
  if (faults.length > 0) return err(invalidStatus(prepared.kind, prepared.metadata.name, faults))
  return ok({ object: prepared, warnings: warningsOf(prepared, old) })
}

function prepare(object: KubeObject): KubeObject {
  return object.kind === 'EndpointSlice' ? prepareEndpointSlice(object as EndpointSlice) : object
}

const templateGeneration = 'deprecated.daemonset.template.generation'

/** Fields that only the system sets, and what admission plugins add. */
function prepareNew(object: KubeObject, context: AdmissionContext): KubeObject {
  switch (object.kind) {
    case 'Service':
      return { ...object, status: { loadBalancer: {} } }
    case 'Namespace':
      return prepareNamespace(object)
    case 'Pod':
      return {
        ...admitPodSpec(object as Pod, context.random),
        status: newPodStatus((object as Pod).spec),
      }
    case 'DaemonSet':
      return withAnnotation(withoutStatus(object), templateGeneration, '1')
    default:
      return workloads.includes(object.kind) ? withoutStatus(object) : prepareStored(object, context.random)
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
    case 'Pod':
      return old ? validatePodUpdate(object as Pod, old as Pod) : validatePod(object as Pod)
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
    case 'Pod':
      return [
        ...(old ? [] : nameWarnings(object, dns1123Label(object.metadata.name))),
        ...podWarnings((object as Pod).spec, 'spec'),
      ]
    default: {
      if (!workloads.includes(object.kind)) return storedWarnings(object, old)
      const template = asLoose(asLoose(object['spec'])?.['template'])
      const names = object.kind === 'DaemonSet' || old ? [] : dns1123Label(object.metadata.name)
      return [...nameWarnings(object, names), ...podWarnings(asLoose(template?.['spec']) ?? {}, 'spec.template.spec')]
    }
  }
}
