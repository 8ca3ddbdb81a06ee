import { endpointOf } from './ruleset.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { Candidate, RuleRef, TraceEvent } from '../trace/event.ts'
import type { NftRuleset } from './ruleset.ts'
import type { NftChain, NftRule, NftVerdict } from './table.ts'

/** Turns what a traversal does into trace events, in the order in which the kernel does it. */
export interface NftNarrator {
  readonly entered: (chain: NftChain) => void
  /** Rules `from` up to, not including, `to` did not match. */
  readonly missed: (chain: NftChain, from: number, to: number) => void
  readonly matched: (chain: NftChain, index: number, rule: NftRule, verdict: string) => void
  readonly returned: (chain: NftChain) => void
  readonly marked: (from: number, to: number) => void
  readonly policy: (chain: NftChain) => void
  readonly drew: (chain: NftChain, index: number, verdicts: readonly NftVerdict[], chosen: number) => void
  readonly affinityChecked: (set: string, ageMs: number | undefined) => void
}

type Untimed<T> = T extends unknown ? Omit<T, 'time' | 'at' | 'packetId'> : never

export function createNftNarrator(ctx: HookContext, ruleset: NftRuleset): NftNarrator {
  const { hook } = ctx
  const table = ruleset.name
  const callers: NftChain[] = []
  // Lookups and draws are told before their rule's line, but after the misses before it.
  let held: Untimed<TraceEvent>[] = []
  const emit = (event: Untimed<TraceEvent>): void => {
    ctx.trace?.({ time: ctx.now, at: ctx.namespace, packetId: ctx.packet.id, ...event })
  }
  const flush = (): void => {
    for (const event of held) emit(event)
    held = []
  }
  return {
    entered(chain) {
      callers.push(chain)
      emit({ type: 'chainEntered', hook, table, chain: chain.name })
    },
    missed(chain, from, to) {
      flush()
      if (from < to) emit({ type: 'rulesMissed', hook, table, chain: chain.name, from, to: to - 1 })
    },
    matched(chain, index, rule, verdict) {
      flush()
      emit({ type: 'ruleMatched', hook, rule: nftRuleRef(ruleset, chain, index, rule), verdict })
    },
    returned(chain) {
      callers.pop()
      const caller = callers.at(-1)
      emit({ type: 'chainReturned', hook, table, chain: chain.name, ...(caller && { to: caller.name }) })
    },
    marked(from, to) {
      emit({ type: 'markSet', hook, from, to })
    },
    policy(chain) {
      const policy = chain.base?.policy === 'drop' ? 'DROP' : 'ACCEPT'
      emit({ type: 'policyApplied', hook, table, chain: chain.name, policy })
    },
    drew(chain, index, verdicts, chosen) {
      const rule = chain.rules[index]
      if (!rule) return
      const probability = 1 / verdicts.length
      held.push({
        type: 'diceRolled',
        hook,
        rule: nftRuleRef(ruleset, chain, index, rule),
        roll: chosen / verdicts.length,
        probability,
        won: true,
        candidates: verdicts.map((verdict) => candidate(ruleset, verdict, probability)),
        chosen,
      })
    },
    affinityChecked(set, ageMs) {
      held.push({
        type: 'affinityChecked',
        hook,
        list: set,
        source: ctx.packet.source.ip,
        hit: ageMs !== undefined,
        ...(ageMs !== undefined && { ageSeconds: Math.floor(ageMs / 1000) }),
      })
    },
  }
}

export function nftRuleRef(ruleset: NftRuleset, chain: NftChain, index: number, rule: NftRule): RuleRef {
  return { table: ruleset.name, chain: chain.name, index, text: rule.text }
}

/** `drop`, `goto endpoint-…`. */
export function verdictText(verdict: NftVerdict): string {
  return 'chain' in verdict ? `${verdict.type} ${verdict.chain}` : verdict.type
}

function candidate(ruleset: NftRuleset, verdict: NftVerdict, probability: number): Candidate {
  const chain = 'chain' in verdict ? verdict.chain : undefined
  const address = chain === undefined ? undefined : endpointOf(ruleset.chains.get(chain))
  return { label: chain ?? verdict.type, probability, ...(address && { address }) }
}
