import { expect, it } from 'vitest'
import { aHookContext, socketAddress } from '../testing/hookContext.ts'
import { createIpvs } from './ipvs.ts'
import { printIpvsadm } from './printIpvsadm.ts'
import recorded from './testdata/schedulers.json' with { type: 'json' }
import type { Packet, SocketAddress, TcpFlags } from '../packet/packet.ts'
import type { Ipvs } from './ipvs.ts'

interface Case {
  readonly name: string
  readonly scheduler: string
  readonly weights: readonly number[]
  readonly persistence: number
  readonly ops: readonly string[]
  readonly picks: readonly string[]
  readonly table: readonly string[]
}

/** Connections through one director: each takes the next client port. */
function createClients(ipvs: Ipvs, virtual: SocketAddress) {
  let now = 0
  let port = 40000
  const open = new Map<string, { client: SocketAddress; server: SocketAddress }>()
  const fromClient = (client: SocketAddress, flags: TcpFlags) => {
    const packet: Packet = { id: 1, protocol: 'TCP', source: client, destination: virtual, mark: 0, ttl: 64, flags }
    return ipvs.incoming(aHookContext({ packet, now, state: flags === 'SYN' ? 'NEW' : 'ESTABLISHED' }))
  }
  const fromServer = (server: SocketAddress, client: SocketAddress, flags: TcpFlags) => {
    const packet: Packet = { id: 1, protocol: 'TCP', source: server, destination: client, mark: 0, ttl: 64, flags }
    ipvs.outgoing(aHookContext({ packet, now, hook: 'FORWARD', state: 'ESTABLISHED' }))
  }
  return {
    /** The server's address, or how the connection failed. */
    open(name: string, ip: string): string {
      const client = socketAddress(`${ip}:${port++}`)
      const verdict = fromClient(client, 'SYN')
      if (verdict.type !== 'toServer') return verdict.type
      fromServer(verdict.server, client, 'SYN,ACK')
      fromClient(client, 'ACK')
      open.set(name, { client, server: verdict.server })
      return `${verdict.server.ip}:${verdict.server.port}`
    },
    close(name: string): void {
      const connection = open.get(name)
      if (!connection) return
      open.delete(name)
      fromClient(connection.client, 'FIN,ACK')
      fromServer(connection.server, connection.client, 'FIN,ACK')
      fromClient(connection.client, 'ACK')
      now += 20
    },
    names: () => [...open.keys()],
    now: () => now,
  }
}

it.each((recorded.cases as Case[]).map((one): [string, Case] => [one.name, one]))(
  'the kernel chose the same servers: %s',
  (_, { scheduler, weights, persistence, ops, picks, table }) => {
    const addresses = recorded.realServers.slice(0, weights.length)
    const virtual = socketAddress(table[0]?.split(' ')[2] ?? '')
    const ipvs = createIpvs()
    const spec = {
      protocol: 'TCP' as const,
      address: virtual,
      scheduler,
      schedulerFlags: [],
      persistence,
      realServers: addresses.map((text, i) => ({ address: socketAddress(text), weight: weights[i] ?? 0 })),
    }
    ipvs.applyVirtualServers([spec], 0)
    const clients = createClients(ipvs, virtual)
    const got: string[] = []
    const pick = (server: string): void => {
      const index = addresses.indexOf(server)
      got.push(index < 0 ? server : String(index))
    }
    for (const [verb = '', name = '', ip = ''] of ops.map((op) => op.split(' '))) {
      if (verb === 'close') clients.close(name)
      else if (verb === 'open') pick(clients.open(name, ip))
      else {
        pick(clients.open('once', name))
        clients.close('once')
      }
    }
    expect(got).toEqual(picks)
    for (const name of clients.names()) clients.close(name)
    expect(printIpvsadm(ipvs, clients.now()).split('\n').slice(3, -1)).toEqual(table)
  },
)
