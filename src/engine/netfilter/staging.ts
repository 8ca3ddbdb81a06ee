import { chainsOf } from './tables.ts'
import type { IptablesTableName, Rule, Tables } from './rule.ts'
import type { LivingChain, StagedChain } from './stagedChain.ts'

/** A table between its first line and its COMMIT. */
export interface Transaction {
  readonly table: IptablesTableName
  readonly staged: Map<string, StagedChain>
  /** The chain of the line before: rules of one chain often stand together. */
  last: LivingChain | undefined
}

/** `noflush`: chains that the text does not declare stay as they are. */
export function begin(tables: Tables, table: IptablesTableName, noflush: boolean): Transaction {
  const staged = new Map<string, StagedChain>()
  if (!noflush) {
    for (const chain of chainsOf(tables, table).values())
      staged.set(chain.name, chain.policy ? { name: chain.name, rules: [] } : { name: chain.name })
  }
  return { table, staged, last: undefined }
}

/** The working copy of a chain; nothing when there is no such chain (any more). */
export function stagedChain(
  tables: Tables,
  table: IptablesTableName,
  staged: Map<string, StagedChain>,
  name: string,
): LivingChain | undefined {
  const known = staged.get(name)
  if (known) return known.rules ? (known as LivingChain) : undefined
  const chain = chainsOf(tables, table).get(name)
  if (!chain) return undefined
  const { rules, packets, bytes } = chain
  const copy = { name: chain.name, rules: [...rules], packets: [...packets], bytes: [...bytes] }
  staged.set(chain.name, copy)
  return copy
}

/** The same, of the chain of the line before first. */
export function chainOf(tables: Tables, transaction: Transaction, name: string): LivingChain | undefined {
  const { last, table, staged } = transaction
  if (last?.name === name) return last
  return (transaction.last = stagedChain(tables, table, staged, name))
}

/** Adds `rule` at the end. Arrays that grow get room for many more; most chains have two rules. */
export function append(chain: LivingChain, rule: Rule): void {
  const { rules } = chain
  const [a, b, c] = rules
  if (!a) chain.rules = [rule]
  else if (!b) chain.rules = [a, rule]
  else if (!c) chain.rules = [a, b, rule]
  else if (rules.length === 3) chain.rules = [a, b, c, rule]
  else rules.push(rule)
}
