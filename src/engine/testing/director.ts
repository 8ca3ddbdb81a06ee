import { aHookContext, socketAddress } from './hookContext.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { Ipvs } from '../ipvs/ipvs.ts'
import type { Packet, Protocol, SocketAddress, TcpFlags } from '../packet/packet.ts'

/** Clients of one virtual server, whose packets pass through `ipvs` on their way there and back. */
export interface Clients {
  /** Opens a connection from `source` (`IP` takes the next port); the server's address, or how it failed. */
  readonly open: (name: string, source: string) => string
  /** Both send FIN, the client first unless the server is `first`; 20 ms pass. */
  readonly close: (name: string, first?: 'client' | 'server') => void
  /** The client sends RST; 20 ms pass. */
  readonly reset: (name: string) => void
  /** `open` and `close` at once. */
  readonly request: (source: string) => string
  /** The client sends a segment on an open connection: what IPVS does with it. */
  readonly send: (name: string, flags?: TcpFlags) => string
  readonly names: () => string[]
  readonly now: () => number
  readonly wait: (seconds: number) => void
}

export function createClients(
  ipvs: Ipvs,
  virtual: string,
  protocol: Exclude<Protocol, 'ICMP'> = 'TCP',
  change: Partial<HookContext> = {},
): Clients {
  const destination = socketAddress(virtual)
  let now = 0
  let port = 40000
  const open = new Map<string, { client: SocketAddress; server: SocketAddress }>()
  const packetOf = (source: SocketAddress, to: SocketAddress, flags: TcpFlags): Packet => ({
    id: 1,
    protocol,
    source,
    destination: to,
    mark: 0,
    ttl: 64,
    ...(protocol === 'TCP' && { flags }),
  })
  const fromClient = (client: SocketAddress, flags: TcpFlags) => {
    const state = flags === 'SYN' ? 'NEW' : 'ESTABLISHED'
    return ipvs.incoming(aHookContext({ packet: packetOf(client, destination, flags), now, state, ...change }))
  }
  const fromServer = (server: SocketAddress, client: SocketAddress, flags: TcpFlags) => {
    const packet = packetOf(server, client, flags)
    ipvs.outgoing(aHookContext({ packet, now, hook: 'FORWARD', state: 'ESTABLISHED', ...change }))
  }
  const clients: Clients = {
    open(name, source) {
      const client = socketAddress(source.includes(':') ? source : `${source}:${port++}`)
      const verdict = fromClient(client, 'SYN')
      if (verdict.type !== 'toServer') return verdict.type
      fromServer(verdict.server, client, 'SYN,ACK')
      if (protocol === 'TCP') fromClient(client, 'ACK')
      open.set(name, { client, server: verdict.server })
      return `${verdict.server.ip}:${verdict.server.port}`
    },
    close(name, first = 'client') {
      const connection = open.get(name)
      if (!connection || !open.delete(name)) return
      const client = (flags: TcpFlags) => void fromClient(connection.client, flags)
      const server = (flags: TcpFlags): void => {
        fromServer(connection.server, connection.client, flags)
      }
      const [one, other] = first === 'client' ? [client, server] : [server, client]
      if (protocol === 'TCP') {
        one('FIN,ACK')
        other('FIN,ACK')
        one('ACK')
      }
      now += 20
    },
    reset(name) {
      const connection = open.get(name)
      if (connection) fromClient(connection.client, 'RST,ACK')
      open.delete(name)
      now += 20
    },
    request(source) {
      const server = clients.open('once', source)
      clients.close('once')
      return server
    },
    send(name, flags = 'ACK') {
      const connection = open.get(name)
      return connection ? fromClient(connection.client, flags).type : 'not open'
    },
    names: () => [...open.keys()],
    now: () => now,
    wait(seconds) {
      now += seconds * 1000
    },
  }
  return clients
}
