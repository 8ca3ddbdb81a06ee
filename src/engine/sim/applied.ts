import type { KubeObject } from '../api/types.ts'
import { deletionOf } from '../store/deletion.ts'
import { keyOf, objectId } from '../store/objects.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Cluster } from './cluster.ts'
import { admit } from './admission.ts'
import type { ApplyResult } from './types.ts'

/** `kubectl apply` of a set of documents again and again: it remembers what it made, so that it can prune. */
export interface AppliedSet {
  /**
   * Applies `documents` in order, namespaces first. With `prune`, what an earlier call made and no document names any more
   * is deleted.
   */
  readonly apply: (documents: readonly unknown[], options: { readonly prune: boolean }) => readonly ApplyResult[]
}

const groups: Readonly<Record<string, string>> = {
  Deployment: 'deployment.apps',
  ReplicaSet: 'replicaset.apps',
  StatefulSet: 'statefulset.apps',
  DaemonSet: 'daemonset.apps',
  EndpointSlice: 'endpointslice.discovery.k8s.io',
}

function resourceOf(kind: string): string {
  return groups[kind] ?? kind.toLowerCase()
}

export function createAppliedSet({ store, loop, random }: Cluster): AppliedSet {
  let made = new Map<string, { readonly kind: string; readonly key: string }>()

  const applyOne = (given: KubeObject): { readonly message: string; readonly kind: string; readonly key: string } => {
    const namespaced =
      given.kind === 'Namespace'
        ? given.metadata.name
        : `${given.metadata.namespace ?? 'default'}/${given.metadata.name}`
    const current = store.get<string>(given.kind, namespaced)
    const object = admit(given, current, store, random)
    const key = keyOf(object)
    const name = `${resourceOf(given.kind)}/${given.metadata.name}`
    if (!current) {
      loop.write([{ type: 'create', object }])
      return { message: `${name} created`, kind: given.kind, key }
    }
    const merged = { ...object, metadata: { ...current.metadata, ...object.metadata } }
    if (sameValue(merged, current)) return { message: `${name} unchanged`, kind: given.kind, key }
    loop.write([{ type: 'update', object: merged }])
    return { message: `${name} configured`, kind: given.kind, key }
  }

  return {
    apply: (documents, { prune }) => {
      const order = documents.map((object, document) => ({ object, document }))
      const isNamespace = (object: unknown): number => ((object as KubeObject | null)?.kind === 'Namespace' ? 0 : 1)
      order.sort((a, b) => isNamespace(a.object) - isNamespace(b.object) || a.document - b.document)
      const named = new Map<string, { readonly kind: string; readonly key: string }>()
      const results = order.map(({ object, document }): ApplyResult => {
        const given = object as Partial<KubeObject>
        if (typeof given.kind !== 'string' || typeof given.metadata?.name !== 'string') {
          return { document, ok: false, message: 'error: no kind or name', causes: [] }
        }
        const { message, kind, key } = applyOne(given as KubeObject)
        named.set(objectId(kind, key), { kind, key })
        return { document, ok: true, message, causes: [] }
      })
      results.sort((a, b) => a.document - b.document)
      if (!prune) {
        made = new Map([...made, ...named])
        return results
      }
      const gone = [...made].filter(([id]) => !named.has(id)).sort(([a], [b]) => (a < b ? -1 : 1))
      made = named
      for (const [, { kind, key }] of gone) {
        const object = store.get<string>(kind, key)
        const write = object && deletionOf(object, loop.now())
        if (!write) continue
        loop.write([write])
        results.push({
          document: -1,
          ok: true,
          message: `${resourceOf(kind)}/${object.metadata.name} pruned`,
          causes: [],
        })
      }
      return results
    },
  }
}
