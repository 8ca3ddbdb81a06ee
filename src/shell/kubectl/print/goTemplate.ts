import { goJson, isObject, sortedKeys } from '../../../engine/index.ts'

/**
 * `-o go-template`: the part of Go's text/template that is of use on a command line. Differs: no `define`, `template`,
 * `break` and `block`; a function that is not known here is a fault at its first use, not before.
 */
type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'print'; readonly pipe: string }
  | {
      readonly type: 'if' | 'with' | 'range'
      readonly pipe: string
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }

type Result<T> = { readonly value: T } | { readonly problem: string }

interface Scope {
  readonly root: unknown
  readonly dot: unknown
  readonly variables: ReadonlyMap<string, unknown>
}

interface Token {
  readonly text: string
  readonly isAction: boolean
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  let trimNext = false
  for (const match of text.matchAll(/\{\{(- )?((?:"(?:\\.|[^"\\])*"|`[^`]*`|[^}]|\}(?!\}))*?)( -)?\}\}/g)) {
    const [whole, before, inner = '', after] = match
    let plain = text.slice(at, match.index)
    if (trimNext) plain = plain.trimStart()
    if (before !== undefined) plain = plain.trimEnd()
    if (plain !== '') tokens.push({ text: plain, isAction: false })
    const action = inner.trim()
    if (!action.startsWith('/*')) tokens.push({ text: action, isAction: true })
    trimNext = after !== undefined
    at = match.index + whole.length
  }
  const rest = text.slice(at)
  if (rest !== '') tokens.push({ text: trimNext ? rest.trimStart() : rest, isAction: false })
  return tokens
}

function parse(tokens: readonly Token[], from: number): Result<{ nodes: readonly Node[]; next: number; stop: string }> {
  const nodes: Node[] = []
  for (let i = from; i < tokens.length; i++) {
    const { text, isAction } = tokens[i] ?? { text: '', isAction: false }
    if (!isAction) nodes.push({ type: 'text', text })
    else if (text === 'end' || /^else(\s|$)/.test(text)) return { value: { nodes, next: i, stop: text } }
    else {
      const block = /^(if|with|range)\s+(.*)$/s.exec(text)
      if (!block) {
        nodes.push({ type: 'print', pipe: text })
        continue
      }
      const parsed = parseBlock(tokens, i, block[1] as 'if', block[2] ?? '')
      if ('problem' in parsed) return parsed
      nodes.push(parsed.value.node)
      i = parsed.value.next
    }
  }
  return { value: { nodes, next: tokens.length, stop: '' } }
}

function parseBlock(
  tokens: readonly Token[],
  at: number,
  type: 'if' | 'with' | 'range',
  pipe: string,
): Result<{ node: Node; next: number }> {
  const body = parse(tokens, at + 1)
  if ('problem' in body) return body
  const { nodes, next, stop } = body.value
  if (stop === 'end') return { value: { node: { type, pipe, body: nodes, otherwise: [] }, next } }
  const chained = /^else\s+(if|with)\s+(.*)$/s.exec(stop)
  if (chained) {
    const inner = parseBlock(tokens, next, chained[1] as 'if', chained[2] ?? '')
    if ('problem' in inner) return inner
    return { value: { node: { type, pipe, body: nodes, otherwise: [inner.value.node] }, next: inner.value.next } }
  }
  if (stop !== 'else') return { problem: 'unexpected EOF' }
  const other = parse(tokens, next + 1)
  if ('problem' in other) return other
  if (other.value.stop !== 'end') return { problem: 'unexpected EOF' }
  return { value: { node: { type, pipe, body: nodes, otherwise: other.value.nodes }, next: other.value.next } }
}

/** The template over `value`; or why it fails. */
export function runGoTemplate(text: string, value: unknown): { readonly text: string } | { readonly problem: string } {
  const parsed = parse(tokensOf(text), 0)
  if ('problem' in parsed) return parsed
  if (parsed.value.stop !== '') return { problem: `unexpected {{${parsed.value.stop}}}` }
  const result = run(parsed.value.nodes, { root: value, dot: value, variables: new Map([['$', value]]) })
  return 'problem' in result ? result : { text: result.value }
}

function run(nodes: readonly Node[], outer: Scope): Result<string> {
  let [text, scope] = ['', outer]
  for (const node of nodes) {
    if (node.type === 'text') {
      text += node.text
      continue
    }
    const assigned = /^(\$\w*)(?:\s*,\s*(\$\w*))?\s*:?=\s*(.*)$/s.exec(node.pipe)
    const value = evaluate(assigned?.[3] ?? node.pipe, scope)
    if ('problem' in value) return value
    const bind = (names: readonly (readonly [string | undefined, unknown])[], dot: unknown): Scope => {
      const variables = new Map(scope.variables)
      for (const [name, item] of names) if (name !== undefined) variables.set(name, item)
      return { ...scope, dot, variables }
    }
    if (node.type === 'print') {
      if (assigned) scope = bind([[assigned[1], value.value]], scope.dot)
      else text += goText(value.value)
      continue
    }
    const parts: Result<string>[] = []
    if (node.type === 'range') {
      const list = value.value
      const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(list)
        ? list.map((item, i) => [i, item] as const)
        : isObject(list)
          ? sortedKeys(list).map((key) => [key, list[key]] as const)
          : []
      for (const [key, item] of entries) {
        const names =
          assigned?.[2] === undefined
            ? [[assigned?.[1], item]]
            : [
                [assigned[1], key],
                [assigned[2], item],
              ]
        parts.push(run(node.body, bind(names as [string | undefined, unknown][], item)))
      }
      if (entries.length === 0) parts.push(run(node.otherwise, scope))
    } else {
      const inner = bind([[assigned?.[1], value.value]], node.type === 'with' ? value.value : scope.dot)
      parts.push(isTrue(value.value) ? run(node.body, inner) : run(node.otherwise, scope))
    }
    for (const part of parts) {
      if ('problem' in part) return part
      text += part.value
    }
  }
  return { value: text }
}

function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (isObject(value)) return Object.keys(value).length > 0
  return Boolean(value)
}

/** As Go's `fmt.Print` shows a value. */
function goText(value: unknown): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (!isObject(value)) return goJson(value)
  return `map[${sortedKeys(value)
    .map((key) => `${key}:${goText(value[key])}`)
    .join(' ')}]`
}

const word = /"(?:\\.|[^"\\])*"|`[^`]*`|\(|\)|\||[^\s()|]+/g

/** A pipeline: commands one after the other, each getting the last one's value as its final argument. */
function evaluate(pipe: string, scope: Scope): Result<unknown> {
  const words = pipe.match(word) ?? []
  let at = 0
  const pipeline = (): Result<unknown> => {
    let last: Result<unknown> | undefined
    for (;;) {
      const operands: Result<unknown>[] = []
      let name: string | undefined
      while (at < words.length && words[at] !== '|' && words[at] !== ')') {
        const text = words[at++] ?? ''
        if (text === '(') {
          const inner = pipeline()
          at++
          const path = words[at]?.startsWith('.') === true && 'value' in inner ? words[at++] : undefined
          operands.push(path === undefined || !('value' in inner) ? inner : fieldsOf(inner.value, path))
        } else if (operands.length === 0 && name === undefined && /^[a-zA-Z]/.test(text) && !isConstant(text))
          name = text
        else operands.push(operand(text, scope))
      }
      if (last) operands.push(last)
      const problem = operands.find((result) => 'problem' in result)
      if (problem) return problem
      const values = operands.map((result) => ('value' in result ? result.value : undefined))
      last = name === undefined ? { value: values[0] } : call(name, values)
      if ('problem' in last || words[at] !== '|') return last
      at++
    }
  }
  return pipeline()
}

function isConstant(text: string): boolean {
  return text === 'true' || text === 'false' || text === 'nil'
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function operand(text: string, { dot, variables }: Scope): Result<unknown> {
  if (text.startsWith('"')) return { value: text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c) }
  if (text.startsWith('`')) return { value: text.slice(1, -1) }
  if (/^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) }
  if (isConstant(text)) return { value: text === 'nil' ? null : text === 'true' }
  if (text === '.') return { value: dot }
  const variable = /^(\$\w*)(.*)$/s.exec(text)
  if (variable) {
    const [, name = '', path = ''] = variable
    return variables.has(name)
      ? fieldsOf(variables.get(name), path)
      : { problem: `undefined variable ${JSON.stringify(name)}` }
  }
  return text.startsWith('.') ? fieldsOf(dot, text) : { problem: `unexpected ${text} in operand` }
}

function fieldsOf(value: unknown, path: string): Result<unknown> {
  let found: unknown = value
  for (const name of path.split('.').filter((step) => step !== '')) {
    if (found === undefined || found === null) return { value: undefined }
    if (!isObject(found)) return { problem: `can't evaluate field ${name} in type interface {}` }
    found = Object.hasOwn(found, name) ? found[name] : undefined
  }
  return { value: found }
}

function call(name: string, values: readonly unknown[]): Result<unknown> {
  const [first, ...rest] = values
  switch (name) {
    case 'index': {
      let found: unknown = first
      for (const key of rest) {
        if (Array.isArray(found) && typeof key === 'number') {
          if (key < 0 || key >= found.length)
            return { problem: `error calling index: reflect: slice index out of range` }
          found = found[key]
        } else found = isObject(found) && Object.hasOwn(found, key as string) ? found[key as string] : undefined
      }
      return { value: found }
    }
    case 'len':
      return {
        value:
          Array.isArray(first) || typeof first === 'string'
            ? first.length
            : isObject(first)
              ? Object.keys(first).length
              : 0,
      }
    case 'eq':
      return { value: rest.some((value) => value === first) }
    case 'ne':
      return { value: first !== rest[0] }
    case 'lt':
      return { value: (first as number) < (rest[0] as number) }
    case 'le':
      return { value: (first as number) <= (rest[0] as number) }
    case 'gt':
      return { value: (first as number) > (rest[0] as number) }
    case 'ge':
      return { value: (first as number) >= (rest[0] as number) }
    case 'not':
      return { value: !isTrue(first) }
    case 'and':
      return { value: values.find((value) => !isTrue(value)) ?? values.at(-1) }
    case 'or':
      return { value: values.find(isTrue) ?? values.at(-1) }
    case 'print':
      return { value: values.map(goText).join(' ') }
    case 'println':
      return { value: `${values.map(goText).join(' ')}\n` }
    case 'printf': {
      const left = [...rest]
      return {
        value: goText(first).replace(/%[-+\d.]*([svdq%])/g, (_, verb: string) =>
          verb === '%' ? '%' : verb === 'q' ? JSON.stringify(left.shift()) : goText(left.shift()),
        ),
      }
    }
    case 'exists':
      return { value: fieldAt(first, rest) !== undefined }
    default:
      return { problem: `function ${JSON.stringify(name)} not defined` }
  }
}

function fieldAt(value: unknown, keys: readonly unknown[]): unknown {
  return keys.reduce<unknown>((found, key) => (isObject(found) ? found[key as string] : undefined), value)
}
