import type { KubeObject } from '../api/types.ts'
import { deletionOf } from '../store/deletion.ts'
import { keyOf } from '../store/objects.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
import type { Context, Controller } from './controller.ts'

/** Kinds that own others, and may. */
const owned = ['ReplicaSet', 'Pod', 'EndpointSlice', 'ControllerRevision'] as const

/**
 * Deletes what belonged to a deleted owner, and pods of nodes that are gone. Keys are uids of deleted owners.
 * Source: kubernetes pkg/controller/garbagecollector. Differs: background deletion only.
 */
export const garbageCollector: Controller = {
  name: 'garbagecollector',
  delay: 30,
  wakes: (change, snapshot) => {
    if (change.type === 'DELETED') {
      const { uid } = change.object.metadata
      const ids = uid === undefined ? [] : [uid]
      return change.kind === 'Node' ? [...ids, `node ${change.key}`] : ids
    }
    // An object whose owner was gone before it came.
    const owner = change.type === 'ADDED' && change.object.metadata.ownerReferences?.find((one) => one.controller)
    return owner && !ownerExists(snapshot, change.object, owner) ? [owner.uid] : []
  },
  reconcile: (context, keys) => ({
    writes: [...keys.flatMap((key) => collect(context, key)), ...collectOthers(context, new Set(keys))],
  }),
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

function collect(context: Context, key: string): readonly Write[] {
  const { snapshot, now } = context
  if (key.startsWith('node ')) {
    const node = key.slice('node '.length)
    if (snapshot.get('Node', node)) return []
    return [...snapshot.indexed('Pod', 'node', node)].map((pod) => ({ type: 'delete', kind: 'Pod', key: keyOf(pod) }))
  }
  return owned.flatMap((kind) =>
    [...snapshot.indexed(kind, 'owner', key)].flatMap((object) => {
      const owner = object.metadata.ownerReferences?.find(({ uid }) => uid === key)
      if (owner && ownerExists(snapshot, object, owner)) return []
      return deletionOf(object, now) ?? []
    }),
  )
}
