import { assertNever } from '../base/assertNever.ts'
import { contains } from '../base/cidr.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { AffinitySets } from './affinity.ts'
import type { NftNarrator } from './narrate.ts'
import type { NftRuleset } from './ruleset.ts'
import type { NftExpression } from './table.ts'

/** What expressions look into beside the packet. */
export interface NftEnvironment {
  readonly ruleset: NftRuleset
  readonly affinity: AffinitySets
  readonly narrator: NftNarrator | undefined
}

/** Whether `ctx.packet` satisfies `expression`. */
export function holds(expression: NftExpression, ctx: HookContext, env: NftEnvironment): boolean {
  const { packet } = ctx
  switch (expression.type) {
    case 'ctStateNew':
      return ctx.state === 'NEW'
    case 'saddr':
      return expression.cidrs.some((cidr) => contains(cidr, packet.source.ip)) !== expression.negate
    case 'daddr':
      return expression.cidrs.some((cidr) => contains(cidr, packet.destination.ip)) !== expression.negate
    case 'saddrInSet':
      return inSet(expression.set, packet.source.ip, ctx, env)
    case 'daddrInSet':
      return inSet(expression.set, packet.destination.ip, ctx, env)
    case 'fib':
      return ctx.isLocal(expression.side === 'saddr' ? packet.source.ip : packet.destination.ip)
    case 'iifname':
      // A packet of the node itself has no input interface: its name compares as empty.
      return interfaceIs(expression.name, ctx.inInterface ?? '') !== expression.negate
    case 'l4proto':
      return packet.protocol === PROTOCOLS[expression.protocol]
    case 'markMask':
      // `&` is signed in JavaScript; `>>> 0` makes it a kernel u32 again.
      return (packet.mark & expression.mask) >>> 0 === expression.value
    default:
      return assertNever(expression)
  }
}

const PROTOCOLS = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const

function inSet(
  name: string,
  ip: HookContext['packet']['source']['ip'],
  ctx: HookContext,
  { ruleset, affinity, narrator }: NftEnvironment,
): boolean {
  const fixed = ruleset.fixedSets.get(name)
  if (fixed) return fixed.has(ip)
  const age = affinity.age(name, ip, ctx.now)
  narrator?.affinityChecked(name, age)
  return age !== undefined
}

/** `name` may end in `*`: prefix. */
function interfaceIs(name: string, present: string): boolean {
  return name.endsWith('*') ? present.startsWith(name.slice(0, -1)) : present === name
}
