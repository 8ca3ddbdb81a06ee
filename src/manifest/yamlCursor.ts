import { isBreak } from './yamlChars.ts'

/** A place in the text. `line` and `column` count from 0. */
export interface Mark {
  readonly index: number
  readonly line: number
  readonly column: number
}

/** Why a text is no YAML. A scanner's line is the line itself, a parser's one less: kubectl prints them so. */
export interface YamlFault {
  readonly from: 'scanner' | 'parser' | 'composer'
  readonly problem: string
  readonly mark: Mark
}

/** Walks over a text, counting lines. */
export interface Cursor {
  readonly text: string
  readonly index: number
  readonly line: number
  readonly column: number
  /** The code unit `offset` places ahead; NaN behind the end. */
  readonly at: (offset?: number) => number
  readonly mark: () => Mark
  /** Steps over `n` characters that are no line breaks. */
  readonly skip: (n?: number) => void
  /** Steps over one line break (two characters when CR LF) and returns what it counts as: usually a line feed. */
  readonly skipBreak: () => string
  /** As at the end of the stream: a text that ends within a line gets its line break. */
  readonly forceNewLine: () => void
}

export function createCursor(text: string, from: number): Cursor {
  let [index, line, column] = [from, 0, 0]
  return {
    text,
    get index() {
      return index
    },
    get line() {
      return line
    },
    get column() {
      return column
    },
    at: (offset = 0) => text.charCodeAt(index + offset),
    mark: () => ({ index, line, column }),
    skip: (n = 1) => {
      index += n
      column += n
    },
    skipBreak: () => {
      const c = text.charCodeAt(index)
      if (!isBreak(c)) return ''
      index += c === 13 && text.charCodeAt(index + 1) === 10 ? 2 : 1
      line += 1
      column = 0
      return c === 0x2028 || c === 0x2029 ? String.fromCharCode(c) : '\n'
    },
    forceNewLine: () => {
      if (column === 0) return
      column = 0
      line += 1
    },
  }
}
