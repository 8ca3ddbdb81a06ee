import type { Condition, Deployment, ReplicaSet } from '../api/types.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { withCondition } from './conditions.ts'
import type { Context } from './controller.ts'
import { fenceposts } from './rollingUpdate.ts'

/** The write that brings `status` in line with the ReplicaSets' statuses. Source: deployment sync.go calculateStatus. */
export function deploymentStatus(
  context: Context,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
): readonly Write[] {
  const sum = (field: string, of: readonly ReplicaSet[]): number =>
    of.reduce((all, set) => all + ((set.status?.[field] as number | undefined) ?? 0), 0)
  const replicas = sum('replicas', sets)
  const availableReplicas = sum('availableReplicas', sets)
  const updatedReplicas = current ? sum('replicas', [current]) : 0
  const wanted = deployment.spec.replicas ?? 1
  const counts = {
    replicas,
    updatedReplicas,
    readyReplicas: sum('readyReplicas', sets),
    availableReplicas,
    unavailableReplicas: Math.max(0, Math.max(wanted, replicas) - availableReplicas),
  }
  const conditions = conditionsOf(deployment, current, { ...counts, wanted })
  const time = formatTimestamp(context.now)
  const before = (deployment.status ?? {}) as { readonly conditions?: readonly Condition[] }
  const merged = conditions.reduce(
    (status, condition) => withCondition(status, condition, time),
    before.conditions ? { conditions: before.conditions } : {},
  )
  const status = {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0)),
    ...merged,
  }
  return sameValue(status, deployment.status) ? [] : [{ type: 'update', object: { ...deployment, status } }]
}

interface Counts {
  readonly replicas: number
  readonly updatedReplicas: number
  readonly availableReplicas: number
  readonly wanted: number
}

function conditionsOf(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  counts: Counts,
): readonly Omit<Condition, 'lastTransitionTime'>[] {
  const { wanted, availableReplicas, updatedReplicas, replicas } = counts
  const enough = availableReplicas >= wanted - fenceposts(deployment).unavailable
  const complete = updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted
  const name = current?.metadata.name ?? ''
  return [
    enough
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
        },
    complete
      ? {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "${name}" has successfully progressed.`,
        }
      : {
          type: 'Progressing',
          status: 'True',
          reason: 'ReplicaSetUpdated',
          message: `ReplicaSet "${name}" is progressing.`,
        },
  ]
}
