import type { Event, KubeObject } from '../api/types.ts'
import { fnv32a } from '../base/hash.ts'
import { hex8 } from '../base/hex.ts'
import { objectKey } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import type { Context } from './controller.ts'

/** What to say about an object. */
export interface EventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/**
 * The write that records an event on `object`. The same event again raises `count` of the one that is there.
 * Source: client-go tools/record; reasons and messages are those of the component named.
 */
export function recordEvent(context: Context, object: KubeObject, component: string, text: EventText): Write {
  const { snapshot, now } = context
  const namespace = object.metadata.namespace ?? 'default'
  if (last?.object !== object || last.component !== component) last = subjectOf(object, component)
  // The name holds the object's already: the rest tells its events apart.
  const hash = fnv32a(text.reason, last.hash)
  const name = `${object.metadata.name}.${hex8(hash)}${hex8(fnv32a(text.message))}`
  const time = formatTimestamp(now)
  const known = snapshot.get('Event', objectKey(namespace, name))
  if (known) return { type: 'update', object: { ...known, count: known.count + 1, lastTimestamp: time } }
  return {
    type: 'create',
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: last.reference,
      type: text.type,
      reason: text.reason,
      message: text.message,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: last.source,
    },
  }
}

/** What the events of one component about one object have in common. */
interface Subject {
  readonly object: KubeObject
  readonly component: string
  readonly hash: number
  readonly reference: Event['involvedObject']
  readonly source: { readonly component: string }
}

/** Several events about an object come in a row. */
let last: Subject | undefined

function subjectOf(object: KubeObject, component: string): Subject {
  const { apiVersion, kind, metadata } = object
  const { namespace, name, uid } = metadata
  return {
    object,
    component,
    hash: fnv32a(`${component}/${kind}/${uid ?? ''}/`),
    reference: {
      apiVersion,
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
    },
    source: last?.component === component ? last.source : { component },
  }
}
