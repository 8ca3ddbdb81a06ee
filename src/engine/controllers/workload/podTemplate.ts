import type { KubeObject, ObjectMeta, Pod, PodSpecFields } from '../../api/types.ts'
import { newPodStatus } from '../../api/workload/newPodStatus.ts'
import { admitPodSpec, overheadFault } from '../../api/workload/podAdmission.ts'
import type { Lookups } from '../../api/workload/podAdmission.ts'
import { defaultPod } from '../../api/workload/podDefaults.ts'
import { fnv32a } from '../../base/hash.ts'
import { createRandom } from '../../base/random.ts'
import { objectKey } from '../../store/objects.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import { canonicalJson } from '../names.ts'

/** A pod as a workload's template describes it. */
export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>
  readonly spec: PodSpecFields
}

// One spec object for all pods of a template: ten thousand replicas share it until they are scheduled.
const admitted = new WeakMap<PodSpecFields, Pick<Pod, 'spec' | 'status'>>()

/**
 * What pod admission makes of a template's spec: service account, its token, the default tolerations. Differs: the token
 * volume of all pods of a template has the same generated name.
 */
function admittedPod(
  { spec, metadata }: PodTemplate,
  namespace: string,
  lookups: Lookups | undefined,
): Pick<Pod, 'spec' | 'status'> {
  const known = admitted.get(spec)
  if (known) return known
  const given = defaultPod(spec) as PodSpecFields
  const labels = metadata?.labels
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: '', namespace, ...(labels ? { labels } : {}) },
    spec: given,
  }
  const result = admitPodSpec(pod, createRandom(fnv32a(canonicalJson(spec))), lookups)
  const made = { spec: result.ok ? result.value.spec : given, status: newPodStatus(given) }
  admitted.set(spec, made)
  return made
}

/** What admission may ask for, in `snapshot`. */
export function lookupsIn(snapshot: Snapshot): Lookups {
  return {
    find: (kind, namespace, name) => snapshot.get(kind, objectKey(namespace, name)),
    all: (kind) => [...snapshot.list(kind)],
  }
}

/** Fields by which admission may refuse a pod. */
const asked = ['priorityClassName', 'priority', 'preemptionPolicy', 'runtimeClassName', 'overhead']

/** Why the API server takes no pods of this template: what it forbids of pods and not of templates. */
export function podRefusal(
  template: PodTemplate,
  owner: KubeObject,
  snapshot: Snapshot,
  name = `${owner.metadata.name}-`,
): string | undefined {
  const { spec } = template
  const namespace = owner.metadata.namespace ?? 'default'
  const account = (spec['serviceAccountName'] as string | undefined) ?? 'default'
  const forbidden = (why: string): string => `pods "${name}" is forbidden: ${why}`
  if (account !== 'default' && !snapshot.get('ServiceAccount', objectKey(namespace, account))) {
    return forbidden(`error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`)
  }
  if (asked.every((field) => spec[field] === undefined)) return undefined
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: '', namespace }, spec }
  const lookups = lookupsIn(snapshot)
  const admitted = admitPodSpec(pod, createRandom(0), lookups)
  const why = admitted.ok ? overheadFault(admitted.value, lookups) : admitted.error
  return why === undefined ? undefined : forbidden(why)
}

/** The pod `name` of `owner`, as its controller posts it. */
export function podFromTemplate(
  template: PodTemplate,
  owner: KubeObject,
  name: string,
  extra: {
    readonly labels?: Readonly<Record<string, string>>
    readonly spec?: Partial<PodSpecFields>
    readonly lookups?: Lookups
  } = {},
): Pod {
  const { labels: own, annotations } = template.metadata ?? {}
  // Without additions the pods share the template's labels: one object for ten thousand.
  const labels = extra.labels ? { ...own, ...extra.labels } : own
  const { spec, status = {} } = admittedPod(template, owner.metadata.namespace ?? 'default', extra.lookups)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      name,
      namespace: owner.metadata.namespace ?? 'default',
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ownerReferences: referencesTo(owner),
    },
    spec: extra.spec ? { ...spec, ...extra.spec } : spec,
    status,
  }
}

const references = new WeakMap<KubeObject, NonNullable<ObjectMeta['ownerReferences']>>()

/** One list for all pods that `owner` creates in one sync. */
function referencesTo(owner: KubeObject): NonNullable<ObjectMeta['ownerReferences']> {
  const known = references.get(owner)
  if (known) return known
  const made = [controllerReference(owner)]
  references.set(owner, made)
  return made
}

/** The owner reference that makes `owner` the controller. */
export function controllerReference(owner: KubeObject): NonNullable<ObjectMeta['ownerReferences']>[number] {
  const { name, uid } = owner.metadata
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid: uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Whether the API server takes nothing new for the namespace of `owner`, since it is being deleted. Its controllers then wait. */
export function isNamespaceClosed(snapshot: Snapshot, { metadata }: KubeObject): boolean {
  return snapshot.get('Namespace', metadata.namespace ?? '')?.metadata.deletionTimestamp !== undefined
}
