import { hexValue, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit } from './yamlChars.ts'
import type { Cursor } from './yamlCursor.ts'

/** The text of a scalar, or what is wrong with it at the cursor. */
export type ScalarResult = { readonly value: string } | { readonly problem: string }

/** `---` or `...` at the start of a line. */
export function atDocumentIndicator(cursor: Cursor): boolean {
  if (cursor.column !== 0) return false
  const c = cursor.at()
  return (c === 45 || c === 46) && cursor.at(1) === c && cursor.at(2) === c && isBlankOrEnd(cursor.at(3))
}

/** How a run of line breaks reads inside a flow or plain scalar: one is a blank, more are one less. */
function folded(leading: string, trailing: string): string {
  if (leading.startsWith('\n')) return trailing === '' ? ' ' : trailing
  return leading + trailing
}

interface Gap {
  whitespace: string
  leading: string
  trailing: string
  broken: boolean
}

/** Steps over blanks and line breaks between the words of a scalar. `problem` is asked before each blank. */
function scanGap(cursor: Cursor, gap: Gap, tabProblem: () => string | undefined): string | undefined {
  while (isBlank(cursor.at()) || isBreak(cursor.at())) {
    if (isBlank(cursor.at())) {
      const problem = tabProblem()
      if (problem !== undefined) return problem
      if (!gap.broken) gap.whitespace += String.fromCharCode(cursor.at())
      cursor.skip()
    } else if (gap.broken) {
      gap.trailing += cursor.skipBreak()
    } else {
      gap.whitespace = ''
      gap.leading = cursor.skipBreak()
      gap.broken = true
    }
  }
  return undefined
}

function endsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const c = cursor.at()
  if (c === 58) return isBlankOrEnd(cursor.at(1))
  // , ? [ ] { }
  return inFlow && (c === 44 || c === 63 || c === 91 || c === 93 || c === 123 || c === 125)
}

/** An unquoted scalar. `brokenAtEnd`: a line break follows it, so a new key may begin. */
export function scanPlain(
  cursor: Cursor,
  indent: number,
  inFlow: boolean,
): { readonly value: string; readonly end: number; readonly brokenAtEnd: boolean } | { readonly problem: string } {
  const parts: string[] = []
  let gap: Gap = { whitespace: '', leading: '', trailing: '', broken: false }
  let end = cursor.index
  for (;;) {
    if (atDocumentIndicator(cursor) || cursor.at() === 35) break
    const from = cursor.index
    while (!isBlankOrEnd(cursor.at()) && !endsPlain(cursor, inFlow)) cursor.skip()
    if (cursor.index > from) {
      parts.push(gap.broken ? folded(gap.leading, gap.trailing) : gap.whitespace, cursor.text.slice(from, cursor.index))
      gap = { whitespace: '', leading: '', trailing: '', broken: false }
      end = cursor.index
    }
    if (!isBlank(cursor.at()) && !isBreak(cursor.at())) break
    const problem = scanGap(cursor, gap, () =>
      gap.broken && cursor.column < indent && cursor.at() === 9
        ? 'found a tab character that violates indentation'
        : undefined,
    )
    if (problem !== undefined) return { problem }
    if (!inFlow && cursor.column < indent) break
  }
  return { value: parts.join(''), end, brokenAtEnd: gap.broken }
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function scanEscape(cursor: Cursor): ScalarResult {
  const name = cursor.text.charAt(cursor.index + 1)
  const length = Object.hasOwn(hexLengths, name) ? (hexLengths[name] ?? 0) : 0
  const simple = Object.hasOwn(escapes, name) ? escapes[name] : undefined
  if (simple === undefined && length === 0) return { problem: 'found unknown escape character' }
  cursor.skip(2)
  if (simple !== undefined) return { value: simple }
  let code = 0
  for (let i = 0; i < length; i++) {
    const digit = hexValue(cursor.at(i))
    if (digit < 0) return { problem: 'did not find expected hexdecimal number' }
    code = code * 16 + digit
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    return { problem: 'found invalid Unicode character escape code' }
  }
  cursor.skip(length)
  return { value: String.fromCodePoint(code) }
}

/** A scalar in single or double quotes; the cursor stands on the first quote. */
export function scanQuoted(cursor: Cursor, single: boolean): ScalarResult {
  const quote = single ? 39 : 34
  const parts: string[] = []
  cursor.skip()
  for (;;) {
    if (atDocumentIndicator(cursor)) return { problem: 'found unexpected document indicator' }
    if (Number.isNaN(cursor.at())) return { problem: 'found unexpected end of stream' }
    let joined = false
    let from = cursor.index
    while (!isBlankOrEnd(cursor.at())) {
      const c = cursor.at()
      if (single && c === 39 && cursor.at(1) === 39) {
        parts.push(cursor.text.slice(from, cursor.index + 1))
        cursor.skip(2)
        from = cursor.index
      } else if (c === quote) {
        break
      } else if (!single && c === 92) {
        parts.push(cursor.text.slice(from, cursor.index))
        if (isBreak(cursor.at(1))) {
          cursor.skip()
          cursor.skipBreak()
          joined = true
          from = cursor.index
          break
        }
        const escape = scanEscape(cursor)
        if ('problem' in escape) return escape
        parts.push(escape.value)
        from = cursor.index
      } else {
        cursor.skip()
      }
    }
    parts.push(cursor.text.slice(from, cursor.index))
    if (cursor.at() === quote) break
    const gap: Gap = { whitespace: '', leading: '', trailing: '', broken: joined }
    scanGap(cursor, gap, () => undefined)
    parts.push(gap.broken ? folded(gap.leading, gap.trailing) : gap.whitespace)
  }
  cursor.skip()
  return { value: parts.join('') }
}

/** A `|` or `>` scalar; the cursor stands on the indicator. `parentIndent`: of the collection around it. */
export function scanBlock(cursor: Cursor, literal: boolean, parentIndent: number): ScalarResult {
  cursor.skip()
  let [chomping, increment] = ['', 0]
  for (let i = 0; i < 2; i++) {
    const c = cursor.at()
    if (chomping === '' && (c === 43 || c === 45)) {
      chomping = String.fromCharCode(c)
      cursor.skip()
    } else if (increment === 0 && isDigit(c)) {
      if (c === 48) return { problem: 'found an indentation indicator equal to 0' }
      increment = c - 48
      cursor.skip()
    }
  }
  while (isBlank(cursor.at())) cursor.skip()
  if (cursor.at() === 35) while (!isBreakOrEnd(cursor.at())) cursor.skip()
  if (!isBreakOrEnd(cursor.at())) return { problem: 'did not find expected comment or line break' }
  cursor.skipBreak()
  let indent = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment
  const first = skipIndent(cursor, indent, parentIndent)
  if ('problem' in first) return first
  indent = first.indent
  let [breaks, leading, leadingBlank] = [first.breaks, '', false]
  const parts: string[] = []
  while (cursor.column === indent && !Number.isNaN(cursor.at())) {
    const trailingBlank = isBlank(cursor.at())
    if (!literal && leading.startsWith('\n') && !leadingBlank && !trailingBlank) {
      if (breaks === '') parts.push(' ')
    } else {
      parts.push(leading)
    }
    parts.push(breaks)
    leadingBlank = isBlank(cursor.at())
    const from = cursor.index
    while (!isBreakOrEnd(cursor.at())) cursor.skip()
    parts.push(cursor.text.slice(from, cursor.index))
    leading = cursor.skipBreak()
    const next = skipIndent(cursor, indent, parentIndent)
    if ('problem' in next) return next
    breaks = next.breaks
  }
  if (chomping !== '-') parts.push(leading)
  if (chomping === '+') parts.push(breaks)
  return { value: parts.join('') }
}

/** Steps over empty lines and up to `indent` blanks. An `indent` of 0 is found out from the first line with text. */
function skipIndent(
  cursor: Cursor,
  indent: number,
  parentIndent: number,
): { readonly indent: number; readonly breaks: string } | { readonly problem: string } {
  let [breaks, widest] = ['', 0]
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.at() === 32) cursor.skip()
    widest = Math.max(widest, cursor.column)
    if ((indent === 0 || cursor.column < indent) && cursor.at() === 9) {
      return { problem: 'found a tab character where an indentation space is expected' }
    }
    if (!isBreak(cursor.at())) break
    breaks += cursor.skipBreak()
  }
  return { indent: indent === 0 ? Math.max(widest, parentIndent + 1, 1) : indent, breaks }
}
