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
  /** Further messages, sent right behind from the same socket (over a kept connection: streams). Each must be answered. */
  readonly beside?: readonly string[]
}

/** A request over a connection that the client keeps. */
export interface KeptRequest extends AttemptRequest {
  /** What the client calls the connection. */
  readonly connection: string
  /** Whom the client thinks it talks to: `http web:80`. Another one needs a connection of its own. */
  readonly authority: string
  /** The client closes it after the answer. */
  readonly close?: boolean
}
