import type { Labels } from '../types.ts'
import { part, texts } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

const terms = ['requiredDuringSchedulingIgnoredDuringExecution', 'preferredDuringSchedulingIgnoredDuringExecution']

/** `term` with what `matchLabelKeys` and `mismatchLabelKeys` name written out in its selector. */
function merged(term: Loose, labels: Labels): Loose {
  const selector = asLoose(term['labelSelector'])
  if (!selector) return term
  const added = [
    ['matchLabelKeys', 'In'],
    ['mismatchLabelKeys', 'NotIn'],
  ].flatMap(([list = '', operator]) =>
    texts(term, list).flatMap((key) => (Object.hasOwn(labels, key) ? [{ key, operator, values: [labels[key]] }] : [])),
  )
  if (added.length === 0) return term
  const matchExpressions = [...asList(selector['matchExpressions']), ...added]
  return { ...term, labelSelector: { ...selector, matchExpressions } }
}

/**
 * A new pod's spec, in whose affinity and spread the keys that take their values from the pod's own labels are resolved.
 * Source: kubernetes pkg/registry/core/pod/strategy.go.
 */
export function mergeLabelKeys(spec: Loose, labels: Labels = {}): Loose {
  let next = spec
  const spread = asList(spec['topologySpreadConstraints'])
  if (spread.length > 0) {
    next = { ...next, topologySpreadConstraints: spread.map((constraint) => merged(constraint, labels)) }
  }
  const affinity = part(spec, 'affinity')
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const pods = asLoose(affinity[kind])
    if (!pods) continue
    const [must = '', may = ''] = terms
    const changed: Record<string, unknown> = { ...pods }
    if (pods[must] !== undefined) changed[must] = asList(pods[must]).map((term) => merged(term, labels))
    if (pods[may] !== undefined) {
      changed[may] = asList(pods[may]).map((term) => ({
        ...term,
        podAffinityTerm: merged(part(term, 'podAffinityTerm'), labels),
      }))
    }
    next = { ...next, affinity: { ...part(next, 'affinity'), [kind]: changed } }
  }
  return next
}
