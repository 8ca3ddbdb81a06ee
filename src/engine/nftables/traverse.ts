import { assertNever } from '../base/assertNever.ts'
import { createNftNarrator, nftRuleRef, verdictText } from './narrate.ts'
import type { HookContext, HookVerdict } from '../conntrack/hookContext.ts'
import type { AffinitySets } from './affinity.ts'
import type { NftEnvironment } from './match.ts'
import type { NftNarrator } from './narrate.ts'
import type { NftRuleset } from './ruleset.ts'
import type { Deciding, Decision, ReadyChain, ReadyRule } from './readyChain.ts'
import type { NftChain, NftRule } from './table.ts'

const ACCEPT: HookVerdict = { type: 'accept' }
/** nft refuses loops of jumps and depths above 16; this only guards the simulator's own stack. */
const DEEPEST = 64

/** One walk of one packet through one base chain. */
interface Traversal extends NftEnvironment {
  readonly ruleset: NftRuleset
  readonly narrator: NftNarrator | undefined
  readonly ctx: HookContext
  /** Rules whose whole condition held, each time that it did. */
  readonly matched: NftRule[]
}

/** The end of the chain: go on after the jump that led here. */
const RETURNED = 'returned'
const NEXT = 'next'
/** The rule did not match. */
const MISSED = 'missed'
type Step = HookVerdict | typeof RETURNED | typeof NEXT | typeof MISSED

/**
 * Runs a base chain for `ctx.packet`: replaces it when a rule marks it, refreshes affinity sets, and gives the verdict;
 * the chain's policy when no rule decides. Source: Linux nf_tables_core.c, nft_do_chain.
 */
export function traverseNft(
  ruleset: NftRuleset,
  base: NftChain,
  ctx: HookContext,
  state: { readonly affinity: AffinitySets; readonly matched: NftRule[] },
): HookVerdict {
  const narrator = ctx.trace ? createNftNarrator(ctx, ruleset) : undefined
  const { affinity, matched } = state
  const ready = ruleset.find(base.name)
  const verdict =
    ready && runChain({ ruleset, fixedSets: ruleset.fixedSets, ctx, narrator, affinity, matched }, ready, 0)
  if (verdict) return verdict
  narrator?.policy(base)
  return base.base?.policy === 'drop' ? { type: 'drop', by: 'policy' } : ACCEPT
}

/** Undefined: the packet came to the chain's end or to a `return`. */
function runChain(walk: Traversal, { chain, rules }: ReadyChain, depth: number): HookVerdict | undefined {
  const { narrator } = walk
  narrator?.entered(chain)
  let missedFrom = 0
  for (let i = 0; i < rules.length; i++) {
    const step = tryRule(walk, chain, rules[i], i, missedFrom, depth)
    if (step === MISSED) continue
    missedFrom = i + 1
    if (step === NEXT) continue
    if (step !== RETURNED) return step
    narrator?.returned(chain)
    return undefined
  }
  narrator?.missed(chain, missedFrom, rules.length)
  if (!chain.base) narrator?.returned(chain)
  return undefined
}

function tryRule(
  walk: Traversal,
  chain: NftChain,
  ready: ReadyRule | undefined,
  i: number,
  missedFrom: number,
  depth: number,
): Step {
  if (!ready) return MISSED
  const { rule, tests, deciding, actions } = ready
  for (const test of tests) if (!test(walk.ctx, walk)) return MISSED
  const decision = deciding && decide(walk, chain, i, ready, deciding)
  if (deciding && !decision) return MISSED
  walk.matched.push(rule)
  if (walk.narrator) {
    walk.narrator.missed(chain, missedFrom, i)
    walk.narrator.matched(chain, i, rule, decision ? verdictText(decision.verdict) : actionText(rule))
  }
  for (const action of actions) {
    const end = act(walk, chain, i, rule, action)
    if (end) return end
  }
  return decision ? follow(walk, chain, rule, i, decision, depth) : NEXT
}

/** What the rule ends in: its own verdict, or a map's. Undefined: it looks into a map that has nothing for the packet. */
function decide(
  walk: Traversal,
  chain: NftChain,
  i: number,
  { decisions }: ReadyRule,
  statement: Deciding,
): Decision | undefined {
  switch (statement.type) {
    case 'verdict':
      return decisions[0]
    case 'vmap':
      return walk.ruleset.lookUp(statement, walk.ctx.packet)
    case 'numgen': {
      const chosen = statement.modulus > 1 ? walk.ctx.chance.pick(statement.modulus, 'numgen') : 0
      walk.narrator?.drew(chain, i, statement.verdicts, chosen)
      return decisions[chosen]
    }
    default:
      return assertNever(statement)
  }
}

/** What the rule does besides its verdict. A NAT statement ends the walk. */
function act(
  walk: Traversal,
  chain: NftChain,
  i: number,
  rule: NftRule,
  statement: ReadyRule['actions'][number],
): HookVerdict | undefined {
  const { ctx } = walk
  switch (statement.type) {
    case 'markOr':
    case 'markXor': {
      const old = ctx.packet.mark
      // `|` and `^` are signed in JavaScript; `>>> 0` makes the result a kernel u32 again.
      const mark = (statement.type === 'markOr' ? old | statement.value : old ^ statement.value) >>> 0
      walk.narrator?.marked(old, mark)
      if (mark !== old) ctx.packet = { ...ctx.packet, mark }
      return undefined
    }
    case 'updateSet': {
      const seconds = walk.ruleset.agingSets.get(statement.set)
      if (seconds !== undefined) walk.affinity.update(statement.set, ctx.packet.source.ip, seconds * 1000, ctx.now)
      return undefined
    }
    case 'dnat':
      return {
        type: 'dnat',
        ip: statement.ip,
        port: statement.port,
        randomPort: false,
        rule: nftRuleRef(walk.ruleset, chain, i, rule),
      }
    case 'masquerade':
      return {
        type: 'masquerade',
        randomPort: statement.fullyRandom,
        rule: nftRuleRef(walk.ruleset, chain, i, rule),
      }
    default:
      return assertNever(statement)
  }
}

function follow(
  walk: Traversal,
  chain: NftChain,
  rule: NftRule,
  i: number,
  decision: Decision,
  depth: number,
): Exclude<Step, typeof MISSED> {
  const { verdict } = decision
  switch (verdict.type) {
    case 'accept':
      return ACCEPT
    case 'drop':
      return { type: 'drop', by: 'rule', rule: nftRuleRef(walk.ruleset, chain, i, rule) }
    case 'reject': {
      const how = walk.ruleset.table.family === 'IPv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'
      return { type: 'reject', with: how, rule: nftRuleRef(walk.ruleset, chain, i, rule) }
    }
    case 'return':
      return RETURNED
    case 'jump':
    case 'goto': {
      const next = (decision.target ??= walk.ruleset.find(verdict.chain))
      if (!next || depth >= DEEPEST) return NEXT
      // After a `goto` the end of the chain returns to the caller's caller.
      return runChain(walk, next, depth + 1) ?? (verdict.type === 'goto' ? RETURNED : NEXT)
    }
    default:
      return assertNever(verdict)
  }
}

/** What a rule without verdict does, in the words of the list: `mark`, `dnat`, `masquerade`, `continue`. */
function actionText(rule: NftRule): string {
  const last = rule.statements.at(-1)
  if (!last) return 'continue'
  if (last.type === 'markOr' || last.type === 'markXor') return 'mark'
  return last.type === 'updateSet' ? 'continue' : last.type
}
