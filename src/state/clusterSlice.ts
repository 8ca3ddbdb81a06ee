import type { StateCreator } from 'zustand/vanilla'
import type { KubeObject } from '../engine/index.ts'
import type { Input, Notice, SimPort } from '../bridge/protocol.ts'
import type { AppState, Cluster, ClusterSlice } from './appState.ts'

export const createClusterSlice =
  (port: SimPort): StateCreator<AppState, [], [], ClusterSlice> =>
  (set, get) => {
    const tell = (input: Input): void => {
      get().remember(input)
      port.send({ type: 'input', input })
    }
    return {
      cluster: { objects: new Map(), now: 0, held: false, quiet: true },
      dismissCrash: () => {
        set(({ cluster: { objects, now, held, quiet } }) => ({ cluster: { objects, now, held, quiet } }))
      },
      holdClock: (on) => {
        tell({ type: 'hold', on })
      },
      letTimePass: (ms) => {
        tell({ type: 'advance', ...(ms !== undefined && { ms }) })
      },
    }
  }

/** `Service/dev/web`, `Node/node01`. */
export function objectKey(object: KubeObject): string {
  const { name, namespace } = object.metadata
  return namespace === undefined ? `${object.kind}/${name}` : `${object.kind}/${namespace}/${name}`
}

/** `cluster` after `notice`; the objects it does not name stay identical. */
export function withChanges(cluster: Cluster, notice: Extract<Notice, { type: 'objectsChanged' }>): Cluster {
  const objects = new Map(notice.reset === true ? [] : cluster.objects)
  for (const key of notice.deleted) objects.delete(key)
  for (const object of notice.changed) objects.set(objectKey(object), object)
  return { ...cluster, objects, now: notice.now }
}
