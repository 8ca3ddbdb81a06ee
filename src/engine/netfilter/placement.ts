import { BUILTIN_CHAINS, chainsOf, findChain, jumpOf } from './tables.ts'
import type { Chain, IptablesTableName, Rule, Tables, Target } from './rule.ts'

/** The hooks of the nat table at which a target works. Source: Linux net/netfilter/xt_nat.c, xt_MASQUERADE.c, xt_REDIRECT.c. */
const NAT_HOOKS: Readonly<Partial<Record<Target['type'], readonly string[]>>> = {
  DNAT: ['PREROUTING', 'OUTPUT'],
  REDIRECT: ['PREROUTING', 'OUTPUT'],
  SNAT: ['POSTROUTING', 'INPUT'],
  MASQUERADE: ['POSTROUTING'],
}

/** Whether the kernel would take `rule` into `table` (but for its jump, which is checked with the chains). */
export function isWellPlaced(tables: Tables, table: IptablesTableName, rule: Rule): boolean {
  const chains = chainsOf(tables, table)
  const found = [rule, ...rulesBelow(chains, jumpOf(rule), new Set())]
  if (!found.every((each) => fitsTable(table, each))) return false
  const hooks = table === 'nat' ? hooksAbove(tables, table, rule.chain) : []
  return found.every(({ target }) => {
    const allowed = target && NAT_HOOKS[target.type]
    return !allowed || hooks.every((hook) => allowed.includes(hook))
  })
}

function fitsTable(table: IptablesTableName, { target, matches }: Rule): boolean {
  if (target && NAT_HOOKS[target.type] && table !== 'nat') return false
  if (target?.type === 'REJECT') {
    const isTcp = matches.some((match) => match.type === 'protocol' && match.protocol === 'tcp' && !match.negate)
    if (table !== 'filter' || (target.with === 'tcp-reset' && !isTcp)) return false
  }
  return matches.every((match) => {
    if (match.type !== 'recent') return true
    const isWrite = match.action === 'set' || match.action === 'remove'
    return !(isWrite && (match.seconds !== undefined || match.hitcount !== undefined)) && (match.hitcount ?? 0) < 65_536
  })
}

function rulesBelow(chains: ReadonlyMap<string, Chain>, name: string | undefined, seen: Set<string>): readonly Rule[] {
  if (name === undefined || seen.has(name)) return []
  seen.add(name)
  const rules = chains.get(name)?.rules ?? []
  return rules.flatMap((rule) => [rule, ...rulesBelow(chains, jumpOf(rule), seen)])
}

/** The built-in chains from which a packet can come into chain `name`. */
function hooksAbove(tables: Tables, table: IptablesTableName, name: string): readonly string[] {
  const chains = chainsOf(tables, table)
  return BUILTIN_CHAINS[table].filter((hook) => {
    if (hook === name) return true
    const seen = new Set<string>()
    for (const rule of findChain(tables, table, hook)?.rules ?? []) rulesBelow(chains, jumpOf(rule), seen)
    return seen.has(name)
  })
}
