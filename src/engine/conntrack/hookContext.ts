import type { Ip } from '../base/ip.ts'
import type { Packet } from '../packet/packet.ts'
import type { SimTime } from '../base/time.ts'
import type { Flow } from './flow.ts'
import type { ConnectionState, Hook, NamespaceId, RuleRef, Tracer } from '../trace/event.ts'

/**
 * Every roll of the dice goes through here, so that a run can be seeded, or steered when all outcomes are explored.
 * An explorer answers from its script and notes the probabilities that it was asked.
 */
export interface Chance {
  /** One draw that wins with `probability` (0..1). `roll` in [0, 1) is what is shown; won = roll < probability. */
  readonly roll: (probability: number) => { readonly roll: number; readonly won: boolean }
  /** One of n equally likely, 0..n-1. `why` names the draw, for the explorer: `numgen`, `rr start`. */
  readonly pick: (n: number, why: string) => number
  /** A port in [from, to] whose value changes no outcome: never branched on. */
  readonly port: (from: number, to: number) => number
  /** An explorer's: its ports are stand-ins, so what follows from a port's value must be rolled for. */
  readonly explores?: true
}

/** What a hook function (iptables, nftables, ipvs) gets to see and change. One per packet and hook; the engine reuses none. */
export interface HookContext {
  /** NAT and MARK replace it. */
  packet: Packet
  readonly hook: Hook
  readonly namespace: NamespaceId
  /** Absent for packets that the namespace itself sends. For bridged traffic the bridge (`cni0`), see `physInInterface`. */
  readonly inInterface?: string | undefined
  readonly outInterface?: string | undefined
  /** The bridge port (`veth…`) through which the packet came in, where it did. */
  readonly physInInterface?: string | undefined
  /** As `-m conntrack --ctstate` sees it. */
  readonly state: ConnectionState
  readonly direction: 'original' | 'reply'
  /** The connection itself, where there is one. */
  readonly flow?: Flow | undefined
  /** `--ctstate DNAT` / `SNAT`: the connection has a mapping of that kind. */
  readonly hasDnat: boolean
  readonly hasSnat: boolean
  /** Whether IPVS made this packet's connection, and its virtual server (for `-m ipvs`). */
  readonly ipvs?: { readonly protocol: number; readonly address: Ip; readonly port: number } | undefined
  /** Whether `ip` is in the namespace's local routing table (addrtype LOCAL, fib type local). */
  readonly isLocal: (ip: Ip) => boolean
  /** Whether set `name` holds the packet's `directions` (`-m set`). */
  readonly inSet: (name: string, directions: readonly ('src' | 'dst')[], packet: Packet) => boolean
  readonly chance: Chance
  readonly now: SimTime
  readonly trace: Tracer | undefined
}

/** What a NAT rule asks for. Without `port` the present one is kept when it can be. */
export interface Mapping {
  readonly ip?: Ip
  /** The last address of a range that begins with `ip`. */
  readonly toIp?: Ip
  /** Of a range of addresses the same client gets the same one for every destination. */
  readonly persistent?: boolean
  readonly port?: number
  /** The last port of a range that begins with `port`. */
  readonly toPort?: number
  readonly basePort?: number
  readonly randomPort: boolean
}

/** What a traversal of one hook (for nat: of its nat chain) decided. */
export type HookVerdict =
  | { readonly type: 'accept' }
  | { readonly type: 'drop'; readonly by: 'rule' | 'policy'; readonly rule?: RuleRef }
  | { readonly type: 'reject'; readonly with: string; readonly rule: RuleRef }
  /** nat chains only: the mapping that a rule asks for. MASQUERADE has no address: the caller takes the egress interface's. */
  | ({ readonly type: 'dnat' | 'snat' | 'redirect' | 'masquerade'; readonly rule: RuleRef } & Mapping)
