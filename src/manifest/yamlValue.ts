import type { YamlEntry, YamlNode } from './yamlParser.ts'
import { taggedScalarValue } from './yamlScalarValue.ts'

/** A value as JSON has it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** Where two keys of one map are the same: the later one wins without a word, as in kubectl. */
export interface DuplicateKey {
  readonly key: string
  readonly from: number
  readonly to: number
}

export interface YamlValue {
  readonly value?: JsonValue
  /** In the parser's words, without `yaml: `. */
  readonly problem?: string
  /** Where the problem is. */
  readonly at?: number
  readonly duplicates: readonly DuplicateKey[]
  /** The node that each anchor names at the end. */
  readonly anchors: ReadonlyMap<string, YamlNode>
}

/** Expanding aliases may make at most this many values; kubectl's parser starts to refuse at this many too. */
const maxExpanded = 400_000

interface Sized {
  readonly value: JsonValue
  /** Number of values in it, aliases expanded. */
  readonly size: number
}

/** Nodes to a JSON value: aliases and merge keys resolved, map keys made text. */
export function yamlValue(root: YamlNode): YamlValue {
  const duplicates: DuplicateKey[] = []
  const anchors = new Map<string, YamlNode>()
  const values = new Map<YamlNode, Sized | 'open'>()
  let problem: string | undefined
  let at = 0
  let expanded = 0

  const fail = (text: string, node: YamlNode): Sized | undefined => {
    if (problem === undefined) at = node.from
    problem ??= text
    return undefined
  }

  const evaluate = (node: YamlNode): Sized | undefined => {
    if (node.type === 'alias') return evaluateAlias(node)
    if (node.anchor !== '') {
      anchors.set(node.anchor, node)
      values.set(node, 'open')
    }
    const sized = evaluateContent(node)
    if (sized && node.anchor !== '') values.set(node, sized)
    return sized
  }

  const evaluateAlias = (node: YamlNode & { readonly type: 'alias' }): Sized | undefined => {
    const target = anchors.get(node.name)
    if (!target) return fail(`unknown anchor '${node.name}' referenced`, node)
    const known = values.get(target)
    if (known === 'open' || known === undefined) return fail(`anchor '${node.name}' value contains itself`, node)
    expanded += known.size
    if (expanded > maxExpanded) return fail('document contains excessive aliasing', node)
    return known
  }

  const evaluateContent = (node: Exclude<YamlNode, { type: 'alias' }>): Sized | undefined => {
    if (node.type === 'scalar') {
      const resolved = taggedScalarValue(node.value, node.style !== 'plain', node.tag)
      return 'invalid' in resolved ? fail(resolved.invalid, node) : { value: resolved.value, size: 1 }
    }
    if (node.type === 'sequence') {
      const items: JsonValue[] = []
      let size = 1
      for (const item of node.items) {
        const sized = evaluate(item)
        if (!sized) return undefined
        items.push(sized.value)
        size += sized.size
      }
      return { value: items, size }
    }
    return evaluateMapping(node.entries)
  }

  const evaluateMapping = (entries: readonly YamlEntry[]): Sized | undefined => {
    const map: Record<string, JsonValue> = {}
    const own = new Set<string>()
    let size = 1
    for (const { key, value } of entries) {
      if (isMerge(key)) {
        const added = merge(map, value)
        if (added === undefined) return undefined
        size += added
        continue
      }
      const name = keyText(key)
      if (name === undefined) return undefined
      const sized = evaluate(value)
      if (!sized) return undefined
      if (name === null) {
        const shown = sized.value === null ? '<nil>' : goSyntax(sized.value)
        return fail(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`, key)
      }
      if (own.has(name)) duplicates.push({ key: name, from: key.from, to: key.to })
      own.add(name)
      putKey(map, name, sized.value)
      size += sized.size + 1
    }
    return { value: map, size }
  }

  /** Copies the maps that `<<` names into `map`; later ones in a list give way to earlier ones. */
  const merge = (map: Record<string, JsonValue>, source: YamlNode): number | undefined => {
    const sized = evaluate(source)
    if (!sized) return undefined
    const parts = Array.isArray(sized.value) ? [...(sized.value as readonly JsonValue[])].reverse() : [sized.value]
    for (const part of parts) {
      if (typeof part !== 'object' || part === null || Array.isArray(part)) {
        fail('map merge requires map or sequence of maps as the value', source)
        return undefined
      }
      for (const [key, value] of Object.entries(part)) putKey(map, key, value)
    }
    return sized.size
  }

  /** null: the key is null, which JSON cannot have. */
  const keyText = (node: YamlNode): string | null | undefined => {
    const sized = evaluate(node)
    if (!sized) return undefined
    const key = sized.value
    if (typeof key === 'object' && key !== null) {
      fail(`invalid map key: ${goSyntax(key)}`, node)
      return undefined
    }
    if (key === null) return null
    return typeof key === 'number' ? numberKey(key) : String(key)
  }

  const result = evaluate(root)
  return {
    duplicates,
    anchors,
    ...(problem !== undefined ? { problem, at } : result ? { value: result.value } : {}),
  }
}

/** A number as a key of JSON: whole ones in full, others as Go prints a float32. */
function numberKey(key: number): string {
  if (Number.isNaN(key)) return '.nan'
  if (!Number.isFinite(key)) return key > 0 ? '.inf' : '-.inf'
  if (Number.isInteger(key)) return String(key)
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((n) => Math.fround(Number(key.toPrecision(n))) === Math.fround(key))
  return String(Number(key.toPrecision(digits ?? 9)))
}

/** Sets an own key whatever its name: with plain assignment `__proto__` would change the map's prototype. */
export function putKey(map: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    map[key] = value
  }
}

export function isMerge(key: YamlNode): boolean {
  return key.type === 'scalar' && key.value === '<<' && (key.style === 'plain' || key.tag === 'tag:yaml.org,2002:merge')
}

/** `{{ .Values.x }}` as Go prints it with `%#v`. */
function goSyntax(value: JsonValue): string {
  if (value === null) return 'interface {}(nil)'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return `[]interface {}{${(value as readonly JsonValue[]).map(goSyntax).join(', ')}}`
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`)
  return `map[interface {}]interface {}{${entries.join(', ')}}`
}
