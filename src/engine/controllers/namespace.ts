import type { KubeObject } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { deletionOf } from '../store/deletion.ts'
import { keyOf } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import type { Context, Controller, Reconciled } from './controller.ts'
import { withDeletionConditions } from './namespaceConditions.ts'

/** From a change of a terminating namespace until the controller looks at it. */
const graceMs = 5000

/**
 * Gives a new namespace its ServiceAccount and root CA ConfigMap, empties a terminating one and removes it once it is empty.
 * Source: kubernetes pkg/controller/namespace, serviceaccount, certificates/rootcacertpublisher.
 */
export function createNamespaceController(): Controller {
  /** When to look at a terminating namespace again. */
  const due = new Map<string, SimTime>()
  return {
    name: 'namespace',
    delay: 20,
    kinds: ['Namespace', 'ConfigMap', 'ServiceAccount'],
    wakes: (change, snapshot) => {
      if (change.kind === 'Namespace') return [change.key]
      if (change.type !== 'DELETED') return []
      const { namespace } = change.object.metadata
      const owner = namespace === undefined ? undefined : snapshot.get('Namespace', namespace)
      return owner && owner.metadata.deletionTimestamp === undefined ? [owner.metadata.name] : []
    },
    reconcile: (context, keys) => {
      const results = keys.map((key) => reconcileNamespace(context, key, due))
      return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
    },
  }
}

function reconcileNamespace(context: Context, key: string, due: Map<string, SimTime>): Reconciled {
  const { snapshot, now } = context
  const namespace = snapshot.get('Namespace', key)
  if (!namespace) {
    due.delete(key)
    return { writes: [] }
  }
  if (namespace.metadata.deletionTimestamp === undefined) {
    const missing = furniture(key).filter((object) => !snapshot.get(object.kind, keyOf(object)))
    return { writes: missing.map((object) => ({ type: 'create', object })) }
  }
  const at = due.get(key) ?? now + graceMs
  due.set(key, at)
  if (now < at) return { writes: [], again: [{ key, at }] }
  const { writes, left, waitMs } = emptied(context, key)
  const status = withDeletionConditions(namespace, left, formatTimestamp(now))
  const changed = status !== namespace.status
  const told: readonly Write[] = changed ? [{ type: 'update', object: { ...namespace, status } }] : []
  if (waitMs === undefined) return { writes: [...writes, ...told, { type: 'delete', kind: 'Namespace', key }] }
  const next = now + (changed ? graceMs : waitMs)
  due.set(key, next)
  // What a finalizer of somebody else holds may stay for ever.
  return { writes: [...writes, ...told], again: [{ key, at: next, background: left.length > 0 }] }
}

interface Emptied {
  readonly writes: readonly Write[]
  /** What finalizers hold. */
  readonly left: readonly KubeObject[]
  /** When to look again; absent: there is nothing left. */
  readonly waitMs?: number
}

/** Pods go first; what is left, once they are gone. Source: namespaced_resources_deleter.go deleteAllContent. */
function emptied({ snapshot, now }: Context, key: string): Emptied {
  const pods = snapshot.sorted('Pod', 'namespace', key)
  if (pods.length > 0) {
    const longest = Math.max(...pods.map(({ spec }) => spec.terminationGracePeriodSeconds ?? 30))
    const writes = pods.flatMap((pod) => deletionOf(pod, now) ?? [])
    return { writes, left: [], waitMs: (Math.floor(longest / 2) + 1) * 1000 }
  }
  const content = snapshot.kinds().flatMap((kind) => [...snapshot.indexed(kind, 'namespace', key)])
  const left = content.filter(({ metadata }) => (metadata.finalizers?.length ?? 0) > 0)
  const writes = content.flatMap((object) => deletionOf(object, now) ?? [])
  return left.length > 0 ? { writes, left, waitMs: finalizerWaitMs } : { writes, left }
}

/** Half of the 15 s that are guessed for a finalizer, and one more. */
const finalizerWaitMs = 8000

function furniture(namespace: string): readonly KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kube-root-ca.crt',
        namespace,
        annotations: {
          'kubernetes.io/description':
            'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
        },
      },
      data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
  ]
}
