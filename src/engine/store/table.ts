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

/** The objects under one index value. */
interface IndexEntry {
  readonly objects: Map<string, KubeObject>
  /** Their keys in order, as of the last time somebody asked; undefined once a key has left. */
  sorted: readonly string[] | undefined
  /** Keys that came since then. */
  added: string[]
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
    new Map(
      [...index].map(([value, { objects, sorted, added }]) => [
        value,
        { objects: new Map(objects), sorted, added: [...added] },
      ]),
    )
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
  entry.added = []
  if (entry.objects.size === 0) index.delete(value)
}

function addTo(index: Index, value: string, key: string, object: KubeObject): void {
  const entry = index.get(value)
  if (!entry) {
    index.set(value, { objects: new Map([[key, object]]), sorted: undefined, added: [] })
    return
  }
  const size = entry.objects.size
  entry.objects.set(key, object)
  if (entry.sorted && entry.objects.size !== size) entry.added.push(key)
}

/** The objects under `value`, by key. */
export function sortedEntries(index: Index, value: string): readonly KubeObject[] {
  const entry = index.get(value)
  if (!entry) return []
  const { objects } = entry
  const keys = sortedKeys(entry)
  const found: KubeObject[] = []
  for (const key of keys) {
    const object = objects.get(key)
    if (object) found.push(object)
  }
  return found
}

function sortedKeys(entry: IndexEntry): readonly string[] {
  if (!entry.sorted) entry.sorted = [...entry.objects.keys()].sort()
  else if (entry.added.length > 0) entry.sorted = merged(entry.sorted, entry.added.sort())
  if (entry.added.length > 0) entry.added = []
  return entry.sorted
}

/** Two sorted lists as one. */
function merged(a: readonly string[], b: readonly string[]): readonly string[] {
  const all: string[] = []
  let i = 0
  for (const key of b) {
    for (let next = a[i]; next !== undefined && next < key; next = a[++i]) all.push(next)
    all.push(key)
  }
  for (; i < a.length; i++) all.push(a[i] ?? '')
  return all
}
