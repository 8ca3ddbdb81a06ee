import { goJson, isObject, sortedKeys } from '../../../engine/index.ts'

/** A template of `-o jsonpath`: text, and expressions in braces. Source: client-go util/jsonpath. */
type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'path'; readonly steps: readonly Step[] }
  | { readonly type: 'range'; readonly steps: readonly Step[]; readonly body: readonly Node[] }

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'all' }
  | { readonly type: 'deep' }
  | { readonly type: 'slice'; readonly from?: number; readonly to?: number; readonly by?: number }
  | { readonly type: 'union'; readonly parts: readonly (readonly Step[])[] }
  | { readonly type: 'filter'; readonly left: Operand; readonly operator: string; readonly right: Operand }

type Operand = { readonly steps: readonly Step[] } | { readonly value: unknown }

export type Template = readonly Node[]

/** Reads a template; its fault as text. */
export function parseJsonPath(text: string): Template | string {
  const stack: { steps: readonly Step[]; nodes: Node[] }[] = [{ steps: [], nodes: [] }]
  const push = (node: Node): void => {
    stack.at(-1)?.nodes.push(node)
  }
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('{', at)
    if (open < 0) break
    if (open > at) push({ type: 'text', text: text.slice(at, open) })
    const close = closing(text, open)
    if (close < 0) return 'unclosed action'
    const inner = text.slice(open + 1, close).trim()
    at = close + 1
    if (/^range(\s|$)/.test(inner)) {
      const steps = parseSteps(inner.slice(5).trim())
      if (typeof steps === 'string') return steps
      stack.push({ steps, nodes: [] })
    } else if (inner === 'end') {
      const done = stack.length > 1 ? stack.pop() : undefined
      if (!done) return 'not in range, nothing to end'
      push({ type: 'range', steps: done.steps, body: done.nodes })
    } else if (/^["']/.test(inner)) push({ type: 'text', text: unquoted(inner) })
    else {
      const steps = parseSteps(inner)
      if (typeof steps === 'string') return steps
      push({ type: 'path', steps })
    }
  }
  if (at < text.length) push({ type: 'text', text: text.slice(at) })
  return stack.length > 1 ? 'unexpected end of range' : (stack[0]?.nodes ?? [])
}

/** The brace that closes the one at `open`; quotes and brackets may hold others. */
function closing(text: string, open: number): number {
  let quote = ''
  for (let i = open + 1; i < text.length; i++) {
    const c = text.charAt(i)
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '}') return i
  }
  return -1
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c)
}

function parseSteps(text: string): readonly Step[] | string {
  const steps: Step[] = []
  let rest = text.replace(/^[$@]/, '')
  if (rest !== '' && !/^[.[]/.test(rest)) return `unrecognized identifier ${rest}`
  while (rest !== '') {
    if (rest.startsWith('..')) {
      steps.push({ type: 'deep' })
      rest = rest.slice(/^\.\.\[/.test(rest) ? 2 : 1)
      continue
    }
    const field = /^\.((?:\\.|[^.[\]{}\s\\])*)/.exec(rest)
    if (field) {
      const name = (field[1] ?? '').replace(/\\(.)/g, '$1')
      if (name === '*') steps.push({ type: 'all' })
      else if (name !== '') steps.push({ type: 'field', name })
      rest = rest.slice(field[0].length)
      continue
    }
    const end = bracketEnd(rest)
    if (!rest.startsWith('[') || end < 0)
      return rest.startsWith('[') ? 'unterminated array' : `invalid array index ${rest}`
    const step = parseBracket(rest.slice(1, end))
    if (typeof step === 'string') return step
    steps.push(step)
    rest = rest.slice(end + 1)
  }
  return steps
}

function bracketEnd(text: string): number {
  let [depth, quote] = [0, '']
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (quote !== '') {
      if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '[') depth++
    else if (c === ']' && --depth === 0) return i
  }
  return -1
}

function parseBracket(inner: string): Step | string {
  const filter = /^\?\((.*)\)$/s.exec(inner.trim())
  if (filter) return parseFilter(filter[1] ?? '')
  const parts = inner.split(',').map((part) => part.trim())
  if (parts.length > 1) {
    const steps = parts.map(parseBracket)
    const fault = steps.find((step) => typeof step === 'string')
    return fault === undefined ? { type: 'union', parts: steps.map((step) => [step as Step]) } : fault
  }
  if (/^(['"]).*\1$/s.test(inner)) return { type: 'field', name: unquoted(inner) }
  if (inner === '*') return { type: 'all' }
  const slice = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(inner)
  if (!slice || inner === '') return `invalid array index ${inner}`
  const [, from = '', to, by] = slice
  const number = (digits: string | undefined): number | undefined =>
    digits === undefined || digits === '' ? undefined : Number(digits)
  const [first, last, step] = [number(from), number(to), number(by)]
  if (to === undefined) return { type: 'slice', from: first ?? 0, to: first === -1 ? Infinity : (first ?? 0) + 1 }
  return {
    type: 'slice',
    ...(first === undefined ? {} : { from: first }),
    ...(last === undefined ? {} : { to: last }),
    ...(step === undefined ? {} : { by: step }),
  }
}

function parseFilter(text: string): Step | string {
  const match = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text)
  if (!match) {
    const steps = parseOperand(text.trim())
    return typeof steps === 'string'
      ? steps
      : { type: 'filter', left: steps, operator: 'exists', right: { value: null } }
  }
  const [, one = '', operator = '', other = ''] = match
  const [left, right] = [parseOperand(one.trim()), parseOperand(other.trim())]
  if (typeof left === 'string') return left
  return typeof right === 'string' ? right : { type: 'filter', left, operator, right }
}

function parseOperand(text: string): Operand | string {
  if (/^["']/.test(text)) return { value: unquoted(text) }
  if (/^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) }
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  const steps = parseSteps(text)
  return typeof steps === 'string' ? steps : { steps }
}

/** The values that the steps lead to; a key that is not there leads nowhere. */
export function findValues(steps: readonly Step[], value: unknown): readonly unknown[] | string {
  let found: readonly unknown[] = [value]
  for (const step of steps) {
    const next: unknown[] = []
    for (const item of found) {
      const values = follow(step, item)
      if (typeof values === 'string') return values
      next.push(...values)
    }
    found = next
  }
  return found
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? sortedKeys(value).map((key) => value[key]) : []
}

function follow(step: Step, value: unknown): readonly unknown[] | string {
  switch (step.type) {
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name) && value[step.name] !== null ? [value[step.name]] : []
    case 'all':
      return childrenOf(value)
    case 'deep':
      return [value, ...childrenOf(value).flatMap((child) => follow(step, child) as readonly unknown[])]
    case 'union': {
      const all = step.parts.map((part) => findValues(part, value))
      return all.find((values) => typeof values === 'string') ?? all.flat()
    }
    case 'slice': {
      if (value === undefined || value === null) return []
      if (!Array.isArray(value))
        return `${isObject(value) ? 'map[string]interface {}' : typeof value} is not array or slice and cannot index`
      const { length } = value
      const from = step.from ?? 0
      const to = step.to ?? length
      const start = from < 0 ? from + length : from
      const end = to < 0 ? to + length : to
      if (start >= length && step.to === from + 1) return `array index out of bounds: index ${from}, length ${length}`
      return (value as readonly unknown[]).slice(Math.max(start, 0), end).filter((_, i) => i % (step.by ?? 1) === 0)
    }
    case 'filter':
      return childrenOf(value).filter((item) => passes(step, item))
  }
}

function passes({ left, operator, right }: Extract<Step, { type: 'filter' }>, item: unknown): boolean {
  const of = (operand: Operand): readonly unknown[] => {
    if ('value' in operand) return [operand.value]
    const found = findValues(operand.steps, item)
    return typeof found === 'string' ? [] : found
  }
  const [a, b] = [of(left), of(right)]
  if (operator === 'exists') return a.length > 0
  if (a.length === 0 || b.length === 0) return false
  const [x, y] = [a[0], b[0]] as readonly [string | number, string | number]
  switch (operator) {
    case '==':
      return x === y
    case '!=':
      return x !== y
    case '<':
      return x < y
    case '>':
      return x > y
    case '<=':
      return x <= y
    default:
      return x >= y
  }
}

/** A value as text: what is no scalar prints as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === null || value === undefined ? '' : goJson(value)
}

/** The template over `value`; or why it fails. */
export function runJsonPath(
  template: Template,
  value: unknown,
): { readonly text: string } | { readonly problem: string } {
  let text = ''
  for (const node of template) {
    if (node.type === 'text') {
      text += node.text
      continue
    }
    const found = findValues(node.steps, value)
    if (typeof found === 'string') return { problem: found }
    if (node.type === 'path') {
      text += found.map(valueText).join(' ')
      continue
    }
    for (const item of found) {
      const inner = runJsonPath(node.body, item)
      if ('problem' in inner) return inner
      text += inner.text
    }
  }
  return { text }
}

export type { Step }
