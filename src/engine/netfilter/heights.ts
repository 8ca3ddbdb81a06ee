import type { Chain, Rule } from './rule.ts'

/**
 * A number per chain that is above those of all chains it jumps to. Kept from one restore to the next: while every new
 * jump leads downward there can be no circle, and 10,000 Services need not be walked for one that changed.
 */
type Heights = Map<string, number>

const known = new WeakMap<ReadonlyMap<string, Chain>, Heights>()

/** The rules that a chain will have: what is staged, else what it has; nothing when there will be no such chain. */
export type RulesOf = (name: string) => readonly Rule[] | undefined

/** What is wrong with the jumps: a chain whose jump closes a circle, or a name that is no chain. */
export type JumpFault = { readonly type: 'loop' | 'missing'; readonly chain: string }

/**
 * Whether the chains `changed` with their new rules jump to nowhere or in a circle. Remembers the order of the new state
 * when they do not.
 */
export function findJumpFault(
  chains: ReadonlyMap<string, Chain>,
  changed: ReadonlySet<string> | ReadonlyMap<string, unknown>,
  rulesOf: RulesOf,
): JumpFault | undefined {
  const heights = known.get(chains) ?? new Map<string, number>()
  const first = order(heights, changed.keys(), (name) => changed.has(name), rulesOf)
  if (first.fault) return first.fault
  if (!first.rises) {
    if (heights.size === 0) known.set(chains, first.fresh)
    else for (const [name, height] of first.fresh) heights.set(name, height)
    return undefined
  }
  // A chain rose above those that jump to it: order everything anew.
  const all = new Set([...changed.keys(), ...chains.keys()])
  const second = order(new Map(), all, () => true, rulesOf)
  if (!second.fault) known.set(chains, second.fresh)
  return second.fault
}

/** To be called when `rule` was added outside a restore. */
export function noteRule(chains: ReadonlyMap<string, Chain>, rule: Rule): void {
  if (rule.target?.type !== 'jump') return
  const heights = known.get(chains)
  const isDown = (heights?.get(rule.chain) ?? 0) > (heights?.get(rule.target.chain) ?? Infinity)
  if (heights && !isDown) known.delete(chains)
}

/** To be called when a chain went away. */
export function noteDeletion(chains: ReadonlyMap<string, Chain>, name: string): void {
  known.get(chains)?.delete(name)
}

/** Stands for the height of a chain whose rules are just being looked at. */
const OPEN = -1

interface Ordering {
  readonly fresh: Heights
  readonly fault?: JumpFault
  /** Whether a chain that had a height now needs a greater one. */
  readonly rises: boolean
}

function order(
  heights: Heights,
  names: Iterable<string>,
  isChanged: (name: string) => boolean,
  rulesOf: RulesOf,
): Ordering {
  const fresh: Heights = new Map()
  let fault: JumpFault | undefined
  let rises = false
  const heightOf = (name: string): number => {
    const done = fresh.get(name)
    if (done !== undefined) return done
    const old = heights.size > 0 ? heights.get(name) : undefined
    if (old !== undefined && !isChanged(name)) return old
    const rules = rulesOf(name)
    if (rules) return measure(name, rules, old)
    fault ??= { type: 'missing', chain: name }
    return 0
  }
  const measure = (name: string, rules: readonly Rule[], old: number | undefined): number => {
    let height = 0
    let isOpen = false
    for (const { target } of rules) {
      if (target?.type !== 'jump') continue
      if (!isOpen) fresh.set(name, OPEN)
      isOpen = true
      const below = heightOf(target.chain)
      if (below === OPEN) fault ??= { type: 'loop', chain: name }
      if (fault) return 0
      if (below >= height) height = below + 1
    }
    if (old !== undefined && height > old) rises = true
    const value = Math.max(height, old ?? 0)
    fresh.set(name, value)
    return value
  }
  for (const name of names) {
    const rules = fresh.has(name) ? undefined : rulesOf(name)
    if (rules) measure(name, rules, heights.get(name))
    if (fault) return { fresh, fault, rises }
  }
  return { fresh, rises }
}
