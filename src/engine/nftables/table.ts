import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'

/** What kube-proxy's nftables mode uses of nft: enough to run it and to print it as `nft -s list table` does. */

export type NftVerdict =
  | { readonly type: 'accept' }
  | { readonly type: 'drop' }
  | { readonly type: 'return' }
  | { readonly type: 'reject' }
  | { readonly type: 'jump' | 'goto'; readonly chain: string }

/** A part of a rule that tests; all must hold. */
export type NftExpression =
  | { readonly type: 'ctStateNew' }
  | { readonly type: 'saddr' | 'daddr'; readonly negate: boolean; readonly cidrs: readonly Cidr[] }
  | { readonly type: 'saddrInSet' | 'daddrInSet'; readonly set: string }
  | { readonly type: 'fib'; readonly side: 'saddr' | 'daddr' }
  | { readonly type: 'iifname'; readonly name: string; readonly negate: boolean }
  | { readonly type: 'l4proto'; readonly protocol: 'tcp' | 'udp' | 'sctp' }
  | { readonly type: 'markMask'; readonly mask: number; readonly value: number }

export type NftStatement =
  | { readonly type: 'verdict'; readonly verdict: NftVerdict }
  /** `ip daddr . meta l4proto . th dport vmap @map` or `meta l4proto . th dport vmap @map`. */
  | { readonly type: 'vmap'; readonly key: 'daddr.proto.dport' | 'proto.dport'; readonly map: string }
  | { readonly type: 'numgen'; readonly modulus: number; readonly verdicts: readonly NftVerdict[] }
  | { readonly type: 'markOr' | 'markXor'; readonly value: number }
  | { readonly type: 'updateSet'; readonly set: string }
  | { readonly type: 'dnat'; readonly ip: Ip; readonly port: number }
  | { readonly type: 'masquerade'; readonly fullyRandom: boolean }

export interface NftRule {
  readonly expressions: readonly NftExpression[]
  readonly statements: readonly NftStatement[]
  readonly comment?: string
  /** As `nft -s list` prints it, without indentation. */
  readonly text: string
}

export interface NftBaseChain {
  readonly type: 'filter' | 'nat'
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'
  readonly priority: number
  /** As printed: `dstnat - 10`, `-110`, `filter`. */
  readonly priorityText: string
  readonly policy: 'accept' | 'drop'
}

export interface NftChain {
  readonly name: string
  readonly base?: NftBaseChain
  readonly comment?: string
  readonly rules: readonly NftRule[]
}

export interface NftSet {
  readonly name: string
  readonly family: 'IPv4' | 'IPv6'
  readonly comment?: string
  readonly elements: readonly Ip[]
  /** Affinity sets: filled by packets, entries age after this many seconds. */
  readonly timeoutSeconds?: number
}

/** Key text is `10.96.0.10 . tcp . 80` or `tcp . 30080`. */
export interface NftMap {
  readonly name: string
  readonly keyType: 'addr.proto.port' | 'proto.port'
  readonly comment?: string
  readonly elements: ReadonlyMap<string, { readonly verdict: NftVerdict; readonly comment?: string }>
}

/** `table ip kube-proxy`: chains, sets and maps in creation order. */
export interface NftTable {
  readonly family: 'IPv4' | 'IPv6'
  readonly name: string
  readonly comment?: string
  readonly sets: ReadonlyMap<string, NftSet>
  readonly maps: ReadonlyMap<string, NftMap>
  readonly chains: ReadonlyMap<string, NftChain>
}
