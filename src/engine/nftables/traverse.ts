import { assertNever } from '../base/assertNever.ts'
import { holds } from './match.ts'
import { createNftNarrator, nftRuleRef, verdictText } from './narrate.ts'
import type { HookContext, HookVerdict } from '../conntrack/hookContext.ts'
import type { AffinitySets } from './affinity.ts'
import type { NftEnvironment } from './match.ts'
import type { NftRuleset } from './ruleset.ts'
import type { NftChain, NftRule, NftStatement, NftVerdict } from './table.ts'

const ACCEPT: HookVerdict = { type: 'accept' }
/** nft refuses loops of jumps and depths above 16; this only guards the simulator's own stack. */
const DEEPEST = 64

/** One walk of one packet through one base chain. */
interface Traversal extends NftEnvironment {
  readonly ctx: HookContext
  /** Rules whose whole condition held. */
  readonly matched: Set<NftRule>
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
  state: { readonly affinity: AffinitySets; readonly matched: Set<NftRule> },
): HookVerdict {
  const narrator = ctx.trace ? createNftNarrator(ctx, ruleset) : undefined
  const verdict = runChain({ ruleset, ctx, narrator, ...state }, base, 0)
  if (verdict) return verdict
  narrator?.policy(base)
  return base.base?.policy === 'drop' ? { type: 'drop', by: 'policy' } : ACCEPT
}

/** Undefined: the packet came to the chain's end or to a `return`. */
function runChain(walk: Traversal, chain: NftChain, depth: number): HookVerdict | undefined {
  const { narrator } = walk
  narrator?.entered(chain)
  let missedFrom = 0
  for (let i = 0; i < chain.rules.length; i++) {
    const step = tryRule(walk, chain, i, missedFrom, depth)
    if (step === MISSED) continue
    missedFrom = i + 1
    if (step === NEXT) continue
    if (step !== RETURNED) return step
    narrator?.returned(chain)
    return undefined
  }
  narrator?.missed(chain, missedFrom, chain.rules.length)
  if (!chain.base) narrator?.returned(chain)
  return undefined
}

function tryRule(walk: Traversal, chain: NftChain, i: number, missedFrom: number, depth: number): Step {
  const rule = chain.rules[i]
  if (!rule) return MISSED
  for (const expression of rule.expressions) if (!holds(expression, walk.ctx, walk)) return MISSED
  const verdict = decide(walk, chain, i, rule)
  if (verdict === MISSED) return MISSED
  walk.matched.add(rule)
  walk.narrator?.missed(chain, missedFrom, i)
  walk.narrator?.matched(chain, i, rule, verdict ? verdictText(verdict) : actionText(rule))
  for (const statement of rule.statements) {
    const end = act(walk, chain, i, rule, statement)
    if (end) return end
  }
  return verdict ? follow(walk, chain, i, rule, verdict, depth) : NEXT
}

/** The verdict that the rule ends in: its own, or a map's. MISSED: it looks into a map that has nothing for the packet. */
function decide(walk: Traversal, chain: NftChain, i: number, rule: NftRule): NftVerdict | undefined | typeof MISSED {
  const { packet, chance } = walk.ctx
  for (const statement of rule.statements) {
    if (statement.type === 'verdict') return statement.verdict
    if (statement.type === 'vmap') {
      const service = `${packet.protocol.toLowerCase()} . ${packet.destination.port}`
      const key = statement.key === 'proto.dport' ? service : `${packet.destination.ip} . ${service}`
      return walk.ruleset.maps.get(statement.map)?.elements.get(key)?.verdict ?? MISSED
    }
    if (statement.type === 'numgen') {
      const chosen = statement.modulus > 1 ? chance.pick(statement.modulus, 'numgen') : 0
      walk.narrator?.drew(chain, i, statement.verdicts, chosen)
      return statement.verdicts[chosen] ?? MISSED
    }
  }
  return undefined
}

/** What the rule does besides its verdict. A NAT statement ends the walk. */
function act(
  walk: Traversal,
  chain: NftChain,
  i: number,
  rule: NftRule,
  statement: NftStatement,
): HookVerdict | undefined {
  const { ctx } = walk
  switch (statement.type) {
    case 'verdict':
    case 'vmap':
    case 'numgen':
      return undefined
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
      return { type: 'dnat', ip: statement.ip, port: statement.port, rule: nftRuleRef(walk.ruleset, chain, i, rule) }
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
  i: number,
  rule: NftRule,
  verdict: NftVerdict,
  depth: number,
): Exclude<Step, typeof MISSED> {
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
      const next = walk.ruleset.chains.get(verdict.chain)
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
