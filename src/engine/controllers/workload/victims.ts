import type { Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { keyOf } from '../../store/objects.ts'
import { parseTimestamp } from '../../store/timestamp.ts'
import { isReady, readySince, restartCount } from '../podState.ts'

/**
 * Sorts `pods` so that the one to delete first stands first. `related` gives, per node, how many active pods of the same
 * workload run there. Source: controller_utils.go ActivePodsWithRanks.
 */
export function sortVictims(pods: readonly Pod[], related: ReadonlyMap<string, number>, now: SimTime): readonly Pod[] {
  const ranked = pods.map((pod) => ({ pod, rank: rankOf(pod, related, now), uid: pod.metadata.uid ?? keyOf(pod) }))
  ranked.sort((a, b) => {
    for (let i = 0; i < a.rank.length; i++) {
      const difference = (a.rank[i] ?? 0) - (b.rank[i] ?? 0)
      if (difference !== 0) return difference
      // Times that fall into the same power of two are equal: the uid decides, not the seconds.
      if (i === 5 && hasTime(a.rank[i]) && a.uid !== b.uid) return a.uid < b.uid ? -1 : 1
    }
    return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0
  })
  return ranked.map(({ pod }) => pod)
}

const phases = ['Pending', 'Unknown', 'Running']

/** The criteria in order; the smaller number is deleted first. */
function rankOf(pod: Pod, related: ReadonlyMap<string, number>, now: SimTime): readonly number[] {
  const node = pod.spec.nodeName ?? ''
  const ready = isReady(pod)
  return [
    node === '' ? 0 : 1,
    phases.indexOf(pod.status?.phase ?? 'Pending'),
    ready ? 1 : 0,
    deletionCost(pod),
    -(related.get(node) ?? 0),
    ready ? logAge(readySince(pod), now) : noTime,
    -restartCount(pod),
    logAge(parseTimestamp(pod.metadata.creationTimestamp), now),
  ]
}

const noTime = -1

function hasTime(rank: number | undefined): boolean {
  return rank !== undefined && rank !== noTime
}

/** Floor of log2 of the age in nanoseconds, as the LogarithmicScaleDown gate compares ages. */
function logAge(since: SimTime | undefined, now: SimTime): number {
  if (since === undefined) return noTime
  const nanoseconds = (now - since) * 1_000_000
  if (nanoseconds <= 0) return 0
  let power = 0
  for (let rest = nanoseconds; rest >= 2; rest /= 2) power++
  return power
}

function deletionCost(pod: Pod): number {
  const cost = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost']
  return cost !== undefined && /^-?[0-9]+$/.test(cost) ? Number(cost) : 0
}
