import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd } from './yamlChars.ts'
import { createCursor } from './yamlCursor.ts'
import type { Cursor, Mark, YamlFault } from './yamlCursor.ts'
import { scanAnchor, scanDirective, scanTag } from './yamlProperties.ts'
import type { PropertyResult } from './yamlProperties.ts'
import { atDocumentIndicator, scanBlock, scanPlain, scanQuoted } from './yamlScalars.ts'
import type { SimpleKey, Token } from './yamlTokens.ts'

/** Deeper nesting than this is refused; kubectl's limit is 10,000. */
const maxDepth = 1000

/** The tokens of one YAML document, one at a time. `peek` and `next` return undefined once `fault` is set. */
export interface Scanner {
  readonly fault: () => YamlFault | undefined
  readonly peek: () => Token | undefined
  readonly next: () => Token | undefined
}

/**
 * Scans as kubectl's parser (YAML 1.1, from libyaml's grammar) does, with its errors at its places; that is why the
 * package js-yaml, which reads YAML 1.2, is not used here.
 */
export function createScanner(text: string, from = 0): Scanner {
  // A byte order mark belongs to the encoding: it takes no column.
  const cursor = createCursor(text, text.charCodeAt(from) === 0xfeff ? from + 1 : from)
  const tokens: Token[] = []
  const indents: number[] = []
  const keys: SimpleKey[] = [{ possible: false, required: false, token: -1, mark: cursor.mark() }]
  // Where a token that may turn out to be a key is found in `keys`: such tokens wait for what comes behind them.
  const waiting = new Map<number, number>()
  let [head, parsed, indent, keyAllowed, started, ended] = [0, 0, -1, true, false, false]
  let fault: YamlFault | undefined

  const fail = (problem: string): false => {
    fault ??= { from: 'scanner', problem, mark: cursor.mark() }
    return false
  }
  const inFlow = (): boolean => keys.length > 1
  const push = (type: PunctuationType, length = 0): true => {
    const start = cursor.mark()
    cursor.skip(length)
    tokens.push({ type, start, end: cursor.mark() })
    return true
  }

  const last = (): number => keys.length - 1
  const nextToken = (): number => parsed + tokens.length - head
  const drop = (level: number): void => {
    const key = keys[level]
    if (key) keys[level] = { ...key, possible: false }
  }
  const removeKey = (): boolean => {
    const key = keys[last()]
    if (!key?.possible) return true
    if (key.required) return fail("could not find expected ':'")
    drop(last())
    waiting.delete(key.token)
    return true
  }
  /** The key that is still possible at this level, unless it has gone stale. */
  const validKey = (level: number): SimpleKey | undefined => {
    const key = keys[level]
    if (!key?.possible) return undefined
    if (key.mark.line === cursor.line && key.mark.index + 1024 >= cursor.index) return key
    if (key.required) fail("could not find expected ':'")
    else drop(level)
    return undefined
  }
  const saveKey = (): boolean => {
    if (!keyAllowed) return true
    if (!removeKey()) return false
    const required = !inFlow() && indent === cursor.column
    keys[last()] = { possible: true, required, token: nextToken(), mark: cursor.mark() }
    waiting.set(nextToken(), last())
    return true
  }
  /** Puts a token before the one of this number; behind all others when that one is gone. */
  const insert = (token: number, made: Token): void => {
    if (token < parsed) tokens.push(made)
    else tokens.splice(head + token - parsed, 0, made)
  }
  const rollIndent = (column: number, token: number | undefined, type: PunctuationType, mark: Mark): boolean => {
    if (inFlow() || indent >= column) return true
    if (indents.length >= maxDepth) return fail(`exceeded max depth of ${maxDepth}`)
    indents.push(indent)
    indent = column
    const made: Token = { type, start: mark, end: mark }
    if (token === undefined) tokens.push(made)
    else insert(token, made)
    return true
  }
  const unrollIndent = (column: number): void => {
    if (inFlow()) return
    while (indent > column) {
      push('blockEnd')
      indent = indents.pop() ?? -1
    }
  }

  const fetchers = {
    streamEnd: (): boolean => {
      cursor.forceNewLine()
      unrollIndent(-1)
      if (!removeKey()) return false
      keyAllowed = false
      ended = true
      return push('streamEnd')
    },
    documentIndicator: (): boolean => {
      unrollIndent(-1)
      if (!removeKey()) return false
      keyAllowed = false
      return push(cursor.at() === 45 ? 'documentStart' : 'documentEnd', 3)
    },
    directive: (): boolean => {
      unrollIndent(-1)
      if (!removeKey()) return false
      keyAllowed = false
      return take(scanDirective(cursor))
    },
    flowStart: (type: PunctuationType): boolean => {
      if (!saveKey()) return false
      if (keys.length > maxDepth) return fail(`exceeded max depth of ${maxDepth}`)
      // Go's parser takes it for the collection's own number, so that it does not wait once an empty one is closed.
      keys.push({ possible: false, required: false, token: nextToken(), mark: cursor.mark() })
      keyAllowed = true
      return push(type, 1)
    },
    flowEnd: (type: PunctuationType): boolean => {
      if (!removeKey()) return false
      if (keys.length > 1) waiting.delete(keys.pop()?.token ?? -1)
      keyAllowed = false
      return push(type, 1)
    },
    flowEntry: (): boolean => {
      if (!removeKey()) return false
      keyAllowed = true
      return push('flowEntry', 1)
    },
    blockEntry: (): boolean => {
      if (!inFlow()) {
        if (!keyAllowed) return fail('block sequence entries are not allowed in this context')
        if (!rollIndent(cursor.column, undefined, 'blockSequenceStart', cursor.mark())) return false
      }
      if (!removeKey()) return false
      keyAllowed = true
      return push('blockEntry', 1)
    },
    key: (): boolean => {
      if (!inFlow()) {
        if (!keyAllowed) return fail('mapping keys are not allowed in this context')
        if (!rollIndent(cursor.column, undefined, 'blockMappingStart', cursor.mark())) return false
      }
      if (!removeKey()) return false
      keyAllowed = !inFlow()
      return push('key', 1)
    },
    value: (): boolean => {
      const key = validKey(keys.length - 1)
      if (fault) return false
      if (key) {
        insert(key.token, { type: 'key', start: key.mark, end: key.mark })
        if (!rollIndent(key.mark.column, key.token, 'blockMappingStart', key.mark)) return false
        drop(last())
        waiting.delete(key.token)
        keyAllowed = false
      } else {
        if (!inFlow()) {
          if (!keyAllowed) return fail('mapping values are not allowed in this context')
          if (!rollIndent(cursor.column, undefined, 'blockMappingStart', cursor.mark())) return false
        }
        keyAllowed = !inFlow()
      }
      return push('value', 1)
    },
    property: (scan: (cursor: Cursor) => PropertyResult): boolean => {
      if (!saveKey()) return false
      keyAllowed = false
      return take(scan(cursor))
    },
    blockScalar: (literal: boolean): boolean => {
      if (!removeKey()) return false
      keyAllowed = true
      const start = cursor.mark()
      const result = scanBlock(cursor, literal, indent)
      if ('problem' in result) return fail(result.problem)
      const style = literal ? 'literal' : 'folded'
      tokens.push({ type: 'scalar', value: result.value, style, start, end: cursor.mark() })
      return true
    },
    quoted: (single: boolean): boolean => {
      if (!saveKey()) return false
      keyAllowed = false
      const start = cursor.mark()
      const result = scanQuoted(cursor, single)
      if ('problem' in result) return fail(result.problem)
      const style = single ? 'single' : 'double'
      tokens.push({ type: 'scalar', value: result.value, style, start, end: cursor.mark() })
      return true
    },
    plain: (): boolean => {
      if (!saveKey()) return false
      keyAllowed = false
      const start = cursor.mark()
      const result = scanPlain(cursor, indent + 1, inFlow())
      if ('problem' in result) return fail(result.problem)
      tokens.push({
        type: 'scalar',
        value: result.value,
        style: 'plain',
        start,
        end: { ...start, index: result.end },
      })
      if (result.brokenAtEnd) keyAllowed = true
      return true
    },
  }
  const take = (result: PropertyResult): boolean => {
    if ('problem' in result) return fail(result.problem)
    tokens.push(result.token)
    return true
  }

  const skipToToken = (): void => {
    for (;;) {
      while (cursor.at() === 32 || ((inFlow() || !keyAllowed) && cursor.at() === 9)) cursor.skip()
      if (cursor.at() === 35) while (!isBreakOrEnd(cursor.at())) cursor.skip()
      if (!isBreak(cursor.at())) return
      cursor.skipBreak()
      if (!inFlow()) keyAllowed = true
    }
  }

  const fetch = (): boolean => {
    if (!started) {
      started = true
      return push('streamStart')
    }
    skipToToken()
    unrollIndent(cursor.column)
    const c = cursor.at()
    if (Number.isNaN(c)) return fetchers.streamEnd()
    if (cursor.column === 0 && c === 37) return fetchers.directive()
    if (atDocumentIndicator(cursor)) return fetchers.documentIndicator()
    const blankNext = isBlankOrEnd(cursor.at(1))
    switch (String.fromCharCode(c)) {
      case '[':
        return fetchers.flowStart('flowSequenceStart')
      case '{':
        return fetchers.flowStart('flowMappingStart')
      case ']':
        return fetchers.flowEnd('flowSequenceEnd')
      case '}':
        return fetchers.flowEnd('flowMappingEnd')
      case ',':
        return fetchers.flowEntry()
      case '*':
        return fetchers.property((at) => scanAnchor(at, 'alias'))
      case '&':
        return fetchers.property((at) => scanAnchor(at, 'anchor'))
      case '!':
        return fetchers.property(scanTag)
      case '"':
        return fetchers.quoted(false)
      case "'":
        return fetchers.quoted(true)
      case '-':
        if (blankNext) return fetchers.blockEntry()
        break
      case '?':
        if (inFlow() || blankNext) return fetchers.key()
        break
      case ':':
        if (inFlow() || blankNext) return fetchers.value()
        break
      case '|':
      case '>':
        if (!inFlow()) return fetchers.blockScalar(c === 124)
        return fail('found character that cannot start any token')
      case '#':
      case '%':
      case '@':
      case '`':
        return fail('found character that cannot start any token')
      default:
        break
    }
    if (isBlank(c)) return fail('found character that cannot start any token')
    return fetchers.plain()
  }

  const fill = (): boolean => {
    while (!fault) {
      if (head < tokens.length) {
        const level = waiting.get(parsed)
        if (level === undefined || !validKey(level)) break
      } else if (ended) {
        return false
      }
      if (!fetch()) return false
    }
    return fault === undefined
  }

  return {
    fault: () => fault,
    peek: () => (fill() ? tokens[head] : undefined),
    next: () => {
      if (!fill()) return undefined
      const token = tokens[head]
      head += 1
      parsed += 1
      if (head > 256 && head * 2 > tokens.length) {
        tokens.splice(0, head)
        head = 0
      }
      return token
    },
  }
}

type PunctuationType = Exclude<Token['type'], 'version' | 'tagDirective' | 'alias' | 'anchor' | 'tag' | 'scalar'>
