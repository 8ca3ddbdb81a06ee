import type { HookContext } from '../conntrack/hookContext.ts'
import type { Candidate, RuleRef, TraceEvent } from '../trace/event.ts'
import type { MatchWatcher } from './match.ts'
import type { Chain, Rule } from './rule.ts'
import type { SocketAddress } from '../packet/packet.ts'

/** Turns what a traversal does into trace events, in the order in which the kernel does it. */
export interface Narrator extends MatchWatcher {
  readonly entered: (chain: Chain) => void
  readonly trying: (chain: Chain, index: number) => void
  /** Rules `from` up to, not including, `to`. */
  readonly missed: (chain: Chain, from: number, to: number) => void
  readonly matched: (chain: Chain, index: number, rule: Rule) => void
  readonly returned: (chain: Chain) => void
  readonly marked: (from: number, to: number) => void
  readonly policy: (chain: Chain) => void
}

type Untimed<T> = T extends unknown ? Omit<T, 'time' | 'at' | 'packetId'> : never

export function createNarrator(ctx: HookContext, table: string, chains: ReadonlyMap<string, Chain>): Narrator {
  const { hook } = ctx
  const callers: Chain[] = []
  const emit = (event: Untimed<TraceEvent>): void => {
    // Completed in place: the event was made for this call.
    const complete: { readonly type: string; time?: number; at?: string; packetId?: number } = event
    complete.time = ctx.now
    complete.at = ctx.namespace
    complete.packetId = ctx.packet.id
    ctx.trace?.(complete as TraceEvent)
  }
  const refTo = (chain: Chain, index: number, rule: Rule): RuleRef => ({
    table,
    chain: chain.name,
    index,
    text: rule.text,
  })
  let trying: { readonly chain: Chain; readonly index: number } | undefined
  // Draws and lookups are told before the rule's own line is: hold them until the misses before them were told.
  let held: Untimed<TraceEvent>[] = []
  // The chain whose candidates were told: with a thousand endpoints, a list a draw would be half a million entries.
  let listed: Chain | undefined
  const flush = (): void => {
    for (const event of held) emit(event)
    held = []
  }
  return {
    entered: (chain) => {
      callers.push(chain)
      listed = undefined
      emit({ type: 'chainEntered', hook, table, chain: chain.name })
    },
    trying: (chain, index) => {
      trying = { chain, index }
    },
    missed: (chain, from, to) => {
      // The draws of missed rules stand before the range that ends with them; the draw of a matching rule too.
      flush()
      if (from < to) emit({ type: 'rulesMissed', hook, table, chain: chain.name, from, to: to - 1 })
    },
    matched: (chain, index, rule) => {
      flush()
      emit({ type: 'ruleMatched', hook, rule: refTo(chain, index, rule), verdict: verdictText(rule) })
    },
    returned: (chain) => {
      callers.pop()
      const caller = callers.at(-1)
      emit({ type: 'chainReturned', hook, table, chain: chain.name, ...(caller && { to: caller.name }) })
    },
    marked: (from, to) => {
      emit({ type: 'markSet', hook, from, to })
    },
    policy: (chain) => {
      emit({ type: 'policyApplied', hook, table, chain: chain.name, policy: chain.policy ?? 'ACCEPT' })
    },
    rolled: (roll, probability, won) => {
      const rule = trying?.chain.rules[trying.index]
      if (!trying || !rule) return
      const candidates = listed === trying.chain ? [] : candidatesFrom(trying.chain, trying.index, chains)
      listed = trying.chain
      held.push({
        type: 'diceRolled',
        hook,
        rule: refTo(trying.chain, trying.index, rule),
        roll,
        probability,
        won,
        candidates,
        ...(won && candidates.length > 0 && { chosen: 0 }),
      })
    },
    affinityChecked: (list, hit, ageSeconds) => {
      held.push({
        type: 'affinityChecked',
        hook,
        list,
        source: ctx.packet.source.ip,
        hit,
        ...(ageSeconds !== undefined && { ageSeconds }),
      })
    },
  }
}

/** `KUBE-SVC-…`, `ACCEPT`, `DNAT`, `continue`. */
function verdictText({ target }: Rule): string {
  if (!target) return 'continue'
  return target.type === 'jump' ? target.chain : target.type
}

/** Rule `index` and those after it that the chain's remaining draws choose among, with their chances as of now. */
function candidatesFrom(chain: Chain, index: number, chains: ReadonlyMap<string, Chain>): readonly Candidate[] {
  const candidates: Candidate[] = []
  let left = 1
  for (let i = index; i < chain.rules.length && left > 0; i++) {
    const rule = chain.rules[i]
    if (rule?.target?.type !== 'jump' || rule.matches.some((match) => match.type === 'recent')) continue
    const draw = rule.matches.find((match) => match.type === 'statistic')
    const share = draw?.mode === 'random' ? draw.threshold / 2147483648 : 1
    const address = dnatOf(chains.get(rule.target.chain))
    candidates.push({ label: rule.target.chain, probability: left * share, ...(address && { address }) })
    left *= 1 - share
  }
  return candidates
}

function dnatOf(chain: Chain | undefined): SocketAddress | undefined {
  for (const { target } of chain?.rules ?? []) {
    if (target?.type === 'DNAT' && target.ip !== undefined) return { ip: target.ip, port: target.port ?? 0 }
  }
  return undefined
}
