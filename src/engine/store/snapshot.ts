import type { KubeObject } from '../api/types.ts'
import type { ObjectOf } from './objects.ts'

/** Ways to find objects without walking all of them. */
export interface IndexKeys {
  /** `metadata.namespace`. */
  readonly namespace: string
  /** uid of the controlling owner; empty where there is none. */
  readonly owner: string
  /** Pods: `spec.nodeName`, empty while unscheduled. */
  readonly node: string
  /** EndpointSlices: `namespace/` + label `kubernetes.io/service-name`. */
  readonly service: string
}

export type IndexName = keyof IndexKeys

/** All objects of the cluster at one moment, read only. */
export interface Snapshot {
  /** Counts every write since the start. */
  readonly revision: number
  readonly get: <K extends string>(kind: K, key: string) => ObjectOf<K> | undefined
  /** Every object of the kind. Order: as created; sort where it matters. */
  readonly list: <K extends string>(kind: K) => Iterable<ObjectOf<K>>
  readonly count: (kind: string) => number
  /** The objects of the kind under one index entry. Order: as created. */
  readonly indexed: <K extends string>(kind: K, index: IndexName, value: string) => Iterable<ObjectOf<K>>
  /** The same, by key. */
  readonly sorted: <K extends string>(kind: K, index: IndexName, value: string) => readonly ObjectOf<K>[]
  readonly kinds: () => readonly string[]
}

const serviceNameLabel = 'kubernetes.io/service-name'

/** Where `object` stands in `index`; undefined: nowhere. */
export function indexValue(index: IndexName, object: KubeObject): string | undefined {
  switch (index) {
    case 'namespace':
      return object.metadata.namespace
    case 'owner':
      return object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid ?? ''
    case 'node':
      if (object.kind !== 'Pod') return undefined
      return (object['spec'] as { readonly nodeName?: string } | undefined)?.nodeName ?? ''
    case 'service': {
      if (object.kind !== 'EndpointSlice') return undefined
      const name = object.metadata.labels?.[serviceNameLabel]
      return name === undefined ? undefined : `${object.metadata.namespace ?? ''}/${name}`
    }
  }
}
