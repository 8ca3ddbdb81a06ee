import type { KubeObject } from '../api/types.ts'
import { deletionOf } from '../store/deletion.ts'
import { keyOf } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { eachKey } from './controller.ts'
import type { Context, Controller } from './controller.ts'

/**
 * Gives a new namespace its ServiceAccount and root CA ConfigMap, empties a terminating one and removes it once it is empty.
 * Source: kubernetes pkg/controller/namespace, serviceaccount, certificates/rootcacertpublisher.
 */
export const namespaceController: Controller = {
  name: 'namespace',
  delay: 20,
  wakes: (change, snapshot) => {
    if (change.kind === 'Namespace') return [change.key]
    if (change.type !== 'DELETED') return []
    const { namespace } = change.object.metadata
    const owner = namespace === undefined ? undefined : snapshot.get('Namespace', namespace)
    return owner?.metadata.deletionTimestamp === undefined ? [] : [owner.metadata.name]
  },
  reconcile: eachKey(reconcileNamespace),
}

function reconcileNamespace({ snapshot, now }: Context, key: string): readonly Write[] {
  const namespace = snapshot.get('Namespace', key)
  if (!namespace) return []
  if (namespace.metadata.deletionTimestamp === undefined) {
    const missing = furniture(key).filter((object) => !snapshot.get(object.kind, keyOf(object)))
    return missing.map((object) => ({ type: 'create', object }))
  }
  const content = snapshot
    .kinds()
    .filter((kind) => kind !== 'Event')
    .flatMap((kind) => [...snapshot.indexed(kind, 'namespace', key)])
  if (content.length > 0) return content.flatMap((object) => deletionOf(object, now) ?? [])
  const events = [...snapshot.indexed('Event', 'namespace', key)]
  return [
    ...events.map((event): Write => ({ type: 'delete', kind: 'Event', key: keyOf(event) })),
    { type: 'delete', kind: 'Namespace', key },
  ]
}

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
