import type { KubeObject, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { deletionOf } from '../store/deletion.ts'
import { keyOf, objectId } from '../store/objects.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { withCondition } from './conditions.ts'
import type { Context, Controller } from './controller.ts'
import { finalize, isHeld, waitingOwners } from './dependents.ts'
import { isFinished } from './podState.ts'

const none: readonly string[] = []
const nobody: NonNullable<KubeObject['metadata']['ownerReferences']> = []

/** Kinds that own others, and may. */
const owned = ['ReplicaSet', 'Pod', 'EndpointSlice', 'ControllerRevision'] as const

/**
 * Deletes what belonged to a deleted owner, and pods of nodes that are gone. Keys are uids of deleted owners.
 * Source: kubernetes pkg/controller/garbagecollector, podgc.
 */
export const garbageCollector: Controller = {
  name: 'garbagecollector',
  delay: 30,
  wakes: (change, snapshot) => {
    if (change.type === 'DELETED') {
      const { uid } = change.object.metadata
      const ids = [...(uid === undefined ? [] : [uid]), ...waitingOwners(snapshot, change.object)]
      return change.kind === 'Node' ? [...ids, `${nodeGone}${change.key}`] : ids
    }
    if (change.kind === 'Pod') {
      const { nodeName = '' } = (change.object as Pod).spec
      const bound = change.type === 'ADDED' && nodeName !== ''
      if (bound && !snapshot.get('Node', nodeName)) return [`${nodeGone}${nodeName}`]
    }
    if (change.type === 'MODIFIED' && isHeld(change.object)) return [`${held}${objectId(change.kind, change.key)}`]
    // An object whose owners were gone before it came.
    const owners = (change.type === 'ADDED' && change.object.metadata.ownerReferences) || nobody
    return owners.some((owner) => ownerExists(snapshot, change.object, owner)) ? none : owners.map(({ uid }) => uid)
  },
  reconcile: (context, keys) => {
    const found = keys.filter((key) => key.startsWith(nodeGone)).map((key) => key.slice(nodeGone.length))
    return {
      writes: [...keys.flatMap((key) => collect(context, key)), ...collectOthers(context, new Set(keys))],
      again: found.map((node) => ({ key: `${orphansOf}${node}`, at: orphansDue(context.now) })),
    }
  },
}

/**
 * What names deleted owners by hand: any kind, and owners that are not its controller. It goes when none of its owners is
 * left. Source: garbagecollector.go attemptToDeleteItem.
 */
function collectOthers({ snapshot, now }: Context, uids: ReadonlySet<string>): readonly Write[] {
  return snapshot
    .kinds()
    .filter((kind) => kind !== 'Event' && !(owned as readonly string[]).includes(kind))
    .flatMap((kind) => [...snapshot.list<string>(kind)])
    .flatMap((object) => {
      const { ownerReferences = [], deletionTimestamp } = object.metadata
      if (deletionTimestamp !== undefined || !ownerReferences.some(({ uid }) => uids.has(uid))) return []
      return ownerReferences.some((owner) => ownerExists(snapshot, object, owner))
        ? []
        : (deletionOf(object, now) ?? [])
    })
}

function ownerExists(
  snapshot: Snapshot,
  object: KubeObject,
  owner: NonNullable<KubeObject['metadata']['ownerReferences']>[number],
): boolean {
  const { namespace = '' } = object.metadata
  const found = snapshot.get(owner.kind, `${namespace}/${owner.name}`) ?? snapshot.get(owner.kind, owner.name)
  return found?.metadata.uid === owner.uid
}

const nodeGone = 'node '
const held = 'held '
const orphansOf = 'pods of '
const gcPeriodMs = 20_000
const quarantineMs = 40_000

/** The pod garbage collector looks every 20 s; a node must have been gone for 40 s. */
function orphansDue(now: SimTime): SimTime {
  return Math.ceil((now + quarantineMs) / gcPeriodMs) * gcPeriodMs
}

/** Source: kubernetes pkg/controller/podgc gcOrphaned. */
function collectPods({ snapshot, now }: Context, node: string): readonly Write[] {
  if (snapshot.get('Node', node)) return []
  return [...snapshot.indexed('Pod', 'node', node)].flatMap((pod): readonly Write[] => {
    const gone: Write = { type: 'delete', kind: 'Pod', key: keyOf(pod) }
    if (isFinished(pod)) return [gone]
    const disrupted = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      observedGeneration: pod.metadata.generation ?? 1,
      lastProbeTime: null,
    } as const
    const status = { ...withCondition(pod.status ?? {}, disrupted, formatTimestamp(now)), phase: 'Failed' } as const
    return [{ type: 'update', object: { ...pod, status } }, gone]
  })
}

function collect(context: Context, key: string): readonly Write[] {
  const { snapshot, now } = context
  if (key.startsWith(nodeGone)) return []
  if (key.startsWith(held)) return finalize(context, key.slice(held.length))
  if (key.startsWith(orphansOf)) return collectPods(context, key.slice(orphansOf.length))
  return owned.flatMap((kind) =>
    [...snapshot.indexed(kind, 'owner', key)].flatMap((object) => {
      const owner = object.metadata.ownerReferences?.find(({ uid }) => uid === key)
      if (owner && ownerExists(snapshot, object, owner)) return []
      return deletionOf(object, now) ?? []
    }),
  )
}
