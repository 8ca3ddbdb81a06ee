import { snapshotOf } from '../conntrack/flow.ts'
import type { Node } from './machine.ts'
import type { Skb } from './skb.ts'
import type { Happening, Walk } from './walk.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { Hook, TraceEvent } from '../trace/event.ts'

const NO_SETS = (): boolean => false

/** The view of `skb` that rules get. */
export function contextOf(walk: Walk, node: Node, skb: Skb, hook: Hook): HookContext {
  const { tracked } = skb
  const flow = tracked?.flow
  return {
    packet: skb.packet,
    hook,
    namespace: node.id,
    inInterface: skb.inInterface,
    outInterface: skb.outInterface,
    physInInterface: skb.physInInterface,
    // Before conntrack has run (raw), a packet counts as untracked.
    state: tracked?.state ?? 'UNTRACKED',
    direction: tracked?.direction ?? 'original',
    flow,
    hasDnat: flow?.hasDnat ?? false,
    hasSnat: flow?.hasSnat ?? false,
    ipvs: skb.ipvs ?? flow?.ipvs,
    isLocal: node.routing.isLocal,
    inSet: node.kernel.sets?.inSet ?? NO_SETS,
    chance: walk.chance,
    now: walk.now,
    trace: walk.trace,
  }
}

/** `skb.tracked.flow` must be there. */
export function conntrackEvent(
  skb: Skb,
  hook: Hook,
  action: Extract<TraceEvent, { type: 'conntrack' }>['action'],
): Happening {
  const { tracked, packet } = skb
  const flow = tracked?.flow
  return {
    type: 'conntrack',
    hook,
    action,
    direction: tracked?.direction ?? 'original',
    state: tracked?.state ?? 'INVALID',
    flow: flow ? snapshotOf(flow) : unknownFlow(packet),
  }
}

function unknownFlow({ protocol, source, destination }: Skb['packet']): ReturnType<typeof snapshotOf> {
  return { protocol, original: { source, destination }, reply: { source: destination, destination: source } }
}
