import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { applyFiles } from '../bridge/applyFiles.ts'
import { createSim, printTrace } from '../engine/index.ts'
import type { ProxyMode, Request, Sim } from '../engine/index.ts'
import { nodePrograms } from '../shell/nodePrograms.ts'
import { createSimShell } from '../shell/simShell.ts'
import { parseManifests } from '../manifest/parseManifests.ts'

/**
 * Golden runs: NAME.yaml holds a `Scenario` (modes, requests) and manifests; beside it stand, per mode, the trace of every
 * request and what the node of the first request prints of its rules. Review their changes like code.
 */
interface Scenario {
  readonly kind: 'Scenario'
  readonly modes: readonly ProxyMode[]
  readonly requests: readonly (Request | Between)[]
  /** Whose rules are written down; none when absent. */
  readonly rulesOf?: string
}

/** What happens between two requests: a kubectl command, one of root on a node, or nothing for so many seconds. */
type Between =
  { readonly kubectl: string } | { readonly wait: number } | { readonly node: string; readonly run: string }

const folder = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && name !== 'pods.yaml')
  .map((name) => name.slice(0, -'.yaml'.length))

function read(name: string): string {
  return readFileSync(`${folder}${name}.yaml`, 'utf8')
}

function scenarioOf(text: string): { readonly scenario: Scenario; readonly manifests: string } {
  const end = text.indexOf('\n---\n')
  const [document] = parseManifests(text.slice(0, end), 'scenario').documents
  return { scenario: document?.object as unknown as Scenario, manifests: text.slice(end + 5) }
}

function start(mode: ProxyMode, manifests: string): Sim {
  const sim = createSim({ seed: 1, mode })
  const { faults } = applyFiles(sim, [
    { name: 'pods.yaml', text: read('pods') },
    { name: 'scenario.yaml', text: manifests },
  ])
  expect(faults.filter(({ severity }) => severity === 'error')).toEqual([])
  sim.settle()
  return sim
}

function rulesText(sim: Sim, node: string): string {
  const ids = { iptables: ['iptables'], ipvs: ['ipvs', 'iptables'], nftables: ['nft'], userspace: ['iptables'] }[
    sim.mode()
  ]
  const views = sim.nodeTables(node)?.views.filter(({ id }) => ids.includes(id)) ?? []
  return views
    .map(({ command, lines }) =>
      [`# ${command}`, ...lines.map(({ text }) => text.replace(/ on \w{3} \w{3} .*$/, '')), ''].join('\n'),
    )
    .join('\n')
}

function happen(sim: Sim, between: Between): string {
  if ('wait' in between) {
    sim.advance(between.wait * 1000)
    return `${between.wait} s later`
  }
  const programs = 'node' in between ? nodePrograms(sim, between.node) : {}
  const line = 'node' in between ? between.run : `kubectl ${between.kubectl}`
  const { stdout, stderr } = createSimShell(sim, { readFile: () => undefined, programs }).run(line)
  return `${'node' in between ? `${between.node} ` : ''}$ ${line}\n${stdout}${stderr}`.trimEnd()
}

describe.each(names)('%s', (name) => {
  const { scenario, manifests } = scenarioOf(read(name))

  it.each(scenario.modes)('%s', async (mode) => {
    const sim = start(mode, manifests)
    const { rulesOf } = scenario
    if (rulesOf !== undefined)
      await expect(rulesText(sim, rulesOf)).toMatchFileSnapshot(`${folder}golden/${name}.${mode}.rules.txt`)
    const traces = scenario.requests.map((request) => {
      if (!('from' in request)) return happen(sim, request)
      const trace = printTrace(sim.request(request))
      sim.settle()
      return trace
    })
    await expect(`${traces.join('\n\n\n')}\n`).toMatchFileSnapshot(`${folder}golden/${name}.${mode}.trace.txt`)
  })
})

describe('a run is fixed by its seed', () => {
  it.each<ProxyMode>(['iptables', 'ipvs', 'nftables', 'userspace'])('%s: same seed, same bytes', (mode) => {
    const { scenario, manifests } = scenarioOf(read('clusterip'))
    const run = (): string => {
      const sim = start(mode, manifests)
      return scenario.requests
        .map((request) => ('from' in request ? JSON.stringify(sim.request(request)) : ''))
        .join('\n')
    }
    expect(run()).toBe(run())
  })
})
