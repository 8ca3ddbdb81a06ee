import { emptyJournal } from '../netfilter/matchState.ts'
import { countPolicyOf, hasRules, traverse } from '../netfilter/traverse.ts'
import { ipvsIncoming, ipvsOutgoing } from './ipvsSteps.ts'
import { confirmStep, natStep, trackStep } from './conntrackSteps.ts'
import { dropSkb, tell } from './walk.ts'
import { contextOf, conntrackEvent } from './hookContextOf.ts'
import { familyOf } from '../base/ip.ts'
import { packetLength } from '../netfilter/packetLength.ts'
import type { NftBaseChainRef } from './hookPipeline.ts'
import type { Node } from './machine.ts'
import type { HookEnd, Skb } from './skb.ts'
import type { Walk } from './walk.ts'
import type { HookVerdict } from '../conntrack/hookContext.ts'
import type { IptablesTableName } from '../netfilter/rule.ts'
import type { Hook } from '../trace/event.ts'

/** One function at a hook. */
interface Step {
  readonly priority: number
  readonly run: (walk: Walk, node: Node, skb: Skb, hook: Hook) => HookEnd
}

const table = (priority: number, name: IptablesTableName): Step => ({
  priority,
  run: (walk, node, skb, hook) => {
    const tables = node.kernel.tables[familyOf(skb.packet.destination.ip)]
    if (!walk.trace && !hasRules(tables, name, hook)) return countPolicy(node, skb, hook, name)
    const ctx = contextOf(walk, node, skb, hook)
    const verdict = traverse(tables, name, ctx, node.kernel.matchState)
    skb.packet = ctx.packet
    return obey(walk, node, skb, hook, verdict)
  },
})

/** An empty chain still counts what its policy accepts. */
function countPolicy({ kernel }: Node, { packet }: Skb, hook: Hook, name: IptablesTableName): HookEnd {
  const chain = kernel.tables[familyOf(packet.destination.ip)].tables.get(name)?.get(hook)
  if (chain) countPolicyOf(chain, name, packetLength(packet), kernel.matchState.journal)
  return 'goOn'
}

const raw = table(-300, 'raw')
const mangle = table(-150, 'mangle')
const filter = table(0, 'filter')
const track: Step = { priority: -200, run: trackStep }
const natDestination: Step = { priority: -100, run: natStep }
const natSource: Step = { priority: 100, run: natStep }
const confirm: Step = { priority: Infinity, run: confirmStep }
const ipvsOut = (priority: number): Step => ({ priority, run: ipvsOutgoing })
const ipvsIn = (priority: number): Step => ({ priority, run: ipvsIncoming })

/** By priority. Source: Linux include/uapi/linux/netfilter_ipv4.h, net/netfilter/ipvs/ip_vs_core.c. */
const STEPS: Readonly<Record<Hook, readonly Step[]>> = {
  PREROUTING: [raw, track, mangle, natDestination],
  INPUT: [mangle, filter, ipvsOut(98), ipvsIn(99), natSource, confirm],
  FORWARD: [mangle, filter, ipvsOut(100)],
  OUTPUT: [raw, track, mangle, natDestination, ipvsOut(-99), ipvsIn(-98), filter],
  POSTROUTING: [mangle, natSource, confirm],
}

/** Takes `skb` through everything that hangs at `hook`. The caller goes on only when it may `goOn`. */
export function runHook(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  if (!walk.touched.has(node)) beginCounting(walk, node)
  const { nft } = node.kernel
  const filters = nft ? filtersOf(nft.baseChains(hook, familyOf(skb.packet.destination.ip))) : NO_CHAINS
  if (walk.trace) {
    tell(walk, node, skb.packet, {
      type: 'hookEntered',
      hook,
      packet: skb.packet,
      ...(skb.inInterface !== undefined && { inInterface: skb.inInterface }),
      ...(skb.outInterface !== undefined && { outInterface: skb.outInterface }),
      ...(skb.tracked && { state: skb.tracked.state }),
    })
  }
  let next = 0
  for (const step of STEPS[hook]) {
    // iptables and the kernel's own functions first where priorities are equal.
    for (let chain = filters[next]; chain && chain.priority < step.priority; chain = filters[++next]) {
      if (runNftFilter(walk, node, skb, hook, chain) === 'gone') return discard(walk, node, skb, hook)
    }
    if (step.run(walk, node, skb, hook) === 'gone') return discard(walk, node, skb, hook)
  }
  for (let chain = filters[next]; chain; chain = filters[++next]) {
    if (runNftFilter(walk, node, skb, hook, chain) === 'gone') return discard(walk, node, skb, hook)
  }
  return 'goOn'
}

const NO_CHAINS: readonly NftBaseChainRef[] = []

function filtersOf(chains: readonly NftBaseChainRef[]): readonly NftBaseChainRef[] {
  return chains.length === 0 ? NO_CHAINS : chains.filter((chain) => chain.type === 'filter')
}

/** The attempt comes to this node for the first time: from here on its journals belong to it. */
function beginCounting({ touched, watchers }: Walk, node: Node): void {
  node.kernel.beforeUse?.()
  const { matchState, nft, conntrack } = node.kernel
  touched.add(node)
  emptyJournal(matchState.journal)
  nft?.beginAttempt()
  if (!watchers) return
  const watcher = { begun: [], metOlder: false }
  watchers.set(node.kernel, watcher)
  conntrack.watch(watcher)
  matchState.usedMemory = false
}

function runNftFilter(walk: Walk, node: Node, skb: Skb, hook: Hook, chain: NftBaseChainRef): HookEnd {
  const ctx = contextOf(walk, node, skb, hook)
  const verdict = chain.run(ctx)
  skb.packet = ctx.packet
  return obey(walk, node, skb, hook, verdict)
}

/** A connection whose first packet dies was never there. */
function discard(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  const flow = skb.tracked?.flow
  if (walk.trace && flow && !flow.confirmed && skb.tracked?.state === 'NEW' && !skb.skipsIpvs) {
    tell(walk, node, skb.packet, conntrackEvent(skb, hook, 'discarded'))
  }
  return 'gone'
}

function obey(walk: Walk, node: Node, skb: Skb, hook: Hook, verdict: HookVerdict): HookEnd {
  if (verdict.type === 'drop') {
    // The verdict comes back through the sender's system call, from POSTROUTING as well.
    if (skb.isOwn) skb.sendError = 'EPERM'
    dropSkb(walk, node, skb, { hook, reason: verdict.by, ...(verdict.rule && { rule: verdict.rule }) })
    return 'gone'
  }
  if (verdict.type === 'reject') {
    if (hook === 'OUTPUT') skb.sendError = 'EPERM'
    if (walk.trace) {
      const { rule } = verdict
      tell(walk, node, skb.packet, { type: 'rejected', hook, rule, by: 'rule', with: verdict.with })
    }
    walk.stack.refuse(walk, node, skb, verdict.with)
    return 'gone'
  }
  return 'goOn'
}
