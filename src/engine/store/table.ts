import type { KubeObject } from '../api/types.ts'
import { indexValue } from './snapshot.ts'
import type { IndexName } from './snapshot.ts'

/** The indexes in which objects of a kind can stand. */
function indexNamesOf(kind: string): readonly IndexName[] {
  switch (kind) {
    case 'Event':
      return eventIndexes
    case 'Pod':
      return podIndexes
    case 'EndpointSlice':
      return sliceIndexes
    default:
      return otherIndexes
  }
}

const eventIndexes: readonly IndexName[] = ['namespace']
const podIndexes: readonly IndexName[] = ['namespace', 'owner', 'node']
const sliceIndexes: readonly IndexName[] = ['namespace', 'owner', 'service']
const otherIndexes: readonly IndexName[] = ['namespace', 'owner']

/** The objects under one index value. `sorted` is their keys in order, made when asked for. */
interface IndexEntry {
  readonly objects: Map<string, KubeObject>
  sorted: readonly string[] | undefined
}

type Index = Map<string, IndexEntry>

/** All objects of one kind with their indexes. Changed in place by the store that owns it; copied once it is shared. */
export interface Table {
  readonly objects: Map<string, KubeObject>
  readonly indexes: Readonly<Record<IndexName, Index>>
}

export function createTable(): Table {
  return {
    objects: new Map(),
    indexes: { namespace: new Map(), owner: new Map(), node: new Map(), service: new Map() },
  }
}

export function copyTable(table: Table): Table {
  const copy = (index: Index): Index =>
    new Map([...index].map(([value, { objects, sorted }]) => [value, { objects: new Map(objects), sorted }]))
  const { namespace, owner, node, service } = table.indexes
  return {
    objects: new Map(table.objects),
    indexes: { namespace: copy(namespace), owner: copy(owner), node: copy(node), service: copy(service) },
  }
}

/** Puts `object` in the place of `previous` (undefined: new; `object` undefined: removed). */
export function putInTable(
  table: Table,
  key: string,
  previous: KubeObject | undefined,
  object: KubeObject | undefined,
): void {
  if (object) table.objects.set(key, object)
  else table.objects.delete(key)
  const kind = (object ?? previous)?.kind ?? ''
  for (const name of indexNamesOf(kind)) {
    const index = table.indexes[name]
    const before = previous && indexValue(name, previous)
    const after = object && indexValue(name, object)
    if (before !== undefined && before !== after) removeFrom(index, before, key)
    if (after !== undefined && object) addTo(index, after, key, object)
  }
}

function removeFrom(index: Index, value: string, key: string): void {
  const entry = index.get(value)
  if (!entry?.objects.delete(key)) return
  entry.sorted = undefined
  if (entry.objects.size === 0) index.delete(value)
}

function addTo(index: Index, value: string, key: string, object: KubeObject): void {
  const entry = index.get(value)
  if (!entry) {
    index.set(value, { objects: new Map([[key, object]]), sorted: undefined })
    return
  }
  const size = entry.objects.size
  entry.objects.set(key, object)
  if (entry.objects.size !== size) entry.sorted = undefined
}

/** The objects under `value`, by key. */
export function sortedEntries(index: Index, value: string): readonly KubeObject[] {
  const entry = index.get(value)
  if (!entry) return []
  entry.sorted ??= [...entry.objects.keys()].sort()
  return entry.sorted.flatMap((key) => entry.objects.get(key) ?? [])
}
