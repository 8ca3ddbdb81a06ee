import { ipWords } from '../base/ip.ts'
import { createCheckpointMap, createVersionedMap } from '../base/versionedMap.ts'
import { createTimerHeap } from './timerHeap.ts'
import type { IpWords } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { ConnectionStateName } from './connectionState.ts'
import type { IpvsProtocol } from './model.ts'
import type { Versioned } from '../base/versionedMap.ts'

/** One entry of the connection table, or a persistence template (client port 0). */
export interface Connection extends Versioned {
  /** By (protocol, client, virtual address): how a client's packet finds it. */
  readonly key: string
  readonly protocol: IpvsProtocol
  readonly client: SocketAddress
  readonly virtual: SocketAddress
  readonly server: SocketAddress
  /** The virtual server and the real server that count it. */
  readonly virtualKey: string
  readonly serverKey: string
  readonly template: boolean
  /** The template that gave the server; it lives at least as long. */
  control: string | undefined
  /** Templates: connections that it controls. */
  controlled: number
  state: ConnectionStateName
  /** Whether it stands in its server's ActiveConn, not InActConn. */
  active: boolean
  timeoutMs: number
  expires: SimTime
}

/** Connections by both ways of finding them, and by when they may end. */
export interface ConnectionTable {
  /** As a server's packet names them: from `server` to `client`. For reading only. */
  readonly byServer: (protocol: string, server: SocketAddress, client: SocketAddress) => Connection | undefined
  /** By `clientKey` of a client's packet. For reading only. */
  readonly get: (key: string) => Connection | undefined
  /** For writing. */
  readonly own: (key: string) => Connection | undefined
  readonly add: (connection: Connection) => void
  readonly remove: (connection: Connection) => void
  /** In the order of their making. */
  readonly all: () => Iterable<Connection>
  /** The next connection whose time has come by `now`, for writing. It must then be removed or postponed. */
  readonly nextExpired: (now: SimTime) => Connection | undefined
  readonly postpone: (connection: Connection, expires: SimTime) => void
  readonly checkpoint: () => () => void
}

/** A short, flat text for (protocol, client, virtual address): it is hashed several times a packet. */
export function clientKey(protocol: string, client: SocketAddress, virtual: SocketAddress): string {
  const from = plainWord(client.ip)
  const to = plainWord(virtual.ip)
  if (from >= 0 && to >= 0) {
    return String.fromCharCode(
      protocol.charCodeAt(0),
      client.port,
      virtual.port,
      from >>> 16,
      from & 0xffff,
      to >>> 16,
      to & 0xffff,
    )
  }
  const [a, b] = [ipWords(client.ip), ipWords(virtual.ip)]
  const key = String.fromCharCode(
    protocol.charCodeAt(0),
    client.port,
    virtual.port,
    a[3] >>> 16,
    a[3] & 0xffff,
    b[3] >>> 16,
    b[3] & 0xffff,
  )
  return client.ip.includes(':') ? key + upper(a) + upper(b) : key
}

/** The bits of an IPv4 address, -1 for others. Reading its few digits is faster than remembering it. */
function plainWord(ip: string): number {
  let word = 0
  let byte = 0
  for (let i = 0; i < ip.length; i++) {
    const c = ip.charCodeAt(i)
    if (c === 46) {
      word = word * 256 + byte
      byte = 0
    } else if (c >= 48 && c <= 57) byte = byte * 10 + c - 48
    else return -1
  }
  return word * 256 + byte
}

/** The rest of an IPv6 address. */
function upper([a, b, c]: IpWords): string {
  return String.fromCharCode(a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff)
}

export function createConnectionTable(): ConnectionTable {
  const connections = createVersionedMap<Connection>((connection) => ({ ...connection }))
  const byServer = createCheckpointMap<string>()
  // One timer a connection. It is set anew when it goes off and packets have put the end off meanwhile.
  const timers = createTimerHeap()

  return {
    byServer(protocol, server, client) {
      const key = byServer.get(clientKey(protocol, server, client))
      return key === undefined ? undefined : connections.get(key)
    },
    get: connections.get,
    own: connections.own,
    add(connection) {
      connections.set(connection.key, connection)
      if (!connection.template) {
        byServer.set(clientKey(connection.protocol, connection.server, connection.client), connection.key)
      }
      timers.push(connection.expires, connection.key)
    },
    remove(connection) {
      connections.delete(connection.key)
      const key = clientKey(connection.protocol, connection.server, connection.client)
      if (byServer.get(key) === connection.key) byServer.delete(key)
    },
    all: connections.values,
    nextExpired(now) {
      for (;;) {
        const timer = timers.popDue(now)
        if (timer === undefined) return undefined
        const connection = connections.own(timer.key)
        // Put off meanwhile: set anew even when that is due too, so that what ends first is told first.
        if (connection && connection.expires <= timer.at) return connection
        if (connection) timers.push(connection.expires, timer.key)
      }
    },
    postpone(connection, expires) {
      connection.expires = expires
      timers.push(expires, connection.key)
    },
    checkpoint() {
      const restores = [connections.checkpoint(), byServer.checkpoint(), timers.checkpoint()]
      return () => {
        for (const restore of restores) restore()
      }
    },
  }
}
