import type { KubeObject, ObjectMeta, Pod } from '../api/types.ts'
import { randomUid } from '../api/uid.ts'
import type { Random } from '../base/random.ts'
import type { SimTime } from '../base/time.ts'
import { keyOf } from './objects.ts'
import type { ObjectOf } from './objects.ts'
import { sameValue } from './sameValue.ts'
import type { IndexName, Snapshot } from './snapshot.ts'
import { copyTable, createTable, putInTable, sortedEntries } from './table.ts'
import type { Table } from './table.ts'
import { formatTimestamp } from './timestamp.ts'

/** What a controller or the API front wants changed. `update` replaces the whole object, `status` only that part of it. */
export type Write =
  | { readonly type: 'create'; readonly object: KubeObject }
  | { readonly type: 'update'; readonly object: KubeObject }
  | { readonly type: 'status'; readonly kind: string; readonly key: string; readonly status: unknown }
  | { readonly type: 'delete'; readonly kind: string; readonly key: string }

/** One change, as a watch gives it. */
export interface Change {
  readonly revision: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind: string
  readonly key: string
  /** The object as it is now; the last state when deleted. */
  readonly object: KubeObject
  readonly previous?: KubeObject | undefined
  readonly time: SimTime
}

/**
 * The cluster's objects. As a `Snapshot` it always shows the newest state; `snapshot()` gives one that stays.
 * Objects that a write does not name stay the same objects.
 */
export interface Store extends Snapshot {
  readonly snapshot: () => Snapshot
  /** Applies in order and returns the changes made. A create of an existing key and a change of a missing one do nothing. */
  readonly applyWrites: (writes: readonly Write[], now: SimTime) => readonly Change[]
  /** Tells `onChange` of every change from now on, as it is made and in order; `kinds` absent: of objects of any kind. */
  readonly watch: (onChange: (change: Change) => void, kinds?: readonly string[]) => void
}

/** Kinds whose `metadata.generation` counts changes of the spec. */
const withGeneration = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Pod',
  'PriorityClass',
  'EndpointSlice',
  'Ingress',
  'IngressClass',
  'NetworkPolicy',
  'Job',
  'CronJob',
  'PodDisruptionBudget',
  'ReplicationController',
])

export function countsChanges(kind: string): boolean {
  return withGeneration.has(kind)
}

/** `random` makes the uids. Metadata that the writer left out is filled: uid, resourceVersion, creationTimestamp, generation. */
export function createStore(random: Random): Store {
  let tables = new Map<string, Table>()
  const shared = new Set<string>()
  const watches: { readonly onChange: (change: Change) => void; readonly kinds?: readonly string[] }[] = []
  let revision = 0

  const writable = (kind: string): Table => {
    const table = tables.get(kind)
    if (table && !shared.has(kind)) return table
    const own = table ? copyTable(table) : createTable()
    tables.set(kind, own)
    shared.delete(kind)
    return own
  }

  const applyOne = (write: Write, now: SimTime): Change | undefined => {
    const named = write.type === 'delete' || write.type === 'status'
    const kind = named ? write.kind : write.object.kind
    const key = named ? write.key : keyOf(write.object)
    const previous = tables.get(kind)?.objects.get(key)
    if ((write.type === 'create') === (previous !== undefined)) return undefined
    if (write.type === 'update' && write.object === previous) return undefined
    revision += 1
    if (write.type === 'delete') {
      if (!previous) return undefined
      putInTable(writable(kind), key, previous, undefined)
      return { revision, type: 'DELETED', kind, key, object: previous, previous, time: now }
    }
    if (write.type === 'status') {
      if (!previous) return undefined
      const object = withStatus(previous, write.status, revision)
      putInTable(writable(kind), key, previous, object)
      return { revision, type: 'MODIFIED', kind, key, object, previous, time: now }
    }
    const object = { ...write.object, metadata: stampedMeta(write.object, previous, revision, now, random) }
    putInTable(writable(kind), key, previous, object)
    return { revision, type: previous ? 'MODIFIED' : 'ADDED', kind, key, object, previous, time: now }
  }

  return {
    get revision() {
      return revision
    },
    ...readerOf(() => tables),
    snapshot: () => {
      for (const kind of tables.keys()) shared.add(kind)
      const frozen = tables
      tables = new Map(tables)
      return { revision, ...readerOf(() => frozen) }
    },
    applyWrites: (writes, now) => {
      const changes: Change[] = []
      for (const write of writes) {
        const change = applyOne(write, now)
        if (!change) continue
        changes.push(change)
        for (const { onChange, kinds } of watches) if (kinds?.includes(change.kind) !== false) onChange(change)
      }
      return changes
    },
    watch: (onChange, kinds) => {
      watches.push(kinds ? { onChange, kinds } : { onChange })
    },
  }
}

function readerOf(tables: () => ReadonlyMap<string, Table>): Omit<Snapshot, 'revision'> {
  // The table of a kind holds objects of that kind only, which the map's type cannot say.
  return {
    get: <K extends string>(kind: K, key: string) => tables().get(kind)?.objects.get(key) as ObjectOf<K> | undefined,
    list: <K extends string>(kind: K) => (tables().get(kind)?.objects.values() ?? []) as Iterable<ObjectOf<K>>,
    count: (kind) => tables().get(kind)?.objects.size ?? 0,
    indexed: <K extends string>(kind: K, index: IndexName, value: string) =>
      (tables().get(kind)?.indexes[index].get(value)?.objects.values() ?? []) as Iterable<ObjectOf<K>>,
    sorted: <K extends string>(kind: K, index: IndexName, value: string) => {
      const table = tables().get(kind)
      return (table ? sortedEntries(table.indexes[index], value) : []) as readonly ObjectOf<K>[]
    },
    kinds: () => [...tables().keys()].sort(),
  }
}

function withStatus(object: KubeObject, status: unknown, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) }, status }
}

function stampedMeta(
  object: KubeObject,
  previous: KubeObject | undefined,
  revision: number,
  now: SimTime,
  random: Random,
): ObjectMeta {
  const meta = object.metadata
  const generation = nextGeneration(object, previous)
  const stamped: { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] } = {
    ...meta,
    uid: previous?.metadata.uid ?? meta.uid ?? randomUid(random),
    resourceVersion: String(revision),
    creationTimestamp: previous?.metadata.creationTimestamp ?? meta.creationTimestamp ?? formatTimestamp(now),
  }
  // No conditional spread: this runs for every write.
  if (generation !== undefined) stamped.generation = generation
  return stamped
}

function nextGeneration(object: KubeObject, previous: KubeObject | undefined): number | undefined {
  if (!withGeneration.has(object.kind)) return object.metadata.generation
  if (!previous) return 1
  const current = previous.metadata.generation ?? 1
  if (object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp) {
    return previous.metadata.deletionTimestamp === undefined ? current + 1 : current
  }
  if (object.kind === 'EndpointSlice') return sameSlice(object, previous) ? current : current + 1
  // A binding is no change of what the pod is to be.
  if (object.kind === 'Pod' && (object as Pod).spec.nodeName !== (previous as Pod).spec.nodeName) return current
  return sameValue(object['spec'], previous['spec']) ? current : current + 1
}

/** By identity: a slice is written because something in it has changed, or for its annotations alone. */
function sameSlice(object: KubeObject, previous: KubeObject): boolean {
  return (
    object['endpoints'] === previous['endpoints'] &&
    object['ports'] === previous['ports'] &&
    object.metadata.labels === previous.metadata.labels
  )
}
