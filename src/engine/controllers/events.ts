import type { KubeObject } from '../api/types.ts'
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
  // The name holds the object's already: the rest tells its events apart.
  const hash = fnv32a(`${component}/${object.kind}/${object.metadata.uid ?? ''}/${text.reason}`)
  const tail = fnv32a(text.message)
  const name = `${object.metadata.name}.${hex8(hash)}${hex8(tail)}`
  const time = formatTimestamp(now)
  const known = snapshot.get('Event', objectKey(namespace, name))
  if (known) return { type: 'update', object: { ...known, count: known.count + 1, lastTimestamp: time } }
  return {
    type: 'create',
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
        name: object.metadata.name,
        ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
      },
      ...text,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: { component },
    },
  }
}
