import { isMerge } from './yamlValue.ts'
import type { YamlEntry, YamlNode } from './yamlParser.ts'

/** UTF-16 offsets in the file, end exclusive. */
export interface TextRange {
  readonly from: number
  readonly to: number
}

/** Finds the place of a field in a document's text. */
export interface Ranges {
  /**
   * The value at `path`, spelled as the API server spells fields (`spec.ports[0].port`, `data[a b]`). Of a path that
   * the text does not hold, the key of the nearest field around it; of a field that aliases another, the alias.
   */
  readonly at: (path: string) => TextRange
  /** The key that names the field at `path`, if there is one. */
  readonly keyAt: (path: string) => TextRange | undefined
}

/** `spec.ports[0].name` to its steps. What stands in brackets is one step, dots and all. */
export function pathSteps(path: string): readonly string[] {
  const steps: string[] = []
  for (const match of path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) steps.push(match[1] ?? match[2] ?? '')
  return steps
}

export function createRanges(
  root: YamlNode | undefined,
  anchors: ReadonlyMap<string, YamlNode>,
  whole: TextRange,
): Ranges {
  const resolve = (node: YamlNode): YamlNode => (node.type === 'alias' ? (anchors.get(node.name) ?? node) : node)

  const find = (path: string): { readonly key?: YamlNode; readonly value?: YamlNode; readonly complete: boolean } => {
    let value = root
    let key: YamlNode | undefined
    for (const step of pathSteps(path)) {
      const within: YamlNode | undefined = value && resolve(value)
      if (within?.type === 'sequence') {
        const item = within.items[Number(step)]
        if (!item) return { ...found(key, value), complete: false }
        ;[key, value] = [undefined, item]
      } else if (within?.type === 'mapping') {
        const entry = findEntry(within.entries, step, resolve)
        if (!entry) return { ...found(key, value), complete: false }
        ;[key, value] = [entry.key, entry.value]
      } else {
        return { ...found(key, value), complete: false }
      }
    }
    return { ...found(key, value), complete: true }
  }

  return {
    at: (path) => {
      const { key, value, complete } = find(path)
      const node = complete && value && value.to > value.from ? value : (key ?? (complete ? value : undefined))
      if (node) return { from: node.from, to: node.to }
      return value && value !== root ? { from: value.from, to: value.to } : firstLine(root, whole)
    },
    keyAt: (path) => {
      const { key, complete } = find(path)
      return complete && key ? { from: key.from, to: key.to } : undefined
    },
  }
}

function found(key: YamlNode | undefined, value: YamlNode | undefined): { key?: YamlNode; value?: YamlNode } {
  return { ...(key ? { key } : {}), ...(value ? { value } : {}) }
}

/** The last entry named `step`; the API server writes some fields with a capital, so case is a second choice. */
function findEntry(
  entries: readonly YamlEntry[],
  step: string,
  resolve: (node: YamlNode) => YamlNode,
): YamlEntry | undefined {
  const named = (test: (name: string) => boolean): YamlEntry | undefined =>
    entries.findLast(({ key }) => key.type === 'scalar' && test(key.value))
  const own = named((name) => name === step) ?? named((name) => name.toLowerCase() === step.toLowerCase())
  if (own) return own
  for (const { key, value } of entries) {
    if (!isMerge(key)) continue
    const source = resolve(value)
    const inherited = source.type === 'mapping' ? findEntry(source.entries, step, resolve) : undefined
    if (inherited) return { key, value }
  }
  return undefined
}

/** Where a fault of the whole document shows: its first key. */
function firstLine(root: YamlNode | undefined, whole: TextRange): TextRange {
  const first = root?.type === 'mapping' ? root.entries[0]?.key : root
  return first && first.to > first.from ? { from: first.from, to: first.to } : whole
}
