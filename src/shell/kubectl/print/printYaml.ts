import { isList, isObject, sortedKeys } from '../../../engine/index.ts'
import { plainScalarValue } from '../../../manifest/yamlScalarValue.ts'

/** A value as kubectl prints YAML: keys sorted, lists at their parent's column. Ends in a line feed. */
export function printYaml(value: unknown): string {
  return `${block(value, 0).replace(/^\n/, '')}\n`
}

/** A value behind `key:` or `-`; begins with a blank, or a line feed when it takes lines of its own. */
function block(value: unknown, indent: number): string {
  if (isObject(value)) {
    const keys = sortedKeys(value).filter((key) => value[key] !== undefined)
    if (keys.length === 0) return ' {}'
    return keys.map((key) => `\n${' '.repeat(indent)}${keyText(key)}:${nested(value[key], indent)}`).join('')
  }
  if (isList(value)) {
    if (value.length === 0) return ' []'
    const pad = ' '.repeat(indent)
    return value.map((item) => `\n${pad}-${inline(item, indent + 2)}`).join('')
  }
  return ` ${scalar(value, indent)}`
}

/** A map's value: maps are indented, lists are not. */
function nested(value: unknown, indent: number): string {
  return block(value, isList(value) ? indent : indent + 2)
}

/** A list's item: its first line stands behind the dash. */
function inline(value: unknown, indent: number): string {
  const text = block(value, indent)
  return text.startsWith('\n') ? ` ${text.slice(1 + indent)}` : text
}

function scalar(value: unknown, indent: number): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'string') return JSON.stringify(value)
  if (value.includes('\n') && canBeLiteral(value)) return literal(value, Math.max(indent, 2))
  if (!value.includes('\n') && staysText(value)) {
    if (isPlain(value)) return value
    if (isPrintable(value)) return `'${value.replaceAll("'", "''")}'`
  }
  return doubleQuoted(value)
}

/** Keys stay on their line. */
function keyText(key: string): string {
  return key.includes('\n') ? doubleQuoted(key) : scalar(key, 0)
}

function isPrintable(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- finding control characters is the point
  return !/[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/.test(text)
}

function canBeLiteral(text: string): boolean {
  return isPrintable(text.replaceAll('\n', '')) && !/ \n|[ ]$/.test(text) && !/^[ \n]/.test(text)
}

function literal(text: string, indent: number): string {
  const body = text.replace(/\n+$/, '')
  const ending = text.slice(body.length)
  const chomping = ending === '' ? '-' : ending === '\n' ? '' : '+'
  const lines = `${body}${chomping === '+' ? ending.slice(1) : ''}`.split('\n')
  const pad = ' '.repeat(indent)
  return `|${chomping}\n${lines.map((line) => (line === '' ? '' : pad + line)).join('\n')}`
}

const timestamp = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/
const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** Whether an unquoted `text` would be read back as the same text. */
function staysText(text: string): boolean {
  if (plainScalarValue(text) !== text || text === '<<') return false
  return !timestamp.test(text) && !sexagesimal.test(text)
}

function isPlain(text: string): boolean {
  if (text === '' || /^[\s#,[\]{}&*!|>'"%@`]/.test(text) || /\s$/.test(text) || !isPrintable(text)) return false
  if (/^[-?:](\s|$)/.test(text) || text.startsWith('---') || text.startsWith('...')) return false
  return !/:(\s|$)/.test(text) && !/\s#/.test(text)
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function doubleQuoted(text: string): string {
  let quoted = ''
  for (const c of text) {
    const short = Object.hasOwn(shortEscapes, c) ? shortEscapes[c] : undefined
    const code = c.codePointAt(0) ?? 0
    if (short !== undefined) quoted += short
    else if (isPrintable(c)) quoted += c
    else quoted += code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`
  }
  return `"${quoted}"`
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0')
}
