import type {
  DaemonSet,
  Deployment,
  Endpoints,
  EndpointSlice,
  Event,
  KubeObject,
  Namespace,
  Node,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../api/types.ts'

/** The kinds whose shape the engine knows. Every other kind is stored as a `KubeObject`. */
export interface KnownKinds {
  readonly DaemonSet: DaemonSet
  readonly Deployment: Deployment
  readonly Endpoints: Endpoints
  readonly EndpointSlice: EndpointSlice
  readonly Event: Event
  readonly Namespace: Namespace
  readonly Node: Node
  readonly Pod: Pod
  readonly ReplicaSet: ReplicaSet
  readonly Service: Service
  readonly StatefulSet: StatefulSet
}

export type ObjectOf<K extends string> = K extends keyof KnownKinds ? KnownKinds[K] : KubeObject

/** `namespace/name`, or `name` where the kind has no namespace. Unique within a kind. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

export function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name)
}

/** `Kind/namespace/name` or `Kind/name`: names an object in the whole cluster. */
export function objectId(kind: string, key: string): string {
  return `${kind}/${key}`
}

export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** Code unit order, for sorting by key: the same in every locale. */
export function byKey(a: KubeObject, b: KubeObject): number {
  const [x, y] = [keyOf(a), keyOf(b)]
  return x < y ? -1 : x > y ? 1 : 0
}
