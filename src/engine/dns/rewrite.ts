import { err, ok } from '../base/result.ts'
import { fqdn } from './name.ts'
import { parseRrClass, parseRrType } from './rrTypes.ts'
import type { DnsMessage, Question, ResourceRecord } from './message.ts'
import type { Result } from '../base/result.ts'

/** One rule of the rewrite plugin. */
export interface RewriteRule {
  readonly stops: boolean
  /** The question after the rule; undefined: it does not apply. `name` is the original one in lower case. */
  readonly rewrite: (question: Question, name: string) => Question | undefined
  /** What is done to every record of the reply. `asked`: the question as the rule left it, `name` as above. */
  readonly answers: (asked: Question, name: string) => readonly ((record: ResourceRecord) => ResourceRecord)[]
}

type ChangeName = (name: string) => string
type Match = 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex'

/** A reply on its way back, with the question as the client asked it. */
export interface Rewritten {
  readonly query: DnsMessage
  readonly restore: (reply: DnsMessage) => DnsMessage
}

/** Runs the rules over a query. Source: coredns 1.14 plugin/rewrite. */
export function rewriteQuery(rules: readonly RewriteRule[], query: DnsMessage): Rewritten | undefined {
  const [original] = query.question
  if (!original) return undefined
  const name = original.name.toLowerCase()
  const undo: ((record: ResourceRecord) => ResourceRecord)[] = []
  let question = original
  let applied = false
  for (const rule of rules) {
    const next = rule.rewrite(question, name)
    if (!next) continue
    applied = true
    question = next
    undo.push(...rule.answers(next, name))
    if (rule.stops) break
  }
  if (!applied) return undefined
  // The rules are undone in reverse.
  const all = undo.reverse()
  const restored = (records: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    records.map((record) => all.reduce((changed, change) => change(changed), record))
  return {
    query: { ...query, question: [question] },
    restore: (reply) => ({
      ...reply,
      question: [original],
      answer: restored(reply.answer),
      authority: restored(reply.authority),
      additional: restored(reply.additional),
    }),
  }
}

/** The rule of one `rewrite` directive: its words without the first, those of a block included. */
export function parseRewrite(words: readonly string[]): Result<RewriteRule, string> {
  const [first = ''] = words
  const mode = /^(continue|stop)$/i.exec(first)?.[0].toLowerCase()
  const [kind = '', ...args] = mode === undefined ? words : words.slice(1)
  const stops = mode !== 'continue'
  if (mode !== undefined && kind === '') return err(`${mode} rule must begin with a rule type`)
  switch (kind.toLowerCase()) {
    case '':
      return err('no rule type specified for rewrite')
    case 'answer':
      return err('response rewrites must begin with a name rule')
    case 'name':
      return nameRule(args, stops)
    case 'ttl':
      return ttlRule(args, stops)
    case 'type':
      return fieldRule(
        'type',
        args.map((word) => parseRrType(word)),
        stops,
      )
    case 'class':
      return fieldRule(
        'class',
        args.map((word) => parseRrClass(word)),
        stops,
      )
    case 'edns0':
    case 'cname':
    case 'rcode':
      return ok({ stops: false, rewrite: () => undefined, answers: () => [] })
    default:
      return err(`invalid rule type "${kind.toLowerCase()}"`)
  }
}

function fieldRule(
  field: 'type' | 'class',
  [from, to]: readonly (string | undefined)[],
  stops: boolean,
): Result<RewriteRule, string> {
  if (from === undefined || to === undefined) return err(`invalid ${field} "" for ${field} rewrite`)
  return ok({
    stops,
    rewrite: (question) => (question[field] === from ? { ...question, [field]: to } : undefined),
    answers: () => [],
  })
}

/** How a rule finds its names and what it makes of them; undefined: it does not match. */
type NameChange = (name: string) => string | undefined

function nameRule(args: readonly string[], stops: boolean): Result<RewriteRule, string> {
  if (args.length < 2) return err('too few arguments for a name rule')
  const match = args.length === 2 ? 'exact' : (args[0] ?? '').toLowerCase()
  const [from = '', to = '', ...rest] = args.length === 2 ? args : args.slice(1)
  const change = nameChange(match, from, to)
  if (!change.ok) return change
  const answers = answerRules(match, rest)
  if (!answers.ok) return answers
  const { auto, rules } = answers.value
  const reverted = (asked: Question, name: string): ChangeName | undefined => {
    if (match === 'suffix' && auto) return suffixSwap(fqdn(to.toLowerCase()), fqdn(from.toLowerCase()))
    return match === 'exact' || auto ? remap(asked.name, name) : undefined
  }
  return ok({
    stops,
    rewrite: (question, name) => {
      const next = change.value(name)
      return next === undefined ? undefined : { ...question, name: next }
    },
    answers: (asked, name) => {
      const back = reverted(asked, name)
      return [...(back ? [ownerRule(back), valueRule(back)] : []), ...rules]
    },
  })
}

function nameChange(match: string, from: string, to: string): Result<NameChange, string> {
  const [lower, target] = [from.toLowerCase(), to.toLowerCase()]
  switch (match as Match) {
    case 'exact':
      return ok((name) => (name === fqdn(lower) ? fqdn(target) : undefined))
    case 'prefix':
      return ok((name) => (name.startsWith(fqdn(lower)) ? fqdn(target) + name.slice(fqdn(lower).length) : undefined))
    case 'suffix':
      return ok((name) => (name.endsWith(fqdn(lower)) ? name.slice(0, -fqdn(lower).length) + fqdn(target) : undefined))
    case 'substring':
      return ok((name) => (name.includes(fqdn(lower)) ? name.replaceAll(fqdn(lower), fqdn(target)) : undefined))
    case 'regex': {
      const pattern = compiled(from)
      if (!pattern.ok) return pattern
      return ok((name) => expand(pattern.value, fqdn(target), name))
    }
    default:
      return err(
        `name rule supports only exact, prefix, suffix, substring, and regex name matching, received: ${match}`,
      )
  }
}

/** Go's regular expressions, as far as they are also JavaScript's. */
function compiled(pattern: string): Result<RegExp, string> {
  try {
    return ok(new RegExp(pattern))
  } catch {
    return err(`invalid regex matching pattern: ${pattern}`)
  }
}

/** `{1}` in `template` becomes the first group of the match; undefined: no match. */
function expand(pattern: RegExp, template: string, text: string): string | undefined {
  const groups = pattern.exec(text)
  return groups ? template.replace(/\{(\d+)\}/g, (whole, n: string) => groups[Number(n)] ?? whole) : undefined
}

interface AnswerRules {
  readonly auto: boolean
  readonly rules: readonly ((record: ResourceRecord) => ResourceRecord)[]
}

/** `answer auto`, `answer name FROM TO`, `answer value FROM TO`. */
function answerRules(match: string, args: readonly string[]): Result<AnswerRules, string> {
  const rules: ((record: ResourceRecord) => ResourceRecord)[] = []
  let auto = false
  if (args.length === 1) return err(`invalid arguments for ${match} rule`)
  for (let at = 0; at < args.length; at++) {
    if (args[at] === 'answer') at++
    else if (at === 0) {
      return err(`exceeded the number of arguments for a non-answer rule argument for ${match} rule`)
    }
    const kind = args[at]
    if (kind === undefined) return err(`type missing for answer rule for ${match} rule`)
    if (kind === 'auto') {
      auto = true
      continue
    }
    if (kind !== 'name' && kind !== 'value') return err(`invalid type "${kind}" for answer rule for ${match} rule`)
    const [from, to] = [args[at + 1], args[at + 2]]
    if (from === undefined || to === undefined) {
      return err(`${kind} answer rule for ${match} rule: 2 arguments required`)
    }
    const pattern = compiled(from)
    if (!pattern.ok) return err(`${kind} answer rule for ${match} rule: ${pattern.error}`)
    const change: ChangeName = (name) => expand(pattern.value, fqdn(to.toLowerCase()), name) ?? name
    rules.push(kind === 'name' ? ownerRule(change) : valueRule(change))
    at += 2
  }
  return ok({ auto, rules })
}

/** Names that are, or lie below, the rewritten one become the original. */
function remap(rewritten: string, original: string): ChangeName {
  return (name) => {
    if (name === rewritten) return original
    return name.endsWith(`.${rewritten}`) ? name.slice(0, -rewritten.length) + original : name
  }
}

function suffixSwap(from: string, to: string): ChangeName {
  return (name) => (name.endsWith(from) ? name.slice(0, -from.length) + to : name)
}

function ownerRule(change: ChangeName): (record: ResourceRecord) => ResourceRecord {
  return (record) => ({ ...record, name: change(record.name) })
}

function valueRule(change: ChangeName): (record: ResourceRecord) => ResourceRecord {
  return (record) => ('target' in record ? { ...record, target: change(record.target) } : record)
}

function ttlRule(args: readonly string[], stops: boolean): Result<RewriteRule, string> {
  if (args.length < 2) return err(`too few (${args.length}) arguments for a ttl rule`)
  const [match = '', name = '', text = ''] = args.length === 2 ? ['exact', ...args] : args
  const range = /^(\d*)(-?)(\d*)$/.exec(text)
  if (!range || text === '' || text === '-') return err(`invalid TTL '${text}' for a ttl rule`)
  const [, low = '', dash = '', high = ''] = range
  const least = low === '' ? 0 : Number(low)
  const most = dash === '' ? least : high === '' ? 2 ** 31 - 1 : Number(high)
  const matches = nameChange(match.toLowerCase(), name, name)
  if (!matches.ok) return err('ttl rule supports only exact, prefix, suffix, substring, and regex name matching')
  return ok({
    stops,
    rewrite: (question, original) => (matches.value(original) === undefined ? undefined : question),
    answers: () => [(record) => ({ ...record, ttl: Math.min(Math.max(record.ttl, least), most) })],
  })
}
