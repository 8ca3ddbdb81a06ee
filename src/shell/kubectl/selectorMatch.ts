import type { KubeObject } from '../../engine/index.ts'

/** A label selector of `-l`. */
export type LabelTest = (object: KubeObject) => boolean

/** Parses `a=b,c!=d,e in (x,y),!f`; undefined when it is none. */
export function parseSelector(text: string): LabelTest | undefined {
  const tests: LabelTest[] = []
  for (const part of text.split(/,(?![^(]*\))/)) {
    const trimmed = part.trim()
    if (trimmed === '') continue
    const test = parseRequirement(trimmed)
    if (!test) return undefined
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
