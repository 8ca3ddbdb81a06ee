import { compileTest } from './match.ts'
import type { NftTest } from './match.ts'
import type { NftChain, NftRule, NftStatement, NftVerdict } from './table.ts'

/** A chain made ready when a packet first comes to it: tests compiled, targets found by reference. */
export interface ReadyChain {
  readonly chain: NftChain
  readonly rules: readonly ReadyRule[]
}

export interface ReadyRule {
  readonly rule: NftRule
  readonly tests: readonly NftTest[]
  /** The statement that gives the verdict, where there is one. */
  readonly deciding: Extract<NftStatement, { readonly type: 'verdict' | 'vmap' | 'numgen' }> | undefined
  /** The others, in order. */
  readonly actions: readonly Exclude<NftStatement, { readonly type: 'verdict' | 'vmap' | 'numgen' }>[]
  /** Chains that verdicts of this rule led to so far; most rules lead nowhere. */
  targets: Map<NftVerdict, ReadyChain> | undefined
}

/** The chain `name`, ready to run; undefined when there is none. */
export type ChainFinder = (name: string) => ReadyChain | undefined

export function createChainFinder(chains: ReadonlyMap<string, NftChain>): ChainFinder {
  const ready = new Map<string, ReadyChain>()
  return (name) => {
    const known = ready.get(name)
    if (known) return known
    const chain = chains.get(name)
    if (!chain) return undefined
    const made = { chain, rules: chain.rules.map(readyRule) }
    ready.set(name, made)
    return made
  }
}

function readyRule(rule: NftRule): ReadyRule {
  let deciding: ReadyRule['deciding']
  const actions: ReadyRule['actions'][number][] = []
  for (const statement of rule.statements) {
    if (statement.type === 'verdict' || statement.type === 'vmap' || statement.type === 'numgen') deciding = statement
    else actions.push(statement)
  }
  return { rule, tests: rule.expressions.map(compileTest), deciding, actions, targets: undefined }
}
