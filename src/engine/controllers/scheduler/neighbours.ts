import type { LabelSelector, Pod } from '../../api/types.ts'
import { matchesAffinity } from './nodeFit.ts'
import type { Misfit, Occupied } from './nodeFit.ts'
import { isTerminating } from '../podState.ts'
import { matchesSelector } from '../selector.ts'

interface AffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly topologyKey: string
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelector
}

interface SpreadConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly whenUnsatisfiable: string
  readonly labelSelector?: LabelSelector
  readonly minDomains?: number
}

function required(pod: Pod, kind: 'podAffinity' | 'podAntiAffinity'): readonly AffinityTerm[] {
  const affinity = pod.spec['affinity'] as
    | Readonly<Record<string, { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly AffinityTerm[] }>>
    | undefined
  return affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}

/** Differs: a namespaceSelector means all namespaces, whatever it asks for. */
function termTakes(term: AffinityTerm, owner: Pod, other: Pod): boolean {
  const { namespaces = [], namespaceSelector } = term
  const own = namespaces.length === 0 ? [owner.metadata.namespace ?? ''] : namespaces
  if (namespaceSelector === undefined && !own.includes(other.metadata.namespace ?? '')) return false
  return matchesSelector(term.labelSelector, other.metadata.labels)
}

function domainOf({ node }: Occupied, topologyKey: string): string | undefined {
  return node.metadata.labels?.[topologyKey]
}

/**
 * The filter that depends on the other pods of the cluster: topology spread constraints, then affinity and anti-affinity.
 * Undefined: neither `pod` nor any pod that runs asks for it. Source: scheduler plugins podtopologyspread, interpodaffinity.
 */
export function neighbourFilter(
  places: readonly Occupied[],
  pod: Pod,
): ((place: Occupied) => Misfit | undefined) | undefined {
  const constraints = ((pod.spec['topologySpreadConstraints'] ?? []) as readonly SpreadConstraint[]).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  )
  const filters = [
    ...constraints.map((constraint) => spreadFilter(places, pod, constraint)),
    ...affinityFilter(places, pod, required(pod, 'podAffinity')),
    ...required(pod, 'podAntiAffinity').map((term) => antiAffinityFilter(places, pod, term)),
    ...existingFilter(places, pod),
  ]
  if (filters.length === 0) return undefined
  return (place) => {
    for (const filter of filters) {
      const misfit = filter(place)
      if (misfit) return misfit
    }
    return undefined
  }
}

type Filter = (place: Occupied) => Misfit | undefined

function spreadFilter(places: readonly Occupied[], pod: Pod, constraint: SpreadConstraint): Filter {
  const { topologyKey, labelSelector, maxSkew, minDomains } = constraint
  const counts = new Map<string, number>()
  for (const place of places) {
    const domain = domainOf(place, topologyKey)
    if (domain === undefined || !matchesAffinity(place.node, pod)) continue
    const matching = place
      .running()
      .filter(
        (other) =>
          other.metadata.namespace === pod.metadata.namespace &&
          !isTerminating(other) &&
          matchesSelector(labelSelector, other.metadata.labels),
      )
    counts.set(domain, (counts.get(domain) ?? 0) + matching.length)
  }
  const least = counts.size < (minDomains ?? 1) ? 0 : Math.min(...counts.values())
  const self = matchesSelector(labelSelector, pod.metadata.labels) ? 1 : 0
  const reason = "node(s) didn't match pod topology spread constraints"
  return (place) => {
    const domain = domainOf(place, topologyKey)
    if (domain === undefined) return { reasons: [`${reason} (missing required label)`], preemptible: false }
    const skew = (counts.get(domain) ?? 0) + self - least
    return skew > maxSkew ? { reasons: [reason], preemptible: true } : undefined
  }
}

/** The values of the term's topology key on whose nodes a pod runs that the term takes. */
function domainsWith(places: readonly Occupied[], owner: Pod, term: AffinityTerm): ReadonlySet<string> {
  const domains = new Set<string>()
  for (const place of places) {
    const domain = domainOf(place, term.topologyKey)
    if (domain === undefined || domains.has(domain)) continue
    if (place.running().some((other) => termTakes(term, owner, other))) domains.add(domain)
  }
  return domains
}

function affinityFilter(places: readonly Occupied[], pod: Pod, terms: readonly AffinityTerm[]): readonly Filter[] {
  if (terms.length === 0) return []
  const found = terms.map((term) => domainsWith(places, pod, term))
  // The first pod of a group that wants to be together may go anywhere.
  const first = found.every(({ size }) => size === 0) && terms.every((term) => termTakes(term, pod, pod))
  return [
    (place) => {
      const fits = terms.every((term, i) => {
        const domain = domainOf(place, term.topologyKey)
        return domain !== undefined && (first || found[i]?.has(domain) === true)
      })
      return fits ? undefined : { reasons: ["node(s) didn't match pod affinity rules"], preemptible: false }
    },
  ]
}

function antiAffinityFilter(places: readonly Occupied[], pod: Pod, term: AffinityTerm): Filter {
  const found = domainsWith(places, pod, term)
  return (place) => {
    const domain = domainOf(place, term.topologyKey)
    const hit = domain !== undefined && found.has(domain)
    return hit ? { reasons: ["node(s) didn't match pod anti-affinity rules"], preemptible: true } : undefined
  }
}

/** Pods that run already may want `pod` away from them. */
function existingFilter(places: readonly Occupied[], pod: Pod): readonly Filter[] {
  const forbidden = new Set<string>()
  for (const place of places) {
    for (const other of place.shy()) {
      for (const term of required(other, 'podAntiAffinity')) {
        const domain = domainOf(place, term.topologyKey)
        if (domain !== undefined && termTakes(term, other, pod)) forbidden.add(`${term.topologyKey}=${domain}`)
      }
    }
  }
  if (forbidden.size === 0) return []
  const keys = [...new Set([...forbidden].map((pair) => pair.slice(0, pair.indexOf('='))))]
  return [
    (place) =>
      keys.some((key) => forbidden.has(`${key}=${domainOf(place, key) ?? ''}`))
        ? { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], preemptible: true }
        : undefined,
  ]
}

/** Whether `pod` keeps others away. */
export function isShy(pod: Pod): boolean {
  return pod.spec['affinity'] !== undefined && required(pod, 'podAntiAffinity').length > 0
}
