import { createScanner } from './yamlScanner.ts'
import type { Mark, YamlFault } from './yamlCursor.ts'
import type { ScalarStyle, Token, TokenType } from './yamlTokens.ts'

/** A piece of a document with its place in the text: UTF-16 offsets, end exclusive. */
export type YamlNode = { readonly from: number; readonly to: number; readonly anchor: string; readonly tag: string } & (
  | { readonly type: 'scalar'; readonly value: string; readonly style: ScalarStyle }
  | { readonly type: 'sequence'; readonly items: readonly YamlNode[] }
  | { readonly type: 'mapping'; readonly entries: readonly YamlEntry[] }
  | { readonly type: 'alias'; readonly name: string }
)

export interface YamlEntry {
  readonly key: YamlNode
  readonly value: YamlNode
}

/** Deeper nodes are refused: the scanner bounds blocks and flows, this bounds what nests without indentation. */
const maxDepth = 1000

/** The first document of `text` as nodes; undefined when there is none. What follows it is not looked at, as in kubectl. */
export function parseYaml(text: string, from = 0): { readonly node?: YamlNode; readonly fault?: YamlFault } {
  const scanner = createScanner(text, from)
  const handles = new Map([
    ['!', '!'],
    ['!!', 'tag:yaml.org,2002:'],
  ])
  const anchors = new Set<string>()
  let fault: YamlFault | undefined
  let depth = 0

  const fail = (problem: string, mark: Mark): YamlNode | undefined => {
    fault ??= { from: 'parser', problem, mark }
    return undefined
  }
  const type = (): TokenType | undefined => scanner.peek()?.type
  const isOneOf = (...types: readonly TokenType[]): boolean => {
    const token = scanner.peek()
    return token !== undefined && types.includes(token.type)
  }
  const empty = (mark: Mark): YamlNode => ({
    type: 'scalar',
    value: '',
    style: 'plain',
    from: mark.index,
    to: mark.index,
    anchor: '',
    tag: '',
  })
  /** A node, or an empty one when the next token is one of `ends`. */
  const nodeUnless = (ends: readonly TokenType[], mark: Mark, block: boolean): YamlNode | undefined => {
    if (!scanner.peek()) return undefined
    return isOneOf(...ends) ? empty(mark) : parseNode(block, block)
  }

  const parseNode = (block: boolean, indentless: boolean): YamlNode | undefined => {
    depth += 1
    const token = scanner.peek()
    const node =
      depth > maxDepth && token
        ? fail(`exceeded max depth of ${maxDepth}`, token.start)
        : parseNodeWithin(block, indentless)
    depth -= 1
    return node
  }

  const parseNodeWithin = (block: boolean, indentless: boolean): YamlNode | undefined => {
    let token = scanner.peek()
    if (!token) return undefined
    const start = token.start
    if (token.type === 'alias') {
      scanner.next()
      if (!anchors.has(token.name)) {
        fault ??= { from: 'composer', problem: `unknown anchor '${token.name}' referenced`, mark: start }
        return undefined
      }
      return { type: 'alias', name: token.name, from: start.index, to: token.end.index, anchor: '', tag: '' }
    }
    let [anchor, tag] = ['', '']
    for (;;) {
      if (token.type === 'anchor' && anchor === '') {
        anchor = token.name
      } else if (token.type === 'tag' && tag === '') {
        const prefix = token.handle === '' ? '' : handles.get(token.handle)
        if (prefix === undefined) return fail('found undefined tag handle', start)
        tag = prefix + token.suffix
      } else {
        break
      }
      scanner.next()
      token = scanner.peek()
      if (!token) return undefined
    }
    if (anchor !== '') anchors.add(anchor)
    const base = { from: token.start.index, anchor, tag }
    if (indentless && token.type === 'blockEntry') return parseIndentless(base)
    if (token.type === 'scalar') {
      scanner.next()
      return { ...base, type: 'scalar', value: token.value, style: token.style, to: token.end.index }
    }
    if (token.type === 'flowSequenceStart') return parseFlowSequence(base)
    if (token.type === 'flowMappingStart') return parseFlowMapping(base)
    if (block && token.type === 'blockSequenceStart') return parseBlockSequence(base)
    if (block && token.type === 'blockMappingStart') return parseBlockMapping(base)
    if (anchor !== '' || tag !== '') return { ...empty(token.start), anchor, tag }
    return fail('did not find expected node content', token.start)
  }

  const parseBlockSequence = (base: Base): YamlNode | undefined => {
    scanner.next()
    const items: YamlNode[] = []
    for (;;) {
      const token = scanner.next()
      if (token?.type === 'blockEnd') return { ...base, type: 'sequence', items, to: endOf(items, base.from) }
      if (!token) return undefined
      if (token.type !== 'blockEntry') return fail("did not find expected '-' indicator", token.start)
      const item = isOneOf('blockEntry', 'blockEnd') ? empty(token.end) : parseNode(true, false)
      if (!item) return undefined
      items.push(item)
    }
  }

  const parseIndentless = (base: Base): YamlNode | undefined => {
    const items: YamlNode[] = []
    while (type() === 'blockEntry') {
      const token = scanner.next()
      if (!token || !scanner.peek()) return undefined
      const item = isOneOf('blockEntry', 'key', 'value', 'blockEnd') ? empty(token.end) : parseNode(true, false)
      if (!item) return undefined
      items.push(item)
    }
    return scanner.peek() ? { ...base, type: 'sequence', items, to: endOf(items, base.from) } : undefined
  }

  const parseBlockMapping = (base: Base): YamlNode | undefined => {
    scanner.next()
    const entries: YamlEntry[] = []
    for (;;) {
      const token = scanner.next()
      if (!token) return undefined
      if (token.type === 'blockEnd') return { ...base, type: 'mapping', entries, to: endOfEntries(entries, base.from) }
      if (token.type !== 'key') return fail('did not find expected key', token.start)
      const entry = parseEntry(token, ['key', 'value', 'blockEnd'], true)
      if (!entry) return undefined
      entries.push(entry)
    }
  }

  /** Key and value after a `key` token. Without a `value` token the value is empty. */
  const parseEntry = (token: Token, ends: readonly TokenType[], block: boolean): YamlEntry | undefined => {
    const key = nodeUnless(ends, token.end, block)
    if (!key) return undefined
    if (type() !== 'value') return scanner.peek() ? { key, value: empty(token.end) } : undefined
    const colon = scanner.next()
    const value = colon && nodeUnless(block ? ends : ends.filter((end) => end !== 'value'), colon.end, block)
    return value && { key, value }
  }

  const parseFlowSequence = (base: Base): YamlNode | undefined => {
    scanner.next()
    const items: YamlNode[] = []
    for (;;) {
      if (items.length > 0 && type() === 'flowEntry') scanner.next()
      else if (items.length > 0 && !isOneOf('flowSequenceEnd')) return failHere("did not find expected ',' or ']'")
      const token = scanner.peek()
      if (!token) return undefined
      if (token.type === 'flowSequenceEnd') {
        scanner.next()
        return { ...base, type: 'sequence', items, to: token.end.index }
      }
      if (token.type === 'key') {
        scanner.next()
        const entry = parseEntry(token, ['value', 'flowEntry', 'flowSequenceEnd'], false)
        if (!entry) return undefined
        const [from, to] = [token.start.index, entry.value.to]
        items.push({ type: 'mapping', entries: [entry], from, to, anchor: '', tag: '' })
      } else {
        const item = parseNode(false, false)
        if (!item) return undefined
        items.push(item)
      }
    }
  }

  const parseFlowMapping = (base: Base): YamlNode | undefined => {
    scanner.next()
    const entries: YamlEntry[] = []
    for (;;) {
      if (entries.length > 0 && type() === 'flowEntry') scanner.next()
      else if (entries.length > 0 && !isOneOf('flowMappingEnd')) return failHere("did not find expected ',' or '}'")
      const token = scanner.peek()
      if (!token) return undefined
      if (token.type === 'flowMappingEnd') {
        scanner.next()
        return { ...base, type: 'mapping', entries, to: token.end.index }
      }
      if (token.type === 'key') {
        scanner.next()
        const entry = parseEntry(token, ['value', 'flowEntry', 'flowMappingEnd'], false)
        if (!entry) return undefined
        entries.push(entry)
      } else {
        const key = parseNode(false, false)
        if (!key) return undefined
        entries.push({ key, value: { ...empty(token.end), from: key.to, to: key.to } })
      }
    }
  }
  const failHere = (problem: string): YamlNode | undefined => {
    const token = scanner.peek()
    return token && fail(problem, token.start)
  }

  const parseDocument = (): YamlNode | undefined => {
    scanner.next()
    let explicit = false
    let version = false
    for (;;) {
      const token = scanner.peek()
      if (!token || token.type === 'streamEnd') {
        return explicit && token ? fail('did not find expected <document start>', token.start) : undefined
      }
      if (token.type === 'version') {
        if (version) return fail('found duplicate %YAML directive', token.start)
        if (token.major !== 1 || token.minor !== 1) return fail('found incompatible YAML document', token.start)
        version = true
      } else if (token.type === 'tagDirective') {
        handles.set(token.handle, token.prefix)
      } else if (token.type === 'documentStart') {
        scanner.next()
        const start = token.end
        const node = nodeUnless(['version', 'tagDirective', 'documentStart', 'documentEnd', 'streamEnd'], start, true)
        return node && scanner.peek() && node
      } else if (explicit) {
        return fail('did not find expected <document start>', token.start)
      } else {
        const node = parseNode(true, false)
        return node && scanner.peek() && node
      }
      explicit = true
      scanner.next()
    }
  }

  const node = parseDocument()
  fault ??= scanner.fault()
  return { ...(fault ? { fault } : node ? { node } : {}) }
}

type Base = Pick<YamlNode, 'from' | 'anchor' | 'tag'>

function endOf(items: readonly YamlNode[], from: number): number {
  return Math.max(from, items.at(-1)?.to ?? from)
}

function endOfEntries(entries: readonly YamlEntry[], from: number): number {
  const last = entries.at(-1)
  return last ? Math.max(last.key.to, last.value.to) : from
}
