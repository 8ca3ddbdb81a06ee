import { isList, isObject, ownValue, plainJson, put } from '../json.ts'
import type { Draft, Json, JsonObject } from '../json.ts'
import type { GoType } from '../schema/goType.ts'
import { goFormat } from './goFormat.ts'
import { elementOf, identity, mergeRule, ordered, orderPrefix, removePrefix } from './schema.ts'
import type { MergeRule } from './schema.ts'

export interface Merged {
  readonly result: JsonObject
  /** What is left of the patch, which the server's messages print: list directives and their lists are used up. */
  readonly rest: JsonObject
  /** Why the patch cannot be applied. */
  readonly problem?: string
}

/**
 * A patch is merged into an object (nulls delete, directives are obeyed) or into another patch (nulls and directives
 * become part of it).
 */
type Into = 'object' | 'patch'

interface Merging {
  readonly into: Into
  problem: string | undefined
}

/**
 * Applies a strategic merge patch: lists with a merge key are matched entry by entry.
 * Source: apimachinery strategicpatch, StrategicMergeMapPatch.
 */
export function applyStrategicPatch(original: JsonObject, patch: JsonObject, type: GoType | undefined): Merged {
  return mergeMaps(original, patch, type, 'object')
}

export function mergeMaps(original: JsonObject, patch: JsonObject, type: GoType | undefined, into: Into): Merged {
  const merging: Merging = { into, problem: undefined }
  const merged = mergeMap(original, patch, type, merging)
  return { ...merged, ...(merging.problem === undefined ? {} : { problem: merging.problem }) }
}

type Halves = Pick<Merged, 'result' | 'rest'>

function mergeMap(original: JsonObject, patch: JsonObject, type: GoType | undefined, merging: Merging): Halves {
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
    if (merging.into === 'object') {
      for (const key of Object.keys(result)) if (!kept.includes(key)) Reflect.deleteProperty(result, key)
    } else {
      result['$retainKeys'] = kept
    }
    Reflect.deleteProperty(rest, '$retainKeys')
  }
  mergeOrdered(result, rest, type, merging)
  for (const key of Object.keys(rest)) {
    const value = ownValue(rest as JsonObject, key) ?? null
    if (key.startsWith(removePrefix)) {
      if (merging.into === 'patch') result[key] = value
      else removeScalars(result, key.slice(removePrefix.length), value)
      continue
    }
    if (value === null) {
      if (merging.into === 'patch') put(result, key, null)
      else Reflect.deleteProperty(result, key)
      continue
    }
    const before = Object.hasOwn(result, key) ? (result[key] as Json | undefined) : undefined
    const rule = mergeRule(type, key)
    if (isObject(value) && isObject(before)) {
      const inner = mergeMap(before, value, rule.type, merging)
      put(result, key, inner.result)
      put(rest, key, inner.rest)
    } else if (isList(value) && isList(before)) {
      put(result, key, rule.mergeKey === undefined ? value : mergeLists(before, value, rule, merging))
    } else {
      put(result, key, withoutDirectives(value, merging.into))
    }
  }
  return { result: result as JsonObject, rest: rest as JsonObject }
}

/** Lists that come with their order: merged, then sorted, and taken out of the patch. */
function mergeOrdered(result: Draft, rest: Draft, type: GoType | undefined, merging: Merging): void {
  for (const directive of Object.keys(rest)) {
    const order = rest[directive] as Json | undefined
    if (!directive.startsWith(orderPrefix) || !isList(order)) continue
    Reflect.deleteProperty(rest, directive)
    if (merging.into === 'patch') result[directive] = order
    const key = directive.slice(orderPrefix.length)
    const rule = mergeRule(type, key)
    const mergeKey = rule.mergeKey ?? ''
    const before = result[key] as Json | undefined
    const change = ownValue(rest as JsonObject, key)
    const changes = isList(change) ? change : []
    merging.problem ??= orderFault(changes, order, mergeKey)
    const live = isList(before) ? before : []
    if (!isList(before) && !isList(change)) continue
    const merged = isList(before) ? mergeLists(live, changes, rule, merging) : withoutDirectives(changes, 'patch')
    put(result, key, ordered(merged as readonly Json[], order, live, mergeKey))
    Reflect.deleteProperty(rest, key)
  }
}

/** The entries of a patch must stand in the order that it gives itself. */
function orderFault(changes: readonly Json[], order: readonly Json[], mergeKey: string): string | undefined {
  const named = changes.filter((entry) => !isObject(entry) || entry['$patch'] === undefined)
  if (order.length === 0 || named.length === 0) return undefined
  let at = 0
  for (const entry of order) {
    const next = named[at]
    if (next !== undefined && identity(next, mergeKey) === identity(entry, mergeKey)) at++
  }
  if (at >= named.length) return undefined
  return `The order in patch list:\n${goFormat(changes)}\n doesn't match $setElementOrder list:\n${goFormat(order)}\n`
}

function removeScalars(result: Draft, key: string, values: Json): void {
  const list = result[key] as Json | undefined
  if (!isList(list) || !isList(values)) return
  result[key] = list.filter((item) => !values.some((value) => plainJson(value) === plainJson(item)))
}

function mergeLists(
  before: readonly Json[],
  change: readonly Json[],
  rule: MergeRule,
  merging: Merging,
): readonly Json[] {
  const mergeKey = rule.mergeKey ?? ''
  if (mergeKey === '' || ![...before, ...change].every(isObject)) {
    const all = [...before, ...change]
    const unique = all.filter((item, i) => all.findIndex((other) => plainJson(other) === plainJson(item)) === i)
    return ordered(unique, change, before, '')
  }
  const directive = (entry: Json): unknown => (entry as JsonObject)['$patch']
  const plain = change.filter((entry) => directive(entry) === undefined)
  if (change.some((entry) => directive(entry) === 'replace')) return plain
  const removed = change.filter((entry) => directive(entry) === 'delete').map((entry) => identity(entry, mergeKey))
  const held = before.filter((entry) => !removed.includes(identity(entry, mergeKey)))
  const merged = [...held]
  for (const entry of plain) {
    const name = identity(entry, mergeKey)
    const at = merged.findIndex((other) => identity(other, mergeKey) === name)
    const found = merged[at]
    if (found === undefined) merged.push(entry)
    else merged[at] = mergeMap(found as JsonObject, entry as JsonObject, elementOf(rule.type), merging).result
  }
  return ordered(merged, plain, held, mergeKey)
}

/** A value that is new to the object: nulls and directives within it mean nothing there. */
function withoutDirectives(value: Json, into: Into): Json {
  if (isList(value)) {
    return value
      .filter((item) => !(isObject(item) && item['$patch'] !== undefined))
      .map((item) => (isObject(item) ? withoutDirectives(item, into) : item))
  }
  if (!isObject(value) || into === 'patch') return value
  const draft: Draft = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || item === null || key.startsWith('$')) continue
    put(draft, key, withoutDirectives(item, into))
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
