import { hexValue, isBlank, isBlankOrEnd, isBreakOrEnd, isDigit, isWord } from './yamlChars.ts'
import type { Cursor } from './yamlCursor.ts'
import type { Token } from './yamlTokens.ts'

export type PropertyResult = { readonly token: Token } | { readonly problem: string }

/** `&name` or `*name`; the cursor stands on the indicator. */
export function scanAnchor(cursor: Cursor, type: 'anchor' | 'alias'): PropertyResult {
  const start = cursor.mark()
  cursor.skip()
  const from = cursor.index
  while (isWord(cursor.at())) cursor.skip()
  const name = cursor.text.slice(from, cursor.index)
  const next = cursor.at()
  if (name === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(String.fromCharCode(next)))) {
    return { problem: 'did not find expected alphabetic or numeric character' }
  }
  return { token: { type, name, start, end: cursor.mark() } }
}

/** `!`, `!suffix`, `!!suffix`, `!handle!suffix` or `!<uri>`. */
export function scanTag(cursor: Cursor): PropertyResult {
  const start = cursor.mark()
  let handle = ''
  let suffix: string
  if (cursor.at(1) === 60) {
    cursor.skip(2)
    suffix = scanUri(cursor)
    if (suffix === '') return { problem: 'did not find expected tag URI' }
    if (cursor.at() !== 62) return { problem: "did not find the expected '>'" }
    cursor.skip()
  } else {
    let length = 1
    while (isWord(cursor.at(length))) length++
    if (cursor.at(length) === 33) {
      handle = cursor.text.slice(cursor.index, cursor.index + length + 1)
      cursor.skip(length + 1)
      suffix = scanUri(cursor)
      if (suffix === '') return { problem: 'did not find expected tag URI' }
    } else {
      handle = '!'
      cursor.skip()
      suffix = scanUri(cursor)
      // The lone `!` is a tag of its own.
      if (suffix === '') [handle, suffix] = ['', '!']
    }
  }
  if (!isBlankOrEnd(cursor.at())) return { problem: 'did not find expected whitespace or line break' }
  return { token: { type: 'tag', handle, suffix, start, end: cursor.mark() } }
}

function scanUri(cursor: Cursor): string {
  const from = cursor.index
  for (;;) {
    const c = cursor.at()
    const isEscape = c === 37 && hexValue(cursor.at(1)) >= 0 && hexValue(cursor.at(2)) >= 0
    if (!isWord(c) && !isEscape && !(c === c && ";/?:@&=+$.!~*'()".includes(String.fromCharCode(c)))) break
    cursor.skip()
  }
  return cursor.text.slice(from, cursor.index)
}

/** `%YAML 1.1` or `%TAG ! prefix`; the cursor stands on the percent sign. */
export function scanDirective(cursor: Cursor): PropertyResult {
  const start = cursor.mark()
  cursor.skip()
  const word = (accepts: (c: number) => boolean): string => {
    const from = cursor.index
    while (accepts(cursor.at())) cursor.skip()
    return cursor.text.slice(from, cursor.index)
  }
  const name = word(isWord)
  if (name === '') return { problem: 'could not find expected directive name' }
  if (!isBlankOrEnd(cursor.at())) return { problem: 'found unexpected non-alphabetical character' }
  word(isBlank)
  let token: Token
  if (name === 'YAML') {
    const major = word(isDigit)
    if (major === '') return { problem: 'did not find expected version number' }
    if (cursor.at() !== 46) return { problem: "did not find expected digit or '.' character" }
    cursor.skip()
    const minor = word(isDigit)
    if (minor === '') return { problem: 'did not find expected version number' }
    token = { type: 'version', major: Number(major), minor: Number(minor), start, end: cursor.mark() }
  } else if (name === 'TAG') {
    const handle = word((c) => isWord(c) || c === 33)
    if (!/^!([\w-]*!)?$/.test(handle)) return { problem: "did not find expected '!'" }
    if (!isBlank(cursor.at())) return { problem: 'did not find expected whitespace' }
    word(isBlank)
    const prefix = scanUri(cursor)
    if (prefix === '') return { problem: 'did not find expected tag URI' }
    token = { type: 'tagDirective', handle, prefix, start, end: cursor.mark() }
  } else {
    return { problem: 'found unknown directive name' }
  }
  word(isBlank)
  if (cursor.at() === 35) word((c) => !isBreakOrEnd(c))
  if (!isBreakOrEnd(cursor.at())) return { problem: 'did not find expected comment or line break' }
  cursor.skipBreak()
  return { token }
}
