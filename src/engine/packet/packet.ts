import { familyOf } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'

export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP'

/** An IP and a port. Port 0 where the protocol has none (ICMP). */
export interface SocketAddress {
  readonly ip: Ip
  readonly port: number
}

export type TcpFlags = 'SYN' | 'SYN,ACK' | 'ACK' | 'PSH,ACK' | 'FIN,ACK' | 'RST' | 'RST,ACK'

/** What an ICMP packet says. `inner` is the head of the packet that an error is about, as it was where the error was made. */
export interface IcmpMessage {
  readonly kind:
    | 'echo-request'
    | 'echo-reply'
    | 'port-unreachable'
    | 'host-unreachable'
    | 'net-unreachable'
    | 'proto-unreachable'
    | 'net-prohibited'
    | 'host-prohibited'
    | 'admin-prohibited'
    | 'time-exceeded'
  readonly inner?: { readonly protocol: Protocol; readonly source: SocketAddress; readonly destination: SocketAddress }
}

/** An IP packet as one hook sees it. Changing it means making the next one. */
export interface Packet {
  /** Counts the packets of one attempt from 1; NAT keeps it. */
  readonly id: number
  readonly protocol: Protocol
  readonly source: SocketAddress
  readonly destination: SocketAddress
  /** The skb mark, an unsigned 32-bit word, inside one network namespace only. kube-proxy's masquerade bit is 0x4000. */
  readonly mark: number
  readonly ttl: number
  readonly flags?: TcpFlags
  readonly icmp?: IcmpMessage
  /** Application data as text (an HTTP request line and headers, a DNS question); absent for bare TCP segments. */
  readonly payload?: string
}

/** `10.98.98.98:80`, `[fd00::1]:80`. */
export function formatSocketAddress(address: SocketAddress): string {
  return familyOf(address.ip) === 'IPv6' ? `[${address.ip}]:${address.port}` : `${address.ip}:${address.port}`
}

export function sameSocketAddress(a: SocketAddress, b: SocketAddress): boolean {
  return a.port === b.port && a.ip === b.ip
}
