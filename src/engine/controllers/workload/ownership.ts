import type { Deployment, KubeObject, LabelSelector, Pod } from '../../api/types.ts'
import { byKey, objectKey } from '../../store/objects.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Change, Write } from '../../store/store.ts'
import { isActive } from '../podState.ts'
import { controllerReference } from './podTemplate.ts'
import { matchesSelector, selectorMatcher } from '../selector.ts'

/**
 * The keys of the `kind` objects that a changed pod concerns: its controller, before and after; for an orphan every one
 * whose selector takes it.
 */
export function ownerKeys(change: Change, snapshot: Snapshot, kind: string): readonly string[] {
  const { object, previous } = change
  // The usual case, and there are many pods: the owner has not changed.
  if (!previous || previous.metadata.ownerReferences === object.metadata.ownerReferences) {
    const owner = controllerOf(object)
    if (owner) return owner.kind === kind ? [objectKey(object.metadata.namespace, owner.name)] : none
  }
  return changedOwnerKeys(change, snapshot, kind)
}

function controllerOf(object: KubeObject): NonNullable<KubeObject['metadata']['ownerReferences']>[number] | undefined {
  for (const reference of object.metadata.ownerReferences ?? []) if (reference.controller === true) return reference
  return undefined
}

const none: readonly string[] = []

function changedOwnerKeys(change: Change, snapshot: Snapshot, kind: string): readonly string[] {
  const keys = new Set<string>()
  for (const pod of [change.object, change.previous]) {
    if (!pod) continue
    const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller)
    if (owner?.kind === kind) keys.add(objectKey(pod.metadata.namespace, owner.name))
    if (owner) continue
    for (const candidate of snapshot.indexed(kind, 'namespace', pod.metadata.namespace ?? '')) {
      const { selector } = (candidate as { readonly spec?: { readonly selector?: LabelSelector } }).spec ?? {}
      if (matchesSelector(selector, pod.metadata.labels)) {
        keys.add(objectKey(candidate.metadata.namespace, candidate.metadata.name))
      }
    }
  }
  return [...keys]
}

/**
 * The pods that belong to `owner`, by key: its own that still match `selector`, and orphans that match. `writes` let go
 * of the others and adopt the new ones. Source: controller_ref_manager.go.
 */
export function claimPods(
  snapshot: Snapshot,
  owner: KubeObject,
  selector: LabelSelector,
): { readonly pods: readonly Pod[]; readonly writes: readonly Write[] } {
  const pods: Pod[] = []
  const writes: Write[] = []
  let adopted = false
  const uid = owner.metadata.uid ?? '?'
  const matches = selectorMatcher(selector)
  for (const pod of snapshot.sorted('Pod', 'owner', uid)) {
    if (matches(pod.metadata.labels)) pods.push(pod)
    else if (pod.metadata.deletionTimestamp === undefined) writes.push(withOwners(pod, othersOf(pod, uid)))
  }
  for (const pod of snapshot.sorted('Pod', 'owner', '')) {
    if (pod.metadata.namespace !== owner.metadata.namespace) continue
    if (!isActive(pod) || !matches(pod.metadata.labels)) continue
    const write = withOwners(pod, [...(pod.metadata.ownerReferences ?? []), controllerReference(owner)])
    adopted = true
    writes.push(write)
    pods.push(write.object)
  }
  return { pods: adopted ? pods.sort(byKey) : pods, writes }
}

function othersOf(object: KubeObject, uid: string): NonNullable<Pod['metadata']['ownerReferences']> {
  return (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid)
}

function withOwners(
  pod: Pod,
  ownerReferences: NonNullable<Pod['metadata']['ownerReferences']>,
): { readonly type: 'update'; readonly object: Pod } {
  return { type: 'update', object: { ...pod, metadata: { ...pod.metadata, ownerReferences } } }
}

/**
 * The writes by which a Deployment takes over orphaned ReplicaSets that its selector matches, and lets go of its own that it
 * matches no longer. Source: controller_ref_manager.go ClaimReplicaSets.
 */
export function claimReplicaSets(snapshot: Snapshot, owner: Deployment): readonly Write[] {
  const uid = owner.metadata.uid ?? '?'
  const { namespace = '' } = owner.metadata
  const matches = selectorMatcher(owner.spec.selector)
  const released = snapshot
    .sorted('ReplicaSet', 'owner', uid)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined && !matches(metadata.labels))
    .map((set): Write => ({
      type: 'update',
      object: { ...set, metadata: { ...set.metadata, ownerReferences: othersOf(set, uid) } },
    }))
  const adopted = snapshot
    .sorted('ReplicaSet', 'owner', '')
    .filter(({ metadata }) => metadata.namespace === namespace && metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => matches(metadata.labels))
    .map((set): Write => {
      const ownerReferences = [...(set.metadata.ownerReferences ?? []), controllerReference(owner)]
      return { type: 'update', object: { ...set, metadata: { ...set.metadata, ownerReferences } } }
    })
  return [...released, ...adopted]
}
