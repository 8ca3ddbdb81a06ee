import type { Condition, KubeObject, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { parseTimestamp } from '../store/timestamp.ts'

const none: readonly Condition[] = []

export function podCondition(pod: Pod, type: string): Condition | undefined {
  // A loop: this is asked of every pod in every sync. From the end, where those stand that one asks for.
  const conditions = pod.status?.conditions ?? none
  for (let i = conditions.length - 1; i >= 0; i--) {
    const condition = conditions[i]
    if (condition?.type === type) return condition
  }
  return undefined
}

export function isReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/** Whether its containers have ended for good. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

/** Whether a workload controller counts it: neither finished nor being deleted. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod)
}

/** When it became ready; undefined while it is not. */
export function readySince(pod: Pod): SimTime | undefined {
  const ready = podCondition(pod, 'Ready')
  return ready?.status === 'True' ? (parseTimestamp(ready.lastTransitionTime) ?? 0) : undefined
}

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: SimTime): boolean {
  if (minReadySeconds === 0) return isReady(pod)
  const since = readySince(pod)
  return since !== undefined && since + minReadySeconds * 1000 <= now
}

/** Restarts of all containers together. */
export function restartCount(pod: Pod): number {
  const statuses = (pod.status?.['containerStatuses'] ?? []) as readonly { readonly restartCount?: number }[]
  return statuses.reduce((sum, status) => sum + (status.restartCount ?? 0), 0)
}
