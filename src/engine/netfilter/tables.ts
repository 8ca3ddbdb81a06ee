import { err, ok } from '../base/result.ts'
import { noteRule } from './heights.ts'
import { printRule } from './printRule.ts'
import type { IpFamily } from '../base/ip.ts'
import type { Result } from '../base/result.ts'
import type { Chain, IptablesTableName, Rule, Tables } from './rule.ts'

/** In hook order, as `iptables-save` prints them. */
export const BUILTIN_CHAINS: Readonly<Record<IptablesTableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
}

export const NO_CHAIN = 'No chain/target/match by that name.'
export const CHAIN_EXISTS = 'Chain already exists.'

export function isTableName(name: string): name is IptablesTableName {
  return Object.hasOwn(BUILTIN_CHAINS, name)
}

/** An empty chain; with a policy it is a built-in one. */
export function createChain(name: string, policy?: 'ACCEPT' | 'DROP'): Chain {
  const chain: Chain = {
    name,
    rules: [],
    packets: [],
    bytes: [],
    policyPackets: 0,
    policyBytes: 0,
    version: 0,
    height: undefined,
  }
  if (policy) chain.policy = policy
  return chain
}

/** The tables of a fresh network namespace: built-in chains only, policy ACCEPT. */
export function createTables(family: IpFamily): Tables {
  const names: readonly IptablesTableName[] = ['raw', 'mangle', 'nat', 'filter']
  const tables = names.map((name): [IptablesTableName, Map<string, Chain>] => [
    name,
    new Map(BUILTIN_CHAINS[name].map((chain) => [chain, createChain(chain, 'ACCEPT')])),
  ])
  return { family, tables: new Map(tables), version: 0 }
}

export function chainsOf(tables: Tables, table: IptablesTableName): Map<string, Chain> {
  // `createTables` made all four.
  return tables.tables.get(table) ?? new Map<string, Chain>()
}

export function findChain(tables: Tables, table: IptablesTableName, name: string): Chain | undefined {
  return tables.tables.get(table)?.get(name)
}

/** Marks `chain` changed. */
export function touch(tables: Tables, chain: Chain): void {
  chain.version++
  tables.version++
}

/** `-N`. */
export function newChain(tables: Tables, table: IptablesTableName, name: string): Result<Chain, string> {
  const chains = chainsOf(tables, table)
  if (chains.has(name)) return err(CHAIN_EXISTS)
  const chain = createChain(name)
  chains.set(name, chain)
  tables.version++
  return ok(chain)
}

/** The chain, made when missing: kube-proxy's `EnsureChain`. */
export function ensureChain(tables: Tables, table: IptablesTableName, name: string): Chain {
  const made = newChain(tables, table, name)
  return made.ok ? made.value : (findChain(tables, table, name) ?? createChain(name))
}

/** `-A`; the error is the tool's sentence without its name in front. */
export function appendRule(tables: Tables, table: IptablesTableName, rule: Rule): Result<void, string> {
  const chain = findChain(tables, table, rule.chain)
  return chain ? insertRule(tables, table, rule, chain.rules.length + 1) : err(NO_CHAIN)
}

/** `-I CHAIN position`, counted from 1. */
export function insertRule(tables: Tables, table: IptablesTableName, rule: Rule, position = 1): Result<void, string> {
  const chain = findChain(tables, table, rule.chain)
  if (!chain) return err(NO_CHAIN)
  if (position > chain.rules.length + 1) return err('Index of insertion too big.')
  const chains = chainsOf(tables, table)
  const fault = checkJump(chains, rule)
  if (fault !== undefined) return err(fault)
  noteRule(chains, rule)
  chain.rules.splice(position - 1, 0, rule)
  chain.packets.splice(position - 1, 0, 0)
  chain.bytes.splice(position - 1, 0, 0)
  touch(tables, chain)
  return ok(undefined)
}

/** `-D CHAIN position`, counted from 1. */
export function deleteRuleAt(
  tables: Tables,
  table: IptablesTableName,
  name: string,
  position: number,
): Result<void, string> {
  const chain = findChain(tables, table, name)
  if (!chain) return err(NO_CHAIN)
  if (position > chain.rules.length) return err('Index of deletion too big.')
  chain.rules.splice(position - 1, 1)
  chain.packets.splice(position - 1, 1)
  chain.bytes.splice(position - 1, 1)
  touch(tables, chain)
  return ok(undefined)
}

/** Place of the first equal rule of its chain, counted from 1; 0: none. */
export function findRule(tables: Tables, table: IptablesTableName, rule: Rule): number {
  const rules = findChain(tables, table, rule.chain)?.rules ?? []
  return 1 + rules.findIndex((other) => other === rule || other.text === rule.text)
}

/** `-F CHAIN`. */
export function flushChain(tables: Tables, table: IptablesTableName, name: string): Result<void, string> {
  const chain = findChain(tables, table, name)
  if (!chain) return err(NO_CHAIN)
  setRules(chain, [])
  touch(tables, chain)
  return ok(undefined)
}

/** `-X CHAIN`; the chain must not be jumped to. Its own rules go with it, as with the nf_tables back end. */
export function deleteChain(tables: Tables, table: IptablesTableName, name: string): Result<void, string> {
  const chains = chainsOf(tables, table)
  const chain = chains.get(name)
  if (!chain) return err(NO_CHAIN)
  if (chain.policy || referencesTo(chains, name) > 0) {
    return err(`CHAIN_DEL failed (Device or resource busy): chain ${name}`)
  }
  chains.delete(name)
  touch(tables, chain)
  return ok(undefined)
}

/** `-P`. */
export function setPolicy(
  tables: Tables,
  table: IptablesTableName,
  name: string,
  policy: string,
): Result<void, string> {
  const chain = findChain(tables, table, name)
  if (!chain?.policy) return err('Bad built-in chain name.')
  if (policy !== 'ACCEPT' && policy !== 'DROP') return err("Bad policy name. Run `dmesg' for more information.")
  chain.policy = policy
  touch(tables, chain)
  return ok(undefined)
}

/** Replaces the rules of `chain` and zeroes their counters. */
export function setRules(chain: Chain, rules: Rule[]): void {
  chain.rules = rules
  chain.packets = new Array<number>(rules.length).fill(0)
  chain.bytes = new Array<number>(rules.length).fill(0)
}

/** `-E`: the rules that jump to the chain follow it. */
export function renameChain(tables: Tables, table: IptablesTableName, from: string, to: string): Result<void, string> {
  const chains = chainsOf(tables, table)
  const chain = chains.get(from)
  if (!chain || chain.policy) return err(NO_CHAIN)
  if (chains.has(to)) return err('File exists.')
  const renamed: Chain = { ...chain, name: to, rules: chain.rules.map((rule) => withNames(rule, to, from, to)) }
  chains.delete(from)
  chains.set(to, renamed)
  for (const other of chains.values()) {
    if (other === renamed || !other.rules.some((rule) => jumpOf(rule) === from)) continue
    other.rules = other.rules.map((rule) => (jumpOf(rule) === from ? withNames(rule, rule.chain, from, to) : rule))
    other.version++
  }
  touch(tables, renamed)
  return ok(undefined)
}

/** The same rule in chain `chain`; a jump to `from` goes to `to`. */
function withNames({ matches, target }: Rule, chain: string, from: string, to: string): Rule {
  const moved = target?.type === 'jump' && target.chain === from ? { ...target, chain: to } : target
  const rule = { chain, matches, ...(moved && { target: moved }) }
  return { ...rule, text: printRule(rule) }
}

/** `-Z`: counters to zero, of all rules and the policy, or of the rule at `position` (from 1). */
export function zeroCounters(chain: Chain, position?: number): void {
  if (position !== undefined) {
    if (position > chain.rules.length) return
    chain.packets[position - 1] = 0
    chain.bytes[position - 1] = 0
    return
  }
  chain.packets.fill(0)
  chain.bytes.fill(0)
  chain.policyPackets = 0
  chain.policyBytes = 0
}

/** How many rules of the table jump to chain `name`. */
export function referencesTo(chains: ReadonlyMap<string, Chain>, name: string): number {
  let count = 0
  for (const chain of chains.values()) for (const rule of chain.rules) if (jumpOf(rule) === name) count++
  return count
}

/** The chain that `rule` jumps or goes to. */
export function jumpOf(rule: Rule): string | undefined {
  return rule.target?.type === 'jump' ? rule.target.chain : undefined
}

function checkJump(chains: ReadonlyMap<string, Chain>, rule: Rule): string | undefined {
  const to = jumpOf(rule)
  if (to === undefined) return undefined
  const target = chains.get(to)
  if (!target) return `Chain '${to}' does not exist`
  if (target.policy) return `RULE_APPEND failed (Operation not supported): rule in chain ${rule.chain}`
  return reaches(chains, to, rule.chain)
    ? `RULE_APPEND failed (Too many links): rule in chain ${rule.chain}`
    : undefined
}

/** Whether a walk from chain `from` can come to chain `to`. */
function reaches(chains: ReadonlyMap<string, Chain>, from: string, to: string, seen = new Set<string>()): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return (chains.get(from)?.rules ?? []).some((rule) => {
    const next = jumpOf(rule)
    return next !== undefined && reaches(chains, next, to, seen)
  })
}
