import { expect, it } from 'vitest'
import { legsOf } from './path.ts'
import { pinnedBy } from './pinned.ts'
import { sightOf } from './sight.ts'
import { buildSteps } from './steps.ts'
import { labObjects } from './testing/lab.ts'
import { clusterIpTrace } from './testing/traces.ts'
import { buildTopology } from './topology.ts'
import { layoutTopology } from './topologyLayout.ts'

it('keeps the packet in sight at every step of a narrow canvas', () => {
  const trace = clusterIpTrace()
  const topology = buildTopology(labObjects)
  const layout = layoutTopology(topology, { mode: 'iptables', columns: 2, pinned: pinnedBy(trace), hosts: [] })
  const steps = buildSteps(trace, topology.names)
  const legs = legsOf(steps, layout)
  for (const [i, { rest }] of legs.entries()) {
    const { x, y, w, h } = sightOf(layout, steps, legs, i, { width: 390, height: 300 })
    expect(rest && rest.x >= x && rest.x <= x + w && rest.y >= y && rest.y <= y + h).toBe(true)
    expect(h).toBeLessThan(w)
  }
})
