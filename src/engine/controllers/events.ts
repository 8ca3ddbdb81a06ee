import type { Event, KubeObject } from '../api/types.ts'
import { fnv32a } from '../base/hash.ts'
import { hex8 } from '../base/hex.ts'
import type { SimTime } from '../base/time.ts'
import { objectKey } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { formatMicroTime, formatTimestamp } from '../store/timestamp.ts'
import type { Context } from './controller.ts'

/** What to say about an object. */
export interface EventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** The part of the object that it is about: `spec.containers{nginx}`. */
  readonly fieldPath?: string
  /** How many times it happened; 1 when absent. */
  readonly times?: number
}

/** The scheduler speaks the newer Event API, which counts otherwise and names what was tried. */
const schedulerName = 'default-scheduler'

/**
 * The write that records an event on `object`. The same event again raises `count` of the one that is there. `host`: the
 * node whose kubelet speaks. Source: client-go tools/record and tools/events; reasons and messages are those of the
 * component named.
 */
export function recordEvent(
  context: Context,
  object: KubeObject,
  component: string,
  text: EventText,
  host = '',
): Write {
  const { snapshot, now } = context
  const namespace = object.metadata.namespace ?? 'default'
  if (last?.object !== object || last.component !== component || last.host !== host) {
    last = subjectOf(object, component, host)
  }
  const { type, reason, message, fieldPath, times = 1 } = text
  // The name holds the object's already: the rest tells its events apart.
  const hash = fnv32a(reason, last.hash)
  const tail = fieldPath === undefined ? fnv32a(message) : fnv32a(fieldPath, fnv32a(message))
  const name = `${object.metadata.name}.${hex8(hash)}${hex8(tail)}`
  const known = snapshot.get('Event', objectKey(namespace, name))
  if (known) return { type: 'update', object: repeated(known, times, now) }
  const involvedObject = fieldPath === undefined ? last.reference : partOf(last, fieldPath)
  const metadata = { name, namespace }
  if (component === schedulerName) {
    const what = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject, type, reason, message } as const
    return { type: 'create', object: { ...what, ...binding(reason, now) } }
  }
  const time = formatTimestamp(now)
  return {
    type: 'create',
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata,
      involvedObject,
      type,
      reason,
      message,
      count: times,
      eventTime: null,
      firstTimestamp: time,
      lastTimestamp: time,
      source: last.source,
      reportingComponent: component,
      reportingInstance: host,
    },
  }
}

/** What only events of the newer API have. */
function binding(
  reason: string,
  now: SimTime,
): Pick<
  Event,
  'action' | 'eventTime' | 'firstTimestamp' | 'lastTimestamp' | 'source' | 'reportingComponent' | 'reportingInstance'
> {
  return {
    action: reason === 'Scheduled' ? 'Binding' : 'Scheduling',
    eventTime: formatMicroTime(now),
    firstTimestamp: null,
    lastTimestamp: null,
    source: {},
    reportingComponent: schedulerName,
    reportingInstance: `${schedulerName}-node01`,
  }
}

function repeated(known: Event, times: number, now: SimTime): Event {
  if (known.count !== undefined) {
    return { ...known, count: known.count + times, lastTimestamp: formatTimestamp(now) }
  }
  return { ...known, series: { count: (known.series?.count ?? 1) + times, lastObservedTime: formatMicroTime(now) } }
}

/** What the events of one component about one object have in common. */
interface Subject {
  readonly object: KubeObject
  readonly component: string
  readonly host: string
  readonly hash: number
  readonly reference: Event['involvedObject']
  readonly source: Event['source']
  /** `reference` with the part that was named last. */
  part?: Event['involvedObject']
}

function partOf(subject: Subject, fieldPath: string): Event['involvedObject'] {
  if (subject.part?.fieldPath === fieldPath) return subject.part
  const part = { ...subject.reference, fieldPath }
  subject.part = part
  return part
}

/** Several events about an object come in a row. */
let last: Subject | undefined

function subjectOf(object: KubeObject, component: string, host: string): Subject {
  const { apiVersion, kind, metadata } = object
  const { namespace, name, uid, resourceVersion } = metadata
  const sameSource = last?.component === component && last.host === host
  return {
    object,
    component,
    host,
    hash: fnv32a(`${component}/${kind}/${uid ?? ''}/`),
    reference: {
      apiVersion,
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    source: sameSource && last ? last.source : host === '' ? { component } : { component, host },
  }
}
