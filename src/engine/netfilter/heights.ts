import type { Chain, Rule } from './rule.ts'

/**
 * A number per chain that is above those of all chains it jumps to. Kept from one restore to the next: while every new
 * jump leads downward there can be no circle, and 10,000 Services need not be walked for one that changed.
 */
type Heights = Map<string, number>

const known = new WeakMap<ReadonlyMap<string, Chain>, Heights>()

/** The rules that a chain will have: what is staged, else what it has. */
export type RulesOf = (name: string) => readonly Rule[]

/**
 * Whether the chains `changed` with their new rules close a circle of jumps: the chain whose jump does, or nothing.
 * Remembers the order of the new state when there is none.
 */
export function findLoop(
  chains: ReadonlyMap<string, Chain>,
  changed: ReadonlySet<string> | ReadonlyMap<string, unknown>,
  rulesOf: RulesOf,
): string | undefined {
  const heights = known.get(chains) ?? new Map<string, number>()
  const first = order(heights, changed.keys(), (name) => changed.has(name), rulesOf)
  if (first.loop !== undefined) return first.loop
  if (!first.rises) {
    for (const [name, height] of first.fresh) heights.set(name, height)
    known.set(chains, heights)
    return undefined
  }
  // A chain rose above those that jump to it: order everything anew.
  const all = new Set([...changed.keys(), ...chains.keys()])
  const second = order(new Map(), all, () => true, rulesOf)
  if (second.loop === undefined) known.set(chains, second.fresh)
  return second.loop
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

interface Ordering {
  readonly fresh: Heights
  readonly loop?: string
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
  const open = new Set<string>()
  let loop: string | undefined
  let rises = false
  const heightOf = (name: string): number => {
    const old = heights.get(name)
    const done = fresh.get(name) ?? (isChanged(name) ? undefined : old)
    if (done !== undefined) return done
    open.add(name)
    let height = 0
    for (const rule of rulesOf(name)) {
      if (rule.target?.type !== 'jump') continue
      if (open.has(rule.target.chain)) loop ??= name
      if (loop !== undefined) return 0
      height = Math.max(height, 1 + heightOf(rule.target.chain))
    }
    open.delete(name)
    if (old !== undefined && height > old) rises = true
    const value = Math.max(height, old ?? 0)
    fresh.set(name, value)
    return value
  }
  for (const name of names) {
    heightOf(name)
    if (loop !== undefined) return { fresh, loop, rises }
  }
  return { fresh, rises }
}
