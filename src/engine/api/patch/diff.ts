import { isList, isObject, ownValue, plainJson, put, sortedKeys } from '../json.ts'
import type { Draft, Json, JsonObject } from '../json.ts'
import type { GoType } from '../schema/goType.ts'
import { elementOf, keyText, mergeRule } from './schema.ts'
import type { MergeRule } from './schema.ts'

/**
 * The strategic merge patch of `kubectl apply`: what takes `current` to `modified`, but of deletions only those of
 * fields that `original` (the last applied manifest) had. Source: apimachinery strategicpatch, CreateThreeWayMergePatch.
 */
export function threeWayPatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  type: GoType | undefined,
): JsonObject {
  return diffMaps(original, modified, current, type, false)
}

function same(a: unknown, b: unknown): boolean {
  return plainJson(a) === plainJson(b)
}

function diffMaps(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  type: GoType | undefined,
  retainKeys: boolean,
): JsonObject {
  const patch: Draft = {}
  for (const key of sortedKeys(original)) {
    if (!Object.hasOwn(modified, key)) put(patch, key, null)
  }
  for (const key of sortedKeys(modified)) {
    const rule = mergeRule(type, key)
    const [before, now, live] = [original, modified, current].map((map) => ownValue(map, key))
    if (now === undefined) continue
    if (isObject(now)) {
      if (live === undefined || !isObject(live)) {
        put(patch, key, withDeletions(isObject(before) ? before : {}, now, rule))
        continue
      }
      const inner = diffMaps(isObject(before) ? before : {}, now, live, rule.type, rule.retainKeys)
      if (Object.keys(inner).length > 0) put(patch, key, inner)
    } else if (isList(now) && rule.mergeKey !== undefined) {
      diffLists(patch, key, isList(before) ? before : [], now, live, rule)
    } else if (!same(now, live)) {
      put(patch, key, now)
    }
  }
  if (retainKeys) {
    const kept = sortedKeys(modified).filter((key) => modified[key] !== null)
    const extra = Object.keys(current).some((key) => !Object.hasOwn(modified, key))
    if (kept.length > 0 && (Object.keys(patch).length > 0 || extra)) patch['$retainKeys'] = kept
  }
  return patch as JsonObject
}

/** A map that the live object does not have: all of it, and nulls for what was there in the manifest before. */
function withDeletions(before: JsonObject, now: JsonObject, rule: MergeRule): JsonObject {
  const deletions = diffMaps(before, now, now, rule.type, false)
  const nulls = Object.entries(deletions).filter(([, value]) => value === null)
  return { ...Object.fromEntries(nulls), ...now }
}

function diffLists(
  patch: Draft,
  key: string,
  before: readonly Json[],
  now: readonly Json[],
  live: Json | undefined,
  rule: MergeRule,
): void {
  const current = isList(live) ? live : []
  const entriesAreMaps = [...before, ...now, ...current].every(isObject)
  if (rule.mergeKey === '' || !entriesAreMaps) {
    diffScalars(patch, key, before, now, current)
    return
  }
  const mergeKey = rule.mergeKey ?? ''
  const element = elementOf(rule.type)
  const deletions = pairDiff(before, now, mergeKey, element, 'deletions')
  const delta = pairDiff(current, now, mergeKey, element, 'additions')
  if (current.length === 0 && delta.length > 0 && deletions.length === 0) {
    patch[key] = now
    return
  }
  const merged: Draft[] = deletions.map((entry) => ({ ...entry }))
  for (const entry of delta) {
    const found = merged.find((other) => keyText(other[mergeKey]) === keyText(entry[mergeKey]) && !other['$patch'])
    if (found) Object.assign(found, { ...entry })
    else merged.push({ ...entry })
  }
  if (merged.length > 0) patch[key] = merged
  const order = now.map((entry) => ({ [mergeKey]: (entry as JsonObject)[mergeKey] }))
  if (order.length > 0 && (merged.length > 0 || !sameOrder(current, now, mergeKey))) {
    patch[`$setElementOrder/${key}`] = order
  }
}

/** Whether the entries that both lists have stand in the same order, and `now` has no others. */
function sameOrder(current: readonly Json[], now: readonly Json[], mergeKey: string): boolean {
  const keys = (list: readonly Json[]): readonly string[] =>
    list.map((entry) => keyText((entry as JsonObject)[mergeKey]))
  const wanted = keys(now)
  return same(
    keys(current).filter((name) => wanted.includes(name)),
    wanted,
  )
}

/**
 * Walks both lists sorted by key, as equal keys pair up in order. `deletions` keeps what `from` has and `to` has not;
 * `additions` what is new or different in `to`, in its order.
 */
function pairDiff(
  from: readonly Json[],
  to: readonly Json[],
  mergeKey: string,
  element: GoType | undefined,
  want: 'deletions' | 'additions',
): readonly JsonObject[] {
  const sorted = (list: readonly Json[]): { entry: JsonObject; text: string; at: number }[] =>
    list
      .map((item, at) => ({ entry: item as JsonObject, text: keyText((item as JsonObject)[mergeKey]), at }))
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.at - b.at))
  const [left, right] = [sorted(from), sorted(to)]
  const found: { readonly entry: JsonObject; readonly at: number }[] = []
  const removed: JsonObject[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]]
    if (a && b && a.text === b.text) {
      const inner =
        want === 'deletions'
          ? diffMaps(a.entry, b.entry, b.entry, element, false)
          : diffMaps({}, b.entry, a.entry, element, false)
      if (Object.keys(inner).length > 0) {
        found.push({ entry: { ...inner, [mergeKey]: b.entry[mergeKey] }, at: b.at })
      }
      i++
      j++
    } else if (b && (!a || b.text < a.text)) {
      if (want === 'additions') found.push({ entry: b.entry, at: b.at })
      j++
    } else if (a) {
      if (want === 'deletions') removed.push({ $patch: 'delete', [mergeKey]: a.entry[mergeKey] })
      i++
    }
  }
  return [...found.sort((a, b) => a.at - b.at).map(({ entry }) => entry), ...removed]
}

function diffScalars(
  patch: Draft,
  key: string,
  before: readonly Json[],
  now: readonly Json[],
  current: readonly Json[],
): void {
  const has = (list: readonly Json[], item: Json): boolean => list.some((other) => same(other, item))
  const added = now.filter((item) => !has(current, item))
  const removed = before.filter((item) => !has(now, item))
  if (current.length === 0 && removed.length === 0) {
    if (added.length > 0) patch[key] = added
    return
  }
  if (added.length > 0) patch[key] = added
  if (removed.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = removed
  if ((added.length > 0 || removed.length > 0) && now.length > 0) patch[`$setElementOrder/${key}`] = now
}
