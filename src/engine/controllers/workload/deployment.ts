import type { Deployment, Pod, ReplicaSet } from '../../api/types.ts'
import { deletionOf } from '../../store/deletion.ts'
import { keyOf, objectKey } from '../../store/objects.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Change, Write } from '../../store/store.ts'
import type { Context, Controller, Reconciled } from '../controller.ts'
import { pausedWrites, plainStatus, progressCheckAt, rolloutStatus, withProgress } from './deploymentStatus.ts'
import { recordEvent } from '../events.ts'
import { claimReplicaSets, ownerKeys } from './ownership.ts'
import { isFinished } from '../podState.ts'
import { isNamespaceClosed } from './podTemplate.ts'
import { findNewReplicaSet, newReplicaSet, ownReplicaSets, revisionOf, sizeNotes, withRevision } from './revisions.ts'
import { scaleNew, scaleOld, scaleProportionally } from './rollingUpdate.ts'
import type { Scaling } from './rollingUpdate.ts'

const component = 'deployment-controller'

/** Rolls a Deployment's template out over ReplicaSets. Source: kubernetes pkg/controller/deployment. */
export const deploymentController: Controller = {
  name: 'deployment',
  kinds: ['Deployment', 'ReplicaSet', 'Pod'],
  delay: 10,
  wakes: (change, snapshot) => {
    if (change.kind === 'Deployment') return [change.key]
    if (change.kind === 'ReplicaSet') return deploymentsOf(change, snapshot)
    // Recreate waits for the last old pod; the status of ReplicaSets tells the rest.
    return change.kind === 'Pod' && change.type === 'DELETED' ? deploymentOfPod(snapshot, change.object as Pod) : []
  },
  reconcile: (context, keys) => {
    const results = keys.map((key) => reconcileOne(context, key))
    return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
  },
}

function reconcileOne(context: Context, key: string): Reconciled {
  const writes = reconcileDeployment(context, key)
  const deployment = context.snapshot.get('Deployment', key)
  // A write to the Deployment itself wakes the controller once more, and that sync sets the alarm.
  if (!deployment || writes.length > 0) return { writes }
  const at = progressCheckAt(deployment)
  return at === undefined || at <= context.now ? { writes } : { writes, again: [{ key, at, background: true }] }
}

/** An orphan concerns every Deployment that may take it over. */
function deploymentsOf(change: Change, snapshot: Snapshot): readonly string[] {
  const owners = deploymentOf(change.object)
  if (owners.length > 0 || change.type === 'DELETED') return owners
  const before = change.previous ? deploymentOf(change.previous) : []
  return [...before, ...ownerKeys(change, snapshot, 'Deployment')]
}

function deploymentOf(set: { readonly metadata: ReplicaSet['metadata'] }): readonly string[] {
  const owner = set.metadata.ownerReferences?.find((one) => one.controller === true && one.kind === 'Deployment')
  return owner ? [objectKey(set.metadata.namespace, owner.name)] : []
}

function deploymentOfPod(snapshot: Snapshot, pod: Pod): readonly string[] {
  const owner = pod.metadata.ownerReferences?.find((one) => one.controller === true && one.kind === 'ReplicaSet')
  const set = owner && snapshot.get('ReplicaSet', objectKey(pod.metadata.namespace, owner.name))
  return set ? deploymentOf(set) : []
}

/** The writes of one step of the rollout of the Deployment at `key`: one scaling, or the status when there is none. */
export function reconcileDeployment(context: Context, key: string): readonly Write[] {
  const { snapshot } = context
  const deployment = snapshot.get('Deployment', key)
  if (!deployment || deployment.metadata.deletionTimestamp !== undefined) return []
  const claims = claimReplicaSets(snapshot, deployment)
  if (claims.length > 0) return claims
  const sets = ownReplicaSets(snapshot, deployment)
  const current = findNewReplicaSet(deployment, sets)
  const old = sets.filter((set) => set !== current)
  const paused = pausedWrites(context, deployment)
  if (paused.length > 0) return paused
  if (current) {
    const revised = withRevision(deployment, current, old)
    if (revised.length > 0) return revised
  }
  if (deployment.spec['paused'] === true || isScaled(deployment, sets)) {
    const scaled = scaleProportionally(deployment, current, old)
    return [...scalingWrites(context, deployment, scaled), ...plainStatus(context, deployment, sets, current)]
  }
  if (current && !hasProgress(deployment)) {
    const message = `Found new replica set "${current.metadata.name}"`
    const object = withProgress(context, deployment, 'True', 'FoundNewReplicaSet', message)
    if (object !== deployment) return [{ type: 'update', object }]
  }
  const strategy = (deployment.spec['strategy'] as { readonly type?: string } | undefined)?.type
  const step = strategy === 'Recreate' ? recreate : rollingUpdate
  const writes = step(context, deployment, current, old)
  if (writes.length > 0) return writes
  return [...rolloutStatus(context, deployment, sets, current), ...cleanUp(context, deployment, current, old)]
}

function hasProgress({ status }: Deployment): boolean {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string }[] }
  return conditions.some(({ type }) => type === 'Progressing')
}

/** Whether the replicas were changed by hand since the ReplicaSets were last sized. */
function isScaled(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  const wanted = String(deployment.spec.replicas ?? 1)
  return sets.some((set) => {
    const noted = set.metadata.annotations?.['deployment.kubernetes.io/desired-replicas']
    return (set.spec.replicas ?? 0) > 0 && noted !== undefined && noted !== wanted
  })
}

function rollingUpdate(
  context: Context,
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Write[] {
  const grown = scaleNew(deployment, current, old)
  if (!current) return createNew(context, deployment, old, grown)
  if (grown !== (current.spec.replicas ?? 0)) {
    return scalingWrites(context, deployment, [{ set: current, replicas: grown }])
  }
  return scalingWrites(context, deployment, scaleOld(deployment, current, old))
}

function recreate(
  context: Context,
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Write[] {
  const living = old.filter((set) => (set.spec.replicas ?? 0) > 0)
  if (living.length > 0) {
    return scalingWrites(
      context,
      deployment,
      living.map((set) => ({ set, replicas: 0 })),
    )
  }
  const podsLeft = old.some((set) =>
    [...context.snapshot.indexed('Pod', 'owner', set.metadata.uid ?? '?')].some((pod) => !isFinished(pod)),
  )
  if (podsLeft) return []
  const wanted = deployment.spec.replicas ?? 1
  if (!current) return createNew(context, deployment, old, wanted)
  return (current.spec.replicas ?? 0) === wanted
    ? []
    : scalingWrites(context, deployment, [{ set: current, replicas: wanted }])
}

function createNew(
  context: Context,
  deployment: Deployment,
  old: readonly ReplicaSet[],
  replicas: number,
): readonly Write[] {
  if (isNamespaceClosed(context.snapshot, deployment)) return []
  const set = newReplicaSet(deployment, old, replicas)
  if (context.snapshot.get('ReplicaSet', keyOf(set))) return [collision(deployment)]
  const message = `Scaled up replica set ${set.metadata.name} from 0 to ${replicas}`
  const event = recordEvent(context, deployment, component, { type: 'Normal', reason: 'ScalingReplicaSet', message })
  const revision = { 'deployment.kubernetes.io/revision': String(revisionOf(set)) }
  const created = `Created new replica set "${set.metadata.name}"`
  const told = withProgress(context, deployment, 'True', 'NewReplicaSetCreated', created)
  const noted = { ...told, metadata: { ...told.metadata, annotations: { ...told.metadata.annotations, ...revision } } }
  return [{ type: 'create', object: set }, { type: 'update', object: noted }, ...(replicas > 0 ? [event] : [])]
}

/** The name is taken by another's ReplicaSet: the next try counts into the hash. Source: sync.go getNewReplicaSet. */
function collision(deployment: Deployment): Write {
  const { collisionCount = 0 } = (deployment.status ?? {}) as { readonly collisionCount?: number }
  const status = { ...deployment.status, collisionCount: collisionCount + 1 }
  return { type: 'update', object: { ...deployment, status } }
}

function scalingWrites(context: Context, deployment: Deployment, scalings: readonly Scaling[]): readonly Write[] {
  const notes = sizeNotes(deployment)
  return scalings.flatMap(({ set, replicas }): readonly Write[] => {
    const from = set.spec.replicas ?? 0
    const annotations = { ...set.metadata.annotations, ...notes }
    const object = { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } }
    const noted = Object.entries(notes).every(([name, value]) => set.metadata.annotations?.[name] === value)
    if (from === replicas) return noted ? [] : [{ type: 'update', object }]
    const verb = replicas > from ? 'up' : 'down'
    const message = `Scaled ${verb} replica set ${set.metadata.name} from ${from} to ${replicas}`
    const text = { type: 'Normal', reason: 'ScalingReplicaSet', message } as const
    return [{ type: 'update', object }, recordEvent(context, deployment, component, text)]
  })
}

/** Once the rollout is complete: the oldest empty ReplicaSets beyond the history limit go. */
function cleanUp(
  context: Context,
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Write[] {
  const limit = (deployment.spec['revisionHistoryLimit'] as number | undefined) ?? 10
  const wanted = deployment.spec.replicas ?? 1
  const status = current?.status as { readonly availableReplicas?: number } | undefined
  if (!current || (status?.availableReplicas ?? 0) < wanted) return []
  const empty = old
    .filter((set) => (set.spec.replicas ?? 0) === 0 && (set.status?.['replicas'] ?? 0) === 0)
    .sort((a, b) => revisionOf(a) - revisionOf(b) || (keyOf(a) < keyOf(b) ? -1 : 1))
  return empty.slice(0, Math.max(0, empty.length - limit)).flatMap((set) => deletionOf(set, context.now) ?? [])
}
