import type { Chain, Rule } from './rule.ts'
import type { LivingChain, StagedChain } from './stagedChain.ts'

/*
 * The height of a chain is above those of all chains it jumps to. Kept from one restore to the next: while every new jump
 * leads downward there can be no circle, and 10,000 Services need not be walked for one that changed. A chain whose height is
 * known jumps only to chains whose heights are known.
 */

/** What is wrong with the jumps: a chain whose jump closes a circle, or a name that is no chain. */
export interface JumpFault {
  readonly type: 'loop' | 'missing'
  readonly chain: string
}

type Chains = ReadonlyMap<string, Chain>
type Staged = ReadonlyMap<string, StagedChain>

/** Whether the chains `staged` with their new rules jump to nowhere or in a circle. Gives them their heights when they do not. */
export function findJumpFault(chains: Chains, staged: Staged): JumpFault | undefined {
  let result = order(chains, staged, living(staged.values()))
  if (result === 'risen') {
    forget(chains, staged)
    const others = [...chains.values()].filter(({ name }) => !staged.has(name))
    result = order(chains, staged, [...living(staged.values()), ...others])
  }
  if (result === undefined || result === 'risen') return undefined
  forget(chains, staged)
  return result
}

/** To be called when `rule` is added outside a restore. */
export function noteRule(chains: Chains, rule: Rule): void {
  if (rule.target?.type !== 'jump') return
  const height = chains.get(rule.chain)?.height
  if (height !== undefined && height <= (chains.get(rule.target.chain)?.height ?? Infinity)) forget(chains)
}

function forget(chains: Chains, staged?: Staged): void {
  for (const chain of chains.values()) chain.height = undefined
  for (const chain of staged?.values() ?? []) chain.height = undefined
}

function* living(staged: Iterable<StagedChain>): Iterable<LivingChain> {
  for (const chain of staged) if (chain.rules) yield chain as LivingChain
}

/** Stands for the height of a chain whose rules are just being looked at. */
const OPEN = -1

/** `risen`: a chain that others may jump to is now higher than it was, so the others have to be ordered as well. */
function order(chains: Chains, staged: Staged, all: Iterable<LivingChain | Chain>): JumpFault | 'risen' | undefined {
  const found = { fault: undefined as JumpFault | undefined, hasRisen: false }
  const heightOf = (name: string): number => {
    const chain = staged.get(name) ?? chains.get(name)
    if (chain?.height !== undefined) return chain.height
    if (chain?.rules) return measure(chain as LivingChain | Chain)
    found.fault ??= { type: 'missing', chain: name }
    return 0
  }
  const measure = (chain: LivingChain | Chain): number => {
    // Its old height is kept where it suffices: those that jump to it are above that.
    const old = chains.get(chain.name)?.height
    let height = old ?? 0
    chain.height = OPEN
    for (const { target } of chain.rules) {
      if (target?.type !== 'jump') continue
      const below = heightOf(target.chain)
      if (below === OPEN) found.fault ??= { type: 'loop', chain: chain.name }
      if (found.fault) return 0
      if (below >= height) height = below + 1
    }
    if (old !== undefined && height > old) found.hasRisen = true
    chain.height = height
    return height
  }
  for (const chain of all) {
    if (chain.height === undefined) measure(chain)
    if (found.fault) return found.fault
  }
  return found.hasRisen ? 'risen' : undefined
}
