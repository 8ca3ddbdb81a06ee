import { contextOf, conntrackEvent } from './hookContextOf.ts'
import { dropSkb, tell } from './walk.ts'
import { familyOf } from '../base/ip.ts'
import { manipAt, translate } from '../conntrack/nat.ts'
import { routeAgain } from './routeChoice.ts'
import { traverse } from '../netfilter/traverse.ts'
import type { Node } from './machine.ts'
import type { HookEnd, Skb } from './skb.ts'
import type { Walk } from './walk.ts'
import type { Flow } from '../conntrack/flow.ts'
import type { HookVerdict } from '../conntrack/hookContext.ts'
import type { ManipKind } from '../conntrack/nat.ts'
import type { Mapping } from '../conntrack/hookContext.ts'
import type { Ip } from '../base/ip.ts'
import type { Packet } from '../packet/packet.ts'
import type { Hook } from '../trace/event.ts'

/** Finds or begins the packet's connection. What came over lo, or answers an error, knows its connection already. */
export function trackStep(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  if (skb.tracked) return 'goOn'
  const { flow, direction, state, isNew } = node.kernel.conntrack.track(skb.packet, walk.now)
  skb.tracked = { flow, direction, state }
  if (walk.trace) tell(walk, node, skb.packet, conntrackEvent(skb, hook, flow ? (isNew ? 'new' : 'found') : 'invalid'))
  return 'goOn'
}

/** The connection enters the table with the first packet that gets this far. */
export function confirmStep(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  const { tracked } = skb
  const flow = tracked?.flow
  if (!flow || flow.confirmed || tracked.direction !== 'original' || tracked.state === 'RELATED') return 'goOn'
  if (!node.kernel.conntrack.confirm(flow, walk.now)) {
    dropSkb(walk, node, skb, { hook, reason: 'policy', detail: 'another connection took the tuple' })
    return 'gone'
  }
  if (walk.trace) tell(walk, node, skb.packet, conntrackEvent(skb, hook, 'confirmed'))
  return 'goOn'
}

/**
 * NAT at a hook: for a connection's first packet the nat chains are asked for a mapping (none: the empty one is fixed);
 * then the packet is translated. Source: Linux net/netfilter/nf_nat_core.c, nf_nat_inet_fn.
 */
export function natStep(walk: Walk, node: Node, skb: Skb, hook: Hook): HookEnd {
  const kind = manipAt(hook)
  const { tracked } = skb
  const flow = tracked?.flow
  if (!kind || !flow) return 'goOn'
  let byRule = false
  if (asksForMapping(skb) && !(kind === 'DNAT' ? flow.dnatDone : flow.snatDone)) {
    const verdict = askChains(walk, node, skb, hook)
    if (verdict.type === 'drop' || verdict.type === 'reject') {
      dropSkb(walk, node, skb, { hook, reason: 'rule', ...(verdict.rule && { rule: verdict.rule }) })
      return 'gone'
    }
    const mapping = mappingOf(verdict, node, skb, hook)
    if (!mapping) {
      dropSkb(walk, node, skb, { hook, reason: 'noRoute', detail: 'no address to translate to' })
      return 'gone'
    }
    byRule = verdict.type !== 'accept'
    node.kernel.conntrack.map(flow, kind, mapping, walk.chance)
  }
  const before = skb.packet
  skb.packet = translate(before, flow, tracked.direction, kind)
  if (skb.packet === before) return 'goOn'
  if (walk.trace) tellTranslation(walk, node, before, skb, hook, byRule, tracked.direction === 'reply')
  const moved = hook === 'OUTPUT' && before.destination.ip !== skb.packet.destination.ip
  return moved ? routeAgain(walk, node, skb, hook) : 'goOn'
}

/** A connection's first packet does; of what is only related to one, ICMP errors are translated without asking, a REJECT's RST is not. */
function asksForMapping({ tracked, packet }: Skb): boolean {
  return tracked?.state === 'NEW' || (tracked?.state === 'RELATED' && packet.protocol !== 'ICMP')
}

function askChains(walk: Walk, node: Node, skb: Skb, hook: Hook): HookVerdict {
  const ctx = contextOf(walk, node, skb, hook)
  const family = familyOf(skb.packet.destination.ip)
  let verdict = traverse(node.kernel.tables[family], 'nat', ctx, node.kernel.matchState)
  for (const chain of node.kernel.nft?.baseChains(hook, family) ?? []) {
    if (verdict.type !== 'accept') break
    if (chain.type === 'nat') verdict = chain.run(ctx)
  }
  skb.packet = ctx.packet
  return verdict
}

function mappingOf(verdict: HookVerdict, node: Node, skb: Skb, hook: Hook): Mapping | undefined {
  switch (verdict.type) {
    case 'dnat':
    case 'snat':
      return verdict
    case 'redirect': {
      const ip = redirectAddress(node, skb, hook)
      return ip === undefined ? undefined : { ...verdict, ip }
    }
    case 'masquerade': {
      const { route, packet } = skb
      const nextHop = (route?.type === 'unicast' ? route.via : undefined) ?? packet.destination.ip
      const ip = node.routing.addressOf(skb.outInterface ?? '', nextHop)
      return ip === undefined ? undefined : { ...verdict, ip }
    }
    case 'accept':
    case 'drop':
    case 'reject':
      return { randomPort: false }
    default:
      return verdict satisfies never
  }
}

/** To oneself; for what came in, the first address of the interface. Source: nf_nat_redirect.c. */
function redirectAddress(node: Node, skb: Skb, hook: Hook): Ip | undefined {
  const family = familyOf(skb.packet.destination.ip)
  if (hook === 'OUTPUT') return (family === 'IPv4' ? '127.0.0.1' : '::1') as Ip
  const device = node.routing.interfaces.find(({ name }) => name === skb.inInterface)
  return device?.addresses.find(({ ip }) => familyOf(ip) === family)?.ip
}

function tellTranslation(
  walk: Walk,
  node: Node,
  before: Packet,
  { packet }: Skb,
  hook: Hook,
  byRule: boolean,
  isReply: boolean,
): void {
  const end = manipAt(hook) === 'DNAT' ? 'destination' : 'source'
  // On the way back the source mapping is undone on the destination.
  const forward: ManipKind = end === 'destination' ? 'DNAT' : 'SNAT'
  const undone: ManipKind = end === 'destination' ? 'SNAT' : 'DNAT'
  tell(walk, node, packet, {
    type: 'translated',
    hook,
    kind: isReply ? undone : forward,
    undo: isReply,
    by: byRule ? 'rule' : 'conntrack',
    from: before[end],
    to: packet[end],
  })
}

/** Attaches to an answer that this kernel itself makes the connection of the packet that it answers. */
export function attach(cause: Skb): Skb['tracked'] {
  const { tracked } = cause
  const flow: Flow | undefined = tracked?.flow
  if (!tracked || !flow) return undefined
  return { flow, direction: tracked.direction === 'original' ? 'reply' : 'original', state: 'RELATED' }
}
