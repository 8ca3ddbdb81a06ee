import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aRequest, ends, lab } from '../testing/lab.ts'
import { createChance } from './chance.ts'
import { createRandom } from '../base/random.ts'
import { exploreOutcomes } from './everyOutcome.ts'
import { restore } from '../netfilter/restore.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { Attempt, Dataplane } from './createDataplane.ts'
import type { ProxyMode } from '../proxy/types.ts'
import type { LabService } from '../testing/lab.ts'

const CLIENT = 'pod/dev/client'
const VIP = '10.96.0.50'
const A = '10.244.1.2 node02'
const B = '10.244.1.3 node02'
const C = '10.244.2.2 node03'
const DEAD = '10.244.2.2 node03'

const web = (endpoints: readonly string[], more: Partial<LabService> = {}): LabService => ({
  name: 'web',
  clusterIP: VIP,
  endpoints,
  ...more,
})

const sticky = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }

function attempt(dataplane: Dataplane, to: string, now = 0, chance: Chance = createChance(createRandom(now))): Attempt {
  const made = dataplane.attempt(aRequest(CLIENT, to), { chance, now, trace: true })
  if (!made) throw new Error('no such client')
  return made
}

describe('every attempt', () => {
  const from = fc.constantFrom('pod/dev/client', 'pod/dev/a', 'node/node02', 'node/node01', 'host/172.16.210.100')
  const target = fc.constantFrom(`${VIP}:80`, '172.16.210.12:30080', '172.16.210.13:30080', '10.244.1.2:8080')
  const mode = fc.constantFrom<ProxyMode>('iptables', 'nftables', 'ipvs', 'userspace')
  const protocol = fc.constantFrom('TCP' as const, 'UDP' as const)

  it('undoes every translation on the reply, tells a coherent story, and is the same for the same seed', () => {
    fc.assert(
      fc.property(from, target, mode, protocol, fc.integer(), (client, to, proxyMode, p, seed) => {
        const run = (trace: boolean): Attempt | undefined =>
          lab([web([A, C], { nodePort: 30080, protocol: p })], { mode: proxyMode }).attempt(
            aRequest(client, `${p} ${to}`),
            { chance: createChance(createRandom(seed)), now: 5, trace },
          )
        const traced = run(true)
        const { events, outcome, ...rest } = traced ?? expect.fail()
        // What the client's socket takes comes from whom it wrote to, whatever the endpoint was.
        const opening = events.find(({ type }) => type === 'sent')
        const peer = opening?.type === 'sent' ? opening.packet.destination : undefined
        for (const event of events) {
          const isClient = event.type === 'delivered' && event.at === client
          if (isClient && !event.packet.icmp && event.packet.destination.port === port(opening)) {
            expect(event.packet.source).toEqual(peer)
          }
        }
        expect(events.at(-1)).toMatchObject({ type: 'concluded', outcome })
        expect(events.every(({ time }, i) => time >= (events[i - 1]?.time ?? 5))).toBe(true)
        expect(rest.rulesTried).toBe(told(events))
        const untraced = run(false)
        expect(untraced?.outcome).toEqual(outcome)
        expect(untraced?.matched).toEqual(rest.matched)
        expect(untraced?.rulesTried).toBe(rest.rulesTried)
        expect(run(true)?.events).toEqual(events)
      }),
      { numRuns: 60 },
    )
  })

  function port(event: Attempt['events'][number] | undefined): number | undefined {
    return event?.type === 'sent' ? event.packet.source.port : undefined
  }

  /** Rules of iptables that the events name, matched or missed. */
  function told(events: Attempt['events']): number {
    let rules = 0
    for (const event of events) {
      if (event.type === 'rulesMissed' && !event.table.includes(' ')) rules += event.to - event.from + 1
      if (event.type === 'ruleMatched' && !event.rule.table.includes(' ')) rules++
    }
    return rules
  }
})

describe('exploring', () => {
  it('gives exact chances that make 1, and leaves no trace', () => {
    const dataplane = lab([web([A, B, C])])
    const kernel = dataplane.node('node02')
    const counters = (): unknown =>
      [...(kernel?.tables.IPv4.tables.get('nat')?.values() ?? [])].map((chain) => [
        ...chain.packets,
        ...chain.bytes,
        chain.policyPackets,
      ])
    const before = counters()
    const found = exploreOutcomes(dataplane, aRequest(CLIENT, `tcp ${VIP}:80`), { now: 0 }) ?? []
    expect(found.map(({ pod }) => pod)).toEqual(['dev/a', 'dev/b', 'dev/c'])
    const third = 715827883 / 2147483648
    expect(found.map(({ probability }) => probability)).toEqual([third, (1 - third) / 2, (1 - third) / 2])
    expect(counters()).toEqual(before)
    expect(kernel?.conntrack.flows(0)).toEqual([])
  })

  it('undoes only its own counting', () => {
    const dataplane = lab([web([A, B])])
    const count = (): number | undefined =>
      dataplane.node('node02')?.tables.IPv4.tables.get('nat')?.get('PREROUTING')?.packets[0]
    attempt(dataplane, `tcp ${VIP}:80`)
    const before = count()
    expect(before).toBe(1)
    ends(dataplane, CLIENT, `tcp ${VIP}:80`)
    expect(count()).toBe(before)
  })

  it('starts from what is: a client with affinity has one end', () => {
    const dataplane = lab([web([A, B, C], { spec: sticky })])
    expect(ends(dataplane, CLIENT, `tcp ${VIP}:80`)).toHaveLength(3)
    const { pod } = attempt(dataplane, `tcp ${VIP}:80`).outcome
    expect(ends(dataplane, CLIENT, `tcp ${VIP}:80`)).toEqual([`1 connected ${pod} 10.244.1.20`])
  })
})

describe('dice', () => {
  it('are thrown for as many endpoints as a Service has', () => {
    const dataplane = lab([web([A])])
    const tables = dataplane.node('node02')?.tables.IPv4 ?? expect.fail()
    // As the rules of 12,000 endpoints before the last one.
    const dice = '-A PREROUTING -m statistic --mode random --probability 0.0 -j DROP\n'.repeat(12_000)
    expect(restore(tables, `*mangle\n${dice}COMMIT\n`, { noflush: true }).ok).toBe(true)
    expect(attempt(dataplane, `tcp ${VIP}:80`).outcome.outcome).toBe('connected')
    expect(attempt(dataplane, `tcp ${VIP}:80`, 1).rulesTried).toBeGreaterThan(12_000)
  })
})

describe('affinity', () => {
  it.each<ProxyMode>(['iptables', 'nftables', 'ipvs', 'userspace'])(
    'keeps a client at its server for a while: %s',
    (mode) => {
      const dataplane = lab([web([A, B, C], { spec: sticky })], { mode })
      const pods = Array.from({ length: 6 }, (_, i) => attempt(dataplane, `tcp ${VIP}:80`, i * 50_000).outcome.pod)
      // Each connection renews it, so that 50 s pauses never end it.
      expect(new Set(pods).size).toBe(1)
      const later = Array.from(
        { length: 12 },
        (_, i) => attempt(dataplane, `tcp ${VIP}:80`, 1e6 + i * 200_000).outcome.pod,
      )
      expect(new Set(later).size).toBeGreaterThan(1)
    },
  )
})

describe('ipvs mode with the scheduler mh', () => {
  const config = { clusterCIDR: '10.244.0.0/16', ipvs: { scheduler: 'mh' } }

  it('every outcome: any port that the client may get, each server by its share of them', () => {
    const found = exploreOutcomes(lab([web([A, B, C])], { mode: 'ipvs', config }), aRequest(CLIENT, `tcp ${VIP}:80`), {
      now: 0,
    })
    expect(found?.map(({ pod }) => pod).sort()).toEqual(['dev/a', 'dev/b', 'dev/c'])
    for (const { probability } of found ?? []) expect(probability).toBeCloseTo(1 / 3, 1)
    expect(found?.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12)
  })

  it('a run of its own follows the port that it drew', () => {
    const dataplane = lab([web([A, B, C])], { mode: 'ipvs', config })
    const pods = Array.from({ length: 20 }, (_, i) => attempt(dataplane, `tcp ${VIP}:80`, i).outcome.pod)
    expect(new Set(pods).size).toBe(3)
  })
})

describe('userspace mode', () => {
  const inMode = (service: LabService): Dataplane => lab([service], { mode: 'userspace' })

  it('takes turns', () => {
    const dataplane = inMode(web([A, B, C]))
    const pods = Array.from({ length: 6 }, (_, i) => attempt(dataplane, `tcp ${VIP}:80`, i).outcome.pod)
    expect(new Set(pods.slice(0, 3)).size).toBe(3)
    expect(pods.slice(3)).toEqual(pods.slice(0, 3))
  })

  it('tries the next endpoint when a dial is refused, and shows it', () => {
    const chance: Chance = { ...createChance(createRandom(1)), pick: () => 0 }
    // Nobody listens at client's address.
    const dataplane = inMode(web(['10.244.1.20 node02', A]))
    const { outcome, events } = attempt(dataplane, `tcp ${VIP}:80`, 0, chance)
    expect(outcome).toMatchObject({ outcome: 'connected', pod: 'dev/a', sourceSeen: '10.244.1.1' })
    const proxy = events.flatMap((event) => {
      if (event.type === 'proxyPicked')
        return [`picked ${event.candidates[event.chosen]?.label ?? ''} (${event.attempt})`]
      return event.type === 'proxyFailed' ? [event.reason] : []
    })
    expect(proxy).toEqual(['picked 10.244.1.20:8080 (1)', 'dial failed', 'picked 10.244.1.2:8080 (2)'])
    const copies = events.filter(({ type }) => type === 'proxyCopied')
    expect(copies.map((event) => event.type === 'proxyCopied' && event.direction)).toEqual([
      'clientToServer',
      'serverToClient',
    ])
  })

  it('waits 250 ms for an endpoint that does not answer before it tries the next', () => {
    const chance: Chance = { ...createChance(createRandom(1)), pick: () => 1 }
    const dataplane = inMode(web(['10.244.2.99 node03', A]))
    const { outcome, endedAt } = attempt(dataplane, `tcp ${VIP}:80`, 0, chance)
    expect(outcome).toMatchObject({ outcome: 'connected', pod: 'dev/a' })
    expect(endedAt).toBeGreaterThan(250)
  })

  it('accepts, then closes, when no endpoint answers or there is none', () => {
    expect(ends(inMode(web([])), CLIENT, `tcp ${VIP}:80`)).toEqual(['1 closed'])
    expect(ends(inMode(web([DEAD], { port: 9999 })), CLIENT, `tcp ${VIP}:80`)).toEqual(['1 closed ECONNRESET'])
    expect(ends(inMode(web([], { protocol: 'UDP' })), CLIENT, `udp ${VIP}:80`)).toEqual(['1 timeout'])
    expect(ends(inMode(web([DEAD], { protocol: 'UDP', port: 9999 })), CLIENT, `udp ${VIP}:80`)).toEqual(['1 timeout'])
  })

  it('answers UDP of 127.0.0.1 from an address that nobody asked', () => {
    const tcp = inMode(web([A], { nodePort: 30080 }))
    expect(ends(tcp, 'node/node02', 'tcp 127.0.0.1:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
    const udp = inMode(web([A], { nodePort: 30080, protocol: 'UDP' }))
    expect(ends(udp, 'node/node02', 'udp 172.16.210.12:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
    expect(ends(udp, 'node/node02', 'udp 127.0.0.1:30080')).toEqual(['1 timeout'])
  })
})

describe('an attempt done again from a recording', () => {
  const services = [
    web([A, B, C], { nodePort: 30080 }),
    web([A], { name: 'local', clusterIP: '10.96.0.51', nodePort: 30081, spec: { externalTrafficPolicy: 'Local' } }),
    web([], { name: 'none', clusterIP: '10.96.0.52' }),
    web([B, C], { name: 'datagrams', clusterIP: '10.96.0.53', protocol: 'UDP' }),
    web([A, C], { name: 'sticky', clusterIP: '10.96.0.54', spec: sticky }),
  ]
  const targets = [
    ['pod/dev/client', `tcp ${VIP}:80`],
    ['node/node02', `tcp ${VIP}:80`],
    ['host/172.16.210.100', 'tcp 172.16.210.11:30080'],
    ['host/172.16.210.100', 'tcp 172.16.210.12:30081'],
    ['host/172.16.210.100', 'tcp 172.16.210.13:30081'],
    ['pod/dev/client', 'tcp 10.96.0.52:80'],
    ['pod/dev/client', 'udp 10.96.0.53:80'],
    ['pod/dev/a', 'tcp 10.96.0.54:80'],
    ['pod/dev/a', 'tcp 10.244.2.99:80'],
    ['pod/dev/client', 'sctp 10.244.2.2:8080'],
    ['pod/dev/client', 'icmp 10.244.2.2:0'],
  ] as const

  const stateOf = (dataplane: Dataplane, now: number): unknown =>
    dataplane.nodeNames().map((name) => {
      const { tables, conntrack, matchState } = dataplane.node(name) ?? expect.fail()
      const counters = [...tables.IPv4.tables].map(([table, chains]) => [
        table,
        ...[...chains.values()].map((chain) => [
          chain.name,
          chain.packets,
          chain.bytes,
          chain.policyPackets,
          chain.policyBytes,
        ]),
      ])
      const flows = conntrack.flows(now).map((flow) => ({
        ...flow,
        startedAt: Math.round(flow.startedAt * 1000),
        expiresAt: Math.round(flow.expiresAt * 1000),
      }))
      return { name, counters, flows, recent: matchState.recent.entries() }
    })

  it('leaves just what a walk leaves, while ports run out, time passes and rules change', () => {
    // Few ports, so that tuples are taken now and then.
    const fewPorts = (chance: Chance): Chance => ({ ...chance, port: (from) => from + chance.pick(24, 'port') })
    const [walked, replayed] = [lab(services), lab(services)]
    const [one, two] = [createChance(createRandom(7)), createChance(createRandom(7))].map(fewPorts)
    const choice = createRandom(3)
    let retold = 0
    for (let i = 0; i < 1500; i++) {
      const now = i * 700
      const [from, to] = targets[choice.below(targets.length)] ?? targets[0]
      const request = {
        ...aRequest(from, to),
        payload: i % 2 ? 'GET /clientip HTTP/1.1\r\n\r\n' : 'GET /hostname HTTP/1.1\r\n\r\n',
      }
      // Told or not, and sometimes told after it was learnt untold.
      const trace = i % 3 !== 0
      const options = { chance: one ?? expect.fail(), now, trace: true, replay: false }
      const a = walked.attempt(request, options) ?? expect.fail()
      const before = replayed.replayed()
      const b = replayed.attempt(request, { chance: two ?? expect.fail(), now, trace }) ?? expect.fail()
      if (trace) retold += replayed.replayed() - before
      expect([b.outcome, b.matched, b.rulesTried]).toEqual([a.outcome, a.matched, a.rulesTried])
      expect(b.events).toEqual(trace ? a.events : [])
      expect(b.response).toBe(a.response)
      if (i % 400 === 399) {
        for (const dataplane of [walked, replayed]) {
          const tables = dataplane.node('node02')?.tables.IPv4 ?? expect.fail()
          const action = i % 800 === 399 ? 'DROP' : 'ACCEPT'
          restore(tables, `*filter\n-I FORWARD -s 10.244.1.20/32 -p tcp -j ${action}\nCOMMIT\n`, { noflush: true })
        }
      }
    }
    expect(stateOf(replayed, 1_050_000)).toEqual(stateOf(walked, 1_050_000))
    expect(walked.replayed()).toBe(0)
    expect(replayed.replayed()).toBeGreaterThan(300)
    expect(retold).toBeGreaterThan(100)
  })

  it('leaves trials without effect', () => {
    const dataplane = lab(services)
    const run = (): unknown => attempt(dataplane, `tcp ${VIP}:80`).outcome
    for (let i = 0; i < 20; i++)
      dataplane.attempt(aRequest(CLIENT, `tcp ${VIP}:80`), { chance: createChance(createRandom(i)), now: i })
    const before = stateOf(dataplane, 100)
    dataplane.withoutEffect(() => [run(), run()])
    expect(stateOf(dataplane, 100)).toEqual(before)
  })
})
