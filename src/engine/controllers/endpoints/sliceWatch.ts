import type { EndpointSlice } from '../../api/types.ts'
import { byKey } from '../../store/objects.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Change, Write } from '../../store/store.ts'
import { isOwnWrite } from './sliceWrites.ts'

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const serviceNameLabel = 'kubernetes.io/service-name'

/** The slices that `manager` keeps for the Service or Endpoints at `key`, by name. */
export function slicesManagedBy(snapshot: Snapshot, key: string, manager: string): readonly EndpointSlice[] {
  return [...snapshot.indexed('EndpointSlice', 'service', key)]
    .filter(({ metadata }) => metadata.labels?.[managedByLabel] === manager && metadata.deletionTimestamp === undefined)
    .sort(byKey)
}

/** Tells what others do to a controller's slices from what it does itself. Source: endpointslice/util endpointslice_tracker.go. */
export interface SliceWatch {
  /** Whose slice a change puts in question: one that somebody else made, changed, gave away or deleted. */
  readonly wakes: (change: Change) => readonly string[]
  /** Remembers the deletions among the controller's own writes, and hands them on. */
  readonly expect: (writes: readonly Write[]) => readonly Write[]
}

export function createSliceWatch(manager: string): SliceWatch {
  const expected = new Set<string>()
  return {
    wakes: ({ type, key, object, previous }) => {
      if (type === 'DELETED' ? expected.delete(key) : isOwnWrite(object as EndpointSlice)) return []
      const keys = new Set<string>()
      for (const one of [object, previous]) {
        const { labels = {}, namespace = '' } = one?.metadata ?? {}
        const name = labels[serviceNameLabel]
        if (labels[managedByLabel] === manager && name !== undefined) keys.add(`${namespace}/${name}`)
      }
      return [...keys]
    },
    expect: (writes) => {
      for (const write of writes) {
        if (write.type === 'delete' && write.kind === 'EndpointSlice') expected.add(write.key)
      }
      return writes
    },
  }
}
