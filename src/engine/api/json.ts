/** Values as JSON has them, while it is not yet known what they are. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** An object under construction. */
export type Draft = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value)
}

/** `object[key]` when it is its own: `toString` of a map of labels is undefined. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets an own key whatever its name: plain assignment of `__proto__` would change the prototype instead. */
export function put(draft: Draft, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(draft, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    draft[key] = value
  }
}

/** Keys in Go's order of map keys in JSON: by code point (UTF-8 bytes), which differs from `<` only beyond the BMP. */
export function sortedKeys(object: object): readonly string[] {
  return Object.keys(object).sort()
}

/** What JSON calls the value, in Go's decoder's words. */
export function jsonWord(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Text in quotes as Go's `%q` prints it: what cannot be seen is escaped. */
export function goQuote(text: string): string {
  const short: Readonly<Record<string, string>> = {
    '\u0007': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
  }
  const escaped = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (c) => {
    if (c === '"' || c === '\\') return `\\${c}`
    const code = c.codePointAt(0) ?? 0
    const hex = code.toString(16)
    return (
      short[c] ??
      (code < 0x80
        ? `\\x${hex.padStart(2, '0')}`
        : code < 0x10000
          ? `\\u${hex.padStart(4, '0')}`
          : `\\U${hex.padStart(8, '0')}`)
    )
  })
  return `"${escaped}"`
}

/** As Go's `json.Marshal` prints: keys sorted, `<`, `>`, `&` and the line separators escaped. */
export function goJson(value: unknown): string {
  return stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** As `goJson`, without the escapes for HTML: how the API server prints values in messages. */
export function plainJson(value: unknown): string {
  return stringify(value)
}

/** A Go struct within a message: its fields print in the order given, which `plainJson` sorts for everything else. */
export interface GoStruct {
  readonly goFields: readonly (readonly [string, unknown])[]
}

export function goStruct(fields: Readonly<Record<string, unknown>>): GoStruct {
  return { goFields: Object.entries(fields) }
}

function isGoStruct(value: object): value is GoStruct {
  return Object.hasOwn(value, 'goFields')
}

/** As Go's `json.MarshalIndent` prints with one blank a level, line by line. */
export function goLines(value: unknown): readonly string[] {
  return indented(value, '', '')
    .replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .split('\n')
}

function indented(value: unknown, label: string, indent: string): string {
  const block = (open: string, parts: readonly string[], close: string): string =>
    `${indent}${label}${open}\n${parts.join(',\n')}\n${indent}${close}`
  const inner = `${indent} `
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) {
      if (value.length > 0)
        return block(
          '[',
          value.map((item) => indented(item, '', inner)),
          ']',
        )
    } else {
      const fields = isGoStruct(value)
        ? value.goFields
        : sortedKeys(value).map((key) => [key, (value as JsonObject)[key]] as const)
      const parts = fields.map(([key, item]) => indented(item, `${JSON.stringify(key)}: `, inner))
      if (parts.length > 0) return block('{', parts, '}')
    }
  }
  return `${indent}${label}${stringify(value)}`
}

function stringify(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(stringify).join(',')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  if (isGoStruct(value)) {
    return `{${value.goFields.map(([key, item]) => `${JSON.stringify(key)}:${stringify(item)}`).join(',')}}`
  }
  const object = value as JsonObject
  const parts: string[] = []
  for (const key of sortedKeys(object)) {
    if (object[key] !== undefined) parts.push(`${JSON.stringify(key)}:${stringify(object[key])}`)
  }
  return `{${parts.join(',')}}`
}
