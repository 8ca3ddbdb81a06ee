import { resourceName } from '../api/kinds.ts'
import type { Kind } from '../api/kinds.ts'
import { uidConflictStatus } from '../api/status.ts'
import type { StatusError } from '../api/status.ts'
import type { KubeObject } from '../api/types.ts'

/**
 * Why a PUT of `object` may not replace `old`: a uid in the body is a precondition; undefined: it may. A PATCH has no
 * precondition, there the changed uid is an immutable field. Source: apiserver registry/rest/update.go.
 */
export function uidFault(kind: Kind, object: KubeObject, old: KubeObject): StatusError | undefined {
  const { uid } = object.metadata
  if (uid === undefined || uid === '' || uid === old.metadata.uid) return undefined
  const { name, uid: stored = '' } = old.metadata
  return uidConflictStatus(resourceName(kind), name, { where: etcdKey(kind, old), given: uid, stored })
}

/** Source: the `ResourcePrefix` of each kind's registry; most are their resource's name. */
const etcdPrefixes: Readonly<Record<string, string>> = {
  Service: 'services/specs',
  Endpoints: 'services/endpoints',
  Node: 'minions',
}

function etcdKey({ kind, resource, namespaced }: Kind, { metadata }: KubeObject): string {
  const place = namespaced ? `${metadata.namespace ?? ''}/${metadata.name}` : metadata.name
  return `/registry/${etcdPrefixes[kind] ?? resource}/${place}`
}
