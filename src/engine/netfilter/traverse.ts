import { assertNever } from '../base/assertNever.ts'
import { candidateLists, indexOf } from './compile.ts'
import { createNarrator } from './narrate.ts'
import { matches } from './match.ts'
import { packetLength } from './packetLength.ts'
import type { HookContext, HookVerdict } from '../conntrack/hookContext.ts'
import type { MatchEnvironment } from './match.ts'
import type { MatchState, RuleJournal } from './matchState.ts'
import type { Narrator } from './narrate.ts'
import type { Chain, IptablesTableName, Rule, Tables, Target } from './rule.ts'
import type { RuleRef } from '../trace/event.ts'

const ACCEPT: HookVerdict = { type: 'accept' }
/** iptables-restore refuses loops of jumps; this only guards the simulator's own stack. */
const DEEPEST = 64

/** One walk of one packet through one table's chains at one hook. */
interface Traversal {
  readonly chains: ReadonlyMap<string, Chain>
  readonly table: string
  readonly ctx: HookContext
  readonly state: MatchState
  readonly env: MatchEnvironment
  readonly narrator: Narrator | undefined
  readonly bytes: number
}

/** Whether the table has anything to say at `hook`: a rule, or a policy other than ACCEPT. */
export function hasRules(tables: Tables, table: IptablesTableName, hook: string): boolean {
  const chain = tables.tables.get(table)?.get(hook)
  return chain !== undefined && (chain.rules.length > 0 || chain.policy === 'DROP')
}

/**
 * Runs `table`'s built-in chain for `ctx.hook`. Raises the counters of every rule that matches, replaces `ctx.packet`
 * when a rule marks it, and gives the verdict; `accept` also when the chain's policy accepts or the table is empty.
 * Source: Linux net/ipv4/netfilter/ip_tables.c, ipt_do_table.
 */
export function traverse(tables: Tables, table: IptablesTableName, ctx: HookContext, state: MatchState): HookVerdict {
  const chains = tables.tables.get(table)
  const base = chains?.get(ctx.hook)
  if (!chains || !base) return ACCEPT
  const bytes = packetLength(ctx.packet)
  if (base.rules.length > 0) {
    const narrator = ctx.trace ? createNarrator(ctx, table, chains) : undefined
    const env: MatchEnvironment = { state, watch: narrator }
    const verdict = runChain({ chains, table, ctx, state, env, narrator, bytes }, base, 0)
    if (verdict) return verdict
    narrator?.policy(base)
  }
  countPolicyOf(base, table, bytes, state.journal)
  return base.policy === 'DROP' ? { type: 'drop', by: 'policy' } : ACCEPT
}

/** A packet came to the end of a built-in chain. */
export function countPolicyOf(chain: Chain, table: string, bytes: number, { recording, entries }: RuleJournal): void {
  chain.policyPackets++
  chain.policyBytes += bytes
  if (recording) entries.push({ chain, index: -1, rule: undefined, table, bytes })
}

/** Undefined: the packet came to the chain's end or to a RETURN. */
function runChain(walk: Traversal, chain: Chain, depth: number): HookVerdict | undefined {
  walk.narrator?.entered(chain)
  const index = indexOf(chain)
  if (!index) {
    let missedFrom = 0
    for (let i = 0; i < chain.rules.length; i++) {
      const step = tryRule(walk, chain, i, missedFrom, depth)
      if (step === MISSED) continue
      if (step !== NEXT) return step === RETURNED ? undefined : step
      missedFrom = i + 1
    }
    fellOff(walk, chain, missedFrom)
    return undefined
  }
  const lists = candidateLists(index, walk.ctx.packet)
  const heads = [0, 0, 0, 0]
  let missedFrom = 0
  for (;;) {
    const i = takeSmallest(lists, heads)
    if (i === undefined) {
      fellOff(walk, chain, missedFrom)
      return undefined
    }
    const step = tryRule(walk, chain, i, missedFrom, depth)
    if (step === MISSED) continue
    if (step !== NEXT) return step === RETURNED ? undefined : step
    missedFrom = i + 1
  }
}

/** Merges the ascending lists: the smallest number not taken yet. */
function takeSmallest(lists: readonly (readonly number[])[], heads: number[]): number | undefined {
  let best: number | undefined
  let from = 0
  for (let k = 0; k < lists.length; k++) {
    const value = lists[k]?.[heads[k] ?? 0]
    if (value !== undefined && (best === undefined || value < best)) {
      best = value
      from = k
    }
  }
  if (best !== undefined) heads[from] = (heads[from] ?? 0) + 1
  return best
}

function fellOff({ state, narrator }: Traversal, chain: Chain, missedFrom: number): void {
  state.journal.tried += chain.rules.length - missedFrom
  narrator?.missed(chain, missedFrom, chain.rules.length)
  if (chain.policy === undefined) narrator?.returned(chain)
}

const MISSED = 'missed'
const NEXT = 'next'
const RETURNED = 'returned'

/** Tries rule `i`; all from `missedFrom` up to it are known to miss. */
function tryRule(
  walk: Traversal,
  chain: Chain,
  i: number,
  missedFrom: number,
  depth: number,
): HookVerdict | typeof MISSED | typeof NEXT | typeof RETURNED {
  const rule = chain.rules[i]
  if (!rule) return MISSED
  const { narrator } = walk
  narrator?.trying(chain, i)
  for (const match of rule.matches) if (!matches(match, walk.ctx, walk.env)) return MISSED
  const { journal } = walk.state
  journal.tried += i - missedFrom + 1
  chain.packets[i] = (chain.packets[i] ?? 0) + 1
  chain.bytes[i] = (chain.bytes[i] ?? 0) + walk.bytes
  if (journal.recording) journal.entries.push({ chain, index: i, rule, table: walk.table, bytes: walk.bytes })
  narrator?.missed(chain, missedFrom, i)
  narrator?.matched(chain, i, rule)
  return act(walk, chain, i, rule, depth)
}

function act(
  walk: Traversal,
  chain: Chain,
  i: number,
  rule: Rule,
  depth: number,
): HookVerdict | typeof NEXT | typeof RETURNED {
  const { target } = rule
  if (!target) return NEXT
  switch (target.type) {
    case 'ACCEPT':
      return ACCEPT
    case 'DROP':
      return { type: 'drop', by: 'rule', rule: refTo(walk, chain, i, rule) }
    case 'REJECT':
      return { type: 'reject', with: target.with, rule: refTo(walk, chain, i, rule) }
    case 'RETURN':
      if (chain.policy === undefined) walk.narrator?.returned(chain)
      return RETURNED
    case 'LOG':
      return NEXT
    case 'MARK': {
      const { packet } = walk.ctx
      // `&`, `~` and `^` are signed in JavaScript; `>>> 0` makes the result a kernel u32 again.
      const mark = ((packet.mark & ~target.mask) ^ target.value) >>> 0
      walk.narrator?.marked(packet.mark, mark)
      if (mark !== packet.mark) walk.ctx.packet = { ...packet, mark }
      return NEXT
    }
    case 'jump': {
      const next = walk.chains.get(target.chain)
      if (!next || depth >= DEEPEST) return NEXT
      const verdict = runChain(walk, next, depth + 1)
      // After a `goto` the end of the chain returns to the caller's caller.
      return verdict ?? (target.goto ? RETURNED : NEXT)
    }
    case 'DNAT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return mappingOf(target, refTo(walk, chain, i, rule))
    default:
      return assertNever(target)
  }
}

function refTo({ table }: Traversal, { name }: Chain, index: number, { text }: Rule): RuleRef {
  return { table, chain: name, index, text }
}

const VERDICTS = { DNAT: 'dnat', SNAT: 'snat', MASQUERADE: 'masquerade', REDIRECT: 'redirect' } as const
/** Without ranges and dice. */
function isPlain({
  toIp,
  toPort,
  basePort,
  persistent,
  random,
  randomFully,
}: Extract<Target, { type: 'DNAT' | 'SNAT' }>): boolean {
  const ranges = toIp !== undefined || toPort !== undefined || basePort !== undefined
  return !ranges && persistent !== true && random !== true && randomFully !== true
}

type NatTarget = Extract<Target, { type: keyof typeof VERDICTS }>

function mappingOf(target: NatTarget, rule: RuleRef): HookVerdict {
  // kube-proxy's own DNAT, one address and port: the spread below costs more than the rest of the walk.
  if (target.type === 'DNAT' && isPlain(target)) {
    const { ip, port } = target
    if (ip !== undefined && port !== undefined) return { type: 'dnat', ip, port, randomPort: false, rule }
  }
  // Its dice come along unread.
  const randomPort = target.random === true || target.randomFully === true
  return { ...target, type: VERDICTS[target.type], randomPort, rule }
}
