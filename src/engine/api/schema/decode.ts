import { isList, isObject, jsonWord, ownValue, put, sortedKeys } from '../json.ts'
import type { Draft, Json, JsonObject } from '../json.ts'
import { readBase64 } from './base64Text.ts'
import { parseQuantity } from './quantityText.ts'
import { timeFault } from './timeText.ts'
import type { GoField, GoType } from './goType.ts'

export interface Decoded {
  /** The value as the type holds it: unknown fields gone, zero values gone where Go leaves them out. */
  readonly value: Json
  /** A value of a wrong type: Go's message. The other fields are then not to be trusted. */
  readonly typeFault?: string
  /** Paths of unknown fields (`spec.ports[0].foo`), sorted by key at each level. */
  readonly unknown: readonly string[]
}

interface Context {
  /** The struct and field names down to here, as Go's messages name them. */
  readonly struct: string
  readonly fields: readonly string[]
  /** The same with indexes, for unknown fields. */
  readonly path: string
}

/** Stops the decoding at once, where types that read their own JSON fail. */
interface State {
  typeFault: string | undefined
  fatal: string | undefined
  readonly unknown: string[]
}

/** Reads `json` as `type`, as the API server's strict JSON decoder does. Source: sigs.k8s.io/json, Go encoding/json. */
export function decode(json: Json, type: GoType): Decoded {
  const state: State = { typeFault: undefined, fatal: undefined, unknown: [] }
  const value = decodeValue(json, type, { struct: '', fields: [], path: '' }, state) ?? null
  const typeFault = state.fatal ?? state.typeFault
  return { value, unknown: state.unknown, ...(typeFault === undefined ? {} : { typeFault }) }
}

function mismatch(word: string, type: GoType, context: Context): string {
  const place = context.struct === '' ? 'value' : `struct field ${context.struct}.${context.fields.join('.')}`
  return `json: cannot unmarshal ${word} into Go ${place} of type ${type.name}`
}

/** undefined: the value is not there (null) or of a wrong type. */
function decodeValue(json: Json, type: GoType, context: Context, state: State): Json | undefined {
  if (state.fatal !== undefined || json === null) return undefined
  const wrong = (word = jsonWord(json)): Json | undefined => {
    state.typeFault ??= mismatch(word, type, context)
    return undefined
  }
  switch (type.kind) {
    case 'any':
      return json
    case 'string':
      return typeof json === 'string' ? json : wrong()
    case 'bool':
      return typeof json === 'boolean' ? json : wrong()
    case 'float64':
      return typeof json === 'number' ? json : wrong()
    case 'int32':
    case 'int64':
      if (typeof json !== 'number') return wrong()
      return fitsInteger(json, type.kind) ? json : wrong(`number ${numberText(json)}`)
    case 'bytes':
      return typeof json === 'string' ? decodeBytes(json, state) : wrong()
    case 'intOrString':
      if (typeof json === 'string' || (typeof json === 'number' && fitsInteger(json, 'int32'))) return json
      return fatal(state, mismatch(wordOfNumber(json), { kind: 'int32', name: 'int32' }, context))
    case 'quantity':
      return decodeQuantity(json, state)
    case 'time':
      return decodeTime(json, context, state)
    case 'list':
      if (!isList(json)) return wrong()
      return json.map((item, i) => {
        const within = { ...context, path: `${context.path}[${i}]` }
        return decodeValue(item, type.element, within, state) ?? zeroValue(type.element)
      })
    case 'map':
      return isObject(json) ? decodeMap(json, type.element, context, state) : wrong()
    case 'struct':
      return isObject(json) ? decodeStruct(json, type, context, state) : wrong()
  }
}

function fatal(state: State, message: string): Json | undefined {
  state.fatal ??= message
  return undefined
}

function wordOfNumber(json: Json): string {
  return typeof json === 'number' ? `number ${numberText(json)}` : jsonWord(json)
}

/** As Go prints a float64 in JSON. */
export function numberText(value: number): string {
  return JSON.stringify(value)
}

function fitsInteger(value: number, kind: 'int32' | 'int64'): boolean {
  const limit = kind === 'int32' ? 2 ** 31 : 2 ** 63
  return Number.isInteger(value) && value >= -limit && value < limit && !numberText(value).includes('e')
}

/** A null within a map is the zero value, as in Go. (`kubectl apply` drops nulls before it sends a new object.) */
function decodeMap(json: JsonObject, element: GoType, context: Context, state: State): Json {
  const map: Draft = {}
  for (const key of sortedKeys(json)) {
    const value = ownValue(json, key) ?? null
    const within = { ...context, path: context.path === '' ? key : `${context.path}.${key}` }
    put(map, key, decodeValue(value, element, within, state) ?? zeroValue(element))
  }
  return map as JsonObject
}

function decodeStruct(json: JsonObject, type: GoType & { kind: 'struct' }, context: Context, state: State): Json {
  const struct = type.name.slice(type.name.indexOf('.') + 1)
  const draft: Draft = {}
  for (const key of sortedKeys(json)) {
    const field = type.fields.get(key)
    const path = context.path === '' ? key : `${context.path}.${key}`
    if (!field) {
      state.unknown.push(path)
      continue
    }
    const embedded = field.embedded === undefined ? [] : [field.embedded]
    const within: Context = { struct, fields: [...context.fields, ...embedded, key], path }
    const decoded = decodeValue(ownValue(json, key) ?? null, field.type, within, state)
    if (decoded === undefined || (!field.pointer && isZero(decoded, field))) continue
    // What is stored does not tell an empty list from none.
    draft[key] = field.always && isList(decoded) && decoded.length === 0 ? null : decoded
  }
  fillAlways(draft, type)
  return draft as JsonObject
}

function fillAlways(draft: Draft, type: GoType & { kind: 'struct' }): void {
  for (const field of type.fields.values()) {
    if (field.always && draft[field.name] === undefined)
      draft[field.name] = field.pointer ? null : zeroValue(field.type)
  }
}

/** Whether Go's `omitempty` drops it. Structs stay, and so does what has to be printed always. */
function isZero(value: Json, field: GoField): boolean {
  if (field.always || field.type.kind === 'struct' || field.type.kind === 'any') return false
  if (field.type.kind === 'list' || field.type.kind === 'map') return Object.keys(value as object).length === 0
  return value === '' || value === 0 || value === false
}

/** What Go prints for a value that was never set. */
export function zeroValue(type: GoType): Json {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return ''
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'struct': {
      const draft: Draft = {}
      fillAlways(draft, type)
      return draft as JsonObject
    }
    case 'time':
    case 'any':
    case 'list':
    case 'map':
      return null
  }
}

function decodeBytes(text: string, state: State): Json | undefined {
  const decoded = readBase64(text)
  if ('problem' in decoded) state.typeFault ??= decoded.problem
  return 'problem' in decoded ? undefined : decoded.text
}

function decodeQuantity(json: Json, state: State): Json | undefined {
  const text =
    typeof json === 'string' ? json.trim() : typeof json === 'number' ? numberText(json) : JSON.stringify(json)
  const quantity = parseQuantity(text)
  if ('problem' in quantity) return fatal(state, quantity.problem)
  return quantity.text
}

function decodeTime(json: Json, context: Context, state: State): Json | undefined {
  if (typeof json !== 'string') {
    return fatal(state, mismatch(wordOfTime(json), { kind: 'string', name: 'string' }, context))
  }
  const problem = timeFault(json)
  return problem === undefined ? json : fatal(state, problem)
}

function wordOfTime(json: Json): string {
  return jsonWord(json)
}
