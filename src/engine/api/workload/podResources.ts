import { part } from './fields.ts'
import { asList } from './loose.ts'
import type { Loose } from './loose.ts'
import { nanos, quantityOf, quantityText } from './quantities.ts'

/** What a pod asks for as a whole. Source: k8s.io/component-helpers/resource, kubernetes pkg/apis/core/helper/qos. */

type Sums = Map<string, { readonly value: bigint; readonly like: string }>

function add(sums: Sums, list: Loose): void {
  for (const [name, quantity] of Object.entries(list)) {
    const known = sums.get(name)
    const like = known && known.value !== 0n ? known.like : quantityOf(quantity)
    sums.set(name, { value: (known?.value ?? 0n) + nanos(quantity), like })
  }
}

function most(sums: Sums, other: Sums): void {
  for (const [name, sum] of other) {
    const known = sums.get(name)
    if (!known || known.value < sum.value) sums.set(name, sum)
  }
}

/** Requests or limits of all containers; init containers run one after another, sidecars beside the rest. */
export function aggregate(spec: Loose, kind: 'requests' | 'limits'): Loose {
  const sums: Sums = new Map()
  const sidecars: Sums = new Map()
  const peaks: Sums = new Map()
  const listOf = (container: Loose): Loose => part(part(container, 'resources'), kind)
  for (const container of asList(spec['containers'])) add(sums, listOf(container))
  for (const container of asList(spec['initContainers'])) {
    if (container['restartPolicy'] === 'Always') {
      add(sums, listOf(container))
      add(sidecars, listOf(container))
      most(peaks, new Map(sidecars))
    } else {
      const alone: Sums = new Map()
      add(alone, listOf(container))
      for (const [name, sum] of sidecars) {
        alone.set(name, { value: (alone.get(name)?.value ?? 0n) + sum.value, like: alone.get(name)?.like ?? sum.like })
      }
      most(peaks, alone)
    }
  }
  most(sums, peaks)
  return Object.fromEntries([...sums].sort().map(([name, { value, like }]) => [name, quantityText(value, like)]))
}

/** The quality of service class of a pod with this spec. */
export function qosClass(spec: Loose): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const own = part(spec, 'resources')
  const isPodLevel = spec['resources'] !== undefined
  const parts = isPodLevel
    ? [own]
    : [...asList(spec['containers']), ...asList(spec['initContainers'])].map((container) =>
        part(container, 'resources'),
      )
  const requests: Sums = new Map()
  const limits: Sums = new Map()
  const positive = (list: Loose): Loose =>
    Object.fromEntries(
      Object.entries(list).filter(([name, value]) => (name === 'cpu' || name === 'memory') && nanos(value) > 0n),
    )
  let isComplete = true
  for (const resources of parts) {
    add(requests, positive(part(resources, 'requests')))
    const limit = positive(part(resources, 'limits'))
    add(limits, limit)
    if (Object.keys(limit).length < 2 && !(isPodLevel && resources['limits'] === undefined)) isComplete = false
  }
  if (requests.size + limits.size === 0) return 'BestEffort'
  const isEqual = [...requests].every(([name, { value }]) => limits.get(name)?.value === value)
  return isComplete && isEqual && requests.size === limits.size ? 'Guaranteed' : 'Burstable'
}
