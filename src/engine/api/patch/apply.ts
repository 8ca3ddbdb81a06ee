import { isList, isObject, ownValue, plainJson, put } from '../json.ts'
import type { Draft, Json, JsonObject } from '../json.ts'
import type { GoType } from '../schema/goType.ts'
import { elementOf, keyText, mergeRule } from './schema.ts'
import type { MergeRule } from './schema.ts'

const orderPrefix = '$setElementOrder/'
const removePrefix = '$deleteFromPrimitiveList/'

/**
 * Applies a strategic merge patch: lists with a merge key are matched entry by entry.
 * `rest` is what is left of the patch afterwards, which the server's messages print: list directives and their lists
 * are used up. Source: apimachinery strategicpatch, StrategicMergeMapPatch.
 */
export function applyStrategicPatch(
  original: JsonObject,
  patch: JsonObject,
  type: GoType | undefined,
): { readonly result: JsonObject; readonly rest: JsonObject } {
  if (patch['$patch'] === 'replace') {
    const result: Draft = { ...patch }
    Reflect.deleteProperty(result, '$patch')
    return { result: result as JsonObject, rest: patch }
  }
  if (patch['$patch'] === 'delete') return { result: {}, rest: patch }
  const result: Draft = { ...original }
  const rest: Draft = { ...patch }
  const kept = patch['$retainKeys']
  if (isList(kept)) {
    for (const key of Object.keys(result)) if (!kept.includes(key)) Reflect.deleteProperty(result, key)
    Reflect.deleteProperty(rest, '$retainKeys')
  }
  applyOrdered(result, rest, patch, type)
  for (const key of Object.keys(rest)) {
    const value = ownValue(patch, key) ?? null
    if (key.startsWith(removePrefix)) {
      removeScalars(result, key.slice(removePrefix.length), value)
    } else if (value === null) {
      Reflect.deleteProperty(result, key)
    } else {
      const before = Object.hasOwn(result, key) ? (result[key] as Json | undefined) : undefined
      const rule = mergeRule(type, key)
      if (isObject(value) && isObject(before)) {
        const inner = applyStrategicPatch(before, value, rule.type)
        put(result, key, inner.result)
        put(rest, key, inner.rest)
      } else if (isList(value) && isList(before) && rule.mergeKey !== undefined) {
        put(result, key, mergeLists(before, value, rule))
      } else {
        put(result, key, withoutDirectives(value))
      }
    }
  }
  return { result: result as JsonObject, rest: rest as JsonObject }
}

/** Lists that come with their order: merged, then sorted, and taken out of the patch. */
function applyOrdered(result: Draft, rest: Draft, patch: JsonObject, type: GoType | undefined): void {
  for (const directive of Object.keys(patch)) {
    const order = patch[directive]
    if (!directive.startsWith(orderPrefix) || !isList(order)) continue
    Reflect.deleteProperty(rest, directive)
    const key = directive.slice(orderPrefix.length)
    const rule = mergeRule(type, key)
    const removal = `${removePrefix}${key}`
    if (Object.hasOwn(patch, removal)) {
      removeScalars(result, key, patch[removal] ?? null)
      Reflect.deleteProperty(rest, removal)
    }
    const before = result[key] as Json | undefined
    const change = ownValue(patch, key)
    if (before === undefined && change === undefined) continue
    const live = isList(before) ? before : []
    const merged = isList(change) ? mergeLists(live, change, rule) : live
    put(result, key, ordered(merged, order, live, rule.mergeKey ?? ''))
    Reflect.deleteProperty(rest, key)
  }
}

function removeScalars(result: Draft, key: string, values: Json): void {
  const list = result[key] as Json | undefined
  if (!isList(list) || !isList(values)) return
  result[key] = list.filter((item) => !values.some((value) => plainJson(value) === plainJson(item)))
}

function identity(entry: Json, mergeKey: string): string {
  return isObject(entry) && mergeKey !== '' ? keyText(entry[mergeKey]) : plainJson(entry)
}

function mergeLists(before: readonly Json[], change: readonly Json[], rule: MergeRule): readonly Json[] {
  const mergeKey = rule.mergeKey ?? ''
  if (mergeKey === '' || ![...before, ...change].every(isObject)) {
    const added = change.filter((item) => !before.some((other) => plainJson(other) === plainJson(item)))
    return ordered([...before, ...added], change, before, '')
  }
  if (change.some((entry) => (entry as JsonObject)['$patch'] === 'replace')) {
    return change.filter((entry) => (entry as JsonObject)['$patch'] === undefined)
  }
  let merged = [...before]
  const additions: Json[] = []
  for (const item of change) {
    const entry = item as JsonObject
    const name = identity(entry, mergeKey)
    if (entry['$patch'] === 'delete') {
      merged = merged.filter((other) => identity(other, mergeKey) !== name)
      continue
    }
    additions.push(entry)
    const at = merged.findIndex((other) => identity(other, mergeKey) === name)
    const found = merged[at]
    if (found === undefined) merged.push(withoutDirectives(entry))
    else merged[at] = applyStrategicPatch(found as JsonObject, entry, elementOf(rule.type)).result
  }
  return ordered(merged, additions, before, mergeKey)
}

/** Entries that `order` names in its order, the others in the server's, the two merged by the server's order. */
function ordered(
  merged: readonly Json[],
  order: readonly Json[],
  server: readonly Json[],
  mergeKey: string,
): readonly Json[] {
  const position = (list: readonly Json[]): Map<string, number> => {
    const places = new Map<string, number>()
    list.forEach((entry, i) => {
      const name = identity(entry, mergeKey)
      if (!places.has(name)) places.set(name, i)
    })
    return places
  }
  const [wanted, held] = [position(order), position(server)]
  const place = (places: Map<string, number>, entry: Json): number => places.get(identity(entry, mergeKey)) ?? -1
  const sorted = (list: readonly Json[], places: Map<string, number>): readonly Json[] =>
    list
      .map((entry, i) => ({ entry, i, at: place(places, entry) }))
      .sort((a, b) => a.at - b.at || a.i - b.i)
      .map(({ entry }) => entry)
  const named = sorted(
    merged.filter((entry) => place(wanted, entry) >= 0),
    wanted,
  )
  const others = sorted(
    merged.filter((entry) => place(wanted, entry) < 0),
    held,
  )
  const result: Json[] = []
  let [i, j] = [0, 0]
  while (i < others.length || j < named.length) {
    const [other, mine] = [others[i], named[j]]
    const [left, right] = [other === undefined ? -1 : place(held, other), mine === undefined ? -1 : place(held, mine)]
    const takeOther = mine === undefined || (other !== undefined && left >= 0 && right >= 0 && left < right)
    if (takeOther && other !== undefined) {
      result.push(other)
      i++
    } else if (mine !== undefined) {
      result.push(mine)
      j++
    }
  }
  return result
}

/** A value that is new: nulls and directives within it mean nothing. */
function withoutDirectives(value: Json): Json {
  if (isList(value)) {
    return value
      .filter((item) => !(isObject(item) && item['$patch'] === 'delete'))
      .map((item) => (isObject(item) ? withoutDirectives(item) : item))
  }
  if (!isObject(value)) return value
  const draft: Draft = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || item === null || key.startsWith('$')) continue
    put(draft, key, withoutDirectives(item))
  }
  return draft as JsonObject
}

/** A JSON merge patch (RFC 7386). */
export function applyMergePatch(original: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result: Draft = isObject(original) ? { ...original } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else if (value !== undefined) put(result, key, applyMergePatch(result[key] as Json | undefined, value))
  }
  return result as JsonObject
}
