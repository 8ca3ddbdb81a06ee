import { accept } from './tcp.ts'
import { answerOf, closesAfter, keepAliveMs, serverName } from './apps.ts'
import { describePayload, readHttp2 } from './http2.ts'
import { dropSkb, schedule, tell } from './walk.ts'
import { isNode } from './machine.ts'
import { send } from './send.ts'
import { answerChunk } from './sctp.ts'
import { sendError, sendReset } from './refusals.ts'
import { proxyAccepts, proxyReceives } from './proxyProcess.ts'
import type { Machine, Service } from './machine.ts'
import type { Skb } from './skb.ts'
import type { TcpConnection } from './tcp.ts'
import type { Walk } from './walk.ts'
import type { Packet, Protocol } from '../packet/packet.ts'

/** The packet reached a namespace's own address: to the socket that it is for, or an answer that there is none. */
export function deliver(walk: Walk, machine: Machine, skb: Skb): void {
  const { packet } = skb
  switch (packet.protocol) {
    case 'ICMP':
      deliverIcmp(walk, machine, packet)
      return
    case 'TCP':
      deliverTcp(walk, machine, skb)
      return
    case 'UDP':
    case 'SCTP':
      deliverDatagram(walk, machine, skb)
      return
    default:
      packet.protocol satisfies never
  }
}

function deliverIcmp(walk: Walk, machine: Machine, packet: Packet): void {
  const { icmp, source, destination } = packet
  if (icmp?.inner) {
    const { protocol, source: sender, destination: peer } = icmp.inner
    const socket = walk.sockets.find(machine.id, protocol, sender, peer)
    if (!socket) return
    tellDelivery(walk, machine, packet, socket.owner)
    socket.onError(packet)
  } else if (icmp?.kind === 'echo-request') {
    tellDelivery(walk, machine, packet, 'kernel')
    send(walk, machine, 'kernel', 'echo reply', {
      protocol: 'ICMP',
      source: destination,
      destination: source,
      icmp: { kind: 'echo-reply' },
    })
  } else {
    const socket = walk.sockets.find(machine.id, 'ICMP', destination, source)
    if (!socket) return
    tellDelivery(walk, machine, packet, socket.owner)
    socket.onPacket(packet)
  }
}

function deliverTcp(walk: Walk, machine: Machine, skb: Skb): void {
  const { packet } = skb
  const socket = walk.sockets.find(machine.id, 'TCP', packet.destination, packet.source)
  if (socket) {
    tellDelivery(walk, machine, packet, socket.owner)
    socket.onPacket(packet)
    return
  }
  if (packet.flags === 'SYN') {
    if (isNode(machine) && proxyAccepts(walk, machine, packet)) return
    const service = serviceAt(machine, 'TCP', packet)
    if (service) {
      tellDelivery(walk, machine, packet, `${service.pod} ${service.app.type}`)
      serve(walk, machine, service, packet)
      return
    }
    if (walk.trace) tell(walk, machine, packet, { type: 'rejected', by: 'noListener', with: 'tcp-reset' })
  } else tellStranger(walk, machine, skb)
  sendReset(walk, machine, skb)
}

function serve(walk: Walk, machine: Machine, service: Service, { source, destination }: Packet): void {
  let idle: (() => void) | undefined
  accept(
    walk,
    machine,
    { local: destination, remote: source, owner: service.pod, isListener: true },
    {
      connected: () => undefined,
      data: (connection, _payload, packet) => {
        idle?.()
        const answer =
          service.app.type === 'dns'
            ? walk.dns?.(packet.payload ?? '', service.pod, walk.now)?.text
            : answerOf(walk, service, packet)
        if (answer === undefined) {
          if (service.app.type === 'grpc') connection.close()
          return
        }
        walk.served = servedBy(machine, service, packet)
        walk.answered = { service, request: packet, at: walk.now }
        connection.send(answer, readHttp2(answer) ? describePayload(answer) : (answer.split('\r\n', 1)[0] ?? ''))
        if (closesAfter(service, packet.payload ?? '')) connection.close()
        else idle = closeWhenIdle(walk, service, connection)
      },
      closed: () => idle?.(),
      failed: () => undefined,
    },
  )
}

/** Has the server close a connection over which nothing has come for its keep-alive time. The result calls it off. */
function closeWhenIdle(walk: Walk, { app }: Service, connection: TcpConnection): (() => void) | undefined {
  const limit = keepAliveMs(app)
  if (limit === undefined) return undefined
  const timer = schedule(walk, limit, () => {
    connection.close()
  })
  return () => {
    timer.cancelled = true
  }
}

function deliverDatagram(walk: Walk, machine: Machine, skb: Skb): void {
  const { packet } = skb
  const { source, destination, protocol } = packet
  const socket = walk.sockets.find(machine.id, protocol, destination, source)
  if (socket) {
    tellDelivery(walk, machine, packet, socket.owner)
    socket.onPacket(packet)
    return
  }
  if (protocol === 'UDP' && isNode(machine) && proxyReceives(walk, machine, packet)) return
  const service = serviceAt(machine, protocol, packet)
  if (protocol === 'SCTP') {
    const socketName = service ? `${service.pod} ${service.app.type}` : 'kernel'
    tellDelivery(walk, machine, packet, socketName)
    answerChunk(walk, machine, service, packet)
    return
  }
  if (!service) {
    tellStranger(walk, machine, skb)
    sendError(walk, machine, skb, 'port-unreachable', 'noListener')
    return
  }
  tellDelivery(walk, machine, packet, `${service.pod} ${service.app.type}`)
  const reply = (payload: string, why: string): void => {
    walk.served = servedBy(machine, service, packet)
    walk.answered = { service, request: packet, at: walk.now }
    // The answer's source is the address that was asked (IP_PKTINFO).
    send(walk, machine, service.pod, why, { protocol, source: destination, destination: source, payload })
  }
  if (service.app.type === 'dns') {
    const answer = walk.dns?.(packet.payload ?? '', service.pod, walk.now)
    if (!answer) return
    if (answer.afterMs === 0) reply(answer.text, answer.text)
    else
      schedule(walk, answer.afterMs, () => {
        reply(answer.text, answer.text)
      })
    return
  }
  const answer = answerOf(walk, service, packet)
  if (answer !== undefined) reply(answer, 'answer')
}

/** Outside, nobody's pod answers. */
function servedBy({ kind }: Machine, service: Service, { source, destination }: Packet): NonNullable<Walk['served']> {
  const pod = kind === 'host' ? {} : { pod: service.pod }
  return { server: serverName(service, destination), ...pod, sourceSeen: source.ip }
}

function serviceAt(machine: Machine, protocol: Protocol, { destination }: Packet): Service | undefined {
  const toLoopback = destination.ip.startsWith('127.') || destination.ip === '::1'
  return machine.services.find(
    ({ listener }) =>
      listener.protocol === protocol &&
      listener.port === destination.port &&
      (listener.address === 'any' || toLoopback),
  )
}

/** An answer whose source the client never wrote to: somebody forgot to undo NAT. */
function tellStranger(walk: Walk, machine: Machine, skb: Skb): void {
  const { protocol, destination, source } = skb.packet
  if (!walk.trace || !walk.sockets.hasPort(machine.id, protocol, destination.port)) return
  dropSkb(walk, machine, skb, { reason: 'unknownSource', detail: source.ip })
}

function tellDelivery(walk: Walk, machine: Machine, packet: Packet, socket: string): void {
  if (walk.trace) tell(walk, machine, packet, { type: 'delivered', socket, packet })
}
