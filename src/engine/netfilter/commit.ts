import { findJumpFault } from './heights.ts'
import { explain, linkError, toolName } from './restoreError.ts'
import { BUILTIN_CHAINS, chainsOf, createChain, jumpOf, setRules } from './tables.ts'
import type { RestoreError } from './restoreError.ts'
import type { Chain, Rule, Tables } from './rule.ts'
import type { StagedChain } from './stagedChain.ts'
import type { Transaction } from './staging.ts'

/** COMMIT in line `lineNumber` of `text`: the staged chains take their places, or nothing changes. */
export function commit(
  tables: Tables,
  transaction: Transaction,
  text: string,
  lineNumber: number,
): RestoreError | undefined {
  const { table, staged } = transaction
  const tool = toolName(tables)
  const chains = chainsOf(tables, table)
  const fault = findDeletionFault(chains, transaction)
  if (fault) return linkError(fault, tool)
  const jumpFault = findJumpFault(chains, staged)
  if (jumpFault?.type === 'missing') {
    return explain({ kind: 'parse', text: `Chain '${jumpFault.chain}' does not exist` }, tool, lineNumber)
  }
  if (jumpFault) {
    const chain = jumpFault.chain
    const line = lastLineOf(text, lineNumber, `-A ${chain} `)
    return linkError({ line, text: `RULE_APPEND failed (Too many links): rule in chain ${chain}` }, tool)
  }
  for (const [name, change] of staged) apply(chains, name, change)
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
  } else setRules(chain, change.rules)
  chain.height = change.height
  if (change.policy) chain.policy = change.policy
  if (change.policyCounters) [chain.policyPackets, chain.policyBytes] = change.policyCounters
  chain.version++
}
