import { findValues, parseJsonPath, valueText } from './jsonpath.ts'
import type { Step } from './jsonpath.ts'
import { printTable } from './table.ts'

interface Column {
  readonly head: string
  readonly steps: readonly Step[]
}

/** Reads `NAME:.metadata.name,IP:.spec.clusterIP`; its fault as text. */
function parseColumns(spec: string): readonly Column[] | string {
  const columns: Column[] = []
  for (const part of spec.split(',')) {
    const colon = part.indexOf(':')
    if (colon < 0) return `unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`
    const path = part.slice(colon + 1)
    const bare = /^\{?\.?([^{}]+)\}?$/.exec(path)?.[1]
    if (bare === undefined) {
      return `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`
    }
    const template = parseJsonPath(`{.${bare}}`)
    if (typeof template === 'string') return template
    const [node] = template
    columns.push({ head: part.slice(0, colon), steps: node?.type === 'path' ? node.steps : [] })
  }
  return columns
}

/** The table of `-o custom-columns=SPEC`; or why there is none. */
export function printCustomColumns(
  spec: string,
  objects: readonly unknown[],
  headers: boolean,
): { readonly text: string } | { readonly problem: string } {
  if (spec === '') return { problem: 'custom-columns format specified but no custom columns given' }
  const columns = parseColumns(spec)
  if (typeof columns === 'string') return { problem: columns }
  const rows = objects.map((object) =>
    columns.map(({ steps }) => {
      const found = findValues(steps, object)
      const values = typeof found === 'string' ? [] : found
      return values.length === 0 ? '<none>' : values.map(cellText).join(',')
    }),
  )
  const head = columns.map((column) => column.head)
  return { text: printTable(head, rows, headers) }
}

/** As Go prints a value: `map[a:b]`, `[x y]`. */
function cellText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(cellText).join(' ')}]`
  if (typeof value !== 'object' || value === null) return valueText(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, item]) => `${key}:${cellText(item)}`).join(' ')}]`
}
