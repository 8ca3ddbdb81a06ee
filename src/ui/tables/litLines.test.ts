import { describe, expect, it } from 'vitest'
import type { Ip, TableView, Trace, TraceEvent } from '../../engine/index.ts'
import { litLines } from './litLines.ts'

const socket = (ip: string, port: number) => ({ ip: ip as Ip, port })
const at = (where: string, event: object): TraceEvent => ({ time: 0, at: where, packetId: 1, ...event }) as TraceEvent
const trace = (...events: readonly TraceEvent[]): Trace => ({
  request: { from: 'pod/dev/client', to: 'tcp://10.98.98.98:80' },
  mode: 'iptables',
  startedAt: 0,
  endedAt: 1,
  events,
  outcome: { outcome: 'connected' },
  matched: {},
  rulesTried: 0,
})
const view = (id: string, table: string | undefined, ...lines: readonly string[]): TableView => ({
  id,
  command: id,
  empty: '',
  lines: lines.map((text) => ({ text, ...(table !== undefined && /^\s*(-A|ip |meta)/.test(text) && { table }) })),
})
const packet = { id: 1, protocol: 'TCP', source: socket('10.244.1.9', 41822), destination: socket('10.98.98.98', 80) }
const entered = (hook: string) => at('node/node02', { type: 'hookEntered', hook, packet })
const matched = (text: string, where = 'node/node02', table = 'nat') =>
  at(where, { type: 'ruleMatched', hook: 'PREROUTING', verdict: 'x', rule: { table, chain: 'A', index: 0, text } })
const missed = (chain: string, from: number, to: number) =>
  at('node/node02', { type: 'rulesMissed', hook: 'PREROUTING', table: 'nat', chain, from, to })

const iptables = view(
  'iptables',
  'nat',
  '*nat',
  ':A - [0:0]',
  '-A A -j B',
  '-A A -j C',
  '-A B -j D',
  '-A A -j E',
  'COMMIT',
)

describe('rules', () => {
  const walk = trace(
    entered('PREROUTING'),
    matched('-A A -j B'),
    missed('A', 1, 2),
    matched('-A B -j D', 'node/node03'),
    at('node/node02', { type: 'linkCrossed', packet }),
    entered('FORWARD'),
    matched('-A B -j D', 'node/node02', 'filter'),
    matched('-A A -j E'),
  )

  it.each([
    { name: 'nothing before the rule', cursor: 0, want: [] },
    { name: 'the rule', cursor: 1, want: [[2, 'now']] },
    {
      name: 'and the two that missed, by their place in the chain',
      cursor: 2,
      want: [
        [2, 'now'],
        [3, 'tried'],
        [5, 'tried'],
      ],
    },
    {
      name: 'not the other node’s',
      cursor: 3,
      want: [
        [2, 'now'],
        [3, 'tried'],
        [5, 'tried'],
      ],
    },
    {
      name: 'an earlier hop stays, not its misses, not another table’s',
      cursor: 7,
      want: [
        [2, 'before'],
        [5, 'now'],
      ],
    },
  ])('light $name', ({ cursor, want }) => {
    expect([...litLines(iptables, 'node02', walk, cursor)].sort(([a], [b]) => a - b)).toEqual(want)
  })
})

it('an nft rule is found by its text below its chain', () => {
  const nft = view(
    'nft',
    'ip kube-proxy',
    'table ip kube-proxy {',
    '  chain services {',
    '    ip daddr . meta',
    '    meta mark',
    '  }',
    '}',
  )
  const walk = trace(
    entered('PREROUTING'),
    matched('ip daddr . meta', 'node/node02', 'ip kube-proxy'),
    at('node/node02', {
      type: 'rulesMissed',
      hook: 'PREROUTING',
      table: 'ip kube-proxy',
      chain: 'services',
      from: 1,
      to: 1,
    }),
  )
  expect([...litLines(nft, 'node02', walk, 2)]).toEqual([
    [2, 'now'],
    [3, 'tried'],
  ])
})

it('ipvs lights the virtual server and the real server that was chosen below it', () => {
  const ipvs = view(
    'ipvs',
    undefined,
    'TCP  10.96.0.1:443 rr',
    '  -> 10.244.1.5:80          Masq    1      0          0',
    'TCP  10.98.98.98:80 rr',
    '  -> 10.244.1.50:80         Masq    1      0          0',
    '  -> 10.244.1.5:80          Masq    1      0          0',
  )
  const candidates = [
    { label: 'a', address: socket('10.244.1.50', 80), probability: 0.5 },
    { label: 'b', address: socket('10.244.1.5', 80), probability: 0.5 },
  ]
  const walk = trace(
    at('node/node02', {
      type: 'ipvsScheduled',
      hook: 'INPUT',
      virtual: 'TCP 10.98.98.98:80',
      scheduler: 'rr',
      candidates,
      chosen: 1,
      because: 'scheduler',
    }),
  )
  expect([...litLines(ipvs, 'node02', walk, 0).keys()]).toEqual([2, 4])
})

it('conntrack lights the entry of the flow, and no other port of it', () => {
  const flow = { protocol: 'TCP', original: { source: packet.source, destination: packet.destination } }
  const walk = trace(at('node/node02', { type: 'conntrack', hook: 'PREROUTING', action: 'found', flow }))
  const entry = (sport: number) =>
    `tcp 6 86400 ESTABLISHED src=10.244.1.9 dst=10.98.98.98 sport=${sport} dport=80 src=10.244.2.3 dst=10.244.1.9 sport=80 dport=${sport} [ASSURED]`
  expect([...litLines(view('conntrack', undefined, entry(4182), entry(41822)), 'node02', walk, 0).keys()]).toEqual([1])
})
