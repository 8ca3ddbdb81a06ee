import { describe, expect, it } from 'vitest'
import type { Packet, Trace, TraceEvent } from '../engine/index.ts'
import { hopAt, hopsOf } from './hops.ts'
import { address, clusterIpTrace } from './testing/traces.ts'

const packet = (flags: Packet['flags'] & string, id = 1): Packet => ({
  id,
  protocol: 'TCP',
  source: address('10.244.1.9:40000'),
  destination: address('10.98.98.98:80'),
  mark: 0,
  ttl: 64,
  flags,
})

type Short = readonly [
  packetId: number,
  type: 'sent' | 'link' | 'hook' | 'delivered' | 'note' | 'dropped' | 'concluded',
]

function trace(...shorts: readonly Short[]): Trace {
  const events = shorts.map(([packetId, type], i): TraceEvent => {
    const base = { time: i, at: type === 'hook' || type === 'note' ? 'node/node02' : 'pod/dev/client', packetId }
    const flags = packetId === 1 ? ('SYN' as const) : ('ACK' as const)
    switch (type) {
      case 'sent':
        return { ...base, type: 'sent', packet: packet(flags, packetId), by: 'dev/client', why: flags }
      case 'link':
        return {
          ...base,
          type: 'linkCrossed',
          interface: 'eth0',
          to: 'node/node02',
          toInterface: 'veth',
          packet: packet(flags),
        }
      case 'hook':
        return { ...base, type: 'hookEntered', hook: 'PREROUTING', packet: packet(flags) }
      case 'delivered':
        return { ...base, type: 'delivered', socket: 'dev/web', packet: packet(flags) }
      case 'note':
        return { ...base, type: 'markSet', hook: 'PREROUTING', from: 0, to: 1 }
      case 'dropped':
        return { ...base, type: 'dropped', reason: 'noRoute' }
      case 'concluded':
        return { ...base, type: 'concluded', outcome: { outcome: 'timeout' } }
    }
  })
  return {
    request: { from: 'pod/dev/client', to: 'tcp://10.98.98.98:80' },
    mode: 'iptables',
    startedAt: 0,
    endedAt: 1,
    events,
    outcome: { outcome: 'timeout' },
    matched: {},
    rulesTried: 0,
  }
}

const ranges = (...shorts: readonly Short[]): readonly string[] =>
  hopsOf(trace(...shorts)).map(
    ({ from, to, packetId, stops }) => `${packetId}:${from}-${to}${stops ? ` x${stops.length}` : ''}`,
  )

const first: readonly Short[] = [
  [1, 'sent'],
  [1, 'link'],
  [1, 'hook'],
  [1, 'delivered'],
]

describe('hopsOf', () => {
  it.each<[string, readonly Short[], readonly string[]]>([
    ['an arrival and the hook it meets are one stop', first, ['1:0-0', '1:1-2', '1:3-3']],
    [
      'a later packet on the same way is one hop of several stops',
      [...first, [2, 'sent'], [2, 'link'], [2, 'hook'], [2, 'delivered']],
      ['1:0-0', '1:1-2', '1:3-3', '2:4-7 x3'],
    ],
    [
      'packets that travel together are one walk, about the one that was sent last',
      [
        ...first,
        [2, 'sent'],
        [2, 'link'],
        [3, 'sent'],
        [2, 'hook'],
        [3, 'link'],
        [3, 'hook'],
        [2, 'delivered'],
        [3, 'delivered'],
      ],
      ['1:0-0', '1:1-2', '1:3-3', '3:4-11 x7'],
    ],
    [
      'a packet that is dropped is shown stop by stop',
      [...first, [2, 'sent'], [2, 'link'], [2, 'hook'], [2, 'dropped']],
      ['1:0-0', '1:1-2', '1:3-3', '2:4-4', '2:5-7'],
    ],
    [
      'what happens to another packet in passing rides along',
      [
        [1, 'sent'],
        [1, 'link'],
        [9, 'note'],
        [1, 'hook'],
        [1, 'delivered'],
      ],
      ['1:0-0', '1:1-3', '1:4-4'],
    ],
    ['the end stands alone', [...first, [1, 'concluded']], ['1:0-0', '1:1-2', '1:3-3', '1:4-4']],
  ])('%s', (_, shorts, want) => {
    expect(ranges(...shorts)).toEqual(want)
  })

  it('leaves no event out and takes none twice', () => {
    const whole = clusterIpTrace()
    const hops = hopsOf(whole)
    expect(hops[0]?.from).toBe(0)
    expect(hops.at(-1)?.to).toBe(whole.events.length - 1)
    for (let i = 1; i < hops.length; i += 1) expect(hops[i]?.from).toBe((hops[i - 1]?.to ?? -2) + 1)
  })
})

describe('hopAt', () => {
  it('finds the hop of every event', () => {
    const whole = clusterIpTrace()
    const hops = hopsOf(whole)
    whole.events.forEach((_, i) => {
      const hop = hops[hopAt(hops, i)]
      expect(hop && hop.from <= i && i <= hop.to).toBe(true)
    })
    expect(hopAt([], 0)).toBe(-1)
    expect(hopAt(hops, 1e9)).toBe(hops.length - 1)
  })
})
