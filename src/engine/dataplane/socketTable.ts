import { sameSocketAddress } from '../packet/packet.ts'
import type { Packet, Protocol, SocketAddress } from '../packet/packet.ts'
import type { NamespaceId } from '../trace/event.ts'

/** A connected socket of one attempt: a client's, or the server's end of a connection. */
export interface Socket {
  readonly machine: NamespaceId
  readonly protocol: Protocol
  readonly local: SocketAddress
  /** ICMP: the port is 0 on both ends. */
  readonly remote: SocketAddress
  /** As a trace names it: `dev/client`, `kube-proxy`. */
  readonly owner: string
  readonly onPacket: (packet: Packet) => void
  /** An ICMP error about a packet that this socket sent. */
  readonly onError: (packet: Packet) => void
  /** TCP: the process is gone, its kernel closes the connection for it. */
  readonly processEnds?: () => void
  /** The server's end of a connection: its process listens on the local port. */
  readonly isListener?: boolean
}

/** The sockets that the attempt at hand opened; few, so a list does. */
export interface SocketTable {
  readonly open: (socket: Socket) => void
  readonly close: (socket: Socket) => void
  readonly find: (
    machine: NamespaceId,
    protocol: Protocol,
    local: SocketAddress,
    remote: SocketAddress,
  ) => Socket | undefined
  /** Whether some socket of the machine has that local port, whatever its peer: then a stranger's packet is a lost answer. */
  readonly hasPort: (machine: NamespaceId, protocol: Protocol, port: number) => boolean
  readonly all: () => readonly Socket[]
}

export function createSocketTable(): SocketTable {
  const sockets: Socket[] = []
  return {
    open: (socket) => {
      sockets.push(socket)
    },
    close: (socket) => {
      const i = sockets.indexOf(socket)
      if (i >= 0) sockets.splice(i, 1)
    },
    find: (machine, protocol, local, remote) =>
      sockets.find(
        (s) =>
          s.machine === machine &&
          s.protocol === protocol &&
          sameSocketAddress(s.local, local) &&
          sameSocketAddress(s.remote, remote),
      ),
    hasPort: (machine, protocol, port) =>
      sockets.some((s) => s.machine === machine && s.protocol === protocol && s.local.port === port),
    all: () => [...sockets],
  }
}
