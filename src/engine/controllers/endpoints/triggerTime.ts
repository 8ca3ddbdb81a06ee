import type { Pod, Service } from '../../api/types.ts'
import { podCondition } from '../podState.ts'

/** Annotation: when the change happened that made the controller write. */
export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

/**
 * Remembers per Service when its pods last became ready or unready. The time for the annotation is that of the Service's
 * creation at its first sync, then the earliest change since the last one; undefined: nothing of the kind changed, and the
 * annotation is taken away. Source: endpointslice/util/trigger_time_tracker.go.
 */
export interface TriggerTimes {
  readonly at: (key: string, service: Service, pods: readonly Pod[]) => string | undefined
  readonly forget: (key: string) => void
}

export function createTriggerTimes(): TriggerTimes {
  const services = new Map<string, Seen>()
  return {
    at: (key, service, pods) => {
      const created = service.metadata.creationTimestamp ?? ''
      const known = services.get(key)
      const { times, earliest } = compare(known ?? { created: '', pods: [], times: [] }, pods)
      services.set(key, { created, pods, times })
      if (!known) return created === '' ? undefined : created
      const isNew = created > known.created
      return isNew && (earliest === undefined || created < earliest) ? created : earliest
    },
    forget: (key) => {
      services.delete(key)
    },
  }
}

/** A Service as its last sync saw it; its pods by name, with the time of each. */
interface Seen {
  readonly created: string
  readonly pods: readonly Pod[]
  readonly times: readonly (string | undefined)[]
}

/** Times are compared as texts: all have the form that the API server prints. Both lists of pods are sorted by name. */
function compare(
  last: Seen,
  pods: readonly Pod[],
): { readonly times: readonly (string | undefined)[]; readonly earliest: string | undefined } {
  const times: (string | undefined)[] = []
  let earliest: string | undefined
  let at = 0
  for (const pod of pods) {
    // Most of ten thousand pods are the very same objects as last time.
    let before = last.pods[at]
    while (before !== undefined && before !== pod && before.metadata.name < pod.metadata.name) before = last.pods[++at]
    if (before === pod) {
      times.push(last.times[at++])
      continue
    }
    const time = podCondition(pod, 'Ready')?.lastTransitionTime
    times.push(time)
    const known = before?.metadata.name === pod.metadata.name ? last.times[at] : undefined
    if (time === undefined || (known !== undefined && time <= known)) continue
    if (earliest === undefined || time < earliest) earliest = time
  }
  return { times, earliest }
}
