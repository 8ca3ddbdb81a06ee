import type { Protocol, SocketAddress } from '../packet/packet.ts'

/** One try of one client: a TCP connection with one exchange, a datagram and its answer, a ping. */
export interface AttemptRequest {
  /** `pod/NAMESPACE/NAME`, `node/NAME` or `host/ADDRESS`. */
  readonly from: string
  readonly protocol: Protocol
  /** Port 0 for a ping. */
  readonly destination: SocketAddress
  /** For `host/`: the node that is its only gateway. */
  readonly via?: string
  /** What the client says; without it something to which every workload answers. */
  readonly payload?: string
  /** UDP: further datagrams, sent right behind from the same socket. The attempt waits for an answer to each. */
  readonly beside?: readonly string[]
}
