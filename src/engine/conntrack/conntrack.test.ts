import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aPacket, firstChance, socketAddress } from '../testing/hookContext.ts'
import { createConntrack } from './conntrack.ts'
import { nextTcpState } from './tcpStates.ts'
import { printConntrack, printConntrackCount } from './printConntrack.ts'
import { translate } from './nat.ts'
import type { Conntrack, Tracked } from './conntrack.ts'
import type { Flow } from './flow.ts'
import type { Chance } from './hookContext.ts'
import type { Ip } from '../base/ip.ts'
import type { Packet, TcpFlags } from '../packet/packet.ts'

const create = (): Conntrack => createConntrack({ established: 86_400, closeWait: 3600 })
const server = socketAddress('10.244.2.5:8080')
const NONE = { randomPort: false }

function flowOf(tracked: Tracked): Flow {
  if (!tracked.flow) throw new Error('invalid')
  return tracked.flow
}

const reversed = (packet: Packet, change: Partial<Packet> = {}): Packet => ({
  ...packet,
  source: packet.destination,
  destination: packet.source,
  ...change,
})

/** A connection to the VIP, sent to `server`, its source masqueraded as `as`. */
function natted(conntrack: Conntrack, packet: Packet, as?: string, chance: Chance = firstChance): Flow {
  const flow = flowOf(conntrack.track(packet, 0))
  conntrack.map(flow, 'DNAT', { ...server, randomPort: false }, chance)
  conntrack.map(flow, 'SNAT', as === undefined ? NONE : { ip: as as Ip, randomPort: true }, chance)
  expect(conntrack.confirm(flow, 0)).toBe(true)
  return flow
}

describe('tracking', () => {
  it('is NEW until an answer came, then ESTABLISHED both ways', () => {
    const conntrack = create()
    const packet = aPacket()
    const first = conntrack.track(packet, 0)
    expect(first).toMatchObject({ state: 'NEW', direction: 'original', isNew: true })
    conntrack.confirm(flowOf(first), 0)
    expect(conntrack.track(packet, 1)).toMatchObject({ state: 'NEW', isNew: false })
    const answer = reversed(packet, { flags: 'SYN,ACK' })
    expect(conntrack.track(answer, 2)).toMatchObject({ state: 'ESTABLISHED', direction: 'reply' })
    expect(conntrack.track({ ...packet, flags: 'ACK' }, 3)).toMatchObject({ state: 'ESTABLISHED' })
  })

  it('forgets a connection whose first packet was never confirmed', () => {
    const conntrack = create()
    conntrack.track(aPacket(), 0)
    expect(conntrack.flows(0)).toEqual([])
    expect(conntrack.track(aPacket(), 1).isNew).toBe(true)
  })

  it.each<[TcpFlags, string]>([
    ['SYN,ACK', 'INVALID'],
    ['FIN,ACK', 'INVALID'],
    ['RST', 'INVALID'],
    ['ACK', 'NEW'],
  ])('a stray %s is %s', (flags, state) => {
    expect(create().track(aPacket({ flags }), 0).state).toBe(state)
  })

  it('finds an ACK that overtook the SYN,ACK invalid', () => {
    const conntrack = create()
    conntrack.confirm(flowOf(conntrack.track(aPacket(), 0)), 0)
    expect(conntrack.track(aPacket({ flags: 'ACK' }), 1)).toMatchObject({ state: 'INVALID', flow: undefined })
  })

  it('walks through the states of a TCP connection, with their timeouts', () => {
    const conntrack = create()
    const flow = flowOf(conntrack.track(aPacket(), 0))
    conntrack.confirm(flow, 0)
    const seen: [string | undefined, number][] = [[flow.state, flow.expiresAt / 1000]]
    const steps: [TcpFlags, boolean][] = [
      ['SYN,ACK', true],
      ['ACK', false],
      ['PSH,ACK', true],
      ['FIN,ACK', false],
      ['FIN,ACK', true],
      ['ACK', false],
    ]
    for (const [flags, isReply] of steps) {
      conntrack.track(isReply ? reversed(aPacket(), { flags }) : aPacket({ flags }), 0)
      seen.push([flow.state, flow.expiresAt / 1000])
    }
    expect(seen).toEqual([
      ['SYN_SENT', 120],
      ['SYN_RECV', 60],
      ['ESTABLISHED', 86_400],
      ['ESTABLISHED', 86_400],
      ['FIN_WAIT', 120],
      ['LAST_ACK', 30],
      ['TIME_WAIT', 120],
    ])
    expect(flow.assured).toBe(true)
  })

  it('begins anew when a SYN meets TIME_WAIT, and forgets a connection whose only answer is a RST', () => {
    const conntrack = create()
    const flow = flowOf(conntrack.track(aPacket(), 0))
    conntrack.confirm(flow, 0)
    flow.state = 'TIME_WAIT'
    expect(conntrack.track(aPacket(), 1).isNew).toBe(true)
    const again = flowOf(conntrack.track(aPacket(), 1))
    conntrack.confirm(again, 1)
    expect(conntrack.track(reversed(aPacket(), { flags: 'RST,ACK' }), 2).state).toBe('ESTABLISHED')
    expect(conntrack.flows(2)).toEqual([])
  })

  it('lets UDP live 30 s, a stream 120 s', () => {
    const conntrack = create()
    const packet = aPacket({ protocol: 'UDP' })
    const flow = flowOf(conntrack.track(packet, 0))
    conntrack.confirm(flow, 0)
    conntrack.track(reversed(packet), 100)
    expect([flow.expiresAt, flow.assured]).toEqual([30_100, false])
    conntrack.track(packet, 2500)
    expect([flow.expiresAt, flow.assured]).toEqual([122_500, true])
    expect(conntrack.track(packet, 122_501).isNew).toBe(true)
  })

  it('relates an ICMP error to the connection that it is about', () => {
    const conntrack = create()
    const packet = aPacket({ protocol: 'UDP' })
    natted(conntrack, packet, '172.16.210.12')
    const flow = conntrack.flows(0)[0]
    const { source, destination } = { source: flow?.reply.destination, destination: server }
    const inner = { protocol: 'UDP' as const, source: source ?? server, destination }
    const error = aPacket({
      protocol: 'ICMP',
      source: socketAddress('10.244.2.5:0'),
      destination: socketAddress('172.16.210.12:0'),
      icmp: { kind: 'port-unreachable', inner },
    })
    const tracked = conntrack.track(error, 1)
    expect(tracked).toMatchObject({ state: 'RELATED', direction: 'reply' })
    const back = translate(translate(error, flowOf(tracked), 'reply', 'DNAT'), flowOf(tracked), 'reply', 'SNAT')
    expect(back.destination.ip).toBe(packet.source.ip)
    expect(back.source.ip).toBe(packet.destination.ip)
    expect(back.icmp?.inner).toEqual({ protocol: 'UDP', source: packet.source, destination: packet.destination })
  })
})

describe('NAT', () => {
  const port = fc.integer({ min: 1, max: 65535 })
  it('is undone on the reply, whatever was mapped', () => {
    fc.assert(
      fc.property(port, port, port, fc.boolean(), fc.boolean(), (sport, dport, mapped, dnat, snat) => {
        const conntrack = create()
        const packet = aPacket({
          source: { ip: '10.244.1.20' as Ip, port: sport },
          destination: { ip: '10.98.98.98' as Ip, port: dport },
        })
        const flow = flowOf(conntrack.track(packet, 0))
        const chance: Chance = { ...firstChance, port: (from, to) => Math.min(to, Math.max(from, mapped)) }
        conntrack.map(flow, 'DNAT', dnat ? { ip: server.ip, port: mapped, randomPort: false } : NONE, chance)
        conntrack.map(flow, 'SNAT', snat ? { ip: '10.244.1.1' as Ip, randomPort: true } : NONE, chance)
        conntrack.confirm(flow, 0)
        const there = translate(translate(packet, flow, 'original', 'DNAT'), flow, 'original', 'SNAT')
        const answer = reversed(there, { flags: 'SYN,ACK' })
        const tracked = conntrack.track(answer, 1)
        expect(tracked.direction).toBe('reply')
        const back = translate(translate(answer, flow, 'reply', 'DNAT'), flow, 'reply', 'SNAT')
        expect([back.source, back.destination]).toEqual([packet.destination, packet.source])
      }),
    )
  })

  it('keeps the port unless it is taken or to be random', () => {
    const conntrack = create()
    const ports = [1024, 5555, 5556]
    const chance: Chance = { ...firstChance, port: () => ports.shift() ?? 0 }
    const map = (ip: string): number => {
      const flow = flowOf(conntrack.track(aPacket({ source: socketAddress(`${ip}:40000`) }), 0))
      conntrack.map(flow, 'DNAT', NONE, chance)
      conntrack.map(flow, 'SNAT', { ip: '172.16.210.12' as Ip, randomPort: false }, chance)
      conntrack.confirm(flow, 0)
      return flow.reply.destination.port
    }
    expect([map('10.244.1.1'), map('10.244.1.2'), map('10.244.1.3')]).toEqual([40000, 1024, 5555])
  })

  it.each([
    [80, [1, 511]],
    [600, [600, 1023]],
    [40000, [1024, 65535]],
  ])('chooses a random port for %i out of its own range', (sport, range) => {
    const asked: number[][] = []
    const chance: Chance = { ...firstChance, port: (...ends) => (asked.push(ends), ends[0]) }
    natted(create(), aPacket({ source: { ip: '10.244.1.20' as Ip, port: sport } }), '10.244.1.1', chance)
    expect(asked).toEqual([range])
  })
})

describe('upkeep', () => {
  it('removes by filter', () => {
    const conntrack = create()
    natted(conntrack, aPacket({ protocol: 'UDP' }))
    const filter = { protocol: 'UDP', originalDestination: '10.98.98.98' as Ip } as const
    expect(conntrack.remove({ ...filter, replySource: '10.244.9.9' as Ip })).toBe(0)
    expect(conntrack.remove({ protocol: 'UDP', originalDestinationPort: 81 })).toBe(0)
    expect(conntrack.remove({ ...filter, replySource: server.ip })).toBe(1)
    expect(conntrack.flows(0)).toEqual([])
  })

  it('brings a checkpoint back as often as asked', () => {
    const conntrack = create()
    const flow = natted(conntrack, aPacket())
    const restore = conntrack.checkpoint()
    for (let i = 0; i < 2; i++) {
      conntrack.track(reversed(aPacket(), { source: server, flags: 'SYN,ACK' }), 5)
      natted(conntrack, aPacket({ source: socketAddress('10.244.1.20:50000') }))
      expect(conntrack.flows(0)).toHaveLength(2)
      restore()
      expect(conntrack.flows(0)).toEqual([{ ...flow, state: 'SYN_SENT', seenReply: false, expiresAt: 120_000 }])
    }
  })

  it('keeps flows with the same ports apart', () => {
    const conntrack = create()
    const from = (ip: string): Packet => aPacket({ source: socketAddress(`${ip}:40000`) })
    for (const ip of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) natted(conntrack, from(ip), '10.244.1.1', counting())
    conntrack.remove({ originalDestination: '10.98.98.98' as Ip, originalDestinationPort: 81 })
    expect(conntrack.track(from('10.0.0.2'), 1).flow?.original.source.ip).toBe('10.0.0.2')
    expect(conntrack.flows(1)).toHaveLength(3)
    expect(conntrack.flows(121_000)).toHaveLength(0)
    expect(conntrack.track(from('10.0.0.2'), 121_000).isNew).toBe(true)
  })

  it('prints what conntrack -L prints', () => {
    const conntrack = create()
    natted(conntrack, aPacket(), '10.244.1.1', { ...firstChance, port: () => 65140 })
    conntrack.track(
      reversed(aPacket(), { source: server, destination: socketAddress('10.244.1.1:65140'), flags: 'SYN,ACK' }),
      1000,
    )
    const udp = aPacket({ protocol: 'UDP', source: socketAddress('10.244.1.20:45002') })
    conntrack.confirm(flowOf(conntrack.track(udp, 14_000)), 14_000)
    expect(printConntrack(conntrack.flows(15_000), 'IPv4', 15_000).split('\n')).toEqual([
      'tcp      6 46 SYN_RECV src=10.244.1.20 dst=10.98.98.98 sport=40000 dport=80 src=10.244.2.5 dst=10.244.1.1 sport=8080 dport=65140 mark=0 use=1',
      'udp      17 29 src=10.244.1.20 dst=10.98.98.98 sport=45002 dport=80 [UNREPLIED] src=10.98.98.98 dst=10.244.1.20 sport=80 dport=45002 mark=0 use=1',
    ])
    expect(printConntrackCount(2)).toBe('conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.')
  })
})

function counting(): Chance {
  let port = 2000
  return { ...firstChance, port: () => port++ }
}

it.each<[Parameters<typeof nextTcpState>, string]>([
  [['NONE', 'original', 'SYN'], 'SYN_SENT'],
  [['SYN_SENT', 'original', 'SYN'], 'SYN_SENT'],
  [['SYN_SENT', 'reply', 'SYN'], 'SYN_SENT2'],
  [['SYN_SENT', 'reply', 'SYN,ACK'], 'SYN_RECV'],
  [['SYN_RECV', 'original', 'ACK'], 'ESTABLISHED'],
  [['ESTABLISHED', 'original', 'SYN'], 'ignored'],
  [['ESTABLISHED', 'reply', 'FIN,ACK'], 'FIN_WAIT'],
  [['FIN_WAIT', 'original', 'ACK'], 'CLOSE_WAIT'],
  [['LAST_ACK', 'original', 'ACK'], 'TIME_WAIT'],
  [['ESTABLISHED', 'reply', 'RST'], 'CLOSE'],
])('nextTcpState(%j) is %s', (args, want) => {
  expect(nextTcpState(...args)).toBe(want)
})
