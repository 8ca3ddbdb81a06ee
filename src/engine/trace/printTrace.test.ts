import { describe, expect, it } from 'vitest'
import { printOutcome, printPacket, printTrace } from './printTrace.ts'
import type { Ip } from '../base/ip.ts'
import type { Packet } from '../packet/packet.ts'
import type { Outcome, Trace } from './event.ts'

const syn: Packet = {
  id: 1,
  protocol: 'TCP',
  source: { ip: '10.244.1.9' as Ip, port: 41822 },
  destination: { ip: '10.98.98.98' as Ip, port: 80 },
  mark: 0,
  ttl: 64,
  flags: 'SYN',
}

describe('printPacket', () => {
  it.each<[string, Packet, string]>([
    ['TCP', syn, '10.244.1.9:41822 > 10.98.98.98:80 TCP SYN'],
    ['a mark', { ...syn, mark: 0x4000 }, '10.244.1.9:41822 > 10.98.98.98:80 TCP SYN mark 0x4000'],
    [
      'ICMP',
      { ...syn, protocol: 'ICMP', icmp: { kind: 'port-unreachable' } },
      '10.244.1.9 > 10.98.98.98 ICMP port-unreachable',
    ],
    [
      'IPv6',
      { ...syn, source: { ip: 'fd00::1' as Ip, port: 1 }, destination: { ip: 'fd00::2' as Ip, port: 2 } },
      '[fd00::1]:1 > [fd00::2]:2 TCP SYN',
    ],
  ])('%s', (_, packet, want) => {
    expect(printPacket(packet)).toBe(want)
  })
})

describe('printOutcome', () => {
  it.each<[Outcome, string]>([
    [
      { outcome: 'connected', server: '10.244.1.5:80', pod: 'dev/web-1', sourceSeen: '10.244.1.1' as Ip },
      'connected to 10.244.1.5:80 (dev/web-1), which saw 10.244.1.1',
    ],
    [{ outcome: 'refused', errno: 'ECONNREFUSED' }, 'refused ECONNREFUSED'],
    [{ outcome: 'timeout' }, 'timeout'],
  ])('%j', (outcome, want) => {
    expect(printOutcome(outcome)).toBe(want)
  })
})

describe('printTrace', () => {
  it('has a line an event and a heading a packet', () => {
    const at = 'node/node02'
    const rule = { table: 'nat', chain: 'KUBE-SERVICES', index: 1, text: '-A KUBE-SERVICES -j KUBE-SVC-X' }
    const outcome: Outcome = { outcome: 'connected', server: '10.244.1.5:80' }
    const trace: Trace = {
      request: { from: 'pod/dev/client', to: 'tcp://10.98.98.98:80' },
      mode: 'iptables',
      startedAt: 1000,
      endedAt: 1001,
      events: [
        { type: 'sent', time: 1000, at: 'pod/dev/client', packetId: 1, packet: syn, by: 'dev/client', why: 'SYN' },
        {
          type: 'hookEntered',
          time: 1000.01,
          at,
          packetId: 1,
          hook: 'PREROUTING',
          packet: syn,
          inInterface: 'cni0',
          state: 'NEW',
        },
        {
          type: 'rulesMissed',
          time: 1000.01,
          at,
          packetId: 1,
          hook: 'PREROUTING',
          table: 'nat',
          chain: 'KUBE-SERVICES',
          from: 0,
          to: 0,
        },
        { type: 'ruleMatched', time: 1000.01, at, packetId: 1, hook: 'PREROUTING', rule, verdict: 'KUBE-SVC-X' },
        {
          type: 'diceRolled',
          time: 1000.01,
          at,
          packetId: 1,
          hook: 'PREROUTING',
          rule,
          roll: 0.25,
          probability: 0.5,
          won: true,
          candidates: [
            { label: 'a', probability: 0.5 },
            { label: 'b', probability: 0.5 },
          ],
          chosen: 0,
        },
        { type: 'concluded', time: 1001, at: 'pod/dev/client', packetId: 1, outcome },
      ],
      outcome,
      matched: {},
      rulesTried: 2,
    }
    expect(printTrace(trace)).toMatchInlineSnapshot(`
      "pod/dev/client -> tcp://10.98.98.98:80  (kube-proxy iptables)

      packet 1
            0.000 ms  pod/dev/client   dev/client sends SYN: 10.244.1.9:41822 > 10.98.98.98:80 TCP SYN
            0.010 ms  node/node02      PREROUTING: 10.244.1.9:41822 > 10.98.98.98:80 TCP SYN in cni0 NEW
            0.010 ms  node/node02        nat KUBE-SERVICES rule 1: no match
            0.010 ms  node/node02        nat KUBE-SERVICES rule 2: -A KUBE-SERVICES -j KUBE-SVC-X  => KUBE-SVC-X
            0.010 ms  node/node02        dice: 0.250000 against 0.500000: won of [a] b
            1.000 ms  pod/dev/client   connected to 10.244.1.5:80

      connected to 10.244.1.5:80
      2 rules tried"
    `)
  })
})
