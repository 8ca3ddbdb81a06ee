import { assertNever } from '../base/assertNever.ts'
import { contains } from '../base/cidr.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { AffinitySets } from './affinity.ts'
import type { NftExpression } from './table.ts'

/** What tests look into beside the packet. */
export interface NftEnvironment {
  /** Sets whose elements kube-proxy writes. */
  readonly fixedSets: ReadonlyMap<string, ReadonlySet<Ip>>
  readonly affinity: AffinitySets
  /** Told of lookups in affinity sets; absent when nobody watches. */
  readonly narrator: { readonly affinityChecked: (set: string, ageMs: number | undefined) => void } | undefined
}

/** Whether `ctx.packet` satisfies an expression. */
export type NftTest = (ctx: HookContext, env: NftEnvironment) => boolean

export function compileTest(expression: NftExpression): NftTest {
  switch (expression.type) {
    case 'ctStateNew':
      return (ctx) => ctx.state === 'NEW'
    case 'saddr': {
      const isIn = compileCidrs(expression.cidrs)
      return (ctx) => isIn(ctx.packet.source.ip) !== expression.negate
    }
    case 'daddr': {
      const isIn = compileCidrs(expression.cidrs)
      return (ctx) => isIn(ctx.packet.destination.ip) !== expression.negate
    }
    case 'saddrInSet':
      return (ctx, env) => inSet(expression.set, ctx.packet.source.ip, ctx, env)
    case 'daddrInSet':
      return (ctx, env) => inSet(expression.set, ctx.packet.destination.ip, ctx, env)
    case 'fib':
      return expression.side === 'saddr'
        ? (ctx) => ctx.isLocal(ctx.packet.source.ip)
        : (ctx) => ctx.isLocal(ctx.packet.destination.ip)
    case 'iifname':
      // A packet of the node itself has no input interface: its name compares as empty.
      return (ctx) => interfaceIs(expression.name, ctx.inInterface ?? '') !== expression.negate
    case 'l4proto': {
      const protocol = PROTOCOLS[expression.protocol]
      return (ctx) => ctx.packet.protocol === protocol
    }
    case 'markMask':
      // `&` is signed in JavaScript; `>>> 0` makes it a kernel u32 again.
      return (ctx) => (ctx.packet.mark & expression.mask) >>> 0 === expression.value
    default:
      return assertNever(expression)
  }
}

const PROTOCOLS = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const

/** Most prefixes are one endpoint's or one Service's address: those are compared as text. */
function compileCidrs(cidrs: readonly Cidr[]): (ip: Ip) => boolean {
  const [only] = cidrs
  if (only !== undefined && cidrs.length === 1 && only.endsWith(only.includes(':') ? '/128' : '/32')) {
    const address = only.slice(0, only.indexOf('/'))
    return (ip) => ip === address
  }
  return (ip) => cidrs.some((cidr) => contains(cidr, ip))
}

function inSet(name: string, ip: Ip, ctx: HookContext, { fixedSets, affinity, narrator }: NftEnvironment): boolean {
  const fixed = fixedSets.get(name)
  if (fixed) return fixed.has(ip)
  const age = affinity.age(name, ip, ctx.now)
  narrator?.affinityChecked(name, age)
  return age !== undefined
}

/** `name` may end in `*`: prefix. */
function interfaceIs(name: string, present: string): boolean {
  return name.endsWith('*') ? present.startsWith(name.slice(0, -1)) : present === name
}
