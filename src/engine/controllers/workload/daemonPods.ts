import type { DaemonSet, Node, Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { isAvailable, isFinished, isReady, isTerminating } from '../podState.ts'
import { targetOf } from './daemonTemplate.ts'
import { resolve } from './rollingUpdate.ts'

export const revisionLabel = 'controller-revision-hash'

/** A node, and what a DaemonSet has there. */
export interface DaemonNode {
  readonly node: Node
  readonly shouldRun: boolean
  /** It may stay where it runs already. */
  readonly shouldContinue: boolean
  /** The oldest first. */
  readonly pods: readonly Pod[]
}

export interface DaemonState {
  readonly set: DaemonSet
  readonly hash: string
  readonly nodes: readonly DaemonNode[]
}

/** The nodes that get a pod, and the pods that go. */
export interface DaemonStep {
  readonly create: readonly Node[]
  readonly remove: readonly Pod[]
}

export function nodeOf(pod: Pod): string | undefined {
  return pod.spec.nodeName ?? targetOf(pod)
}

export function minReadySeconds(set: DaemonSet): number {
  return (set.spec['minReadySeconds'] as number | undefined) ?? 0
}

export function isDaemonAvailable(set: DaemonSet, pod: Pod, now: SimTime): boolean {
  return isAvailable(pod, minReadySeconds(set), now)
}

/** First the right number of pods on each node; then, in a sync of its own, the update. */
export function daemonStep(state: DaemonState, now: SimTime): DaemonStep {
  const step = manage(state, now)
  if (step.create.length + step.remove.length > 0) return step
  const { type } = (state.set.spec['updateStrategy'] ?? {}) as Strategy
  if (type === 'OnDelete') return step
  return surgeOf(state) > 0 ? surgingUpdate(state, now) : rollingUpdate(state, now)
}

interface Strategy {
  readonly type?: string
  readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
}

function limit(state: DaemonState, field: 'maxSurge' | 'maxUnavailable', otherwise: number): number {
  const { rollingUpdate = {} } = (state.set.spec['updateStrategy'] ?? {}) as Strategy
  const wanted = state.nodes.filter(({ shouldRun }) => shouldRun).length
  return resolve(rollingUpdate[field] ?? otherwise, wanted, Math.ceil)
}

function surgeOf(state: DaemonState): number {
  return limit(state, 'maxSurge', 0)
}

/** Source: daemon_controller.go podsShouldBeOnNode. */
function manage(state: DaemonState, now: SimTime): DaemonStep {
  const create: Node[] = []
  const remove: Pod[] = []
  const surges = surgeOf(state) > 0
  for (const { node, shouldRun, shouldContinue, pods } of state.nodes) {
    const alive = pods.filter((pod) => !isTerminating(pod))
    if (!shouldContinue) {
      remove.push(...alive)
      continue
    }
    remove.push(...alive.filter(isFinished))
    const running = alive.filter((pod) => !isFinished(pod))
    // Without surge the old pod of a node must be gone before the new one starts: they would share host ports.
    if (shouldRun && (pods.length === 0 || (surges && running.length === 0))) create.push(node)
    remove.push(...(surges ? surplusWithSurge(state, running, now) : running.slice(1)))
  }
  return { create, remove }
}

function surplusWithSurge({ set, hash }: DaemonState, running: readonly Pod[], now: SimTime): readonly Pod[] {
  if (running.length <= 1) return []
  const [fresh, ...moreFresh] = running.filter((pod) => isOf(pod, hash))
  const [old, ...moreOld] = running.filter((pod) => !isOf(pod, hash))
  const done = fresh && old && (!isReady(old) || isDaemonAvailable(set, fresh, now))
  return [...moreFresh, ...moreOld, ...(done ? [old] : [])]
}

function isOf(pod: Pod, hash: string): boolean {
  return pod.metadata.labels?.[revisionLabel] === hash
}

/** The one pod with the present template on a node, and the one without. Undefined: there are too many. */
function pairOf(pods: readonly Pod[], hash: string): { readonly fresh?: Pod; readonly old?: Pod } | undefined {
  const alive = pods.filter((pod) => !isTerminating(pod))
  const [fresh, moreFresh] = alive.filter((pod) => isOf(pod, hash))
  const [old, moreOld] = alive.filter((pod) => !isOf(pod, hash))
  return moreFresh || moreOld ? undefined : { ...(fresh ? { fresh } : {}), ...(old ? { old } : {}) }
}

/** Deletes just so many that no more than maxUnavailable are missing. Source: update.go rollingUpdate. */
function rollingUpdate(state: DaemonState, now: SimTime): DaemonStep {
  const { set, hash, nodes } = state
  let unavailable = 0
  const broken: Pod[] = []
  const candidates: Pod[] = []
  for (const { pods } of nodes.filter((one) => one.pods.length > 0)) {
    const pair = pairOf(pods, hash)
    const { fresh, old } = pair ?? {}
    if (fresh && !old) unavailable += isDaemonAvailable(set, fresh, now) ? 0 : 1
    else if (!old || fresh) unavailable += 1
    else if (!isDaemonAvailable(set, old, now)) {
      broken.push(old)
      unavailable += 1
    } else candidates.push(old)
  }
  const room = Math.max(0, limit(state, 'maxUnavailable', 1) - unavailable)
  return { create: [], remove: [...broken, ...candidates.slice(0, room)] }
}

/** Starts the new pod beside the old one, which goes once the new one is available. */
function surgingUpdate(state: DaemonState, now: SimTime): DaemonStep {
  const { set, hash, nodes } = state
  let surging = 0
  const remove: Pod[] = []
  const broken: Node[] = []
  const candidates: Node[] = []
  for (const { node, shouldRun, pods } of nodes.filter((one) => one.pods.length > 0)) {
    const pair = pairOf(pods, hash)
    if (!pair) surging += 1
    const { fresh, old } = pair ?? {}
    if (!old) continue
    if (!fresh) {
      if (!isDaemonAvailable(set, old, now)) (shouldRun ? broken : []).push(node)
      else if (shouldRun) candidates.push(node)
    } else if (isDaemonAvailable(set, fresh, now)) remove.push(old)
    else surging += 1
  }
  const room = Math.max(0, surgeOf(state) - surging)
  return { create: [...broken, ...candidates.slice(0, room)], remove }
}
