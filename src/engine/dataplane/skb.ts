import type { IpvsVirtual } from './hookPipeline.ts'
import type { Flow } from '../conntrack/flow.ts'
import type { Packet } from '../packet/packet.ts'
import type { RouteResult } from '../routing/routingTable.ts'
import type { ConnectionState } from '../trace/event.ts'

/** A packet inside one kernel, with what that kernel notes on it. Lost when it leaves. */
export interface Skb {
  packet: Packet
  inInterface: string | undefined
  /** The bridge port it came in through, while bridge-nf remembers it. */
  physInInterface: string | undefined
  outInterface: string | undefined
  /** conntrack's finding; undefined before conntrack saw the packet. */
  tracked: { flow: Flow | undefined; direction: 'original' | 'reply'; state: ConnectionState } | undefined
  /** The output route, once chosen. */
  route: RouteResult | undefined
  ipvs: IpvsVirtual | undefined
  /** IPVS handled it already (`ipvs_property`). */
  skipsIpvs: boolean
  /** The namespace itself made it. */
  readonly isOwn: boolean
  /** Why sending failed, for the socket's system call. */
  sendError: 'EPERM' | 'EINVAL' | undefined
}

export function arrivingSkb(packet: Packet, inInterface: string): Skb {
  return {
    // The mark does not leave its namespace.
    packet: packet.mark === 0 ? packet : { ...packet, mark: 0 },
    inInterface,
    physInInterface: undefined,
    outInterface: undefined,
    tracked: undefined,
    route: undefined,
    ipvs: undefined,
    skipsIpvs: false,
    isOwn: false,
    sendError: undefined,
  }
}

export function ownSkb(packet: Packet): Skb {
  return {
    packet,
    inInterface: undefined,
    physInInterface: undefined,
    outInterface: undefined,
    tracked: undefined,
    route: undefined,
    ipvs: undefined,
    skipsIpvs: false,
    isOwn: true,
    sendError: undefined,
  }
}

/** What became of a packet at a hook. `gone`: dropped, refused, or handed on elsewhere. */
export type HookEnd = 'goOn' | 'gone'
