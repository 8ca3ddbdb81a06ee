import type { Cidr } from '../base/cidr.ts'
import type { Ip, IpFamily } from '../base/ip.ts'

/** A port or a range of ports, both ends included. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

export type CtStateName = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'SNAT' | 'DNAT'

export interface IpRange {
  readonly from: Ip
  readonly to: Ip
  readonly negate: boolean
}

type CtEnd = 'origsrc' | 'origdst' | 'replsrc' | 'repldst'

/** What `-m conntrack` asks besides the state, in the order in which it is listed. */
export type CtTest =
  | { readonly type: 'proto'; readonly protocol: number; readonly negate: boolean }
  | { readonly type: 'address'; readonly end: CtEnd; readonly cidr: Cidr; readonly negate: boolean }
  | { readonly type: 'port'; readonly end: CtEnd; readonly range: PortRange; readonly negate: boolean }
  | { readonly type: 'status'; readonly names: readonly string[]; readonly negate: boolean }
  | { readonly type: 'expire'; readonly range: PortRange; readonly negate: boolean }
  | { readonly type: 'direction'; readonly direction: 'ORIGINAL' | 'REPLY' }

/** One match of a rule. `negate` is the `!` before it. Order within a rule is the written one: `iptables-save` keeps it for `-m` matches. */
export type Match =
  | { readonly type: 'source'; readonly cidr: Cidr; readonly negate: boolean }
  | { readonly type: 'destination'; readonly cidr: Cidr; readonly negate: boolean }
  /** `name` may end in `+`: prefix. */
  | { readonly type: 'inInterface'; readonly name: string; readonly negate: boolean }
  | { readonly type: 'outInterface'; readonly name: string; readonly negate: boolean }
  /** `tcp`, `udp`, `sctp`, `icmp`, `ipv6-icmp`, `all` or a number as text. */
  | { readonly type: 'protocol'; readonly protocol: string; readonly negate: boolean }
  /** `-m tcp|udp|sctp` with its port tests. */
  | {
      readonly type: 'ports'
      readonly protocol: 'tcp' | 'udp' | 'sctp'
      readonly source?: PortRange & { readonly negate: boolean }
      readonly destination?: PortRange & { readonly negate: boolean }
      /** `--tcp-flags MASK COMP` (`--syn` is FIN,SYN,RST,ACK SYN). */
      readonly flags?: { readonly mask: readonly string[]; readonly set: readonly string[]; readonly negate: boolean }
    }
  | {
      readonly type: 'multiport'
      readonly side: 'source' | 'destination' | 'either'
      readonly ranges: readonly PortRange[]
      readonly negate: boolean
    }
  /** `icmpType`: `any`, a number, or `type/code`. */
  | { readonly type: 'icmp'; readonly icmpType: string; readonly family?: IpFamily; readonly negate: boolean }
  | { readonly type: 'comment'; readonly text: string }
  /** `-m iprange`, at least one of both. */
  | { readonly type: 'iprange'; readonly source?: IpRange; readonly destination?: IpRange }
  /** No `states`: only `tests`, which all must hold. */
  | {
      readonly type: 'conntrack'
      readonly states: readonly CtStateName[]
      readonly negate: boolean
      readonly tests?: readonly CtTest[]
    }
  /** The old `-m state --state`. */
  | { readonly type: 'state'; readonly states: readonly CtStateName[]; readonly negate: boolean }
  | { readonly type: 'mark'; readonly value: number; readonly mask: number; readonly negate: boolean }
  /** `threshold` = round(probability x 2^31): the kernel's number, matched when a 31-bit draw is below it. */
  | {
      readonly type: 'statistic'
      readonly mode: 'random'
      readonly probability: number
      readonly threshold: number
      readonly negate: boolean
    }
  | {
      readonly type: 'statistic'
      readonly mode: 'nth'
      readonly every: number
      readonly packet: number
      readonly negate: boolean
    }
  /** `addressType` may be a comma list: any of them. `joined`: written in the `-m addrtype` of the match before. */
  | {
      readonly type: 'addrtype'
      readonly side: 'src' | 'dst'
      readonly addressType: string
      readonly negate: boolean
      readonly joined?: boolean
    }
  | {
      readonly type: 'recent'
      readonly action: 'set' | 'rcheck' | 'update' | 'remove'
      readonly name: string
      readonly seconds?: number
      /** Matches only from this many hits on. */
      readonly hitcount?: number
      /** `--rttl`: listed, not simulated: one source always sends with the same TTL. */
      readonly rttl?: boolean
      /** Absent: the whole address. */
      readonly mask?: Ip
      /** `--rdest`: the list holds destinations. */
      readonly destination?: boolean
      /** Absent: IPv4. */
      readonly family?: IpFamily
      readonly reap: boolean
      readonly negate: boolean
    }
  | {
      readonly type: 'set'
      readonly name: string
      readonly directions: readonly ('src' | 'dst')[]
      readonly negate: boolean
    }
  | { readonly type: 'physdev'; readonly isIn: boolean; readonly negate: boolean }
  /** `-m ipvs --vproto N --vaddr A --vport P`. */
  | { readonly type: 'ipvs'; readonly protocol: number; readonly address: Cidr; readonly port: number }
  | { readonly type: 'nfacct'; readonly name: string }
  | { readonly type: 'limit'; readonly rate: string; readonly burst: number }

export type Target =
  | { readonly type: 'jump'; readonly chain: string; readonly goto: boolean }
  | { readonly type: 'ACCEPT' }
  | { readonly type: 'DROP' }
  | { readonly type: 'RETURN' }
  | { readonly type: 'REJECT'; readonly with: string }
  /** `MARK --set-xmark value/mask`: mark = (mark & ~mask) ^ value. `--or-mark v` is v/v, `--xor-mark v` is v/0. */
  | { readonly type: 'MARK'; readonly value: number; readonly mask: number }
  | ({ readonly type: 'DNAT' | 'SNAT'; readonly persistent?: boolean } & NatAddresses & NatPorts & NatDice)
  | ({ readonly type: 'MASQUERADE' | 'REDIRECT' } & NatPorts & NatDice)
  /** `level` 0..7, 4 when absent; `flags` as the kernel numbers them. */
  | { readonly type: 'LOG'; readonly prefix: string; readonly level?: number; readonly flags?: number }

/** `A`, `A-B`; absent: the address stays. */
export interface NatAddresses {
  readonly ip?: Ip
  readonly toIp?: Ip
}

/** `N`, `N-M`, `N-M/BASE`; absent: the port stays when it can. */
export interface NatPorts {
  readonly port?: number
  readonly toPort?: number
  /** DNAT: the port of the range is the packet's, less this. */
  readonly basePort?: number
}

/** `--random` and `--random-fully`. */
export interface NatDice {
  readonly random?: boolean
  readonly randomFully?: boolean
}

/** One rule, parsed once and shared; counters live in its chain. */
export interface Rule {
  readonly chain: string
  readonly matches: readonly Match[]
  /** Absent: the rule only counts. */
  readonly target?: Target
  /** As `iptables-save` prints it: `-A CHAIN -d 10.96.0.10/32 -p tcp ...`. */
  readonly text: string
}

/** A chain of one table in one network namespace. Only `tables.ts` changes it; the interpreter raises the counters. */
export interface Chain {
  readonly name: string
  /** Built-in chains only. */
  policy?: 'ACCEPT' | 'DROP'
  rules: Rule[]
  /** Packets per rule, same index as `rules`. */
  packets: number[]
  bytes: number[]
  policyPackets: number
  policyBytes: number
  /** Raised on every change of `rules` or `policy`: compiled forms remember it. */
  version: number
  /** Above the heights of all chains it jumps to, where that is known. */
  height: number | undefined
}

export type IptablesTableName = 'raw' | 'mangle' | 'nat' | 'filter'

/** The iptables (or ip6tables) tables of one network namespace. */
export interface Tables {
  readonly family: 'IPv4' | 'IPv6'
  readonly tables: ReadonlyMap<IptablesTableName, Map<string, Chain>>
  /** Raised on every change anywhere. */
  version: number
}
