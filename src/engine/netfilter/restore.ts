import { err, ok } from '../base/result.ts'
import { findJumpFault, noteDeletion } from './heights.ts'
import { knownRule, parseRule, rememberRule } from './parseRule.ts'
import { BUILTIN_CHAINS, chainsOf, createChain, isTableName, jumpOf, NO_CHAIN, setRules } from './tables.ts'
import { copyText } from './words.ts'
import type { Result } from '../base/result.ts'
import type { Chain, IptablesTableName, Rule, Tables } from './rule.ts'

export interface RestoreOptions {
  /** `--noflush`: chains that the text does not declare stay as they are. */
  readonly noflush?: boolean
  /** `--counters`: take packet and byte counts from the text. */
  readonly counters?: boolean
}

export interface RestoreError {
  /** Counted from 1. */
  readonly line: number
  /** What `iptables-restore` writes to stderr. */
  readonly message: string
  readonly exitCode: 1 | 2 | 4
}

/** What a chain becomes when its table commits. */
interface StagedChain {
  /** Absent: to be deleted. */
  rules?: Rule[]
  packets?: number[]
  bytes?: number[]
  policy?: 'ACCEPT' | 'DROP'
  policyCounters?: readonly [number, number]
  /** Where `-X` stands. */
  deletedAt?: number
}

interface Transaction {
  readonly table: IptablesTableName
  readonly staged: Map<string, StagedChain>
  /** How many lines in a row were not known. */
  misses: number
  /** The chain of the line before: rules of one chain often stand together. */
  last: { readonly name: string; readonly chain: StagedChain & { rules: Rule[] } } | undefined
}

/**
 * `iptables-restore < text`: each table is replaced at its COMMIT as a whole or not at all; tables that committed before
 * the faulty line stay. Errors in the words of iptables 1.8.9 (nf_tables).
 */
export function restore(tables: Tables, text: string, options: RestoreOptions = {}): Result<void, RestoreError> {
  const tool = toolName(tables)
  let transaction: Transaction | undefined
  let lineNumber = 0
  let start = 0
  while (start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    lineNumber++
    if (transaction && newline >= 0 && addKnown(tables, transaction, text.slice(start, end + 1), lineNumber)) {
      start = end + 1
      continue
    }
    const line = text.slice(start, end)
    start = end + 1
    const first = line.charCodeAt(0)
    if (line === '' || first === 35 /* # */) continue
    if (first === 42 /* * */ && !transaction) {
      const table = line.slice(1).trim()
      if (!isTableName(table)) {
        return failed(
          `${tool} v1.8.9 (nf_tables): ${tool}: line ${lineNumber} table name '${table}' invalid`,
          tool,
          lineNumber,
        )
      }
      transaction = begin(tables, table, options)
      continue
    }
    if (!transaction) return err({ line: lineNumber, exitCode: 1, message: `${tool}: line ${lineNumber} failed` })
    if (line === 'COMMIT') {
      const fault = commit(tables, transaction, text, lineNumber)
      if (fault) return err(fault)
      transaction = undefined
      continue
    }
    const fault =
      first === 58 /* : */
        ? declare(tables, transaction, line, lineNumber, options)
        : command(tables, transaction, line, lineNumber, options)
    if (fault !== undefined) return err(explain(fault, tool, lineNumber))
  }
  if (!transaction) return ok(undefined)
  return err({ line: lineNumber + 1, exitCode: 1, message: `${tool}: COMMIT expected at line ${lineNumber + 1}` })
}

function toolName({ family }: Tables): string {
  return family === 'IPv4' ? 'iptables-restore' : 'ip6tables-restore'
}

/** `failed`: the tool names the line only; `parse`: it complains first; `bare`: it complains without its own name. */
type Fault = { readonly kind: 'failed' | 'parse'; readonly text: string }

function failed(text: string, tool: string, line: number): Result<never, RestoreError> {
  const message = `${text}\nError occurred at line: ${line}\nTry \`${tool} -h' or '${tool} --help' for more information.`
  return err({ line, exitCode: 2, message })
}

function explain(fault: Fault, tool: string, line: number): RestoreError {
  if (fault.kind === 'failed') return { line, exitCode: 1, message: `${tool}: line ${line} failed: ${fault.text}` }
  const prefix = fault.text.startsWith('Bad argument') ? '' : `${tool} v1.8.9 (nf_tables): `
  const message = `${prefix}${fault.text}\nError occurred at line: ${line}\nTry \`${tool} -h' or '${tool} --help' for more information.`
  return { line, exitCode: 2, message }
}

function begin(tables: Tables, table: IptablesTableName, { noflush = false }: RestoreOptions): Transaction {
  const staged = new Map<string, StagedChain>()
  if (!noflush) {
    for (const chain of chainsOf(tables, table).values()) staged.set(chain.name, chain.policy ? { rules: [] } : {})
  }
  return { table, staged, misses: 0, last: undefined }
}

const COUNTERS = /^\[(\d+):(\d+)\]$/

/** `:CHAIN POLICY [counters]`. */
function declare(
  tables: Tables,
  transaction: Transaction,
  line: string,
  lineNumber: number,
  options: RestoreOptions,
): Fault | undefined {
  const { table, staged } = transaction
  const [name = '', policy, counters] = line.slice(1).split(' ')
  if (policy === undefined) {
    return { kind: 'parse', text: `${toolName(tables)}: line ${lineNumber} policy invalid` }
  }
  if (!BUILTIN_CHAINS[table].includes(name)) {
    if (name.length > 28) return { kind: 'parse', text: `Invalid chain name \`${name}' (28 chars max)` }
    staged.set(copyText(name), { rules: [] })
    transaction.last = undefined
    return undefined
  }
  const chain = stagedChain(tables, table, staged, name)
  if (!chain) return undefined
  if (policy !== '-') {
    if (policy !== 'ACCEPT' && policy !== 'DROP') return { kind: 'failed', text: 'Bad policy name.' }
    chain.policy = policy
  }
  const numbers = options.counters ? COUNTERS.exec(counters ?? '') : null
  if (numbers) chain.policyCounters = [Number(numbers[1]), Number(numbers[2])]
  return undefined
}

/** The working copy of a chain; nothing when there is no such chain (any more). */
function stagedChain(
  tables: Tables,
  table: IptablesTableName,
  staged: Map<string, StagedChain>,
  name: string,
): (StagedChain & { rules: Rule[] }) | undefined {
  const known = staged.get(name)
  if (known) return known.rules ? (known as StagedChain & { rules: Rule[] }) : undefined
  const chain = chainsOf(tables, table).get(name)
  if (!chain) return undefined
  const copy = { rules: [...chain.rules], packets: [...chain.packets], bytes: [...chain.bytes] }
  staged.set(name, copy)
  return copy
}

/** Chains with more rules than this are expected to be written again. */
const LONG_CHAIN = 64

/** Adds the rule of a line that was read before. `line` has its newline. */
function addKnown(tables: Tables, transaction: Transaction, line: string, lineNumber: number): boolean {
  // A text of new lines is read without asking for each of them.
  if (transaction.misses > 32 && lineNumber % 16 !== 0) return false
  const rule = knownRule(line, tables.family)
  transaction.misses = rule ? 0 : transaction.misses + 1
  if (!rule) return false
  const chain =
    transaction.last?.name === rule.chain
      ? transaction.last.chain
      : stagedChain(tables, transaction.table, transaction.staged, rule.chain)
  if (!chain || chain.packets) return false
  transaction.last = { name: rule.chain, chain }
  chain.rules.push(rule)
  return true
}

function command(
  tables: Tables,
  transaction: Transaction,
  line: string,
  lineNumber: number,
  options: RestoreOptions,
): Fault | undefined {
  const { table, staged } = transaction
  let counts: RegExpExecArray | null = null
  let words = line
  if (line.startsWith('[')) {
    const end = line.indexOf(' ')
    counts = COUNTERS.exec(line.slice(0, end))
    words = line.slice(end + 1)
  }
  if (words.startsWith('-A ')) {
    const end = words.indexOf(' ', 3)
    const name = end < 0 ? words.slice(3) : words.slice(3, end)
    const chain = stagedChain(tables, table, staged, name)
    if (!chain) return { kind: 'failed', text: NO_CHAIN }
    const parsed = parseRule(words, tables.family)
    if (!parsed.ok) return { kind: 'parse', text: parsed.error }
    const rule = parsed.value
    if (chain.rules.length >= LONG_CHAIN) rememberRule(words, rule, tables.family)
    if (chain.packets || (counts && options.counters)) {
      chain.packets ??= chain.rules.map(() => 0)
      chain.bytes ??= chain.rules.map(() => 0)
      chain.packets.push(options.counters ? Number(counts?.[1] ?? 0) : 0)
      chain.bytes.push(options.counters ? Number(counts?.[2] ?? 0) : 0)
    }
    chain.rules.push(rule)
    return undefined
  }
  transaction.last = undefined
  return otherCommand(tables, transaction, words.trim().split(/\s+/), lineNumber)
}

/** `-X`, `-N`, `-F` and `-P` within a restore. */
function otherCommand(
  tables: Tables,
  { table, staged }: Transaction,
  [option = '', name = '', policy = '']: readonly string[],
  lineNumber: number,
): Fault | undefined {
  const chain = stagedChain(tables, table, staged, name)
  switch (option) {
    case '-X':
      if (!chain) return { kind: 'failed', text: NO_CHAIN }
      staged.set(name, { deletedAt: lineNumber })
      return undefined
    case '-N':
      if (chain) return { kind: 'failed', text: 'Chain already exists.' }
      staged.set(name, { rules: [] })
      return undefined
    case '-F':
      if (!chain) return { kind: 'failed', text: NO_CHAIN }
      chain.rules = []
      delete chain.packets
      delete chain.bytes
      return undefined
    case '-P':
      if (!chain || !BUILTIN_CHAINS[table].includes(name)) return { kind: 'failed', text: 'Bad built-in chain name.' }
      if (policy !== 'ACCEPT' && policy !== 'DROP') return { kind: 'failed', text: 'Bad policy name.' }
      chain.policy = policy
      return undefined
    default:
      if (!option.startsWith('-')) return { kind: 'parse', text: `Bad argument \`${option}'` }
      return { kind: 'parse', text: `only -A, -F, -N, -P and -X are simulated within a restore, not ${option}` }
  }
}

function commit(tables: Tables, transaction: Transaction, text: string, lineNumber: number): RestoreError | undefined {
  const { table, staged } = transaction
  const tool = toolName(tables)
  const chains = chainsOf(tables, table)
  const fault = findDeletionFault(chains, transaction)
  if (fault) return linkError(fault, tool)
  const jumpFault = findJumpFault(chains, staged, (name) => {
    const change = staged.get(name)
    return change ? change.rules : chains.get(name)?.rules
  })
  if (jumpFault?.type === 'missing') {
    return explain({ kind: 'parse', text: `Chain '${jumpFault.chain}' does not exist` }, tool, lineNumber)
  }
  if (jumpFault) {
    const chain = jumpFault.chain
    const line = lastLineOf(text, lineNumber, `-A ${chain} `)
    return linkError({ line, text: `RULE_APPEND failed (Too many links): rule in chain ${chain}` }, tool)
  }
  for (const [name, change] of staged) {
    if (!change.rules) noteDeletion(chains, name)
    apply(chains, name, change)
  }
  tables.version++
  return undefined
}

function findDeletionFault(
  chains: ReadonlyMap<string, Chain>,
  { table, staged }: Transaction,
): { line: number; text: string } | undefined {
  const deleted = new Map<string, number>()
  for (const [name, { deletedAt }] of staged) if (deletedAt !== undefined) deleted.set(name, deletedAt)
  for (const [name, line] of deleted) {
    if (BUILTIN_CHAINS[table].includes(name)) return { line, text: busy(name) }
  }
  if (deleted.size === 0) return undefined
  const stays = (rules: readonly Rule[] | undefined): string | undefined =>
    jumpOf(rules?.find((rule) => deleted.has(jumpOf(rule) ?? '')) ?? NOWHERE)
  for (const { rules } of staged.values()) {
    const to = stays(rules)
    if (to !== undefined) return { line: deleted.get(to) ?? 0, text: busy(to) }
  }
  for (const chain of chains.values()) {
    const to = staged.has(chain.name) ? undefined : stays(chain.rules)
    if (to !== undefined) return { line: deleted.get(to) ?? 0, text: busy(to) }
  }
  return undefined
}

const NOWHERE: Rule = { chain: '', matches: [], text: '' }
const busy = (name: string): string => `CHAIN_DEL failed (Device or resource busy): chain ${name}`

function linkError({ line, text }: { line: number; text: string }, tool: string): RestoreError {
  return { line, exitCode: 4, message: `${tool} v1.8.9 (nf_tables): \nline ${line}: ${text}` }
}

/** The last line up to `end` that starts with `start`, counted from 1. */
function lastLineOf(text: string, end: number, start: string): number {
  return 1 + text.split('\n', end).findLastIndex((line) => line.startsWith(start))
}

function apply(chains: Map<string, Chain>, name: string, change: StagedChain): void {
  if (!change.rules) {
    chains.delete(name)
    return
  }
  let chain = chains.get(name)
  if (!chain) {
    chain = createChain(name)
    chains.set(name, chain)
  }
  if (change.packets && change.bytes) {
    chain.rules = change.rules
    chain.packets = change.packets
    chain.bytes = change.bytes
  } else setRules(chain, change.rules.slice())
  if (change.policy) chain.policy = change.policy
  if (change.policyCounters) [chain.policyPackets, chain.policyBytes] = change.policyCounters
  chain.version++
}
