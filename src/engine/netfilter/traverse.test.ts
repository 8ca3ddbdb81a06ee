import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aHookContext, aPacket, socketAddress } from '../testing/hookContext.ts'
import { createMatchState } from './matchState.ts'
import { createTables, findChain } from './tables.ts'
import { restore } from './restore.ts'
import { traverse } from './traverse.ts'
import type { HookContext, HookVerdict } from '../conntrack/hookContext.ts'
import type { TraceEvent } from '../trace/event.ts'
import type { MatchState } from './matchState.ts'
import type { Tables } from './rule.ts'

function load(table: 'nat' | 'filter', ...lines: string[]): Tables {
  const tables = createTables('IPv4')
  const done = restore(tables, [`*${table}`, ...lines, 'COMMIT', ''].join('\n'))
  if (!done.ok) throw new Error(done.error.message)
  return tables
}

interface Run {
  readonly verdict: HookVerdict
  readonly ctx: HookContext
  readonly state: MatchState
  readonly events: readonly TraceEvent[]
}

function run(tables: Tables, table: 'nat' | 'filter', change: Partial<HookContext> = {}): Run {
  const events: TraceEvent[] = []
  const ctx = aHookContext({ hook: table === 'nat' ? 'PREROUTING' : 'INPUT', trace: (e) => events.push(e), ...change })
  const state = createMatchState()
  return { verdict: traverse(tables, table, ctx, state), ctx, state, events }
}

const packetsOf = (tables: Tables, table: 'nat' | 'filter', chain: string): number[] | undefined =>
  findChain(tables, table, chain)?.packets

describe('traverse', () => {
  it('accepts by policy when nothing matches, and counts it', () => {
    const tables = load('filter', ':INPUT ACCEPT [0:0]', '-A INPUT -p udp -j DROP')
    const { verdict, events } = run(tables, 'filter')
    expect(verdict).toEqual({ type: 'accept' })
    expect(findChain(tables, 'filter', 'INPUT')).toMatchObject({ packets: [0], policyPackets: 1, policyBytes: 60 })
    expect(events.map(({ type }) => type)).toEqual(['chainEntered', 'rulesMissed', 'policyApplied'])
  })

  it('drops by policy', () => {
    const { verdict } = run(load('filter', ':INPUT DROP [0:0]'), 'filter')
    expect(verdict).toEqual({ type: 'drop', by: 'policy' })
  })

  it.each<[string, unknown]>([
    ['-j ACCEPT', { type: 'accept' }],
    ['-j DROP', { type: 'drop', by: 'rule' }],
    ['-j REJECT --reject-with icmp-port-unreachable', { type: 'reject', with: 'icmp-port-unreachable' }],
    ['-p tcp -j REJECT --reject-with tcp-reset', { type: 'reject', with: 'tcp-reset' }],
  ])('filter %s', (words, want) => {
    expect(run(load('filter', `-A INPUT ${words}`), 'filter').verdict).toMatchObject(want as object)
  })

  it.each<[string, unknown]>([
    ['-p tcp -j DNAT --to-destination 10.244.1.5:8080', { type: 'dnat', ip: '10.244.1.5', port: 8080 }],
    ['-p tcp -j DNAT --to-destination 10.244.1.5', { type: 'dnat', ip: '10.244.1.5' }],
    ['-p tcp -j REDIRECT --to-ports 39001', { type: 'redirect', port: 39001 }],
  ])('nat PREROUTING %s', (words, want) => {
    expect(run(load('nat', `-A PREROUTING ${words}`), 'nat').verdict).toMatchObject(want as object)
  })

  it.each<[string, unknown]>([
    ['-j MASQUERADE --random-fully', { type: 'masquerade', randomPort: true }],
    ['-j MASQUERADE', { type: 'masquerade', randomPort: false }],
    ['-p tcp -j SNAT --to-source 1.2.3.4:99', { type: 'snat', ip: '1.2.3.4', port: 99, randomPort: false }],
  ])('nat POSTROUTING %s', (words, want) => {
    const tables = load('nat', `-A POSTROUTING ${words}`)
    expect(run(tables, 'nat', { hook: 'POSTROUTING' }).verdict).toMatchObject(want as object)
  })

  it.each<[string, number, number]>([
    ['--set-xmark 0x4000/0x4000', 1, 0x4001],
    ['--or-mark 0x80000000', 1, 0x80000001],
    ['--xor-mark 0x4000', 0x4001, 1],
    ['--set-mark 7', 0xffffffff, 7],
    ['--set-xmark 0x0/0xff', 0xabcd, 0xab00],
  ])('MARK %s of %i gives %i', (words, from, to) => {
    const tables = createTables('IPv4')
    const text = `*mangle\n-A INPUT -j MARK ${words}\nCOMMIT\n`
    expect(restore(tables, text).ok).toBe(true)
    const ctx = aHookContext({ packet: aPacket({ mark: from }) })
    expect(traverse(tables, 'mangle', ctx, createMatchState())).toEqual({ type: 'accept' })
    expect(ctx.packet.mark).toBe(to)
  })

  it('calls and returns: RETURN and the end of a chain lead back behind the jump', () => {
    const tables = load(
      'filter',
      ':A - [0:0]',
      ':B - [0:0]',
      '-A INPUT -j A',
      '-A INPUT -j DROP',
      '-A A -j B',
      '-A A -p tcp -j RETURN',
      '-A A -j ACCEPT',
      '-A B -p udp -j ACCEPT',
    )
    const { verdict, state } = run(tables, 'filter')
    expect(verdict).toMatchObject({ type: 'drop', rule: { chain: 'INPUT', index: 1 } })
    expect([packetsOf(tables, 'filter', 'INPUT'), packetsOf(tables, 'filter', 'A')]).toEqual([
      [1, 1],
      [1, 1, 0],
    ])
    expect(state.journal.tried).toBe(5)
  })

  it('goes on behind the caller of a goto', () => {
    const tables = load(
      'filter',
      ':A - [0:0]',
      ':B - [0:0]',
      '-A INPUT -j A',
      '-A INPUT -j DROP',
      '-A A -g B',
      '-A A -j ACCEPT',
      '-A B -p udp -j ACCEPT',
    )
    expect(run(tables, 'filter').verdict).toMatchObject({ type: 'drop' })
    expect(packetsOf(tables, 'filter', 'A')).toEqual([1, 0])
  })

  it('counts a rule without target and goes on', () => {
    const tables = load('filter', '-A INPUT -p tcp', '-A INPUT -j DROP')
    expect(run(tables, 'filter').verdict).toMatchObject({ type: 'drop' })
    expect(packetsOf(tables, 'filter', 'INPUT')).toEqual([1, 1])
  })

  it('tells each draw with the candidates that are left', () => {
    const tables = load(
      'nat',
      ':SVC - [0:0]',
      ':SEP1 - [0:0]',
      ':SEP2 - [0:0]',
      '-A PREROUTING -j SVC',
      '-A SVC -m statistic --mode random --probability 0.5 -j SEP1',
      '-A SVC -j SEP2',
      '-A SEP1 -p tcp -j DNAT --to-destination 10.244.1.1:80',
      '-A SEP2 -p tcp -j DNAT --to-destination 10.244.1.2:80',
    )
    const { events, verdict } = run(tables, 'nat')
    expect(verdict).toMatchObject({ type: 'dnat', ip: '10.244.1.2' })
    expect(events.find(({ type }) => type === 'diceRolled')).toMatchObject({
      won: false,
      probability: 0.5,
      candidates: [
        { label: 'SEP1', probability: 0.5, address: { ip: '10.244.1.1', port: 80 } },
        { label: 'SEP2', probability: 0.5, address: { ip: '10.244.1.2', port: 80 } },
      ],
    })
  })
})

describe('the index of long chains', () => {
  const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3')
  const port = fc.constantFrom(80, 81, 443)
  const matchWords = fc.record({
    destination: fc.option(fc.oneof(address, fc.constant('10.0.0.0/24'), fc.constant('10.0.0.2/31')), {
      nil: undefined,
    }),
    negate: fc.boolean(),
    protocol: fc.constantFrom('tcp', 'udp', undefined),
    port: fc.option(fc.oneof(port.map(String), fc.constant('80:90')), { nil: undefined }),
    nth: fc.boolean(),
    target: fc.constantFrom('', '-j MARK --or-mark 0x1', '-j LONG', '-j RETURN', '-j ACCEPT', '-j DROP'),
  })
  const ruleText = matchWords.map(({ destination, negate, protocol, port: p, nth, target }) =>
    [
      destination === undefined ? '' : `${negate ? '! ' : ''}-d ${destination}`,
      nth ? '-m statistic --mode nth --every 2 --packet 0' : '',
      protocol === undefined ? '' : `-p ${protocol}`,
      protocol !== undefined && p !== undefined ? `-m ${protocol} --dport ${p}` : '',
      target,
    ]
      .filter(Boolean)
      .join(' '),
  )
  const packets = fc.array(fc.record({ ip: address, port, udp: fc.boolean() }), { minLength: 1, maxLength: 8 })

  it('gives verdict, counters, marks and number of rules tried as a walk from rule to rule does', () => {
    fc.assert(
      fc.property(fc.array(ruleText, { minLength: 1, maxLength: 10 }), packets, (rules, sent) => {
        // The same chain twice: once short, once made long by rules for an address that nobody asks.
        const never = Array.from({ length: 12 }, (_, i) => `-d 10.9.9.9 -p tcp -m tcp --dport ${i + 1} -j DROP`)
        const make = (extra: readonly string[]): Tables =>
          load(
            'filter',
            ':LONG - [0:0]',
            ...[...extra, ...rules].map((rule) => `-A INPUT ${rule}`),
            '-A LONG -p udp -j ACCEPT',
          )
        const [short, long] = [make([]), make(never)]
        const [a, b] = [createMatchState(), createMatchState()]
        for (const { ip, port: dport, udp } of sent) {
          const packet = aPacket({ protocol: udp ? 'UDP' : 'TCP', destination: socketAddress(`${ip}:${dport}`) })
          const [x, y] = [aHookContext({ packet }), aHookContext({ packet })]
          const [left, right] = [traverse(short, 'filter', x, a), traverse(long, 'filter', y, b)]
          expect(right.type).toBe(left.type)
          expect(y.packet.mark).toBe(x.packet.mark)
          expect(b.journal.tried - a.journal.tried).toBe(12)
          a.journal.tried = 0
          b.journal.tried = 0
        }
        expect(packetsOf(long, 'filter', 'INPUT')?.slice(12)).toEqual(packetsOf(short, 'filter', 'INPUT'))
        expect(packetsOf(long, 'filter', 'LONG')).toEqual(packetsOf(short, 'filter', 'LONG'))
      }),
      { numRuns: 200 },
    )
  })

  it('tells all rules that the kernel would have tried, as ranges', () => {
    const rules = Array.from(
      { length: 1000 },
      (_, i) => `-A INPUT -d 10.1.${i >> 8}.${i & 255} -p tcp -m tcp --dport 80`,
    )
    const tables = load('filter', ...rules, '-A INPUT -j DROP')
    const packet = aPacket({ destination: socketAddress('10.1.1.0:80') })
    const { events, state } = run(tables, 'filter', { packet })
    const told = events.flatMap((event): (number | number[])[] => {
      if (event.type === 'rulesMissed') return [[event.from, event.to]]
      return event.type === 'ruleMatched' ? [event.rule.index] : []
    })
    expect(told).toEqual([[0, 255], 256, [257, 999], 1000])
    expect(state.journal.tried).toBe(1001)
  })

  it('follows changes of the chain', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `-A INPUT -d 10.1.0.${i} -j ACCEPT`)
    const tables = load('filter', ...lines)
    const packet = aPacket({ destination: socketAddress('10.1.0.77:80') })
    expect(run(tables, 'filter', { packet }).verdict.type).toBe('accept')
    expect(restore(tables, '*filter\n-A INPUT -d 10.1.0.77 -j DROP\nCOMMIT\n', { noflush: true }).ok).toBe(true)
    expect(run(tables, 'filter', { packet }).verdict.type).toBe('drop')
  })
})
