import type { Deployment, ReplicaSet } from '../../api/types.ts'
import { keyOf } from '../../store/objects.ts'
import { parseTimestamp } from '../../store/timestamp.ts'

/** A ReplicaSet and the replicas that it shall have. */
export interface Scaling {
  readonly set: ReplicaSet
  readonly replicas: number
}

interface RollingUpdate {
  readonly maxSurge?: number | string
  readonly maxUnavailable?: number | string
}

/** maxSurge rounded up and maxUnavailable rounded down, in pods; never both 0. Source: deployment_util.go ResolveFenceposts. */
export function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const wanted = deployment.spec.replicas ?? 1
  const strategy = deployment.spec['strategy'] as
    { readonly type?: string; readonly rollingUpdate?: RollingUpdate } | undefined
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 }
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {}
  const surge = resolve(maxSurge, wanted, Math.ceil)
  const unavailable = resolve(maxUnavailable, wanted, Math.floor)
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

/** A number, or percents of `wanted`, rounded. */
export function resolve(value: number | string, wanted: number, round: (n: number) => number): number {
  const percent = typeof value === 'string' && value.endsWith('%') ? Number(value.slice(0, -1)) : undefined
  return percent === undefined ? Number(value) : round((percent * wanted) / 100)
}

/** Pods of all ReplicaSets together at most. */
export function maxTotal(deployment: Deployment): number {
  return (deployment.spec.replicas ?? 1) + fenceposts(deployment).surge
}

function minAvailable(deployment: Deployment): number {
  const wanted = deployment.spec.replicas ?? 1
  return Math.max(0, wanted - fenceposts(deployment).unavailable)
}

function replicasOf(set: ReplicaSet | undefined): number {
  return set?.spec.replicas ?? 0
}

function availableOf(set: ReplicaSet): number {
  return (set.status?.['availableReplicas'] as number | undefined) ?? 0
}

function total(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0)
}

/** The replicas of the new ReplicaSet in the next step up. Source: deployment_util.go NewRSNewReplicas. */
export function scaleNew(deployment: Deployment, current: ReplicaSet | undefined, old: readonly ReplicaSet[]): number {
  const wanted = deployment.spec.replicas ?? 1
  const present = replicasOf(current)
  if (present > wanted) return wanted
  const room = maxTotal(deployment) - present - total(old)
  return room <= 0 ? present : present + Math.min(room, wanted - present)
}

/** The next step down of the old ones: first their unhealthy pods, then the oldest. Source: rolling.go reconcileOldReplicaSets. */
export function scaleOld(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): readonly Scaling[] {
  const living = byAge(old.filter((set) => replicasOf(set) > 0))
  if (living.length === 0) return []
  const least = minAvailable(deployment)
  const newUnavailable = replicasOf(current) - availableOf(current)
  const removable = total(old) + replicasOf(current) - least - newUnavailable
  if (removable <= 0) return []
  const sizes = new Map(living.map((set) => [set, replicasOf(set)]))
  let cleaned = 0
  for (const set of living) {
    if (cleaned >= removable) break
    const unhealthy = Math.min(removable - cleaned, replicasOf(set) - availableOf(set))
    if (unhealthy <= 0) continue
    sizes.set(set, replicasOf(set) - unhealthy)
    cleaned += unhealthy
  }
  let surplus = availableOf(current) + living.reduce((sum, set) => sum + availableOf(set), 0) - least
  for (const set of living) {
    if (surplus <= 0) break
    const size = sizes.get(set) ?? 0
    const down = Math.min(size, surplus)
    sizes.set(set, size - down)
    surplus -= down
  }
  return living.flatMap((set) => {
    const replicas = sizes.get(set) ?? 0
    return replicas === replicasOf(set) ? [] : [{ set, replicas }]
  })
}

function byAge(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const born = (set: ReplicaSet): number => parseTimestamp(set.metadata.creationTimestamp) ?? 0
  return [...sets].sort((a, b) => born(a) - born(b) || (keyOf(a) < keyOf(b) ? -1 : 1))
}

/**
 * A change of `replicas`, spread over the ReplicaSets in proportion to their size while a rollout is under way.
 * Source: sync.go scale.
 */
export function scaleProportionally(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const wanted = deployment.spec.replicas ?? 1
  const all = current ? [...old, current] : old
  const active = all.filter((set) => replicasOf(set) > 0)
  const only = active.length > 1 ? undefined : (active[0] ?? current)
  if (only) return [{ set: only, replicas: wanted }]
  if (current && replicasOf(current) === wanted && availableOf(current) === wanted) {
    return old.filter((set) => replicasOf(set) > 0).map((set) => ({ set, replicas: 0 }))
  }
  const allowed = wanted > 0 ? wanted + fenceposts(deployment).surge : 0
  const toAdd = allowed - total(active)
  // Growing starts with the largest and newest, shrinking with the largest and oldest.
  const direction = toAdd > 0 ? -1 : 1
  const sorted = [...byAge(active)].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || direction * (bornAfter(a, b) ? 1 : -1),
  )
  let added = 0
  const sizes = sorted.map((set) => {
    const share = toAdd === 0 ? 0 : shareOf(deployment, set, toAdd, added, allowed)
    added += share
    return { set, replicas: replicasOf(set) + share }
  })
  const first = sizes[0]
  const rest = first ? [{ ...first, replicas: Math.max(0, first.replicas + toAdd - added) }, ...sizes.slice(1)] : []
  return rest
}

function bornAfter(a: ReplicaSet, b: ReplicaSet): boolean {
  return (parseTimestamp(a.metadata.creationTimestamp) ?? 0) > (parseTimestamp(b.metadata.creationTimestamp) ?? 0)
}

function shareOf(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number, allowed: number): number {
  const before = Number(set.metadata.annotations?.['deployment.kubernetes.io/max-replicas'] ?? maxTotal(deployment))
  const fraction = Math.round((replicasOf(set) * allowed) / Math.max(1, before)) - replicasOf(set)
  const left = toAdd - added
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left)
}
