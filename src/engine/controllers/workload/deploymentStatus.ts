import type { Condition, Deployment, ReplicaSet } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Write } from '../../store/store.ts'
import { formatTimestamp, parseTimestamp } from '../../store/timestamp.ts'
import type { Context } from '../controller.ts'
import { failureOf } from './replicaSet.ts'
import { fenceposts } from './rollingUpdate.ts'

interface Status {
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly conditions?: readonly Condition[]
  readonly collisionCount?: number
}

const timedOut = 'ProgressDeadlineExceeded'
const complete = 'NewReplicaSetAvailable'
/** progressDeadlineSeconds that means none. Source: deployment_util.go HasProgressDeadline. */
const noDeadline = 2147483647

function statusOf(deployment: Deployment): Status {
  return deployment.status ?? {}
}

function deadlineSeconds(deployment: Deployment): number | undefined {
  const seconds = deployment.spec['progressDeadlineSeconds'] as number | undefined
  return seconds === noDeadline ? undefined : seconds
}

type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** Puts `condition` last, unless status and reason are as before. Source: deployment_util.go SetDeploymentCondition. */
function setCondition(conditions: readonly Condition[], condition: NewCondition, time: string): readonly Condition[] {
  const known = conditions.find(({ type }) => type === condition.type)
  if (known?.status === condition.status && known.reason === condition.reason) return conditions
  const since = known?.status === condition.status ? (known.lastTransitionTime ?? time) : time
  const made: Condition = { ...condition, lastUpdateTime: time, lastTransitionTime: since }
  return [...conditions.filter((one) => one !== known), made]
}

function progressing(status: Condition['status'], reason: string, message: string): NewCondition {
  return { type: 'Progressing', status, reason, message }
}

/** The status with the condition Progressing set to `reason`, where the Deployment has a deadline. */
export function withProgress(
  context: Context,
  deployment: Deployment,
  status: 'True' | 'Unknown',
  reason: string,
  message: string,
): Deployment {
  if (deadlineSeconds(deployment) === undefined) return deployment
  const before = statusOf(deployment)
  const time = formatTimestamp(context.now)
  const conditions = setCondition(before.conditions ?? [], progressing(status, reason, message), time)
  return { ...deployment, status: { ...before, conditions } }
}

/** Marks pausing and resuming, but not over a rollout that has failed. Source: sync.go checkPausedConditions. */
export function pausedWrites(context: Context, deployment: Deployment): readonly Write[] {
  const { reason } = statusOf(deployment).conditions?.find(({ type }) => type === 'Progressing') ?? {}
  const paused = deployment.spec['paused'] === true
  if (reason === timedOut || paused === (reason === 'DeploymentPaused')) return []
  const [next, message] = paused
    ? (['DeploymentPaused', 'Deployment is paused'] as const)
    : (['DeploymentResumed', 'Deployment is resumed'] as const)
  const object = withProgress(context, deployment, 'Unknown', next, message)
  return object === deployment ? [] : [{ type: 'update', object }]
}

/** Counts and availability. Source: sync.go calculateStatus. */
function calculate(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
  time: string,
): Status {
  const sum = (field: string, of: readonly ReplicaSet[]): number =>
    of.reduce((all, set) => all + ((set.status?.[field] as number | undefined) ?? 0), 0)
  const availableReplicas = sum('availableReplicas', sets)
  const { collisionCount } = statusOf(deployment)
  const wantedByAll = sets.reduce((all, set) => all + (set.spec.replicas ?? 0), 0)
  const counts = {
    replicas: sum('replicas', sets),
    updatedReplicas: current ? sum('replicas', [current]) : 0,
    readyReplicas: sum('readyReplicas', sets),
    availableReplicas,
    unavailableReplicas: Math.max(0, wantedByAll - availableReplicas),
  }
  const enough = availableReplicas >= (deployment.spec.replicas ?? 1) - fenceposts(deployment).unavailable
  const available: NewCondition = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0)),
    terminatingReplicas: sum('terminatingReplicas', sets),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withFailure(setCondition(statusOf(deployment).conditions ?? [], available, time), sets, current, time),
  } as Status
}

/** What the API server has against the pods of a ReplicaSet, the current one first. Source: sync.go getReplicaFailures. */
function withFailure(
  conditions: readonly Condition[],
  sets: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
  time: string,
): readonly Condition[] {
  const found = [...(current ? [current] : []), ...sets].map(failureOf).find((condition) => condition !== undefined)
  if (!found) return conditions.filter(({ type }) => type !== 'ReplicaFailure')
  const { type, status, reason, message } = found
  return setCondition(
    conditions,
    { type, status, ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) },
    time,
  )
}

/** The write that brings counts and availability in line; progress is not judged. Source: sync.go syncDeploymentStatus. */
export function plainStatus(
  context: Context,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
): readonly Write[] {
  const status = calculate(deployment, sets, current, formatTimestamp(context.now))
  return sameValue(status, deployment.status) ? [] : [{ type: 'update', object: { ...deployment, status } }]
}

/** The same, and how the rollout gets on. Source: progress.go syncRolloutStatus. */
export function rolloutStatus(
  context: Context,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
): readonly Write[] {
  const time = formatTimestamp(context.now)
  const counted = calculate(deployment, sets, current, time)
  const conditions = judged(context, deployment, counted, current, time)
  const status = { ...counted, conditions }
  return sameValue(status, deployment.status) ? [] : [{ type: 'update', object: { ...deployment, status } }]
}

function judged(
  { now }: Context,
  deployment: Deployment,
  status: Status,
  current: ReplicaSet | undefined,
  time: string,
): readonly Condition[] {
  const conditions = status.conditions ?? []
  const deadline = deadlineSeconds(deployment)
  if (deadline === undefined) return conditions.filter(({ type }) => type !== 'Progressing')
  const known = statusOf(deployment).conditions?.find(({ type }) => type === 'Progressing')
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && known?.reason === complete) return conditions
  const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  if (isComplete(deployment, status)) {
    return setCondition(conditions, progressing('True', complete, `${what} has successfully progressed.`), time)
  }
  if (isProgressing(statusOf(deployment), status)) {
    // With each step forward the deadline begins anew, so the update time moves even where nothing else does.
    const made = progressing('True', 'ReplicaSetUpdated', `${what} is progressing.`)
    const rest = conditions.filter(({ type }) => type !== 'Progressing')
    const since = known?.status === 'True' ? (known.lastTransitionTime ?? time) : time
    return [...rest, { ...made, lastUpdateTime: time, lastTransitionTime: since }]
  }
  const updated = parseTimestamp(known?.lastUpdateTime)
  if (known?.reason === complete || updated === undefined || updated + deadline * 1000 >= now) return conditions
  return setCondition(conditions, progressing('False', timedOut, `${what} has timed out progressing.`), time)
}

function isComplete(deployment: Deployment, { replicas, updatedReplicas, availableReplicas }: Status): boolean {
  const wanted = deployment.spec.replicas ?? 1
  return (updatedReplicas ?? 0) === wanted && (replicas ?? 0) === wanted && (availableReplicas ?? 0) === wanted
}

function isProgressing(before: Status, after: Status): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: Status): number => replicas - updatedReplicas
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** When to see whether the rollout is stuck; undefined: it is done, failed already, or has no deadline. */
export function progressCheckAt(deployment: Deployment): SimTime | undefined {
  const deadline = deadlineSeconds(deployment)
  const status = statusOf(deployment)
  const known = status.conditions?.find(({ type }) => type === 'Progressing')
  const updated = parseTimestamp(known?.lastUpdateTime)
  if (deadline === undefined || updated === undefined || known?.reason === timedOut) return undefined
  return isComplete(deployment, status) ? undefined : updated + (deadline + 1) * 1000
}
