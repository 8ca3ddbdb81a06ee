import { contains } from '../base/cidr.ts'
import { packetProtocol } from './protocols.ts'
import type { CtTest } from './rule.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { Flow } from '../conntrack/flow.ts'
import type { SocketAddress } from '../packet/packet.ts'

/** Whether a packet's connection passes one test of `-m conntrack`; without connection none passes. Source: Linux xt_conntrack.c. */
export function passesCtTest(test: CtTest, { flow, direction, now, packet }: HookContext): boolean {
  if (test.type === 'direction') return flow !== undefined && direction.toUpperCase() === test.direction
  if (!flow) return false
  switch (test.type) {
    case 'proto':
      return (packetProtocol(flow.protocol, packet.destination.ip) === test.protocol) !== test.negate
    case 'address':
      return contains(test.cidr, endOf(flow, test.end).ip) !== test.negate
    case 'port': {
      const { port } = endOf(flow, test.end)
      return (test.range.from <= port && port <= test.range.to) !== test.negate
    }
    case 'status':
      return test.names.some((name) => hasStatus(flow, name)) !== test.negate
    case 'expire': {
      // A connection that is not in the table yet has no time left.
      const left = flow.confirmed ? Math.floor(Math.max(0, flow.expiresAt - now) / 1000) : 0
      return (test.range.from <= left && left <= test.range.to) !== test.negate
    }
    default:
      return test satisfies never
  }
}

function endOf({ original, reply }: Flow, end: Extract<CtTest, { type: 'address' }>['end']): SocketAddress {
  switch (end) {
    case 'origsrc':
      return original.source
    case 'origdst':
      return original.destination
    case 'replsrc':
      return reply.source
    case 'repldst':
      return reply.destination
    default:
      return end satisfies never
  }
}

function hasStatus(flow: Flow, name: string): boolean {
  if (name === 'CONFIRMED') return flow.confirmed
  if (name === 'ASSURED') return flow.assured
  if (name === 'SEEN_REPLY') return flow.seenReply
  return name === 'NONE' && !flow.confirmed && !flow.assured && !flow.seenReply
}
