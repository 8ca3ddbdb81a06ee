import type { KubeObject } from '../api/types.ts'
import { deletionOf, propagationFinalizers, releaseOf } from '../store/deletion.ts'
import { keyOf, objectId } from '../store/objects.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
import type { Context } from './controller.ts'
import { omit } from './omit.ts'

const { Foreground, Orphan } = propagationFinalizers

/** Whether `object` is to go, and the garbage collector has to see to what it owns before. */
export function isHeld({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [] } = metadata
  return deletionTimestamp !== undefined && (finalizers.includes(Foreground) || finalizers.includes(Orphan))
}

/** The keys of those owners of a deleted object that wait for it. */
export function waitingOwners(snapshot: Snapshot, { metadata }: KubeObject): readonly string[] {
  return (metadata.ownerReferences ?? []).flatMap(({ kind, name, uid }) => {
    const owner = snapshot.get(kind, `${metadata.namespace ?? ''}/${name}`) ?? snapshot.get(kind, name)
    return owner?.metadata.uid === uid && isHeld(owner) ? [`held ${objectId(kind, keyOf(owner))}`] : []
  })
}

/**
 * The next step with the object `id`: its dependents are let go of, or deleted; once that is done, it goes itself.
 * Source: garbagecollector.go orphanDependents, processDeletingDependentsItem.
 */
export function finalize(context: Context, id: string): readonly Write[] {
  const slash = id.indexOf('/')
  const object = context.snapshot.get<string>(id.slice(0, slash), id.slice(slash + 1))
  if (!object || !isHeld(object)) return []
  const dependents = dependentsOf(context.snapshot, object.metadata.uid ?? '?')
  if (object.metadata.finalizers?.includes(Orphan)) {
    return [...dependents.map((one) => withoutOwner(one, object)), releaseOf(object, Orphan)]
  }
  const deletions = dependents.flatMap((one) => deletionOfDependent(context, one) ?? [])
  const gone = new Set(deletions.map((write) => (write.type === 'delete' ? objectId(write.kind, write.key) : '')))
  const blocking = dependents.filter(
    (one) => !gone.has(objectId(one.kind, keyOf(one))) && referenceTo(one, object)?.blockOwnerDeletion === true,
  )
  return blocking.length > 0 ? deletions : [...deletions, releaseOf(object, Foreground)]
}

/** What owns others itself goes after them. */
function deletionOfDependent({ snapshot, now }: Context, object: KubeObject): Write | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return undefined
  const hasOwn = dependentsOf(snapshot, object.metadata.uid ?? '?').length > 0
  return deletionOf(object, now, undefined, hasOwn ? 'Foreground' : 'Background')
}

function dependentsOf(snapshot: Snapshot, uid: string): readonly KubeObject[] {
  return snapshot
    .kinds()
    .filter((kind) => kind !== 'Event')
    .flatMap((kind) => [...snapshot.list<string>(kind)])
    .filter(({ metadata }) => metadata.ownerReferences?.some((one) => one.uid === uid) === true)
}

function referenceTo(
  { metadata }: KubeObject,
  owner: KubeObject,
): NonNullable<KubeObject['metadata']['ownerReferences']>[number] | undefined {
  return metadata.ownerReferences?.find(({ uid }) => uid === owner.metadata.uid)
}

function withoutOwner(object: KubeObject, owner: KubeObject): Write {
  const rest = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid)
  const metadata: KubeObject['metadata'] = omit(object.metadata, 'ownerReferences')
  return {
    type: 'update',
    object: { ...object, metadata: rest.length > 0 ? { ...metadata, ownerReferences: rest } : metadata },
  }
}
