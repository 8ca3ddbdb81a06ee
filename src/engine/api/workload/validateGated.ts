import { invalid } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { plainJson } from '../json.ts'
import { part } from './fields.ts'
import { goForm } from './goForm.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

const must = 'requiredDuringSchedulingIgnoredDuringExecution'

/**
 * A pod that waits behind a gate may be narrowed down to fewer nodes: what was added is judged, and `spec` is given back
 * without it. Source: kubernetes pkg/apis/core/validation, ValidatePodUpdate.
 */
export function validateGatedChanges(
  spec: Loose,
  before: Loose,
): { readonly spec: Loose; readonly faults: readonly FieldError[] } {
  const faults: FieldError[] = []
  const next: Record<string, unknown> = { ...spec }
  const restore = (field: string, value: unknown): void => {
    if (value === undefined) Reflect.deleteProperty(next, field)
    else next[field] = value
  }
  const [selector, former] = [part(spec, 'nodeSelector'), part(before, 'nodeSelector')]
  if (!Object.entries(former).every(([key, value]) => selector[key] === value)) {
    const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
    faults.push(invalid('spec.nodeSelector', spec['nodeSelector'] ?? null, detail))
  }
  restore('nodeSelector', before['nodeSelector'])
  const [affinity, old] = [part(spec, 'affinity'), part(before, 'affinity')]
  if (plainJson(affinity['nodeAffinity']) === plainJson(old['nodeAffinity'])) return { spec: next, faults }
  faults.push(...affinityChanges(part(affinity, 'nodeAffinity'), part(old, 'nodeAffinity')))
  const others = Object.fromEntries(Object.entries(affinity).filter(([kind]) => kind !== 'nodeAffinity'))
  const kept = old['nodeAffinity'] === undefined ? others : { ...others, nodeAffinity: old['nodeAffinity'] }
  restore('affinity', before['affinity'] === undefined && Object.keys(others).length === 0 ? undefined : kept)
  return { spec: next, faults }
}

function affinityChanges(affinity: Loose, old: Loose): readonly FieldError[] {
  const former = asList(part(old, must)['nodeSelectorTerms'])
  const terms = asList(part(affinity, must)['nodeSelectorTerms'])
  const field = `spec.affinity.nodeAffinity.${must}.nodeSelectorTerms`
  if (former.length === 0) return []
  if (former.length !== terms.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    const shown = asLoose(affinity[must]) ? terms.map((term) => goForm(term, 'NodeSelectorTerm')) : null
    return [invalid(field, shown, detail)]
  }
  return terms.flatMap((term, i) => {
    const lists = ['matchExpressions', 'matchFields'].map((list) => [asList(former[i]?.[list]), asList(term[list])])
    const grewFromNothing = lists.every(([was]) => was?.length === 0) && lists.some(([, now]) => now?.length !== 0)
    const begins = lists.every(([was = [], now = []]) => plainJson(now.slice(0, was.length)) === plainJson(was))
    if (begins && !grewFromNothing) return []
    const detail = 'only additions are allowed (no mutations or deletions)'
    return [invalid(`${field}[${i}]`, goForm(term, 'NodeSelectorTerm'), detail)]
  })
}
