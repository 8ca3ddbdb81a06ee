import type { Condition, Pod, ReplicaSet } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { deletionOf } from '../../store/deletion.ts'
import { keyOf, objectKey } from '../../store/objects.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Change, Write } from '../../store/store.ts'
import { formatTimestamp } from '../../store/timestamp.ts'
import type { Context, Controller, Reconciled } from '../controller.ts'
import { recordEvent } from '../events.ts'
import { generateName } from '../names.ts'
import { claimPods, ownerKeys } from './ownership.ts'
import { isActive, isAvailable, isFinished, isReady, isTerminating } from '../podState.ts'
import { isNamespaceClosed, lookupsIn, podFromTemplate, podRefusal } from './podTemplate.ts'
import { sortVictims } from './victims.ts'

/** Pods that one sync creates or deletes at most. Source: replica_set.go BurstReplicas. */
const burst = 500
const component = 'replicaset-controller'
const [failure, failed] = ['ReplicaFailure', 'FailedCreate']
/** Kinds that admission asks for when pods are made. */
const gateKeepers = ['ServiceAccount', 'PriorityClass', 'RuntimeClass']

/** The condition that says that the set's pods are refused. */
export function failureOf(set: ReplicaSet): Condition | undefined {
  const status = set.status as { readonly conditions?: readonly Condition[] } | undefined
  return status?.conditions?.find(({ type }) => type === failure)
}

/** Keeps as many pods as a ReplicaSet wants. Source: kubernetes pkg/controller/replicaset/replica_set.go. */
export const replicaSetController: Controller = {
  name: 'replicaset',
  kinds: ['ReplicaSet', 'Pod', ...gateKeepers],
  delay: 10,
  wakes: (change, snapshot) => {
    if (change.kind === 'ReplicaSet') return isOwnReport(change) ? [] : [change.key]
    if (gateKeepers.includes(change.kind)) return refusedSets(change, snapshot)
    return change.kind === 'Pod' && countsAnew(change) ? ownerKeys(change, snapshot, 'ReplicaSet') : []
  },
  reconcile: (context, keys) => {
    const results = keys.map((key) => reconcileReplicaSet(context, key))
    return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
  },
}

/** Sets whose pods were refused: what they lacked may be there now. */
function refusedSets({ kind, object, type }: Change, snapshot: Snapshot): readonly string[] {
  if (type === 'DELETED' || (kind === 'ServiceAccount' && object.metadata.name === 'default')) return []
  return [...snapshot.list('ReplicaSet')].filter((set) => failureOf(set) !== undefined).map(keyOf)
}

/** Its own status comes back on the watch: no news, since the pods that it counts wake the controller themselves. */
function isOwnReport({ type, object, previous }: Change): boolean {
  return (
    type === 'MODIFIED' &&
    previous !== undefined &&
    object['spec'] === previous['spec'] &&
    object.metadata.labels === previous.metadata.labels &&
    object.metadata.annotations === previous.metadata.annotations &&
    object.metadata.deletionTimestamp === previous.metadata.deletionTimestamp
  )
}

/** Whether a changed pod may be counted otherwise than before: most of what happens to a pod is no news here. */
function countsAnew({ type, object, previous }: Change): boolean {
  if (type !== 'MODIFIED' || !previous) return true
  const [after, before] = [object as Pod, previous as Pod]
  return (
    after.metadata.labels !== before.metadata.labels ||
    after.metadata.ownerReferences !== before.metadata.ownerReferences ||
    isActive(after) !== isActive(before) ||
    isReady(after) !== isReady(before)
  )
}

/** The writes that bring the pods of the ReplicaSet at `key` nearer to its replicas, and its status in line. */
export function reconcileReplicaSet(context: Context, key: string): Reconciled {
  const { snapshot, now } = context
  const set = snapshot.get('ReplicaSet', key)
  if (!set || set.metadata.deletionTimestamp !== undefined) return { writes: [] }
  const { pods, writes: claims } = claimPods(snapshot, set, set.spec.selector)
  const { active, ...counts } = tally(set, pods, now)
  const wanted = set.spec.replicas ?? 1
  const refusal = active.length < wanted ? podRefusal(set.spec.template, set, snapshot) : undefined
  const changes =
    refusal !== undefined
      ? [
          recordEvent(context, set, component, {
            type: 'Warning',
            reason: failed,
            message: `Error creating: ${refusal}`,
          }),
        ]
      : active.length < wanted
        ? createPods(context, set, wanted - active.length)
        : []
  if (active.length > wanted) changes.push(...deletePods(context, set, active, active.length - wanted))
  // The burst limit leaves the rest to the next sync, which the pods of this one wake.
  const status = statusWrite(set, { replicas: active.length, ...counts }, refusal, now)
  return {
    writes: [...claims, ...changes, ...status],
    ...(counts.readyReplicas > counts.availableReplicas ? { again: [{ key, at: now + 1000 }] } : {}),
  }
}

function minReadySeconds(set: ReplicaSet): number {
  return (set.spec['minReadySeconds'] as number | undefined) ?? 0
}

function createPods(context: Context, set: ReplicaSet, missing: number): Write[] {
  const { snapshot, now, random } = context
  if (isNamespaceClosed(snapshot, set)) return []
  const namespace = set.metadata.namespace ?? 'default'
  // Named by the moment: a name that was given up does not come back.
  const names = random.fork(`pod names ${keyOf(set)} ${now}`)
  const taken = new Set<string>()
  const lookups = lookupsIn(snapshot)
  const writes: Write[] = []
  for (let i = 0; i < Math.min(missing, burst); i++) {
    const name = generateName(
      `${set.metadata.name}-`,
      names,
      (candidate) => taken.has(candidate) || snapshot.get('Pod', objectKey(namespace, candidate)) !== undefined,
    )
    taken.add(name)
    writes.push({ type: 'create', object: podFromTemplate(set.spec.template, set, name, { lookups }) })
    const message = `Created pod: ${name}`
    writes.push(recordEvent(context, set, component, { type: 'Normal', reason: 'SuccessfulCreate', message }))
  }
  return writes
}

function deletePods(context: Context, set: ReplicaSet, active: readonly Pod[], surplus: number): Write[] {
  const victims = sortVictims(active, relatedPerNode(context.snapshot, set, active), context.now)
  return victims.slice(0, Math.min(surplus, burst)).flatMap((pod) => {
    const write = deletionOf(pod, context.now)
    const message = `Deleted pod: ${pod.metadata.name}`
    return write
      ? [write, recordEvent(context, set, component, { type: 'Normal', reason: 'SuccessfulDelete', message })]
      : []
  })
}

/** Active pods per node of all ReplicaSets with the same owner. */
function relatedPerNode(snapshot: Snapshot, set: ReplicaSet, own: readonly Pod[]): ReadonlyMap<string, number> {
  const owner = set.metadata.ownerReferences?.find((reference) => reference.controller)?.uid
  const sets = owner === undefined ? [set] : [...snapshot.indexed('ReplicaSet', 'owner', owner)]
  const perNode = new Map<string, number>()
  for (const one of sets) {
    const pods = one.metadata.uid === set.metadata.uid ? own : snapshot.indexed('Pod', 'owner', one.metadata.uid ?? '?')
    for (const pod of pods) {
      const node = pod.spec.nodeName
      if (node !== undefined && isActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1)
    }
  }
  return perNode
}

const shownAsZero = new Set(['replicas', 'terminatingReplicas'])

/** What a ReplicaSet's status counts. */
interface Counts {
  readonly replicas: number
  readonly fullyLabeledReplicas: number
  readonly readyReplicas: number
  readonly availableReplicas: number
  readonly terminatingReplicas: number
}

/** Sorts out `pods` in one pass: every change of one of ten thousand asks for it anew. */
function tally(
  set: ReplicaSet,
  pods: readonly Pod[],
  now: SimTime,
): Omit<Counts, 'replicas'> & { readonly active: readonly Pod[] } {
  const minReady = minReadySeconds(set)
  const { labels } = set.spec.template.metadata ?? {}
  const wantedLabels = Object.entries(labels ?? {})
  const active: Pod[] = []
  let [terminating, labelled, ready, available] = [0, 0, 0, 0]
  for (const pod of pods) {
    if (isFinished(pod)) continue
    if (isTerminating(pod)) {
      terminating += 1
      continue
    }
    active.push(pod)
    const own = pod.metadata.labels
    if (own === labels || wantedLabels.every(([key, value]) => own?.[key] === value)) labelled += 1
    if (!isReady(pod)) continue
    ready += 1
    if (minReady === 0 || isAvailable(pod, minReady, now)) available += 1
  }
  return {
    active,
    fullyLabeledReplicas: labelled,
    readyReplicas: ready,
    availableReplicas: available,
    terminatingReplicas: terminating,
  }
}

/** The condition of a set whose pods the API server refuses. */
function failureCondition(set: ReplicaSet, refusal: string | undefined, now: SimTime): readonly Condition[] {
  if (refusal === undefined) return []
  const known = failureOf(set)
  if (known) return [known]
  const condition = { type: failure, status: 'True', reason: failed, message: refusal } as const
  return [{ ...condition, lastTransitionTime: formatTimestamp(now) }]
}

function statusWrite(set: ReplicaSet, counts: Counts, refusal: string | undefined, now: SimTime): readonly Write[] {
  const conditions = failureCondition(set, refusal, now)
  const wanted = { ...counts, observedGeneration: set.metadata.generation ?? 1 }
  // Zeros are left out, as Go's omitempty does, but for `replicas` and what is a pointer upstream.
  const shown = Object.fromEntries(Object.entries(wanted).filter(([name, n]) => n !== 0 || shownAsZero.has(name)))
  const status = conditions.length > 0 ? { ...shown, conditions } : shown
  return sameValue(set.status, status) ? [] : [{ type: 'status', kind: 'ReplicaSet', key: keyOf(set), status }]
}
