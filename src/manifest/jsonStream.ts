/** How far the JSON value at the start of a text goes. */
export type JsonExtent =
  | { readonly type: 'value'; readonly end: number }
  /** The text ends within the value. */
  | { readonly type: 'truncated' }
  /** No JSON: kubectl then reads it as YAML. */
  | { readonly type: 'invalid' }

/** What may stand in a string as it is: everything but quotes, backslashes and control characters. */
const plain = '[\\u0020\\u0021\\u0023-\\u005b\\u005d-\\uffff]'
const string = `"(?:${plain}|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*`
const token = new RegExp(`${string}"|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][-+]?\\d+)?|true|false|null|[{}[\\],:]`, 'y')
const openString = new RegExp(`${string}\\\\?(?:u[0-9a-fA-F]{0,3})?$`, 'y')

type Expecting = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd'

/** Finds the end of the JSON value that starts at `from` (blanks allowed), without building it. */
export function jsonExtent(text: string, from: number): JsonExtent {
  const stack: ('{' | '[')[] = []
  let expecting: Expecting = 'value'
  let at = from
  for (;;) {
    while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++
    if (at >= text.length) return { type: 'truncated' }
    token.lastIndex = at
    const match = token.exec(text)
    if (!match) {
      openString.lastIndex = at
      const open = openString.test(text) && (expecting.startsWith('value') || expecting.startsWith('key'))
      return { type: open ? 'truncated' : 'invalid' }
    }
    const next = step(stack, expecting, match[0])
    if (next === undefined) return { type: 'invalid' }
    at = token.lastIndex
    if (next === 'done') return { type: 'value', end: at }
    expecting = next
  }
}

function step(stack: ('{' | '[')[], expecting: Expecting, text: string): Expecting | 'done' | undefined {
  const afterValue = (): Expecting | 'done' => (stack.length === 0 ? 'done' : 'commaOrEnd')
  const top = stack.at(-1)
  switch (text) {
    case '{':
    case '[':
      if (!expecting.startsWith('value')) return undefined
      stack.push(text)
      return text === '{' ? 'keyOrEnd' : 'valueOrEnd'
    case '}':
      if (top !== '{' || (expecting !== 'keyOrEnd' && expecting !== 'commaOrEnd')) return undefined
      stack.pop()
      return afterValue()
    case ']':
      if (top !== '[' || (expecting !== 'valueOrEnd' && expecting !== 'commaOrEnd')) return undefined
      stack.pop()
      return afterValue()
    case ',':
      if (expecting !== 'commaOrEnd') return undefined
      return top === '{' ? 'key' : 'value'
    case ':':
      return expecting === 'colon' ? 'value' : undefined
    default:
      if (expecting.startsWith('key')) return text.startsWith('"') ? 'colon' : undefined
      return expecting.startsWith('value') ? afterValue() : undefined
  }
}
