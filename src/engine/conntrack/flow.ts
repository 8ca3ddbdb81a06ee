import { sameSocketAddress } from '../packet/packet.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Protocol, SocketAddress } from '../packet/packet.ts'
import type { FlowSnapshot } from '../trace/event.ts'
import type { TcpState } from './tcpStates.ts'

/** One direction of a connection. Equal tuples may be different objects. */
export interface Tuple {
  readonly source: SocketAddress
  readonly destination: SocketAddress
}

export type Direction = 'original' | 'reply'

/** A connection as conntrack holds it. Only this folder changes it. */
export interface Flow {
  readonly protocol: Protocol
  readonly original: Tuple
  /** What answers look like on the wire: NAT changes it until the connection is confirmed. */
  reply: Tuple
  confirmed: boolean
  seenReply: boolean
  assured: boolean
  /** Whether a mapping (maybe the null one) of that kind is fixed. */
  dnatDone: boolean
  snatDone: boolean
  hasDnat: boolean
  hasSnat: boolean
  state: TcpState | undefined
  startedAt: SimTime
  /** The entry is gone from this moment on. */
  expiresAt: SimTime
  /** The virtual server, when IPVS made the connection. Its protocol is an IP protocol number. */
  ipvs: { readonly protocol: number; readonly address: Ip; readonly port: number } | undefined
}

export function invert({ source, destination }: Tuple): Tuple {
  return { source: destination, destination: source }
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return sameSocketAddress(a.source, b.source) && sameSocketAddress(a.destination, b.destination)
}

/** The flow as a trace shows it. */
export function snapshotOf({ protocol, original, reply, state }: Flow): FlowSnapshot {
  return { protocol, original, reply, ...(state !== undefined && { state }) }
}
