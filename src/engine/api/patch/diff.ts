import { isList, isObject, ownValue, plainJson, put } from '../json.ts'
import type { Draft, Json, JsonObject } from '../json.ts'
import type { GoType } from '../schema/goType.ts'
import { mergeMaps } from './apply.ts'
import { elementOf, identity, keyText, mergeRule, orderPrefix, removePrefix, sortedBy } from './schema.ts'
import type { MergeRule } from './schema.ts'

export interface ThreeWayPatch {
  readonly patch: JsonObject
  /** Why there is none, in the words of the package that makes it. */
  readonly problem?: string
}

/**
 * The strategic merge patch of `kubectl apply`: what takes `current` to `modified`, but of deletions only those of
 * fields that `original` (the last applied manifest) had. Source: apimachinery strategicpatch, CreateThreeWayMergePatch.
 */
export function threeWayPatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  type: GoType | undefined,
): ThreeWayPatch {
  const delta = diffMaps(current, modified, type, { want: 'changes', retainKeys: false })
  const deletions = diffMaps(original, modified, type, { want: 'deletions', retainKeys: false })
  const { result, problem } = mergeMaps(deletions, delta, type, 'patch')
  return { patch: result, ...(problem === undefined ? {} : { problem }) }
}

interface DiffOptions {
  /** What `to` has changed or added, or what it has no more. */
  readonly want: 'changes' | 'deletions'
  readonly retainKeys: boolean
}

function same(a: unknown, b: unknown): boolean {
  return plainJson(a) === plainJson(b)
}

function shape(value: Json): string {
  if (value === null) return 'null'
  return isList(value) ? 'list' : typeof value
}

function diffMaps(from: JsonObject, to: JsonObject, type: GoType | undefined, options: DiffOptions): JsonObject {
  const patch: Draft = {}
  const wantsChanges = options.want === 'changes'
  for (const key of Object.keys(to)) {
    const now = ownValue(to, key) ?? null
    const before = ownValue(from, key)
    if (before === undefined || shape(before) !== shape(now)) {
      if (wantsChanges) put(patch, key, now)
      continue
    }
    const rule = mergeRule(type, key)
    if (isObject(now) && isObject(before)) {
      const inner = diffMaps(before, now, rule.type, { ...options, retainKeys: rule.retainKeys })
      if (Object.keys(inner).length > 0) put(patch, key, inner)
    } else if (isList(now) && isList(before) && rule.mergeKey !== undefined) {
      diffLists(patch, key, before, now, rule, options)
    } else if (wantsChanges && !same(now, before)) {
      put(patch, key, now)
    }
  }
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key))
  if (!wantsChanges) for (const key of gone) put(patch, key, null)
  if (options.retainKeys) {
    const kept = Object.keys(to).filter((key) => to[key] !== null)
    const isCleared = gone.some((key) => from[key] !== null)
    if (kept.length > 0 && (Object.keys(patch).length > 0 || isCleared)) patch['$retainKeys'] = kept.sort()
  }
  return patch as JsonObject
}

function diffLists(
  patch: Draft,
  key: string,
  from: readonly Json[],
  to: readonly Json[],
  rule: MergeRule,
  options: DiffOptions,
): void {
  const wantsChanges = options.want === 'changes'
  if (from.length === 0) {
    if (to.length > 0 && wantsChanges) patch[key] = to
    return
  }
  const mergeKey = rule.mergeKey ?? ''
  if (![...from, ...to].every(isObject)) {
    diffScalars(patch, key, from, to, wantsChanges)
    return
  }
  const { changed, removed } = pairUp(from, to, mergeKey, elementOf(rule.type), options)
  const entries = [...sortedBy(changed, to, mergeKey), ...removed]
  if (entries.length > 0) patch[key] = entries
  const isMoved =
    from.length !== to.length ||
    from.some((entry, i) => identity(entry, mergeKey) !== identity(to[i] ?? null, mergeKey))
  if ((entries.length > 0 || (wantsChanges && isMoved)) && to.length > 0) {
    patch[orderPrefix + key] = to.map((entry) => ({ [mergeKey]: (entry as JsonObject)[mergeKey] }))
  }
}

/**
 * Walks both lists sorted by key. Equal keys pair up from the back: the real one sorts with "not greater" for "less",
 * which turns them around.
 */
function pairUp(
  from: readonly Json[],
  to: readonly Json[],
  mergeKey: string,
  element: GoType | undefined,
  options: DiffOptions,
): { readonly changed: readonly Json[]; readonly removed: readonly Json[] } {
  const sorted = (list: readonly Json[]): { readonly entry: JsonObject; readonly text: string }[] =>
    list
      .map((item) => ({ entry: item as JsonObject, text: keyText((item as JsonObject)[mergeKey]) }))
      .reverse()
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
  const [left, right] = [sorted(from), sorted(to)]
  const changed: Json[] = []
  const removed: Json[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]]
    if (a && b && a.text === b.text) {
      const inner = diffMaps(a.entry, b.entry, element, options)
      if (Object.keys(inner).length > 0) changed.push({ ...inner, [mergeKey]: b.entry[mergeKey] })
      i++
      j++
    } else if (b && (!a || a.text > b.text)) {
      if (options.want === 'changes') changed.push(b.entry)
      j++
    } else if (a) {
      if (options.want === 'deletions') removed.push({ $patch: 'delete', [mergeKey]: a.entry[mergeKey] })
      i++
    }
  }
  return { changed, removed }
}

function diffScalars(
  patch: Draft,
  key: string,
  from: readonly Json[],
  to: readonly Json[],
  wantsChanges: boolean,
): void {
  const missing = (list: readonly Json[], others: readonly Json[]): readonly Json[] => {
    const left = others.map((item) => plainJson(item))
    return list.filter((item) => {
      const at = left.indexOf(plainJson(item))
      if (at >= 0) left.splice(at, 1)
      return at < 0
    })
  }
  const added = wantsChanges ? missing(to, from) : []
  const removed = wantsChanges ? [] : missing(from, to)
  if (added.length > 0) patch[key] = added
  if (removed.length > 0) {
    patch[removePrefix + key] = removed
      .filter((item, i) => removed.findIndex((other) => same(other, item)) === i)
      .sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1))
  }
  if (to.length > 0 && (removed.length > 0 || (wantsChanges && !same(from, to)))) patch[orderPrefix + key] = to
}
