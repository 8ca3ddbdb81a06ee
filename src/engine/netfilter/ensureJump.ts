import { err, ok } from '../base/result.ts'
import { parseRule } from './parseRule.ts'
import { appendRule, ensureChain, findRule, insertRule } from './tables.ts'
import type { Result } from '../base/result.ts'
import type { IptablesTableName, Tables } from './rule.ts'

/** A jump rule that must be there. `args`: what stands after `-I FROM`. */
export interface JumpSpec {
  readonly table: IptablesTableName
  /** Made when missing. */
  readonly chain: string
  readonly from: string
  readonly args: string
  /** At the end instead of the head. */
  readonly append?: boolean
}

/** kube-proxy's `EnsureChain` and `EnsureRule`: `-N CHAIN`, then `-C`, then `-I` (or `-A`) when it is not there. */
export function ensureJump(tables: Tables, { table, chain, from, args, append }: JumpSpec): Result<void, string> {
  ensureChain(tables, table, chain)
  const rule = parseRule(`-A ${from} ${args}`, tables.family)
  if (!rule.ok) return err(rule.error)
  if (findRule(tables, table, rule.value) > 0) return ok(undefined)
  return append ? appendRule(tables, table, rule.value) : insertRule(tables, table, rule.value)
}
