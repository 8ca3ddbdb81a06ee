/** What a YAML 1.1 scalar stands for. `invalid`: the text under a tag cannot be read as the tag says. */
export type ScalarValue = { readonly value: string | number | boolean | null } | { readonly invalid: string }

const words = new Map<string, boolean | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w): [string, boolean] => [w, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((w): [string, boolean] => [
    w,
    false,
  ]),
  ...['', '~', 'null', 'Null', 'NULL'].map((w): [string, null] => [w, null]),
])
const nan = /^\.(nan|NaN|NAN)$/
const infinity = /^([+-]?)\.(inf|Inf|INF)$/
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const integer = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/

/** The number that Go's `ParseInt(text, 0, 64)` reads: 0x, 0b, 0o and plain leading-zero octal. */
function parseInteger(text: string): number {
  const negative = text.startsWith('-')
  const digits = /^[-+]/.test(text) ? text.slice(1) : text
  const value = /^0[0-7]/.test(digits) ? parseInt(digits, 8) : Number(digits)
  return negative ? -value : value
}

/** An unquoted scalar without a tag. Booleans in the wide YAML 1.1 sense, underscores in numbers, octals; dates stay text. */
export function plainScalarValue(text: string): string | number | boolean | null {
  const word = words.get(text)
  if (word !== undefined) return word
  const first = text.charCodeAt(0)
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46
  if (!numeric) return text
  const inf = infinity.exec(text)
  if (inf) return inf[1] === '-' ? -Infinity : Infinity
  if (nan.test(text)) return NaN
  if (first === 46) return float.test(text) ? finite(text, text) : text
  const plain = text.replaceAll('_', '')
  if (integer.test(plain)) return parseInteger(plain)
  if (float.test(plain)) return finite(plain, text)
  return text
}

/** A number that is too large for a float64 stays text. */
function finite(digits: string, text: string): number | string {
  const value = Number(digits)
  return Number.isFinite(value) ? value : text
}

const core = 'tag:yaml.org,2002:'

/** A scalar with its tag taken into account (`!!str 5` is text). Unknown tags are ignored. */
export function taggedScalarValue(text: string, quoted: boolean, tag: string): ScalarValue {
  if (tag === '') return { value: quoted ? text : plainScalarValue(text) }
  const name = tag.startsWith(core) ? tag.slice(core.length) : ''
  const resolved = plainScalarValue(text)
  switch (name) {
    case 'int':
      return Number.isInteger(resolved) ? { value: resolved } : cannot(text, 'int')
    case 'float':
      return typeof resolved === 'number' ? { value: resolved } : cannot(text, 'float')
    case 'bool':
      return typeof resolved === 'boolean' ? { value: resolved } : cannot(text, 'bool')
    case 'null':
      return resolved === null ? { value: null } : cannot(text, 'null')
    case 'binary':
      return decodeBase64(text)
    default:
      return { value: text }
  }
}

function cannot(text: string, name: string): ScalarValue {
  const short = plainTag(plainScalarValue(text))
  return { invalid: `cannot decode !!${short} \`${text}\` as a !!${name}` }
}

function plainTag(value: string | number | boolean | null): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return typeof value === 'boolean' ? 'bool' : 'str'
}

function decodeBase64(text: string): ScalarValue {
  const compact = text.replace(/[\r\n]/g, '')
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    return { invalid: '!!binary value contains invalid base64 data' }
  }
  const bytes: number[] = []
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  let [bits, count] = [0, 0]
  for (const c of compact.replaceAll('=', '')) {
    bits = ((bits << 6) | alphabet.indexOf(c)) & 0xffffff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes.push((bits >> count) & 255)
    }
  }
  return { value: new TextDecoder().decode(Uint8Array.from(bytes)) }
}
