import type { KubeObject } from '../api/types.ts'
import { indexValue } from './snapshot.ts'
import type { IndexName } from './snapshot.ts'

const indexNames: readonly IndexName[] = ['namespace', 'owner', 'node', 'service']

type Index = Map<string, Map<string, KubeObject>>

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
  const copy = (index: Index): Index => new Map([...index].map(([value, entries]) => [value, new Map(entries)]))
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
  for (const name of indexNames) {
    const index = table.indexes[name]
    const before = previous && indexValue(name, previous)
    const after = object && indexValue(name, object)
    if (before !== undefined && before !== after) {
      const entries = index.get(before)
      entries?.delete(key)
      if (entries?.size === 0) index.delete(before)
    }
    if (after !== undefined && object) {
      const entries = index.get(after)
      if (entries) entries.set(key, object)
      else index.set(after, new Map([[key, object]]))
    }
  }
}
