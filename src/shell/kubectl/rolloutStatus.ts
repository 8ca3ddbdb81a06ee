import type { KubeObject } from '../../engine/index.ts'
import { at, looseList } from './print/columnCells.ts'

export type RolloutState = { readonly text: string; readonly done: boolean } | { readonly problem: string }

/** What `kubectl rollout status` says of a workload as it is. Source: kubectl pkg/polymorphichelpers/rollout_status.go. */
export function rolloutState(object: KubeObject): RolloutState {
  switch (object.kind) {
    case 'Deployment':
      return deploymentState(object)
    case 'DaemonSet':
      return daemonSetState(object)
    default:
      return statefulSetState(object)
  }
}

const number = (object: KubeObject, path: string, missing = 0): number => Number(at(object, path) ?? missing)

function isSeen(object: KubeObject): boolean {
  return (object.metadata.generation ?? 0) <= number(object, 'status.observedGeneration')
}

function deploymentState(object: KubeObject): RolloutState {
  const name = JSON.stringify(object.metadata.name)
  const waiting = (what: string): RolloutState => ({
    text: `Waiting for deployment ${name} rollout to finish: ${what}...`,
    done: false,
  })
  if (!isSeen(object)) return { text: `Waiting for deployment spec update to be observed...`, done: false }
  const progress = looseList(at(object, 'status.conditions')).find(({ type }) => type === 'Progressing')
  if (progress?.['reason'] === 'ProgressDeadlineExceeded') {
    return { problem: `deployment ${name} exceeded its progress deadline` }
  }
  const wanted = number(object, 'spec.replicas', 1)
  const [updated, all, available] = ['updatedReplicas', 'replicas', 'availableReplicas'].map((field) =>
    number(object, `status.${field}`),
  ) as [number, number, number]
  if (updated < wanted) return waiting(`${updated} out of ${wanted} new replicas have been updated`)
  if (all > updated) return waiting(`${all - updated} old replicas are pending termination`)
  if (available < updated) return waiting(`${available} of ${updated} updated replicas are available`)
  return { text: `deployment ${name} successfully rolled out`, done: true }
}

const onlyRolling = { problem: 'rollout status is only available for RollingUpdate strategy type' }

function daemonSetState(object: KubeObject): RolloutState {
  const name = JSON.stringify(object.metadata.name)
  if (at(object, 'spec.updateStrategy.type') !== 'RollingUpdate') return onlyRolling
  if (!isSeen(object)) return { text: 'Waiting for daemon set spec update to be observed...', done: false }
  const wanted = number(object, 'status.desiredNumberScheduled')
  const updated = number(object, 'status.updatedNumberScheduled')
  const available = number(object, 'status.numberAvailable')
  const waiting = (what: string): RolloutState => ({
    text: `Waiting for daemon set ${name} rollout to finish: ${what}...`,
    done: false,
  })
  if (updated < wanted) return waiting(`${updated} out of ${wanted} new pods have been updated`)
  if (available < wanted) return waiting(`${available} of ${wanted} updated pods are available`)
  return { text: `daemon set ${name} successfully rolled out`, done: true }
}

function statefulSetState(object: KubeObject): RolloutState {
  if (at(object, 'spec.updateStrategy.type') !== 'RollingUpdate') return onlyRolling
  if (!isSeen(object)) return { text: 'Waiting for statefulset spec update to be observed...', done: false }
  const wanted = number(object, 'spec.replicas', 1)
  const ready = number(object, 'status.readyReplicas')
  const updated = number(object, 'status.updatedReplicas')
  const revision = (at(object, 'status.updateRevision') as string | undefined) ?? ''
  if (ready < wanted) return { text: `Waiting for ${wanted - ready} pods to be ready...`, done: false }
  const partition = number(object, 'spec.updateStrategy.rollingUpdate.partition')
  if (partition > 0) {
    if (updated < wanted - partition) {
      const text = `Waiting for partitioned roll out to finish: ${updated} out of ${wanted - partition} new pods have been updated...`
      return { text, done: false }
    }
    return { text: `partitioned roll out complete: ${updated} new pods have been updated...`, done: true }
  }
  if (at(object, 'status.updateRevision') !== at(object, 'status.currentRevision')) {
    return {
      text: `waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}...`,
      done: false,
    }
  }
  const current = number(object, 'status.currentReplicas')
  return { text: `statefulset rolling update complete ${current} pods at revision ${revision}...`, done: true }
}
