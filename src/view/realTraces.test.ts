import { describe, expect, it } from 'vitest'
import type { Input, Notice } from '../bridge/protocol.ts'
import { defaultFiles } from '../bridge/defaultScenario.ts'
import { createRun } from '../bridge/run.ts'
import type { KubeObject, ProxyMode, Trace } from '../engine/index.ts'
import { hopsOf } from './hops.ts'
import { packetLabel } from './packetLabel.ts'
import { legsOf } from './path.ts'
import { outsideHosts } from './outsideHosts.ts'
import { pinnedBy } from './pinned.ts'
import { servicePanel } from './servicePanel.ts'
import { buildSteps, stepUntil } from './steps.ts'
import { buildTopology } from './topology.ts'
import { layoutTopology } from './topologyLayout.ts'

/** The lab of the default scenario, with the Service's own file changed by `edit`, and one request in `mode`. */
function run(mode: ProxyMode, from: string, to: string, edit: (text: string) => string = (text) => text) {
  const objects = new Map<string, KubeObject>()
  let trace: Trace | undefined
  const { execute } = createRun((notice: Notice) => {
    if (notice.type === 'traced') trace = notice.trace
    if (notice.type !== 'objectsChanged') return
    for (const object of notice.changed) {
      objects.set(`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, object)
    }
  })
  const files = defaultFiles.map(({ name, text }) => ({ name, text: edit(text) }))
  const inputs: readonly Input[] = [
    { type: 'apply', files },
    { type: 'setMode', mode },
    { type: 'send', request: { from, to } },
  ]
  execute({ type: 'boot', seed: 1, inputs })
  if (!trace) throw new Error(`no trace of ${from} to ${to} in ${mode}`)
  return { trace, topology: buildTopology(objects.values()) }
}

const MODES: readonly ProxyMode[] = ['iptables', 'ipvs', 'nftables', 'userspace']
const SERVICE = 'http://10.98.98.98:80/'
const noPods = (text: string): string => text.replace(/(selector:\n\s+app: )nginx-pod(\n\s+clusterIP)/, '$1nobody$2')
const wrongPort = (text: string): string => text.replace(/targetPort: 80/, 'targetPort: 8080')

const cases = MODES.flatMap((mode) => [
  { mode, from: 'pod/dev/client', to: SERVICE },
  { mode, from: 'node/node02', to: SERVICE },
  { mode, from: 'node/node01', to: SERVICE },
  { mode, from: 'host/172.16.210.100', to: 'tcp://172.16.210.13:81' },
  { mode, from: 'pod/dev/client', to: 'tcp://10.99.99.99:80' },
  { mode, from: 'pod/dev/client', to: 'http://www.baidu.com/' },
  { mode, from: 'pod/dev/client', to: SERVICE, edit: noPods },
  { mode, from: 'pod/dev/client', to: SERVICE, edit: wrongPort },
])

describe.each(cases)('what is drawn of $from to $to in $mode mode (case %#)', ({ mode, from, to, edit }) => {
  const { trace, topology } = run(mode, from, to, edit)
  const steps = buildSteps(trace, topology.names)
  const pinned = pinnedBy(trace)
  const hosts = outsideHosts(topology, pinned.ends, trace.request.to)
  const layout = layoutTopology(topology, { mode, columns: 2, pinned, hosts })
  const legs = legsOf(steps, layout)

  it('takes every event into one step', () => {
    const hops = hopsOf(trace)
    expect(hops[0]?.from).toBe(0)
    for (let i = 1; i < hops.length; i += 1) expect(hops[i]?.from).toBe((hops[i - 1]?.to ?? -2) + 1)
    expect(steps.at(-1)?.to).toBe(trace.events.length - 1)
  })

  it('counts the rules that the engine counted', () => {
    // The trace's own number leaves nft rules out; the events have them.
    if (mode === 'nftables') expect(steps.at(-1)?.rulesTriedSoFar).toBeGreaterThanOrEqual(trace.rulesTried)
    else expect(steps.at(-1)?.rulesTriedSoFar).toBe(trace.rulesTried)
  })

  it('says something in every step, with every parameter filled in', () => {
    for (const { title, sentence } of steps) {
      expect(`${title.place}${title.action}`).not.toBe('')
      expect(sentence).not.toMatch(/^$|\{\w+\}|undefined|NaN/)
    }
  })

  it('has a place on the canvas for every step, without a break in a packet’s way', () => {
    for (const [i, leg] of legs.entries()) {
      expect(leg.rest).toBeDefined()
      const before = legs[i - 1]
      if (before?.packetId === leg.packetId && leg.points.length > 1) expect(leg.points[0]).toEqual(before.rest)
    }
  })

  it('keeps the packet and its label inside the drawing', () => {
    const { bounds } = layout
    for (const [i, leg] of legs.entries()) {
      const step = steps[i]
      const label = step && packetLabel(step, leg, layout)
      if (!leg.rest || !label) continue
      expect(leg.rest.x + label.rect.x).toBeGreaterThanOrEqual(bounds.x)
      expect(leg.rest.x + label.rect.x + label.rect.w).toBeLessThanOrEqual(bounds.x + bounds.w + 40)
    }
  })

  it('tells the end as the engine does, and shows where a failure happened', () => {
    const { verdict } = steps.at(-1) ?? {}
    expect(verdict?.outcome).toEqual(trace.outcome)
    expect(verdict?.ok).toBe(trace.outcome.outcome === 'connected')
    if (verdict?.ok === false) {
      expect(steps[verdict.evidence ?? -1]?.failed).toBeDefined()
      expect(verdict.fix).toBeDefined()
    }
  })

  it('shows rule by rule nothing that has not happened, and at the end of a step the whole step', () => {
    for (const step of steps) {
      expect(stepUntil(step, trace, step.to, topology.names)).toEqual(step)
      const half = stepUntil(step, trace, step.from, topology.names)
      expect(half.rulesTried).toBeLessThanOrEqual(step.rulesTried)
    }
  })

  it('draws the Service with a die an endpoint, the chosen one lit', () => {
    const panel = servicePanel(topology, mode, steps, steps.length - 1)
    expect(panel).toBeDefined()
    const chosen = steps.some(({ choice }) => choice?.chosen !== undefined)
    expect(panel?.dice.filter(({ state }) => state === 'won').length ?? 0).toBe(chosen ? 1 : 0)
  })
})

it.each(MODES)('one trace undoes on the reply what it did to the request, in %s mode', (mode) => {
  const { trace, topology } = run(mode, 'pod/dev/client', SERVICE)
  const words = buildSteps(trace, topology.names).flatMap(({ tags }) => tags.map(({ text }) => text))
  expect(words).toContain('DNAT')
  expect(words.filter((word) => word === 'un-DNAT').length).toBeGreaterThanOrEqual(
    words.filter((word) => word === 'DNAT').length,
  )
})
