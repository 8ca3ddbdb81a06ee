import type { Pod, StatefulSet } from '../api/types.ts'
import { deletionOf } from '../store/deletion.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Write } from '../store/store.ts'
import { eachKey } from './controller.ts'
import type { Context, Controller } from './controller.ts'
import { recordEvent } from './events.ts'
import { statefulRevision } from './revisionHash.ts'
import { claimPods, ownerKeys } from './ownership.ts'
import { isAvailable, isFinished, isReady, isTerminating } from './podState.ts'
import { podFromTemplate } from './podTemplate.ts'

const component = 'statefulset-controller'
const hashLabel = 'controller-revision-hash'

/** Pods with stable names, in order. Source: kubernetes pkg/controller/statefulset/stateful_set_control.go. */
export const statefulSetController: Controller = {
  name: 'statefulset',
  kinds: ['StatefulSet', 'Pod'],
  delay: 10,
  wakes: (change, snapshot) => {
    if (change.kind === 'StatefulSet') return [change.key]
    return change.kind === 'Pod' ? ownerKeys(change, snapshot, 'StatefulSet') : []
  },
  reconcile: eachKey(reconcileStatefulSet),
}

/** One step: with OrderedReady at most one pod is created or deleted, and only while all before it are ready. */
export function reconcileStatefulSet(context: Context, key: string): readonly Write[] {
  const set = context.snapshot.get('StatefulSet', key)
  if (!set || set.metadata.deletionTimestamp !== undefined) return []
  const { pods, writes } = claimPods(context.snapshot, set, set.spec.selector)
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]))
  const hash = `${set.metadata.name}-${statefulRevision(set.spec.template).hash}`
  return [...writes, ...step(context, set, byOrdinal, hash), ...statusWrite(context, set, pods, hash)]
}

function ordinalOf(set: StatefulSet, pod: Pod): number {
  return Number(pod.metadata.name.slice(set.metadata.name.length + 1))
}

function firstOrdinal(set: StatefulSet): number {
  return (set.spec['ordinals'] as { readonly start?: number } | undefined)?.start ?? 0
}

function step(context: Context, set: StatefulSet, pods: ReadonlyMap<number, Pod>, hash: string): readonly Write[] {
  const first = firstOrdinal(set)
  const wanted = set.spec.replicas ?? 1
  const parallel = set.spec.podManagementPolicy === 'Parallel'
  const writes: Write[] = []
  for (let ordinal = first; ordinal < first + wanted; ordinal++) {
    const pod = pods.get(ordinal)
    if (!pod) writes.push(...createPod(context, set, ordinal, hash))
    else if (isFinished(pod) && !isTerminating(pod)) writes.push(...deletePod(context, set, pod))
    const settled = pod !== undefined && isAvailable(pod, 0, context.now) && !isTerminating(pod)
    if (!parallel && !settled) return writes
  }
  if (writes.length > 0 && !parallel) return writes
  const surplus = [...pods]
    .filter(([ordinal]) => ordinal < first || ordinal >= first + wanted)
    .sort(([a], [b]) => b - a)
  for (const [, pod] of surplus) {
    if (!isTerminating(pod)) writes.push(...deletePod(context, set, pod))
    if (!parallel) return writes
  }
  return writes.length > 0 ? writes : update(context, set, pods, hash)
}

/** From the highest ordinal down to the partition, one pod at a time, each ready before the next. */
function update(context: Context, set: StatefulSet, pods: ReadonlyMap<number, Pod>, hash: string): readonly Write[] {
  const strategy = set.spec['updateStrategy'] as
    { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } } | undefined
  if (strategy?.type === 'OnDelete') return []
  const partition = strategy?.rollingUpdate?.partition ?? 0
  for (const [ordinal, pod] of [...pods].sort(([a], [b]) => b - a)) {
    if (ordinal < partition) continue
    if (isTerminating(pod)) return []
    if (pod.metadata.labels?.[hashLabel] !== hash) return deletePod(context, set, pod)
    if (!isReady(pod)) return []
  }
  return []
}

function createPod(context: Context, set: StatefulSet, ordinal: number, hash: string): readonly Write[] {
  const name = `${set.metadata.name}-${ordinal}`
  const pod = podFromTemplate(set.spec.template, set, name, {
    labels: {
      [hashLabel]: hash,
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    },
    spec: {
      hostname: name,
      ...(set.spec.serviceName === undefined || set.spec.serviceName === '' ? {} : { subdomain: set.spec.serviceName }),
    },
  })
  const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`
  const text = { type: 'Normal', reason: 'SuccessfulCreate', message } as const
  return [{ type: 'create', object: pod }, recordEvent(context, set, component, text)]
}

function deletePod(context: Context, set: StatefulSet, pod: Pod): readonly Write[] {
  const write = deletionOf(pod, context.now)
  const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`
  const text = { type: 'Normal', reason: 'SuccessfulDelete', message } as const
  return write ? [write, recordEvent(context, set, component, text)] : []
}

function statusWrite(context: Context, set: StatefulSet, pods: readonly Pod[], hash: string): readonly Write[] {
  const count = (test: (pod: Pod) => boolean): number => pods.filter(test).length
  const updated = count((pod) => pod.metadata.labels?.[hashLabel] === hash)
  const before = set.status as { readonly currentRevision?: string } | undefined
  const done = updated === pods.length && pods.length === (set.spec.replicas ?? 1)
  const status = {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    readyReplicas: count(isReady),
    availableReplicas: count((pod) => isAvailable(pod, 0, context.now)),
    currentReplicas: count((pod) => pod.metadata.labels?.[hashLabel] === (before?.currentRevision ?? hash)),
    updatedReplicas: updated,
    currentRevision: done ? hash : (before?.currentRevision ?? hash),
    updateRevision: hash,
    collisionCount: 0,
  }
  return sameValue(status, set.status) ? [] : [{ type: 'update', object: { ...set, status } }]
}
