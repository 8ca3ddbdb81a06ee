import type { HookContext, HookVerdict } from '../conntrack/hookContext.ts'
import type { Ip } from '../base/ip.ts'
import type { Packet, SocketAddress } from '../packet/packet.ts'
import type { Hook } from '../trace/event.ts'

/**
 * The seams of the walk: what nftables and IPVS plug into. A node's kernel holds at most one of each
 * (`NodeKernel.nft`, `NodeKernel.ipvs`, `NodeKernel.sets`); all may be there beside the iptables tables.
 *
 * Order within a hook, by priority as in the kernel (lower first):
 *   -300 iptables raw; -200 conntrack; -150 mangle;
 *   -100 nat (PREROUTING, OUTPUT: destination); OUTPUT routes again when the destination or mark changed;
 *   -99 ip_vs_out and -98 ip_vs_in (OUTPUT); 0 filter; 98 ip_vs_out and 99 ip_vs_in (INPUT); 100 ip_vs_out (FORWARD);
 *   100 nat (INPUT, POSTROUTING: source); last: conntrack confirms (INPUT, POSTROUTING).
 * nft base chains of type `filter` run at their own priority, iptables first where equal; those of type `nat` after
 * iptables' nat chain, and like it only for a connection's first packet and only while no mapping of that kind is set.
 */

/** Remembers the state of the moment; the function that it returns brings it back, as often as it is called. */
export interface Restorable {
  readonly checkpoint: () => () => void
}

/** nftables of one node: both families' tables. */
export interface NftHooks extends Restorable {
  /** The base chains at `hook`, in priority order. Called once per packet and hook: keep it a lookup. */
  readonly baseChains: (hook: Hook, family: 'IPv4' | 'IPv6') => readonly NftBaseChainRef[]
  /** Forgets which rules matched so far: an attempt begins. */
  readonly beginAttempt: () => void
  /** Since `beginAttempt`: `table-name rule-text` of every rule whose whole condition held, sorted, each once. */
  readonly matched: () => readonly string[]
}

export interface NftBaseChainRef {
  readonly type: 'filter' | 'nat'
  readonly priority: number
  /** `ip kube-proxy` */
  readonly table: string
  readonly chain: string
  /**
   * Runs the chain: sets `ctx.packet` (mark), raises counters, emits trace events.
   * A nat chain gives `dnat`, `masquerade`, ... like iptables' one.
   */
  readonly run: (ctx: HookContext) => HookVerdict
}

/** The virtual server that owns a packet's connection, as `-m ipvs` sees it. `protocol` is the IP protocol number. */
export interface IpvsVirtual {
  readonly protocol: number
  readonly address: Ip
  readonly port: number
}

/**
 * What IPVS decided about one packet. The dataplane does the rest:
 * - `toServer`: rewrites the destination; on an unconfirmed connection sets conntrack's reply source to the server
 *   (no DNAT status bit); routes again. Server not local: the packet leaves INPUT and enters OUTPUT anew, past conntrack,
 *   with IPVS skipped (`ipvs_property`), then POSTROUTING. Server local: the packet goes on where it is.
 * - `toClient`: rewrites the source to the virtual address and goes on. For an ICMP error from a server (`packet.icmp.inner`
 *   is the request as the server saw it) also the inner destination.
 * - `refuse`: the packet is dropped and an ICMP port unreachable goes to its source.
 */
export type IpvsVerdict =
  | { readonly type: 'pass' }
  | { readonly type: 'toServer'; readonly server: SocketAddress; readonly virtual: IpvsVirtual }
  | { readonly type: 'toClient'; readonly source: SocketAddress; readonly virtual: IpvsVirtual }
  | { readonly type: 'refuse'; readonly virtual: IpvsVirtual }
  | { readonly type: 'drop' }

/** IPVS of one node. `ctx.hook` is INPUT, OUTPUT or FORWARD. Emits `ipvsScheduled` and `ipvsRefused` itself. */
export interface IpvsHooks extends Restorable {
  /** ip_vs_in: a client's packet to a virtual server, new (scheduled) or of a known connection. */
  readonly incoming: (ctx: HookContext) => IpvsVerdict
  /** ip_vs_out: a real server's answer, found by (protocol, server, client), or an ICMP error about such a connection. */
  readonly outgoing: (ctx: HookContext) => IpvsVerdict
}

/** The ipsets of one node: `-m set --match-set NAME src,dst`. Unknown set: false. */
export interface SetMembership {
  readonly has: (name: string) => boolean
  readonly inSet: (name: string, directions: readonly ('src' | 'dst')[], packet: Packet) => boolean
}
