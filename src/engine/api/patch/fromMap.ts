import { isList, isObject, ownValue } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import type { GoType } from '../schema/goType.ts'

/** A JSON value's kind in Go's reflection. */
function reflectKind(value: Json): string {
  if (isList(value)) return 'slice'
  if (isObject(value)) return 'map'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/**
 * The fault that the server finds when it turns a patched map into its type, in its words; undefined: it fits. Only
 * strategic merge patches go this way. Source: apimachinery pkg/runtime/converter.go.
 */
export function conversionFault(value: Json | undefined, type: GoType): string | undefined {
  if (value === undefined || value === null) return undefined
  switch (type.kind) {
    case 'any':
    case 'quantity':
    case 'time':
      return undefined
    case 'intOrString': {
      if (typeof value === 'string' || (typeof value === 'number' && (value | 0) === value)) return undefined
      const word = typeof value === 'number' ? `number ${value}` : isObject(value) ? 'object' : reflectKind(value)
      return `json: cannot unmarshal ${word.replace('slice', 'array')} into Go value of type int32`
    }
    case 'string':
      if (typeof value === 'string') return undefined
      // In Go an integer converts to a string (a character): the server says no in other words.
      return reflectKind(value) === 'int64' ? `cannot convert int64 to ${type.name}` : 'unrecognized type: string'
    case 'bytes':
      return typeof value === 'string' ? undefined : 'unrecognized type: slice'
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'unrecognized type: bool'
    case 'int32':
    case 'int64':
    case 'float64': {
      const fits = typeof value === 'number' && (type.kind === 'float64' || Number.isInteger(value))
      if (fits) return undefined
      return typeof value === 'number' ? `cannot convert float64 to ${type.name}` : `unrecognized type: ${type.kind}`
    }
    case 'list':
      if (!isList(value)) return `cannot restore slice from ${reflectKind(value)}`
      return firstFault(value.map((item) => conversionFault(item, type.element)))
    case 'map':
      if (!isObject(value)) return `cannot restore map from ${reflectKind(value)}`
      return firstFault(Object.values(value).map((item) => conversionFault(item, type.element)))
    case 'struct':
      if (!isObject(value)) return `cannot restore struct from: ${reflectKind(value)}`
      return structFault(value, type)
  }
}

/**
 * `value` as it fits into the type: an integer that is too large for 32 bits loses its upper ones there, as Go converts
 * it. The same object where nothing was too large.
 */
export function wrapIntegers(value: Json | undefined, type: GoType): Json | undefined {
  if (typeof value === 'number') return type.kind === 'int32' && Number.isInteger(value) ? value | 0 : value
  if (isList(value) && type.kind === 'list') {
    const next = value.map((item) => wrapIntegers(item, type.element) ?? null)
    return next.every((item, i) => item === value[i]) ? value : next
  }
  if (!isObject(value) || type.kind !== 'struct') return value
  let next: JsonObject = value
  for (const field of type.fields.values()) {
    const before = ownValue(value, field.name)
    const after = wrapIntegers(before, field.type)
    if (after !== before) next = { ...next, [field.name]: after }
  }
  return next
}

function structFault(value: JsonObject, type: GoType & { kind: 'struct' }): string | undefined {
  return firstFault([...type.fields.values()].map((field) => conversionFault(ownValue(value, field.name), field.type)))
}

function firstFault(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined)
}
