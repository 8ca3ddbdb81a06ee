import { answerOf, serverName } from './apps.ts'
import { errnoOf, failure } from './errno.ts'
import { familyOf } from '../base/ip.ts'
import { send } from './send.ts'
import { success } from './clientEnd.ts'
import type { ClientEnd, ClientEnds } from './clientEnd.ts'
import type { Machine, Service } from './machine.ts'
import type { Socket } from './socketTable.ts'
import type { Walk } from './walk.ts'
import type { Packet } from '../packet/packet.ts'

/** A packet's chunk stands before the first colon of its payload, data after it. */
const DATA = 'DATA:'

/** The client's end of an SCTP association: four-way handshake, one message and its answer. Source: RFC 9260. */
export function startAssociation(
  walk: Walk,
  machine: Machine,
  ends: ClientEnds,
  message: string,
  ended: (end: ClientEnd) => void,
): void {
  const { local: source, remote: destination, owner } = ends
  const say = (payload: string): void => {
    const why = payload.startsWith(DATA) ? 'DATA' : payload
    const errno = send(walk, machine, owner, why, { protocol: 'SCTP', source, destination, payload })
    if (errno === 'ENETUNREACH') ended({ outcome: failure(errno) })
  }
  const socket: Socket = {
    machine: machine.id,
    protocol: 'SCTP',
    ...ends,
    onPacket: ({ payload = '' }) => {
      if (payload === 'INIT ACK') say('COOKIE ECHO')
      else if (payload === 'COOKIE ACK') say(DATA + message)
      else if (payload === 'ABORT') ended({ outcome: failure('ECONNREFUSED') })
      else if (payload.startsWith(DATA)) {
        ended(success(walk, payload.slice(DATA.length)))
        say('SHUTDOWN')
      } else if (payload === 'SHUTDOWN ACK') {
        say('SHUTDOWN COMPLETE')
        walk.sockets.close(socket)
      }
    },
    onError: ({ icmp }) => {
      ended({ outcome: failure(errnoOf(icmp?.kind, familyOf(destination.ip))) })
    },
  }
  walk.sockets.open(socket)
  say('INIT')
}

const ANSWERS: Readonly<Record<string, string>> = {
  INIT: 'INIT ACK',
  'COOKIE ECHO': 'COOKIE ACK',
  SHUTDOWN: 'SHUTDOWN ACK',
}

/** The server's end; without a service every chunk but an ABORT is answered by an ABORT. */
export function answerChunk(walk: Walk, machine: Machine, service: Service | undefined, packet: Packet): void {
  const { source, destination, payload = '' } = packet
  const say = (answer: string): void => {
    const by = service?.pod ?? 'kernel'
    const why = answer.startsWith(DATA) ? 'DATA' : answer
    send(walk, machine, by, why, { protocol: 'SCTP', source: destination, destination: source, payload: answer })
  }
  if (!service) {
    if (payload !== 'ABORT' && payload !== 'SHUTDOWN COMPLETE') say('ABORT')
    return
  }
  const known = ANSWERS[payload]
  if (known !== undefined) say(known)
  if (!payload.startsWith(DATA)) return
  const message: Packet = { ...packet, protocol: 'UDP', payload: payload.slice(DATA.length) }
  const answer = answerOf(walk, service, message)
  if (answer === undefined) return
  walk.served = { server: serverName(service, destination), pod: service.pod, sourceSeen: source.ip }
  say(DATA + answer)
}
