import type { KubeObject } from '../../engine/index.ts'

/** A label selector of `-l`. */
export type LabelTest = (object: KubeObject) => boolean

/** Parses `a=b,c!=d,e in (x,y),!f`; the server's complaint when it is none. */
export function parseSelector(text: string): LabelTest | string {
  const tests: LabelTest[] = []
  for (const part of text.split(/,(?![^(]*\))/)) {
    const trimmed = part.trim()
    if (trimmed === '') continue
    const test = parseRequirement(trimmed)
    if (!test) return complaint(trimmed)
    tests.push(test)
  }
  return (object) => tests.every((test) => test(object))
}

function labelOf(object: KubeObject, key: string): string | undefined {
  const labels = object.metadata.labels ?? {}
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

function parseRequirement(text: string): LabelTest | undefined {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    const isIn: LabelTest = (object) => values.includes(labelOf(object, key) ?? '\u0000')
    return operator === 'in' ? isIn : (object) => !isIn(object)
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=\s]*)$/.exec(text)
  if (equality) {
    const [, key = '', operator, value = ''] = equality
    return (object) => (labelOf(object, key) === value) === (operator !== '!=')
  }
  const existence = /^(!?)\s*([^=!\s]+)$/.exec(text)
  if (!existence) return undefined
  const [, not, key = ''] = existence
  return (object) => (labelOf(object, key) !== undefined) === (not === '')
}

/** What the server's parser found in a requirement that it cannot read. */
function complaint(text: string): string {
  const extra = /^[^=!\s]+\s*(?:==|=|!=)\s*[^=\s]*\s*(\S)/.exec(text)?.[1]
  if (extra !== undefined) return `found '${extra}', expected: ',' or 'end of string'`
  const set = /^\S+\s+(?:in|notin)\s*(\S*)/.exec(text)
  if (set) return `unable to parse requirement: found '${set[1] ?? ''}' expected: '('`
  return `unable to parse requirement: found '${text.slice(0, 1)}', expected: !, identifier, or 'end of string'`
}

type Loose = Readonly<Record<string, unknown>>

/** The fields that the server selects by, besides name and namespace. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  Service: ['spec.clusterIP', 'spec.type'],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Event: ['involvedObject.kind', 'involvedObject.name', 'involvedObject.namespace', 'reason', 'type'],
}

/** Parses a field selector for objects of `kind`; the server's complaint when it is none. */
export function parseFieldSelector(text: string, kind: string): LabelTest | string {
  const tests: LabelTest[] = []
  for (const part of text.split(',')) {
    if (part === '') continue
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part)
    if (!match) return `invalid selector: '${part}'; can't understand '${part}'`
    const [, path = '', operator, value = ''] = match
    const known = ['metadata.name', 'metadata.namespace', ...(selectable[kind] ?? [])]
    if (!known.includes(path)) {
      const plain = `${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`
      return Object.hasOwn(selectable, kind) ? `field label not supported: ${path}` : plain
    }
    tests.push((object) => (fieldText(object, path) === value) === (operator !== '!='))
  }
  return (object) => tests.every((test) => test(object))
}

function fieldText(object: KubeObject, path: string): string {
  let at: unknown = object
  for (const step of path.split('.')) {
    at = typeof at === 'object' && at !== null ? (at as Loose)[step] : undefined
  }
  return typeof at === 'string' ? at : at === undefined ? '' : JSON.stringify(at)
}
