import { isList, isObject, ownValue, plainJson, put } from '../json.ts'
import type { Draft, Json } from '../json.ts'

/** Applies a JSON patch (RFC 6902); undefined when an operation fails. */
export function applyJsonPatch(document: Json, operations: Json): Json | undefined {
  if (!isList(operations)) return undefined
  let result: Json | undefined = document
  for (const operation of operations) {
    if (!isObject(operation) || typeof operation['path'] !== 'string' || result === undefined) return undefined
    result = applyOperation(
      result,
      typeof operation['op'] === 'string' ? operation['op'] : '',
      operation['path'],
      operation,
    )
  }
  return result
}

function steps(path: string): readonly string[] | undefined {
  if (path === '') return []
  if (!path.startsWith('/')) return undefined
  return path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function lookUp(document: Json, path: readonly string[]): Json | undefined {
  let at: Json | undefined = document
  for (const step of path) {
    if (isList(at)) at = at[Number(step)]
    else if (isObject(at)) at = ownValue(at, step)
    else return undefined
  }
  return at
}

function applyOperation(
  document: Json,
  op: string,
  path: string,
  operation: Readonly<Record<string, Json | undefined>>,
) {
  const place = steps(path)
  const from = typeof operation['from'] === 'string' ? steps(operation['from']) : undefined
  if (!place) return undefined
  switch (op) {
    case 'add':
      return change(document, place, operation['value'] ?? null, 'add')
    case 'replace':
      return lookUp(document, place) === undefined
        ? undefined
        : change(document, place, operation['value'] ?? null, 'replace')
    case 'remove':
      return lookUp(document, place) === undefined ? undefined : change(document, place, null, 'remove')
    case 'test':
      return plainJson(lookUp(document, place)) === plainJson(operation['value']) ? document : undefined
    case 'copy':
    case 'move': {
      const value = from && lookUp(document, from)
      if (!from || value === undefined) return undefined
      const base = op === 'move' ? change(document, from, null, 'remove') : document
      return base === undefined ? undefined : change(base, place, value, 'add')
    }
    default:
      return undefined
  }
}

function change(
  document: Json,
  path: readonly string[],
  value: Json,
  how: 'add' | 'replace' | 'remove',
): Json | undefined {
  const [step, ...rest] = path
  if (step === undefined) return how === 'remove' ? undefined : value
  if (isList(document)) {
    const list = [...document]
    const at = step === '-' && how === 'add' ? list.length : Number(step)
    if (!Number.isInteger(at) || at < 0 || at > list.length) return undefined
    if (rest.length > 0) {
      const inner = list[at]
      const changed = inner === undefined ? undefined : change(inner, rest, value, how)
      if (changed === undefined) return undefined
      list[at] = changed
    } else if (how === 'add') list.splice(at, 0, value)
    else if (how === 'remove') list.splice(at, 1)
    else list[at] = value
    return list
  }
  if (!isObject(document)) return undefined
  const map: Draft = { ...document }
  if (rest.length > 0) {
    const inner = ownValue(document, step)
    const changed = inner === undefined ? undefined : change(inner, rest, value, how)
    if (changed === undefined) return undefined
    put(map, step, changed)
  } else if (how === 'remove') {
    Reflect.deleteProperty(map, step)
  } else {
    put(map, step, value)
  }
  return map as Json
}
