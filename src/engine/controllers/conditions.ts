import type { Condition } from '../api/types.ts'

/**
 * `status` with `condition` in the place of the one of the same type. The transition time moves only when the condition's
 * status does. Returns `status` itself when nothing changed.
 */
export function withCondition<S extends { readonly conditions?: readonly Condition[] }>(
  status: S,
  condition: Omit<Condition, 'lastTransitionTime'>,
  time: string,
): S {
  const conditions = status.conditions ?? []
  const known = conditions.find((one) => one.type === condition.type)
  const same = known?.status === condition.status
  if (same && known.reason === condition.reason && known.message === condition.message) return status
  const made: Condition = { ...condition, lastTransitionTime: same ? (known.lastTransitionTime ?? time) : time }
  const rest = known ? conditions.map((one) => (one === known ? made : one)) : [...conditions, made]
  return { ...status, conditions: rest }
}

/**
 * The conditions of a pod as its kubelet reports them: what others have set first, then its own `told`, which `generation`
 * of the pod they are about, and that it was scheduled. Returns `before` itself when nothing changed.
 * Source: kubelet_pods.go generateAPIPodStatus.
 */
export function kubeletConditions(
  before: readonly Condition[],
  told: readonly Omit<Condition, 'lastTransitionTime'>[],
  generation: number,
  time: string,
): readonly Condition[] {
  const all: Condition[] = before.filter(({ type }) => !ofKubelet.has(type))
  for (const one of told) all.push(renewed(before, one, generation, time))
  all.push(renewed(before, scheduled, generation, time))
  return all.length === before.length && all.every((one, i) => one === before[i]) ? before : all
}

const scheduled = { type: 'PodScheduled', status: 'True' } as const
const ofKubelet = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'])

/** The one of `before` when it says the same. */
function renewed(
  before: readonly Condition[],
  { type, status, reason, message }: Omit<Condition, 'lastTransitionTime'>,
  observedGeneration: number,
  time: string,
): Condition {
  const known = before.find((one) => one.type === type)
  const same = known?.status === status
  if (
    same &&
    known.reason === reason &&
    known.message === message &&
    known.observedGeneration === observedGeneration &&
    known.lastProbeTime === null
  ) {
    return known
  }
  return {
    type,
    status,
    observedGeneration,
    lastProbeTime: null,
    lastTransitionTime: same ? (known.lastTransitionTime ?? time) : time,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  }
}
