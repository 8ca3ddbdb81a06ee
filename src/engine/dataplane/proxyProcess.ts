import { accept, connect } from './tcp.ts'
import { describePayload, readHttp2 } from './http2.ts'
import { ephemeralPort, send } from './send.ts'
import { schedule, tell } from './walk.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import type { Node } from './machine.ts'
import type { Socket } from './socketTable.ts'
import type { TcpConnection } from './tcp.ts'
import type { Portal } from './userspaceProxy.ts'
import type { Walk } from './walk.ts'
import type { Packet, SocketAddress } from '../packet/packet.ts'

/** Time limits of the dial attempts, in ms. Source: kube-proxy v1.25 pkg/proxy/userspace/proxysocket.go. */
const DIAL_LIMITS_MS = [250, 500, 1000, 2000] as const
/** Longer datagrams are cut. */
const UDP_BUFFER = 4096
const OWNER = 'kube-proxy'

/** Takes a SYN for a proxy port of kube-proxy in userspace mode. False: no such port. */
export function proxyAccepts(walk: Walk, node: Node, packet: Packet): boolean {
  const portal = node.kernel.userspace.portalAt('TCP', packet.destination.port)
  if (!portal) return false
  if (walk.trace) tell(walk, node, packet, { type: 'delivered', socket: OWNER, packet })
  carryTcp(walk, node, portal, packet.destination, packet.source)
  return true
}

/** One client's connection and the one that kube-proxy opens for it; every byte is copied between the two. */
function carryTcp(walk: Walk, node: Node, portal: Portal, local: SocketAddress, client: SocketAddress): void {
  let server: TcpConnection | undefined
  const waiting: string[] = []
  accept(
    walk,
    node,
    { local, remote: client, owner: OWNER },
    {
      connected: (connection) => {
        dial(
          walk,
          node,
          portal,
          client,
          connection,
          0,
          (made) => {
            server = made
            for (const payload of waiting.splice(0)) copy(walk, node, 'clientToServer', payload, connection, made)
            return (payload) => {
              copy(walk, node, 'serverToClient', payload, made, connection)
            }
          },
          () => {
            // Unread data in the receive buffer turns the close into a reset.
            if (waiting.length === 0) connection.close()
            else connection.reset()
          },
        )
      },
      data: (connection, payload) => {
        if (server) copy(walk, node, 'clientToServer', payload, connection, server)
        else waiting.push(payload)
      },
      closed: () => server?.close(),
      failed: () => undefined,
    },
  )
}

/** Attempt `attempt` (from 0): the next endpoint, its time limit. `opened` gives the taker of the server's bytes. */
function dial(
  walk: Walk,
  node: Node,
  portal: Portal,
  client: SocketAddress,
  front: TcpConnection,
  attempt: number,
  opened: (server: TcpConnection) => (payload: string) => void,
  gaveUp: () => void,
): void {
  const endpoint = nextEndpoint(walk, node, portal, client, attempt)
  const limit = DIAL_LIMITS_MS[attempt]
  if (!endpoint || limit === undefined) {
    if (endpoint) tellFailure(walk, node, portal, 'failed to connect to an endpoint')
    gaveUp()
    return
  }
  let take: ((payload: string) => void) | undefined
  let ended = false
  const again = (): void => {
    if (ended) return
    ended = true
    tellFailure(walk, node, portal, 'dial failed')
    if (attempt + 1 < DIAL_LIMITS_MS.length) {
      dial(walk, node, portal, client, front, attempt + 1, opened, gaveUp)
      return
    }
    tellFailure(walk, node, portal, 'failed to connect to an endpoint')
    gaveUp()
  }
  const local = {
    ip: node.routing.sourceFor(endpoint.ip) ?? endpoint.ip,
    port: ephemeralPort(walk, node, 'TCP', endpoint),
  }
  const back = connect(
    walk,
    node,
    { local, remote: endpoint, owner: OWNER },
    {
      connected: (connection) => {
        ended = true
        timer.cancelled = true
        take = opened(connection)
      },
      data: (_connection, payload) => take?.(payload),
      closed: () => {
        front.close()
      },
      failed: again,
    },
  )
  const timer = schedule(walk, limit, () => {
    if (ended) return
    back.abandon()
    again()
  })
}

function nextEndpoint(
  walk: Walk,
  node: Node,
  portal: Portal,
  client: SocketAddress,
  attempt: number,
): SocketAddress | undefined {
  const pick = node.kernel.userspace.next(portal, client.ip, walk.now, walk.chance, attempt > 0)
  if (!pick) {
    tellFailure(walk, node, portal, 'missing endpoints')
    return undefined
  }
  if (walk.trace) {
    tell(walk, node, undefined, {
      type: 'proxyPicked',
      service: portal.service,
      candidates: pick.endpoints.map((address, i) => ({
        label: formatSocketAddress(address),
        address,
        probability: pick.chances[i] ?? 0,
      })),
      chosen: pick.chosen,
      attempt: attempt + 1,
      because: pick.because,
    })
  }
  return pick.endpoints[pick.chosen]
}

function tellFailure(
  walk: Walk,
  node: Node,
  { service }: Portal,
  reason: 'missing endpoints' | 'dial failed' | 'failed to connect to an endpoint',
): void {
  if (walk.trace) tell(walk, node, undefined, { type: 'proxyFailed', service, reason })
}

function copy(
  walk: Walk,
  node: Node,
  direction: 'clientToServer' | 'serverToClient',
  payload: string,
  from: TcpConnection,
  to: TcpConnection,
): void {
  tellCopy(walk, node, direction, payload, from.socket, to.socket)
  to.send(payload, readHttp2(payload) ? describePayload(payload) : (payload.split('\r\n', 1)[0] ?? ''))
}

function tellCopy(
  walk: Walk,
  node: Node,
  direction: 'clientToServer' | 'serverToClient',
  payload: string,
  from: Pick<Socket, 'remote'>,
  to: Pick<Socket, 'remote'>,
): void {
  if (!walk.trace) return
  tell(walk, node, undefined, {
    type: 'proxyCopied',
    direction,
    bytes: payload.length,
    from: formatSocketAddress(from.remote),
    to: formatSocketAddress(to.remote),
  })
}

/** Takes a datagram for a proxy port. False: no such port. */
export function proxyReceives(walk: Walk, node: Node, packet: Packet): boolean {
  const portal = node.kernel.userspace.portalAt('UDP', packet.destination.port)
  if (!portal) return false
  if (walk.trace) tell(walk, node, packet, { type: 'delivered', socket: OWNER, packet })
  const client = packet.source
  const { userspace } = node.kernel
  const known = userspace.session(portal, client, walk.now)
  const endpoint = known?.endpoint ?? nextEndpoint(walk, node, portal, client, 0)
  if (!endpoint) return true
  const payload = (packet.payload ?? '').slice(0, UDP_BUFFER)
  const local = known?.local ?? {
    ip: node.routing.sourceFor(endpoint.ip) ?? endpoint.ip,
    port: ephemeralPort(walk, node, 'UDP', endpoint),
  }
  const session = { endpoint, local }
  const socket: Socket = {
    machine: node.id,
    protocol: 'UDP',
    local,
    remote: endpoint,
    owner: OWNER,
    onPacket: ({ payload: answer = '' }) => {
      userspace.keepSession(portal, client, session, walk.now)
      tellCopy(walk, node, 'serverToClient', answer, { remote: endpoint }, { remote: client })
      // A wildcard socket: the stack chooses the source by the route back, not by the address that was asked.
      const ip = node.routing.sourceFor(client.ip) ?? packet.destination.ip
      const source = { ip, port: portal.proxyPort }
      send(walk, node, OWNER, 'answer', { protocol: 'UDP', source, destination: client, payload: answer })
    },
    // The error ends the session; the datagram is lost.
    onError: () => {
      userspace.endSession(portal, client)
      walk.sockets.close(socket)
    },
  }
  walk.sockets.open(socket)
  userspace.keepSession(portal, client, session, walk.now)
  tellCopy(walk, node, 'clientToServer', payload, { remote: client }, { remote: endpoint })
  send(walk, node, OWNER, 'datagram', { protocol: 'UDP', source: local, destination: endpoint, payload })
  return true
}
