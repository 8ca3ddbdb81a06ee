import { describe, expect, it } from 'vitest'
import { buildSteps } from './steps.ts'
import { clusterIpTrace, refusedTrace } from './testing/traces.ts'
import { buildTopology } from './topology.ts'
import { labObjects } from './testing/lab.ts'

const { names } = buildTopology(labObjects)

describe('a request that is answered', () => {
  const steps = buildSteps(clusterIpTrace(), names)
  const dnat = steps.find(({ tags }) => tags.some(({ text }) => text === 'DNAT'))

  it('is one row a stop, then one a packet, then the verdict', () => {
    expect(
      steps.map(({ title, tags }) => [title.place, title.action, ...tags.map(({ text }) => text)].join(' ').trim()),
    ).toMatchInlineSnapshot(`
      [
        "client opens a connection",
        "node02 PREROUTING  DNAT",
        "node02 routing",
        "node02 FORWARD",
        "node02 POSTROUTING",
        "node03 PREROUTING",
        "node03 routing",
        "node03 FORWARD",
        "node03 POSTROUTING",
        "pc-…-nwdpb receives SYN",
        "pc-…-nwdpb sends SYN,ACK",
        "node03 PREROUTING",
        "node03 routing",
        "node03 FORWARD",
        "node03 POSTROUTING",
        "node02 PREROUTING",
        "node02 routing",
        "node02 FORWARD",
        "node02 POSTROUTING  un-DNAT",
        "client receives SYN,ACK",
        "client ACK → pc-…-nwdpb",
        "client GET / → pc-…-nwdpb",
        "pc-…-nwdpb 200 OK → client",
        "Connected",
      ]
    `)
  })

  it('covers every event once, in order', () => {
    const trace = clusterIpTrace()
    expect(steps.flatMap(({ from, to }) => trace.events.slice(from, to + 1))).toEqual(trace.events)
  })

  it('tells why the dice fell so', () => {
    expect(dnat?.sentence).toBe(
      'The first rule lost its roll (0.513 is not below ⅓). The next asks ½ and wins: the destination becomes 10.244.2.33:80 (pc-…-nwdpb).',
    )
    expect(dnat?.choice).toMatchObject({ by: 'iptables', chosen: 1 })
    expect(dnat?.choice?.candidates.map(({ probability }) => probability)).toEqual([1 / 3, 1 / 3, 1 / 3])
  })

  it('marks only what changed, with a word', () => {
    expect(dnat?.header.map(({ name, before, after, change }) => [name, before, after, change])).toEqual([
      ['source', '10.244.1.9:41822', '10.244.1.9:41822', undefined],
      ['destination', '10.98.98.98:80', '10.244.2.33:80', 'DNAT'],
      ['protocol', 'TCP SYN', 'TCP SYN', undefined],
      ['mark', '0x0', '0x0', undefined],
      ['conntrack', '–', 'NEW', 'new flow'],
    ])
    expect(steps[0]?.header.every(({ before }) => before === undefined)).toBe(true)
  })

  it('counts the rules that were asked', () => {
    expect(dnat?.rulesTried).toBe(8)
    expect(steps.at(-1)?.rulesTriedSoFar).toBeGreaterThan(8)
  })

  it('ends with the server and whom it saw', () => {
    expect(steps.at(-1)?.verdict).toMatchObject({
      ok: true,
      word: 'Connected',
      cause: 'dev/pc-deployment-5ffc5bf56c-nwdpb (10.244.2.33:80) answered. It saw the client as 10.244.1.9 (client).',
    })
  })
})

describe('a request that a rule refuses', () => {
  const steps = buildSteps(refusedTrace(), names)

  it('names the cause, the step that shows it, and the remedy', () => {
    const { verdict } = steps.at(-1) ?? {}
    expect(verdict).toMatchObject({
      ok: false,
      cause: 'The Service has no ready endpoint, so node02 refuses at the rule.',
    })
    expect(steps[verdict?.evidence ?? -1]).toMatchObject({ failed: 'refused', title: { place: 'node02 FORWARD' } })
    expect(verdict?.fix).toContain('selector')
  })

  it('sends the error back as a reply', () => {
    expect(steps.filter(({ direction }) => direction === 'reply').length).toBeGreaterThan(2)
  })
})
