import type { KubeObject, ObjectMeta, Pod, PodSpecFields } from '../api/types.ts'
import { newPodStatus } from '../api/workload/newPodStatus.ts'
import { admitPodSpec } from '../api/workload/podAdmission.ts'
import { defaultPod } from '../api/workload/podDefaults.ts'
import { fnv32a } from '../base/hash.ts'
import { createRandom } from '../base/random.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { canonicalJson } from './names.ts'

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
function admittedPod(spec: PodSpecFields): Pick<Pod, 'spec' | 'status'> {
  const known = admitted.get(spec)
  if (known) return known
  const given = defaultPod(spec) as PodSpecFields
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: '' }, spec: given }
  const result = admitPodSpec(pod, createRandom(fnv32a(canonicalJson(spec))))
  const made = { spec: result.ok ? result.value.spec : given, status: newPodStatus(given) }
  admitted.set(spec, made)
  return made
}

/** The pod `name` of `owner`, as its controller posts it. */
export function podFromTemplate(
  template: PodTemplate,
  owner: KubeObject,
  name: string,
  extra: { readonly labels?: Readonly<Record<string, string>>; readonly spec?: Partial<PodSpecFields> } = {},
): Pod {
  const { labels: own, annotations } = template.metadata ?? {}
  // Without additions the pods share the template's labels: one object for ten thousand.
  const labels = extra.labels ? { ...own, ...extra.labels } : own
  const { spec, status = {} } = admittedPod(template.spec)
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
