import { describe, expect, it } from 'vitest'
import { parseCidr } from '../base/cidr.ts'
import { aHookContext, aPacket, socketAddress } from '../testing/hookContext.ts'
import { createNftables } from './nftables.ts'
import { printTable } from './printTable.ts'
import type { Cidr } from '../base/cidr.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { TraceEvent } from '../trace/event.ts'
import type { NftBaseChain, NftChain, NftExpression, NftRule, NftStatement, NftTable, NftVerdict } from './table.ts'

function cidr(text: string): Cidr {
  const parsed = parseCidr(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const rule = (text: string, expressions: NftExpression[], ...statements: NftStatement[]): NftRule => ({
  text,
  expressions,
  statements,
})
const verdict = (type: 'accept' | 'drop' | 'return' | 'reject'): NftStatement => ({
  type: 'verdict',
  verdict: { type },
})
const go = (type: 'jump' | 'goto', chain: string): NftStatement => ({ type: 'verdict', verdict: { type, chain } })
const mark: NftStatement = { type: 'markOr', value: 0x4000 }
const chain = (name: string, ...rules: NftRule[]): NftChain => ({ name, rules })
const at = (hook: NftBaseChain['hook'], type: 'nat' | 'filter', priority: number, ...rules: NftRule[]): NftChain => ({
  name: `${type}-${hook}`,
  base: { type, hook, priority, priorityText: String(priority), policy: 'accept' },
  rules,
})
const endpoint = (name: string, to: string, affinity?: string): NftChain =>
  chain(
    name,
    rule(`ip saddr ${to} jump mark`, [{ type: 'saddr', negate: false, cidrs: [cidr(`${to}/32`)] }], go('jump', 'mark')),
    ...(affinity === undefined ? [] : [rule(`update @${affinity}`, [], { type: 'updateSet', set: affinity })]),
    rule(`dnat to ${to}:8080`, [{ type: 'l4proto', protocol: 'tcp' }], {
      type: 'dnat',
      ...socketAddress(`${to}:8080`),
    }),
  )

function table(chains: readonly NftChain[], elements: Readonly<Record<string, NftVerdict>> = {}): NftTable {
  return {
    family: 'IPv4',
    name: 'kube-proxy',
    sets: new Map([
      ['cluster-ips', { name: 'cluster-ips', family: 'IPv4', elements: [socketAddress('10.98.98.98:0').ip] }],
      ['affinity-a', { name: 'affinity-a', family: 'IPv4', elements: [], timeoutSeconds: 10 }],
      ['affinity-b', { name: 'affinity-b', family: 'IPv4', elements: [], timeoutSeconds: 10 }],
    ]),
    maps: new Map([
      [
        'service-ips',
        {
          name: 'service-ips',
          keyType: 'addr.proto.port',
          elements: new Map(Object.entries(elements).map(([key, one]) => [key, { verdict: one }])),
        },
      ],
    ]),
    chains: new Map(chains.map((one) => [one.name, one])),
  }
}

const vmap = rule('vmap @service-ips', [], { type: 'vmap', key: 'daddr.proto.dport', map: 'service-ips' })
const numgen = rule('numgen random mod 2 vmap', [], {
  type: 'numgen',
  modulus: 2,
  verdicts: [
    { type: 'goto', chain: 'endpoint-a' },
    { type: 'goto', chain: 'endpoint-b' },
  ],
})
const marking = chain('mark', rule('meta mark set', [], mark))

function run(nft: ReturnType<typeof createNftables>, ctx: HookContext) {
  const base = nft.baseChains(ctx.hook, 'IPv4')[0]
  if (!base) throw new Error('no base chain')
  return base.run(ctx)
}

describe('traverseNft', () => {
  const inside: [string, NftChain[], string][] = [
    ['the end of a jumped chain goes on after the jump', [chain('x'), chain('y')], 'drop'],
    [
      'the end of a chain after goto does not come back',
      [chain('x', rule('goto y', [], go('goto', 'y'))), chain('y')],
      'drop',
    ],
    [
      'return ends the chain',
      [chain('x', rule('return', [], verdict('return')), rule('accept', [], verdict('accept')))],
      'drop',
    ],
    ['accept ends everything', [chain('x', rule('accept', [], verdict('accept')))], 'accept'],
    ['reject says how', [chain('x', rule('reject', [], verdict('reject')))], 'reject'],
  ]
  it.each(inside)('%s', (_, chains, want) => {
    const nft = createNftables()
    const base = at('input', 'filter', 0, rule('jump x', [], go('jump', 'x')), rule('drop', [], verdict('drop')))
    nft.load(table([base, ...chains]))
    expect(run(nft, aHookContext()).type).toBe(want)
  })

  it('leaves the base chain to its policy when a goto from it ends', () => {
    const nft = createNftables()
    nft.load(
      table([
        at('input', 'filter', 0, rule('goto x', [], go('goto', 'x')), rule('drop', [], verdict('drop'))),
        chain('x'),
      ]),
    )
    expect(run(nft, aHookContext()).type).toBe('accept')
  })

  it('takes the priority order at a hook, whatever the order of creation', () => {
    const nft = createNftables()
    nft.load(table([at('prerouting', 'nat', -100), at('prerouting', 'filter', -110), at('input', 'filter', 0)]))
    expect(nft.baseChains('PREROUTING', 'IPv4').map((one) => one.priority)).toEqual([-110, -100])
    expect(nft.baseChains('PREROUTING', 'IPv6')).toEqual([])
  })

  it.each([
    ['10.98.98.98:80', 'TCP', 'dnat'],
    ['10.98.98.98:81', 'TCP', 'accept'],
    ['10.98.98.98:80', 'UDP', 'accept'],
  ] as const)('looks %s/%s up in a verdict map: %s', (destination, protocol, want) => {
    const nft = createNftables()
    nft.load(
      table(
        [at('prerouting', 'nat', -100, vmap), chain('service', numgen), endpoint('endpoint-a', '10.244.1.1'), marking],
        {
          '10.98.98.98 . tcp . 80': { type: 'goto', chain: 'service' },
        },
      ),
    )
    const packet = aPacket({ protocol, destination: socketAddress(destination) })
    expect(run(nft, aHookContext({ hook: 'PREROUTING', packet })).type).toBe(want)
    expect(nft.matched()).toEqual(
      want === 'dnat'
        ? [
            'ip kube-proxy dnat to 10.244.1.1:8080',
            'ip kube-proxy numgen random mod 2 vmap',
            'ip kube-proxy vmap @service-ips',
          ]
        : [],
    )
    nft.beginAttempt()
    expect(nft.matched()).toEqual([])
  })

  it('draws once, marks a hairpin and tells it', () => {
    const nft = createNftables()
    nft.load(
      table([
        at('prerouting', 'nat', -100, numgen),
        endpoint('endpoint-a', '10.244.1.1'),
        endpoint('endpoint-b', '10.244.1.20'),
        marking,
      ]),
    )
    const asked: [number, string][] = []
    const events: TraceEvent[] = []
    const ctx = aHookContext({
      hook: 'PREROUTING',
      trace: (event) => events.push(event),
      chance: {
        roll: () => ({ roll: 0, won: true }),
        pick: (n, why) => {
          asked.push([n, why])
          return 1
        },
        port: (from) => from,
      },
    })
    expect(run(nft, ctx)).toMatchObject({ type: 'dnat', ip: '10.244.1.20', port: 8080 })
    expect(asked).toEqual([[2, 'numgen']])
    expect(ctx.packet.mark).toBe(0x4000)
    expect(events.map((event) => event.type)).toEqual([
      'chainEntered',
      'diceRolled',
      'ruleMatched',
      'chainEntered',
      'ruleMatched',
      'chainEntered',
      'ruleMatched',
      'markSet',
      'chainReturned',
      'ruleMatched',
    ])
    expect(events.find((event) => event.type === 'diceRolled')).toMatchObject({
      chosen: 1,
      candidates: [
        { label: 'endpoint-a', address: socketAddress('10.244.1.1:8080'), probability: 0.5 },
        { label: 'endpoint-b', address: socketAddress('10.244.1.20:8080'), probability: 0.5 },
      ],
    })
  })

  it('sticks to an endpoint until the set forgets the client, and goes back to a checkpoint', () => {
    const nft = createNftables()
    const sticky = (name: string): NftRule =>
      rule(`saddr @affinity-${name}`, [{ type: 'saddrInSet', set: `affinity-${name}` }], go('goto', `endpoint-${name}`))
    nft.load(
      table([
        at('prerouting', 'nat', -100, sticky('a'), sticky('b'), numgen),
        endpoint('endpoint-a', '10.244.1.1', 'affinity-a'),
        endpoint('endpoint-b', '10.244.1.2', 'affinity-b'),
        marking,
      ]),
    )
    const restore = nft.checkpoint()
    const send = (now: number, pick: number) => {
      const chance = { roll: () => ({ roll: 0, won: true }), pick: () => pick, port: (from: number) => from }
      const end = run(nft, aHookContext({ hook: 'PREROUTING', now, chance }))
      return end.type === 'dnat' ? end.ip : end.type
    }
    expect(send(0, 1)).toBe('10.244.1.2')
    expect(send(9_999, 0)).toBe('10.244.1.2')
    expect(nft.affinity('IPv4', 'affinity-b', 12_000)).toEqual([{ ip: '10.244.1.20', expiresMs: 7_999 }])
    const loaded = nft.table('IPv4')
    expect(loaded && printTable(loaded, (set) => nft.affinity('IPv4', set, 12_000))).toContain(
      'timeout 10s\n\t\telements = { 10.244.1.20 timeout 10s expires 7s999ms }\n',
    )
    // Refreshed at 9,999: it lives until 19,999.
    expect(send(19_998, 0)).toBe('10.244.1.2')
    expect(send(29_998, 0)).toBe('10.244.1.1')
    restore()
    expect(nft.affinity('IPv4', 'affinity-b', 1)).toEqual([])
    expect(send(5, 0)).toBe('10.244.1.1')
  })
})
