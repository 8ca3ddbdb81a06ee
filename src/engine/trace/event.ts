import type { Ip } from '../base/ip.ts'
import type { Packet, SocketAddress } from '../packet/packet.ts'
import type { SimTime } from '../base/time.ts'

/** A network namespace: `node/node02`, `pod/dev/client`, `host/172.16.210.100` (outside machine), `lan` (switch and default router). */
export type NamespaceId = string

export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter'

/** Which rule. `text` is the rule as `iptables-save` (or `nft list`) prints it; `index` counts from 0 within the chain. */
export interface RuleRef {
  /** `nat`, `filter`, ... or `ip kube-proxy` / `ip6 kube-proxy` for nftables. */
  readonly table: string
  readonly chain: string
  readonly index: number
  readonly text: string
}

export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED'

/** A connection as conntrack holds it: both tuples, the reply one as it is expected on the wire. */
export interface FlowSnapshot {
  readonly protocol: Packet['protocol']
  readonly original: { readonly source: SocketAddress; readonly destination: SocketAddress }
  readonly reply: { readonly source: SocketAddress; readonly destination: SocketAddress }
  /** TCP state (`SYN_SENT`, `ESTABLISHED`, ...) where there is one. */
  readonly state?: string
}

export type DropReason =
  | 'rule' // -j DROP or nft drop; `rule` says which
  | 'policy' // a base chain's policy
  | 'noRoute'
  | 'blackhole' // the LAN's default router forwards nowhere
  | 'forwardingOff' // ip_forward=0
  | 'martian'
  | 'noNeighbour' // nobody answers ARP
  | 'notHere' // a host got a packet for somebody else and does not forward
  | 'noHairpin' // the bridge does not send a frame back to its port
  | 'noListener' // only for packets that get no error back
  | 'unknownSource' // the client's stack knows no connection with that peer: the reply was not un-NATed
  | 'firewall' // a firewall on the way lets nobody from outside reach that port
  | 'notBalanced' // a load balancer has no such port
  | 'noHealthyNode' // a load balancer has nobody to pass it to
  | 'ttl'

/** One candidate of a choice, in the order in which it stands. */
export interface Candidate {
  readonly label: string
  /** Where known: the endpoint. */
  readonly address?: SocketAddress
  /** Chance of this one before the roll, 0..1. */
  readonly probability: number
}

/**
 * One thing that happened to one packet at one place. Events stand in the order in which they happened.
 * Words and pixels are made from these later, in `view`.
 */
export type TraceEvent = {
  readonly time: SimTime
  /** The namespace where it happened. */
  readonly at: NamespaceId
  readonly packetId: number
} &
  /** A socket in `at` hands `packet` to the stack. `by` says who: `dev/client`, `kube-proxy`, `kernel` (errors, RST). `why`: `SYN`, `GET /`, `SYN,ACK`... */
  (
    | { readonly type: 'sent'; readonly packet: Packet; readonly by: string; readonly why: string }
    | {
        readonly type: 'hookEntered'
        readonly hook: Hook
        readonly packet: Packet
        readonly inInterface?: string
        readonly outInterface?: string
        readonly state?: ConnectionState
      }
    | { readonly type: 'chainEntered'; readonly hook: Hook; readonly table: string; readonly chain: string }
    /** Rules `from`..`to` (inclusive) of `chain` were tried and did not match. Exact count; ranges keep 10,000 misses one event. */
    | {
        readonly type: 'rulesMissed'
        readonly hook: Hook
        readonly table: string
        readonly chain: string
        readonly from: number
        readonly to: number
      }
    /** The rule matched: its packet counter rose. `verdict`: `KUBE-SVC-…`, `ACCEPT`, `DNAT`, `continue`, ... */
    | { readonly type: 'ruleMatched'; readonly hook: Hook; readonly rule: RuleRef; readonly verdict: string }
    | {
        readonly type: 'chainReturned'
        readonly hook: Hook
        readonly table: string
        readonly chain: string
        readonly to?: string
      }
    | {
        readonly type: 'policyApplied'
        readonly hook: Hook
        readonly table: string
        readonly chain: string
        readonly policy: 'ACCEPT' | 'DROP'
      }
    /**
     * One draw of chance. `roll` in [0, 1); iptables wins when roll < probability; nft: floor(roll x n). `candidates`: all
     * that the draws of an iptables chain choose among stand at its first draw; the later ones have none.
     */
    | {
        readonly type: 'diceRolled'
        readonly hook: Hook
        readonly rule: RuleRef
        readonly roll: number
        readonly probability: number
        readonly won: boolean
        readonly candidates: readonly Candidate[]
        readonly chosen?: number
      }
    | {
        readonly type: 'affinityChecked'
        readonly hook: Hook
        readonly list: string
        readonly source: Ip
        readonly hit: boolean
        readonly ageSeconds?: number
      }
    | { readonly type: 'markSet'; readonly hook: Hook; readonly from: number; readonly to: number }
    /** A NAT rule recorded, or conntrack applied, a new address. `undo` for the way back (un-DNAT, un-SNAT). */
    | {
        readonly type: 'translated'
        readonly hook: Hook
        readonly kind: 'DNAT' | 'SNAT'
        readonly undo: boolean
        readonly by: 'rule' | 'conntrack' | 'ipvs'
        readonly from: SocketAddress
        readonly to: SocketAddress
      }
    /** `new`: an entry was begun at the first hook; `confirmed`: it entered the table; `found`: the packet belongs to an entry. */
    | {
        readonly type: 'conntrack'
        readonly hook: Hook
        readonly action: 'new' | 'found' | 'confirmed' | 'discarded' | 'invalid'
        readonly direction: 'original' | 'reply'
        readonly state: ConnectionState
        readonly flow: FlowSnapshot
      }
    | {
        readonly type: 'routed'
        readonly destination: Ip
        readonly result: 'local' | 'forward' | 'output' | 'unreachable'
        readonly outInterface?: string
        readonly via?: Ip
        readonly route?: string
        readonly again?: boolean
      }
    | {
        readonly type: 'ipvsScheduled'
        readonly hook: Hook
        readonly virtual: string
        readonly scheduler: string
        readonly candidates: readonly Candidate[]
        readonly chosen: number
        readonly because: 'scheduler' | 'persistence' | 'connection'
      }
    | { readonly type: 'ipvsRefused'; readonly hook: Hook; readonly virtual: string; readonly reason: 'noServer' }
    /** A load balancer before the nodes chose one of those that pass its health check. */
    | {
        readonly type: 'balanced'
        readonly service: string
        readonly candidates: readonly Candidate[]
        readonly chosen: number
        readonly because: 'hash' | 'connection'
        readonly check: string
      }
    /** The frame left `interface` of `at` and arrived at `toInterface` of `to`. */
    | {
        readonly type: 'linkCrossed'
        readonly interface: string
        readonly to: NamespaceId
        readonly toInterface: string
        readonly bridge?: string
        readonly packet: Packet
      }
    /** A socket took it. `socket`: `dev/web-1 nginx`, `kube-proxy`. */
    | { readonly type: 'delivered'; readonly socket: string; readonly packet: Packet }
    /** kube-proxy in userspace mode: the balancer picked, or had nobody. Bytes copied between kernel and user space, both sockets. */
    | {
        readonly type: 'proxyPicked'
        readonly service: string
        readonly candidates: readonly Candidate[]
        readonly chosen: number
        readonly attempt: number
        readonly because: 'roundRobin' | 'affinity'
      }
    | {
        readonly type: 'proxyFailed'
        readonly service: string
        readonly reason: 'missing endpoints' | 'dial failed' | 'failed to connect to an endpoint'
      }
    | {
        readonly type: 'proxyCopied'
        readonly direction: 'clientToServer' | 'serverToClient'
        readonly bytes: number
        readonly from: string
        readonly to: string
      }
    | {
        readonly type: 'rejected'
        readonly hook?: Hook
        readonly rule?: RuleRef
        readonly by: 'rule' | 'ipvs' | 'noListener' | 'noRoute' | 'noNeighbour'
        readonly with: string
      }
    | {
        readonly type: 'dropped'
        readonly hook?: Hook
        readonly reason: DropReason
        readonly rule?: RuleRef
        readonly detail?: string
      }
    /** Nothing came back in time. */
    | { readonly type: 'timedOut'; readonly afterMs: number }
    /** The client's system call ended. */
    | { readonly type: 'concluded'; readonly outcome: Outcome }
  )

export type Errno =
  | 'ECONNREFUSED'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'EACCES'
  | 'ETIMEDOUT'
  | 'EPERM'
  | 'EINVAL'
  | 'ECONNRESET'
  | 'ENOPROTOOPT'

/** How an attempt ended, as the client sees it (design: the headless command). */
export interface Outcome {
  readonly outcome: 'connected' | 'refused' | 'unreachable' | 'closed' | 'timeout'
  readonly errno?: Errno
  /** The socket that served, when connected. */
  readonly server?: string
  /** `namespace/name` of the pod that served, when it was one. */
  readonly pod?: string
  /** The client address that the server saw (address only). */
  readonly sourceSeen?: Ip
  /** Why there was no address to connect to: no such name, or no name server that knew. Then `outcome` is `unreachable`. */
  readonly nameError?: 'EAI_NONAME' | 'EAI_AGAIN'
  /** First line or whole of the answer, when there was one. */
  readonly answer?: string
}

/** What to send. */
export interface Request {
  /** `pod/NAMESPACE/NAME`, `node/NAME` or `host/ADDRESS`. */
  readonly from: string
  /** `tcp://10.98.98.98:80`, `udp://...`, `sctp://...`, `http://NAME[:PORT]/PATH`. */
  readonly to: string
  /** For `host/`: the node that is its only gateway. */
  readonly via?: string
  /**
   * TCP only: the client keeps the connection under this name and sends its later requests to the same host and port over
   * it, as long as nobody closes it. No name is asked for and no endpoint chosen again.
   */
  readonly connection?: string
  /** Over HTTP/2: how many requests the client sends side by side, each on a stream of its own. 1 when absent. */
  readonly streams?: number
  /** The client closes the kept connection after the answer. */
  readonly close?: boolean
}

/** The kept connection that carried a request. */
export interface ConnectionUse {
  readonly name: string
  /** `reopened`: there was one, but it was lost meanwhile (`lostBy` says how); the client noticed and opened another. */
  readonly use: 'opened' | 'reused' | 'reopened'
  readonly lostBy?: 'server' | 'reset'
  /** As the client's socket has them. */
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly openedAt: SimTime
  /** Answered over it, this one included. */
  readonly requests: number
  /** Whether it still stands after this request. */
  readonly open: boolean
}

/** One request, wholly computed. Canvas, list, text, link, command line and tests all render this. */
export interface Trace {
  readonly request: Request
  /** kube-proxy's mode on the node where the request started, or `mixed`. */
  readonly mode: string
  readonly startedAt: SimTime
  readonly endedAt: SimTime
  readonly events: readonly TraceEvent[]
  readonly outcome: Outcome
  /** Per node name: `table rule-text` of every iptables rule whose packet counter rose, sorted. */
  readonly matched: Readonly<Record<string, readonly string[]>>
  /** Per node name: nft rules likewise. */
  readonly matchedOnPath?: Readonly<Record<string, readonly string[]>>
  /** How many rules were tried in all. */
  readonly rulesTried: number
  /** Where the request named a connection. */
  readonly connection?: ConnectionUse
}

/** Takes events; absent when nobody watches, so that the untraced path builds none. */
export type Tracer = (event: TraceEvent) => void
