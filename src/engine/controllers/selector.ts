import type { Labels, LabelSelector } from '../api/types.ts'

/** Whether `labels` has every key and value of `selector`. An absent or empty selector matches nothing, as for a Service. */
export function matchesLabels(selector: Labels | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false
  const wanted = Object.entries(selector)
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value)
}

/** `matchesLabels` of one selector, for many objects. */
export function labelsMatcher(selector: Labels | undefined): (labels: Labels | undefined) => boolean {
  const wanted = Object.entries(selector ?? {})
  if (wanted.length === 0) return () => false
  let last: Labels | undefined
  let matched = false
  return (labels) => {
    if (labels === undefined) return false
    if (labels !== last) matched = wanted.every(([key, value]) => labels[key] === value)
    last = labels
    return matched
  }
}

/** `matchesSelector` of one selector, for many objects, of which those of one template share their labels. */
export function selectorMatcher(selector: LabelSelector | undefined): (labels: Labels | undefined) => boolean {
  let last: { readonly labels: Labels | undefined; readonly matches: boolean } | undefined
  return (labels) => {
    if (!last || last.labels !== labels) last = { labels, matches: matchesSelector(selector, labels) }
    return last.matches
  }
}

/** Whether `labels` satisfies `selector`. An absent selector matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value)
  return equal && (selector.matchExpressions ?? []).every((one) => matchesExpression(one, labels))
}

function matchesExpression(
  expression: NonNullable<LabelSelector['matchExpressions']>[number],
  labels: Labels | undefined,
): boolean {
  const value = labels?.[expression.key]
  switch (expression.operator) {
    case 'In':
      return value !== undefined && (expression.values ?? []).includes(value)
    case 'NotIn':
      return value === undefined || !(expression.values ?? []).includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(expression.values?.[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(expression.values?.[0])
    default:
      return false
  }
}
