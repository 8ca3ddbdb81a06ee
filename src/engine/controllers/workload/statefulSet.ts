import type { Pod, StatefulSet } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Write } from '../../store/store.ts'
import { claimRevisions, revisionWrites, templateOf, trimmed } from './controllerRevisions.ts'
import type { Context, Controller, Reconciled } from '../controller.ts'
import { claimPods, ownerKeys } from './ownership.ts'
import { isAvailable, isReady, isTerminating, readySince } from '../podState.ts'
import { statefulRevision } from './revisionHash.ts'
import { minReadySeconds, revisionLabel, statefulStep } from './statefulPods.ts'
import type { StatefulState } from './statefulPods.ts'

/** Pods with stable names, in order. Source: kubernetes pkg/controller/statefulset/stateful_set_control.go. */
export const statefulSetController: Controller = {
  name: 'statefulset',
  kinds: ['StatefulSet', 'Pod'],
  delay: 10,
  wakes: (change, snapshot) => {
    if (change.kind === 'StatefulSet') return [change.key]
    return change.kind === 'Pod' ? ownerKeys(change, snapshot, 'StatefulSet') : []
  },
  reconcile: (context, keys) => {
    const results = keys.map((key) => reconcileStatefulSet(context, key))
    return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
  },
}

/** One step: with OrderedReady at most one pod is created or deleted, and only while all before it are available. */
export function reconcileStatefulSet(context: Context, key: string): Reconciled {
  const { snapshot, now } = context
  const set = snapshot.get('StatefulSet', key)
  if (!set || set.metadata.deletionTimestamp !== undefined) return { writes: [] }
  const { pods: claimed, writes: claims } = claimPods(snapshot, set, set.spec.selector)
  const { template } = set.spec
  const { hash } = statefulRevision(template)
  const { revisions, writes: adopted } = claimRevisions(snapshot, set, set.spec.selector)
  const update = { name: `${set.metadata.name}-${hash}`, template }
  const recorded = revisionWrites(
    set,
    template,
    { name: update.name, labels: { 'controller.kubernetes.io/hash': hash } },
    revisions,
  )
  const before = (set.status as { readonly currentRevision?: string } | undefined)?.currentRevision
  const known = revisions.find(({ metadata }) => metadata.name === before)
  const current = known ? { name: known.metadata.name, template: templateOf(known) } : update
  const state = { set, pods: new Map(claimed.map((pod) => [ordinalOf(set, pod), pod])), current, update }
  const { writes, updating } = statefulStep(context, state)
  const live = new Set([current.name, update.name, ...claimed.map((pod) => pod.metadata.labels?.[revisionLabel] ?? '')])
  const limit = (set.spec['revisionHistoryLimit'] as number | undefined) ?? 10
  return {
    writes: [
      ...claims,
      ...adopted,
      ...recorded,
      ...writes,
      ...statusWrite(state, claimed, updating, now),
      ...trimmed(context, revisions, live, limit),
    ],
    again: nextAvailable(claimed, minReadySeconds(set), now).map((at) => ({ key, at })),
  }
}

function ordinalOf(set: StatefulSet, pod: Pod): number {
  return Number(pod.metadata.name.slice(set.metadata.name.length + 1))
}

/** When the next pod that is ready will have been so for `minReady` seconds. */
function nextAvailable(pods: readonly Pod[], minReady: number, now: SimTime): readonly SimTime[] {
  if (minReady === 0) return []
  const times = pods.flatMap((pod) => readySince(pod) ?? []).map((since) => since + minReady * 1000)
  const next = Math.min(...times.filter((at) => at > now))
  return next === Infinity ? [] : [next]
}

/** `updating`: how many of `pods` this sync has deleted for the update. */
function statusWrite(
  { set, current, update }: StatefulState,
  pods: readonly Pod[],
  updating: number,
  now: SimTime,
): readonly Write[] {
  const count = (test: (pod: Pod) => boolean): number => pods.filter(test).length
  const isRunning = (pod: Pod): boolean => pod.status?.phase === 'Running' && isReady(pod)
  const of = (revision: string): number =>
    count((pod) => !isTerminating(pod) && pod.metadata.labels?.[revisionLabel] === revision)
  const wanted = set.spec.replicas ?? 1
  const [readyReplicas, updatedReplicas] = [count(isRunning), of(update.name)]
  const strategy = (set.spec['updateStrategy'] as { readonly type?: string } | undefined)?.type ?? 'RollingUpdate'
  const done =
    strategy === 'RollingUpdate' && updatedReplicas === wanted && readyReplicas === wanted && pods.length === wanted
  const currentReplicas = done ? updatedReplicas : of(current.name) - updating
  const shown = { readyReplicas, currentReplicas, updatedReplicas }
  const status = {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    ...Object.fromEntries(Object.entries(shown).filter(([, n]) => n !== 0)),
    availableReplicas: count((pod) => isRunning(pod) && isAvailable(pod, minReadySeconds(set), now)),
    currentRevision: done ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: 0,
  }
  return sameValue(status, set.status) ? [] : [{ type: 'update', object: { ...set, status } }]
}
