import type { Node, Pod, PodSpecFields } from '../../api/types.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Write } from '../../store/store.ts'
import { formatTimestamp } from '../../store/timestamp.ts'
import { withCondition } from '../conditions.ts'
import type { Context, Controller } from '../controller.ts'
import { recordEvent } from '../events.ts'
import { isShy, neighbourFilter } from './neighbours.ts'
import { describeFailure, filterNode, requestsOf } from './nodeFit.ts'
import type { Misfit, Occupied } from './nodeFit.ts'
import { isFinished, podCondition } from '../podState.ts'

const component = 'default-scheduler'

/**
 * Gives each pending pod a node: of those that fit, the one with fewest pods of the same owner, then fewest pods, then by
 * lot. Differs: upstream scores with many plugins; spreading and least allocation decide here alone, and
 * what a pod merely prefers is not asked.
 */
export const scheduler: Controller = {
  name: 'scheduler',
  kinds: ['Pod', 'Node'],
  delay: 10,
  wakes: (change, snapshot) => {
    if (change.kind === 'Pod') {
      if (change.type === 'DELETED') return pendingPods(snapshot)
      return isPending(change.object as Pod) ? [change.key] : []
    }
    return change.kind === 'Node' && nodeMayHelp(change.object as Node, change.previous as Node | undefined)
      ? pendingPods(snapshot)
      : []
  },
  reconcile: (context, keys) => ({ writes: schedule(context, keys) }),
}

function isPending(pod: Pod): boolean {
  return (
    (pod.spec.nodeName ?? '') === '' &&
    !isFinished(pod) &&
    pod.metadata.deletionTimestamp === undefined &&
    ((pod.spec['schedulingGates'] ?? []) as readonly unknown[]).length === 0
  )
}

function pendingPods(snapshot: Snapshot): readonly string[] {
  return [...snapshot.indexed('Pod', 'node', '')]
    .filter(isPending)
    .map((pod) => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`)
}

/** Heartbeats change a Node all the time; only what the filters read can let a pod in. */
function nodeMayHelp(node: Node, previous: Node | undefined): boolean {
  return (
    previous === undefined ||
    previous.spec !== node.spec ||
    previous.metadata.labels !== node.metadata.labels ||
    previous.status?.['allocatable'] !== node.status?.['allocatable']
  )
}

interface Candidate extends Occupied {
  pods: number
  /** Pods per owner uid. */
  readonly owners: Map<string, number>
  /** Takes `pod`, so that the next one of this round finds it there. */
  readonly take: (pod: Pod) => void
}

function schedule(context: Context, keys: readonly string[]): readonly Write[] {
  const { snapshot } = context
  const pending = keys.flatMap((key) => snapshot.get('Pod', key) ?? []).filter(isPending)
  if (pending.length === 0) return []
  const candidates = candidateNodes(snapshot, new Set(pending.map(ownerOf)))
  return pending.flatMap((pod) => scheduleOne(context, pod, candidates))
}

function ownerOf(pod: Pod): string {
  return pod.metadata.ownerReferences?.find((owner) => owner.controller)?.uid ?? ''
}

function candidateNodes(snapshot: Snapshot, owners: ReadonlySet<string>): readonly Candidate[] {
  const nodes = [...snapshot.list('Node')].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return nodes.map((node) => {
    const candidate = createCandidate(snapshot, node)
    for (const pod of snapshot.indexed('Pod', 'node', node.metadata.name)) {
      if (isFinished(pod)) continue
      candidate.pods += 1
      const owner = ownerOf(pod)
      if (owners.has(owner)) candidate.owners.set(owner, (candidate.owners.get(owner) ?? 0) + 1)
    }
    return candidate
  })
}

function createCandidate(snapshot: Snapshot, node: Node): Candidate {
  const owners = new Map<string, number>()
  // Summed up when the first pod asks, then kept.
  const sums = new Map<string, number>()
  const taken: Pod[] = []
  const running = (): readonly Pod[] => [
    ...[...snapshot.indexed('Pod', 'node', node.metadata.name)].filter((pod) => !isFinished(pod)),
    ...taken,
  ]
  let shy: Pod[] | undefined
  const candidate: Candidate = {
    node,
    shy: () => (shy ??= running().filter(isShy)),
    pods: 0,
    owners,
    running,
    used: (resource) => {
      const known = sums.get(resource)
      if (known !== undefined) return known
      const sum = running().reduce((all, pod) => all + (requestsOf(pod).get(resource) ?? 0), 0)
      sums.set(resource, sum)
      return sum
    },
    take: (pod) => {
      const owner = ownerOf(pod)
      candidate.pods += 1
      owners.set(owner, (owners.get(owner) ?? 0) + 1)
      taken.push(pod)
      if (shy && isShy(pod)) shy.push(pod)
      if (sums.size === 0) return
      for (const [name, amount] of requestsOf(pod)) {
        const sum = sums.get(name)
        if (sum !== undefined) sums.set(name, sum + amount)
      }
    },
  }
  return candidate
}

function scheduleOne(context: Context, pod: Pod, candidates: readonly Candidate[]): readonly Write[] {
  const owner = ownerOf(pod)
  const misfits: Misfit[] = []
  let best: Candidate[] = []
  let bestScore = Infinity
  const crowds = neighbourFilter(candidates, pod)
  for (const candidate of candidates) {
    const misfit = filterNode(candidate, pod) ?? crowds?.(candidate)
    if (misfit) {
      misfits.push(misfit)
      continue
    }
    const score = (owner === '' ? 0 : (candidate.owners.get(owner) ?? 0)) * 1e6 + candidate.pods
    if (score < bestScore) best = []
    if (score <= bestScore) best.push(candidate)
    bestScore = Math.min(score, bestScore)
  }
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
  const lot = best.length > 1 ? context.random.fork(`schedule ${name}`).below(best.length) : 0
  const chosen = best[lot]
  if (!chosen) return unschedulable(context, pod, candidates.length, misfits)
  chosen.take(pod)
  return bind(context, pod, chosen.node.metadata.name)
}

function bind(context: Context, pod: Pod, nodeName: string): readonly Write[] {
  const status = scheduledStatus(pod.status ?? {}, formatTimestamp(context.now))
  const bound: Pod = { ...pod, spec: boundSpec(pod.spec, nodeName), status }
  const message = `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name} to ${nodeName}`
  return [
    { type: 'update', object: bound },
    recordEvent(context, pod, component, { type: 'Normal', reason: 'Scheduled', message }),
  ]
}

const boundSpecs = new WeakMap<PodSpecFields, Map<string, PodSpecFields>>()

/** Replicas on the same node share their spec, as they did before. */
function boundSpec(spec: PodSpecFields, nodeName: string): PodSpecFields {
  const byNode = boundSpecs.get(spec) ?? new Map<string, PodSpecFields>()
  boundSpecs.set(spec, byNode)
  const known = byNode.get(nodeName)
  if (known) return known
  const bound = { ...spec, nodeName }
  byNode.set(nodeName, bound)
  return bound
}

type Status = NonNullable<Pod['status']>

const scheduledStatuses = new WeakMap<Status, { readonly time: string; readonly status: Status }>()

/** Replicas that were created alike stay alike. */
function scheduledStatus(before: Status, time: string): Status {
  const known = scheduledStatuses.get(before)
  if (known?.time === time) return known.status
  const status = withCondition(before, { type: 'PodScheduled', status: 'True', lastProbeTime: null }, time)
  scheduledStatuses.set(before, { time, status })
  return status
}

function unschedulable(context: Context, pod: Pod, nodes: number, misfits: readonly Misfit[]): readonly Write[] {
  const message = describeFailure(nodes, misfits)
  const known = podCondition(pod, 'PodScheduled')
  if (known?.status === 'False' && known.message === message) return []
  const { generation: observedGeneration = 1 } = pod.metadata
  const seen = { observedGeneration, lastProbeTime: null }
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, ...seen } as const
  const status = withCondition(pod.status ?? {}, condition, formatTimestamp(context.now))
  return [
    { type: 'update', object: { ...pod, status } },
    recordEvent(context, pod, component, { type: 'Warning', reason: 'FailedScheduling', message }),
  ]
}
