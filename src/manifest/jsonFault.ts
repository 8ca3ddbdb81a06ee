/** Where a text stops being JSON, in the words of Go's decoder. */
export interface JsonFault {
  /** `invalid character 'x' looking for beginning of value` */
  readonly message: string
  /** Bytes read until then, the bad one included. */
  readonly offset: number
  /** The bad character's place in the text. */
  readonly at: number
}

type State = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'pairEnd' | 'elementEnd'

const contexts: Readonly<Record<State, string>> = {
  value: 'looking for beginning of value',
  valueOrEnd: 'looking for beginning of value',
  key: 'looking for beginning of object key string',
  keyOrEnd: 'looking for beginning of object key string',
  colon: 'after object key',
  pairEnd: 'after object key:value pair',
  elementEnd: 'after array element',
}

/** Finds the fault of the JSON value that starts at `from`; undefined: there is none, or the text ends first. */
export function jsonFault(text: string, from: number): JsonFault | undefined {
  const stack: ('{' | '[')[] = []
  let state: State | 'done' = 'value'
  const afterValue = (): State | 'done' => {
    const top = stack.at(-1)
    return top === undefined ? 'done' : top === '{' ? 'pairEnd' : 'elementEnd'
  }
  for (let at = from; state !== 'done';) {
    while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++
    if (at >= text.length) return undefined
    const c = text.charAt(at)
    const next: State | 'done' | undefined = structure(c, state, stack, afterValue)
    if (next !== undefined) {
      state = next
      at++
      continue
    }
    const takesValue: boolean = state === 'value' || state === 'valueOrEnd'
    const takesKey: boolean = state === 'key' || state === 'keyOrEnd'
    if (!(takesKey && c === '"') && !(takesValue && /["\-0-9tfn]/.test(c))) return fault(text, at, contexts[state])
    const scalar = c === '"' ? stringEnd(text, at) : /[tfn]/.test(c) ? literalEnd(text, at) : numberEnd(text, at)
    if (typeof scalar !== 'number') return scalar
    at = scalar
    state = takesKey ? 'colon' : afterValue()
  }
  return undefined
}

/** What `{ } [ ] , :` lead to; undefined: `c` is none of them, or may not stand here. */
function structure(
  c: string,
  state: State,
  stack: ('{' | '[')[],
  afterValue: () => State | 'done',
): State | 'done' | undefined {
  if ((c === '{' || c === '[') && (state === 'value' || state === 'valueOrEnd')) {
    stack.push(c)
    return c === '{' ? 'keyOrEnd' : 'valueOrEnd'
  }
  const closes =
    (c === '}' && (state === 'keyOrEnd' || state === 'pairEnd')) ||
    (c === ']' && (state === 'valueOrEnd' || state === 'elementEnd'))
  if (closes) {
    stack.pop()
    return afterValue()
  }
  if (c === ',' && state === 'pairEnd') return 'key'
  if (c === ',' && state === 'elementEnd') return 'value'
  return c === ':' && state === 'colon' ? 'value' : undefined
}

function fault(text: string, at: number, context: string): JsonFault | undefined {
  if (at >= text.length) return undefined
  const bytes = new TextEncoder().encode(text.slice(at, at + 2))
  const first = String.fromCharCode(bytes[0] ?? 0)
  const shown = first === "'" ? "\\'" : first === '"' ? '"' : JSON.stringify(first).slice(1, -1)
  const offset = new TextEncoder().encode(text.slice(0, at)).length + 1
  return { message: `invalid character '${shown}' ${context}`, offset, at }
}

type End = number | JsonFault | undefined

function stringEnd(text: string, from: number): End {
  for (let at = from + 1; at < text.length; at++) {
    const c = text.charAt(at)
    if (c === '"') return at + 1
    if (c < ' ') return fault(text, at, 'in string literal')
    if (c !== '\\') continue
    at++
    const escape = text.charAt(at)
    if (escape !== 'u') {
      if (!'"\\/bfnrt'.includes(escape)) return fault(text, at, 'in string escape code')
      continue
    }
    for (let digit = 0; digit < 4; digit++) {
      at++
      if (!/[0-9a-fA-F]/.test(text.charAt(at))) return fault(text, at, 'in \\u hexadecimal character escape')
    }
  }
  return undefined
}

function literalEnd(text: string, from: number): End {
  const word = ['true', 'false', 'null'].find((candidate) => candidate.startsWith(text.charAt(from))) ?? ''
  for (let i = 1; i < word.length; i++) {
    if (text[from + i] !== word[i]) return fault(text, from + i, `in literal ${word} (expecting '${word.charAt(i)}')`)
  }
  return from + word.length
}

function numberEnd(text: string, from: number): End {
  const isDigit = (at: number): boolean => /[0-9]/.test(text.charAt(at))
  let at = from
  const skipDigits = (): void => {
    while (isDigit(at)) at++
  }
  if (text[at] === '-') at++
  if (!isDigit(at)) return fault(text, at, 'in numeric literal')
  if (text[at] === '0') at++
  else skipDigits()
  if (text[at] === '.') {
    at++
    if (!isDigit(at)) return fault(text, at, 'after decimal point in numeric literal')
    skipDigits()
  }
  if (text[at] === 'e' || text[at] === 'E') {
    at++
    if (text[at] === '+' || text[at] === '-') at++
    if (!isDigit(at)) return fault(text, at, 'in exponent of numeric literal')
    skipDigits()
  }
  return at
}
