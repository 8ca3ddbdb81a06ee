import type { Event, KubeObject } from '../engine/index.ts'

const SHOWN = 6

/**
 * The newest of what the cluster has said about `object`, warnings before the rest where not all have room, in the order of
 * time: `Warning BackOff ×3: Back-off pulling image "x"`.
 */
export function objectEvents(object: KubeObject, objects: Iterable<KubeObject>): readonly string[] {
  const { kind, metadata } = object
  const own: Event[] = []
  for (const one of objects) {
    if (one.kind !== 'Event') continue
    const event = one as Event
    const { involvedObject } = event
    const isOwn =
      involvedObject.kind === kind &&
      involvedObject.name === metadata.name &&
      involvedObject.namespace === metadata.namespace
    if (isOwn && (involvedObject.uid === undefined || involvedObject.uid === metadata.uid)) own.push(event)
  }
  own.sort((a, b) => {
    const [x, y] = [timeOf(a), timeOf(b)]
    return x < y ? -1 : x > y ? 1 : revisionOf(a) - revisionOf(b)
  })
  const warnings = own.filter(({ type }) => type === 'Warning').slice(-SHOWN)
  const others = own.filter(({ type }) => type !== 'Warning')
  const chosen = new Set([...warnings, ...others.slice(Math.max(0, others.length - SHOWN + warnings.length))])
  return own
    .filter((event) => chosen.has(event))
    .map((event) => {
      const { type, reason, message } = event
      const count = event.series?.count ?? event.count ?? 1
      return `${type === 'Warning' ? 'Warning ' : ''}${reason}${count > 1 ? ` ×${count}` : ''}: ${message}`
    })
}

function timeOf(event: Event): string {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? ''
}

/** Within one second the order of writing decides. */
function revisionOf({ metadata }: Event): number {
  return Number(metadata.resourceVersion ?? 0)
}
