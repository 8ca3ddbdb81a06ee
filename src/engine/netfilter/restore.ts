import { err, ok } from '../base/result.ts'
import { commit } from './commit.ts'
import { knownRule, parseRule, rememberRule } from './parseRule.ts'
import { explain, failed, toolName } from './restoreError.ts'
import { append, begin, chainOf, stagedChain } from './staging.ts'
import { BUILTIN_CHAINS, isTableName, NO_CHAIN } from './tables.ts'
import { copyText } from './words.ts'
import type { IpFamily } from '../base/ip.ts'
import type { Result } from '../base/result.ts'
import type { Fault, RestoreError } from './restoreError.ts'
import type { Rule, Tables } from './rule.ts'
import type { LivingChain } from './stagedChain.ts'
import type { Transaction } from './staging.ts'

export interface RestoreOptions {
  /** `--noflush`: chains that the text does not declare stay as they are. */
  readonly noflush?: boolean
  /** `--counters`: take packet and byte counts from the text. */
  readonly counters?: boolean
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
      transaction = begin(tables, table, options.noflush === true)
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
  const end = line.indexOf(' ')
  const name = end < 0 ? line.slice(1) : line.slice(1, end)
  if (end < 0) {
    return { kind: 'parse', text: `${toolName(tables)}: line ${lineNumber} policy invalid` }
  }
  if (!BUILTIN_CHAINS[table].includes(name)) {
    if (name.length > 28) return { kind: 'parse', text: `Invalid chain name \`${name}' (28 chars max)` }
    const own = copyText(name)
    staged.set(own, { name: own, rules: [] })
    transaction.last = undefined
    return undefined
  }
  const [policy = '', counters] = line.slice(end + 1).split(' ')
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

/** Chains with more rules than this are expected to be written again. */
const LONG_CHAIN = 64

/** The rule of a line, or what the tool complains about. Lines of long chains are remembered. */
function ruleOf(line: string, { name, rules }: LivingChain, family: IpFamily): Rule | string {
  const isLong = rules.length >= LONG_CHAIN
  const known = isLong ? knownRule(line, family) : undefined
  if (known) return known
  const parsed = parseRule(line, family, name)
  if (!parsed.ok) return parsed.error
  if (isLong) rememberRule(line, parsed.value, family)
  return parsed.value
}

function command(
  tables: Tables,
  transaction: Transaction,
  line: string,
  lineNumber: number,
  options: RestoreOptions,
): Fault | undefined {
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
    const chain = chainOf(tables, transaction, name)
    if (!chain) return { kind: 'failed', text: NO_CHAIN }
    const rule = ruleOf(words, chain, tables.family)
    if (typeof rule === 'string') return { kind: 'parse', text: rule }
    if (chain.packets || (counts && options.counters)) {
      chain.packets ??= chain.rules.map(() => 0)
      chain.bytes ??= chain.rules.map(() => 0)
      chain.packets.push(options.counters ? Number(counts?.[1] ?? 0) : 0)
      chain.bytes.push(options.counters ? Number(counts?.[2] ?? 0) : 0)
    }
    append(chain, rule)
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
      staged.set(name, { name, deletedAt: lineNumber })
      return undefined
    case '-N':
      if (chain) return { kind: 'failed', text: 'Chain already exists.' }
      staged.set(name, { name, rules: [] })
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
