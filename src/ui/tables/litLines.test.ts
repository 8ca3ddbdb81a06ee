import { describe, expect, it } from 'vitest'
import { inProcessPort } from '../../bridge/inProcessPort.ts'
import type { Notice } from '../../bridge/protocol.ts'
import type { Ip, NodeTables, ProxyMode, TableView, Trace, TraceEvent } from '../../engine/index.ts'
import { defaultInputs } from '../../state/defaultScenario.ts'
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
  lines: lines.map((text) => ({ text, ...(table !== undefined && text.startsWith('-A') && { table }) })),
})
const packet = { id: 1, protocol: 'TCP', source: socket('10.244.1.9', 41822), destination: socket('10.98.98.98', 80) }
const entered = (hook: string) => at('node/node02', { type: 'hookEntered', hook, packet })
const matched = (text: string, chain: string, index: number, where = 'node/node02', table = 'nat', verdict = 'x') =>
  at(where, { type: 'ruleMatched', hook: 'PREROUTING', verdict, rule: { table, chain, index, text } })
const missed = (chain: string, from: number, to: number, table = 'nat') =>
  at('node/node02', { type: 'rulesMissed', hook: 'PREROUTING', table, chain, from, to })

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
    matched('-A A -j B', 'A', 0),
    missed('A', 1, 2),
    matched('-A B -j D', 'B', 0, 'node/node03'),
    at('node/node02', { type: 'linkCrossed', packet }),
    entered('FORWARD'),
    matched('-A B -j D', 'B', 0, 'node/node02', 'filter'),
    matched('-A A -j E', 'A', 3),
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

it('a rule that has moved since is found by its text, one that is gone is not', () => {
  const walk = trace(entered('PREROUTING'), matched('-A A -j E', 'A', 9), matched('-A A -j GONE', 'A', 0))
  expect([...litLines(iptables, 'node02', walk, 2)]).toEqual([[5, 'now']])
})

it('an nft rule is found in its chain, and the map element that decided with it', () => {
  const text = [
    'table ip kube-proxy {',
    '  map service-ips {',
    '    type ipv4_addr : verdict',
    '    elements = { 10.96.0.1 : goto service-a,',
    '                 10.96.0.2 : goto service-b,',
    '                 10.96.0.3 : goto reject-chain,',
    '                 10.96.0.4 : goto reject-chain }',
    '  }',
    '',
    '  chain nat-prerouting {',
    '    type nat hook prerouting priority dstnat; policy accept;',
    '    jump services',
    '  }',
    '  chain nat-output {',
    '    jump services',
    '  }',
    '  chain services {',
    '    comment "all"',
    '    ip daddr vmap @service-ips',
    '    ip daddr @nodes vmap @service-nodeports',
    '  }',
    '}',
  ]
  const nft: TableView = {
    id: 'nft',
    command: 'nft',
    empty: '',
    lines: text.map((line) => ({ text: line, table: 'ip kube-proxy' })),
  }
  const rule = (words: string, chain: string, verdict: string) =>
    matched(words, chain, 0, 'node/node02', 'ip kube-proxy', verdict)
  const walk = trace(
    entered('PREROUTING'),
    rule('jump services', 'nat-prerouting', 'jump services'),
    rule('ip daddr vmap @service-ips', 'services', 'goto service-b'),
    missed('services', 1, 1, 'ip kube-proxy'),
  )
  const lit = [...litLines(nft, 'node02', walk, 3)].sort(([a], [b]) => a - b)
  expect(lit).toEqual([
    [4, 'now'],
    [11, 'now'],
    [18, 'now'],
    [19, 'tried'],
  ])
  const refused = trace(entered('PREROUTING'), rule('ip daddr vmap @service-ips', 'services', 'goto reject-chain'))
  expect([...litLines(nft, 'node02', refused, 1)]).toEqual([[18, 'now']])
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

describe('with the engine', () => {
  const run = (mode: ProxyMode) => {
    const port = inProcessPort()
    const notices: Notice[] = []
    port.subscribe((notice) => notices.push(notice))
    const request = { from: 'pod/dev/client', to: 'tcp://10.98.98.98:80' }
    port.send({
      type: 'boot',
      seed: 1,
      inputs: [...defaultInputs, { type: 'setMode', mode }, { type: 'send', request }],
    })
    const traced = notices.find((notice) => notice.type === 'traced')
    return {
      events: traced?.trace.events ?? [],
      tables: (node: string) => {
        port.send({ type: 'readTables', node })
        return notices.findLast((notice) => notice.type === 'tables')?.tables
      },
    }
  }
  /** Views that light something for `event` alone. */
  const litBy = (event: TraceEvent, tables: NodeTables | undefined) =>
    tables?.views.filter((each) => litLines(each, tables.node, trace(event), 0).size > 0).map(({ id }) => id)

  it.each<{ mode: ProxyMode; chief: string }>([
    { mode: 'iptables', chief: 'iptables' },
    { mode: 'ipvs', chief: 'ipvs' },
    { mode: 'nftables', chief: 'nft' },
    { mode: 'userspace', chief: 'userspace' },
  ])('in $mode mode every rule, route and choice of the walk is found in a table', ({ mode, chief }) => {
    const { events, tables } = run(mode)
    const seen = new Set<string>()
    for (const event of events) {
      if (!event.at.startsWith('node/')) continue
      const isRule = event.type === 'ruleMatched' || event.type === 'rejected' || event.type === 'dropped'
      if (!isRule && event.type !== 'routed' && event.type !== 'ipvsScheduled' && event.type !== 'proxyPicked') continue
      if (event.type === 'routed' && event.route === undefined) continue
      const ids = litBy(event, tables(event.at.slice('node/'.length)))
      expect(ids, JSON.stringify(event)).toHaveLength(1)
      for (const id of ids ?? []) seen.add(id)
    }
    expect([...seen]).toContain(chief)
  })
})
