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

/** `withCondition` for several, the list copied once. Returns `before` itself when nothing changed. */
export function mergedConditions(
  before: readonly Condition[],
  conditions: readonly Omit<Condition, 'lastTransitionTime'>[],
  time: string,
): readonly Condition[] {
  let merged: Condition[] | undefined
  for (const condition of conditions) {
    const place = before.findIndex((one) => one.type === condition.type)
    const known = before[place]
    const same = known?.status === condition.status
    if (same && known.reason === condition.reason && known.message === condition.message) continue
    const made: Condition = { ...condition, lastTransitionTime: same ? (known.lastTransitionTime ?? time) : time }
    merged ??= [...before]
    if (known) merged[place] = made
    else merged.push(made)
  }
  return merged ?? before
}
