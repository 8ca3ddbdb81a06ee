import type { Labels, Pod, Service } from '../../api/types.ts'
import type { Change } from '../../store/store.ts'
import { matchesLabels } from '../selector.ts'

/** Finds the Services that select a pod without walking all Services. */
export interface ServiceIndex {
  readonly apply: (change: Change) => void
  /** Keys of the Services whose selector takes `pod`. */
  readonly select: (pod: Pod) => readonly string[]
}

const none: ReadonlyMap<string, Service> = new Map()

/** Services stand under one pair of their selector; a pod asks for each pair of its labels. */
export function createServiceIndex(): ServiceIndex {
  const byPair = new Map<string, Map<string, Service>>()
  // Replicas share their labels: one answer for thousands, until the Services change.
  let answers = new WeakMap<Labels, Map<string, readonly string[]>>()
  const pairOf = (service: Service): string | undefined => {
    const first = Object.entries(service.spec.selector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))[0]
    return first && pair(service.metadata.namespace, first)
  }
  return {
    apply: ({ key, type, object, previous }) => {
      answers = new WeakMap()
      const before = previous && pairOf(previous as Service)
      if (before !== undefined) byPair.get(before)?.delete(key)
      const after = type === 'DELETED' ? undefined : pairOf(object as Service)
      if (after === undefined) return
      const services = byPair.get(after)
      if (services) services.set(key, object as Service)
      else byPair.set(after, new Map([[key, object as Service]]))
    },
    select: (pod) => {
      const { labels, namespace = '' } = pod.metadata
      if (!labels) return []
      const known = answers.get(labels)
      const answer = known?.get(namespace)
      if (answer) return answer
      const found: string[] = []
      if (known) known.set(namespace, found)
      else answers.set(labels, new Map([[namespace, found]]))
      for (const label of Object.entries(labels)) {
        for (const [key, service] of byPair.get(pair(namespace, label)) ?? none) {
          if (matchesLabels(service.spec.selector, labels)) found.push(key)
        }
      }
      return found
    },
  }
}

function pair(namespace: string | undefined, [key, value]: readonly [string, string]): string {
  return `${namespace ?? ''}/${key}=${value}`
}
