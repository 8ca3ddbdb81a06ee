import { parseTimestamp } from '../../../engine/index.ts'
import type { KubeObject } from '../../../engine/index.ts'
import { printAge } from './age.ts'

/** A column of `kubectl get`: its head, its cell, and whether it needs `-o wide`. */
export interface Column {
  readonly head: string
  readonly cell: (object: KubeObject, now: number) => string
  readonly wide?: boolean
}

export type Loose = Readonly<Record<string, unknown>>

export function loose(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {}
}

export function looseList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? (value as readonly Loose[]) : []
}

/** A value of unknown type in a cell. */
export function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const none = '<none>'

/** The value at a dotted path. */
export function at(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, step) => loose(value)[step], object)
}

/** A cell that shows the value at a path, `missing` where there is none. */
export function field(head: string, path: string, missing = '', wide = false): Column {
  return { head, cell: (object) => show(at(object, path) ?? missing), wide }
}

export function computed(head: string, cell: (object: KubeObject, now: number) => string, wide = false): Column {
  return { head, cell, wide }
}

export const name: Column = { head: 'NAME', cell: ({ metadata }) => metadata.name }

export const age: Column = {
  head: 'AGE',
  cell: ({ metadata }, now) => since(metadata.creationTimestamp, now, '<unknown>'),
}

/** How long ago a timestamp was. */
export function since(timestamp: unknown, now: number, missing: string): string {
  const time = parseTimestamp(typeof timestamp === 'string' ? timestamp : undefined)
  return time === undefined ? missing : printAge(now - time)
}

export function printLabels(labels: unknown): string {
  const entries = Object.entries(loose(labels)).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? none : entries.map(([key, value]) => `${key}=${String(value)}`).join(',')
}

/** A label selector in `-l`'s syntax. No selector at all is `<error>` to some, which show `missing`. */
export function selectorText(selector: unknown): string {
  const { matchLabels, matchExpressions } = loose(selector)
  const labels = Object.entries(loose(matchLabels)).map(([key, value]) => `${key}=${String(value)}`)
  const expressions = looseList(matchExpressions).map((expression) => {
    const values = looseList(expression['values']).map(show).sort().join(',')
    const key = String(expression['key'])
    switch (expression['operator']) {
      case 'In':
        return `${key} in (${values})`
      case 'NotIn':
        return `${key} notin (${values})`
      case 'Exists':
        return key
      default:
        return `!${key}`
    }
  })
  const parts = [...labels, ...expressions].sort()
  return parts.length === 0 ? none : parts.join(',')
}

/** Names and images of the containers of the pod spec at `path`. */
export function containerColumns(path: string): readonly Column[] {
  const list = (key: string) => (object: KubeObject) =>
    looseList(at(object, path))
      .map((container) => String(container[key]))
      .join(',')
  return [computed('CONTAINERS', list('name'), true), computed('IMAGES', list('image'), true)]
}
