import { describe, expect, it } from 'vitest'
import type { ProxyMode, Trace } from '../engine/index.ts'
import { pinnedBy } from './pinned.ts'
import { legsOf, spotOf } from './path.ts'
import { buildSteps } from './steps.ts'
import { labObjects } from './testing/lab.ts'
import { clusterIpTrace, refusedTrace } from './testing/traces.ts'
import { buildTopology } from './topology.ts'
import { layoutTopology } from './topologyLayout.ts'

const topology = buildTopology(labObjects)

function scene(trace: Trace, mode: ProxyMode = 'iptables') {
  const layout = layoutTopology(topology, { mode, columns: 2, pinned: pinnedBy(trace), hosts: [] })
  const steps = buildSteps(trace, topology.names)
  return { layout, steps, legs: legsOf(steps, layout) }
}

describe.each([
  ['answered', clusterIpTrace()],
  ['refused', refusedTrace()],
] as const)('the way of a request that is %s', (_, trace) => {
  const { legs, steps } = scene(trace)

  it('is one line a packet: every leg begins where the one before rested', () => {
    for (let i = 1; i < legs.length; i += 1) {
      const [before, leg] = [legs[i - 1], legs[i]]
      if (!leg || leg.points.length < 2 || before?.packetId !== leg.packetId) continue
      expect(leg.points[0]).toEqual(before.rest)
    }
  })

  it('stands on whole px', () => {
    for (const leg of legs) {
      for (const { x, y } of leg.points) expect([x, y].every(Number.isInteger)).toBe(true)
    }
  })

  it('gives every step a place to rest', () => {
    expect(legs.every(({ rest }) => rest !== undefined)).toBe(true)
    expect(legs).toHaveLength(steps.length)
  })
})

describe('legsOf', () => {
  it('starts and ends at the client', () => {
    const { layout, legs } = scene(clusterIpTrace())
    const client = spotOf(layout, { at: 'pod/dev/client', station: 'self' })
    expect(client).toBeDefined()
    expect(legs[0]?.rest).toEqual(legs.at(-1)?.rest)
    expect(legs[0]?.rest?.x).toBe((client?.rect.x ?? 0) + (client?.rect.w ?? 0) / 2)
  })

  it('crosses from node to node on the LAN wire', () => {
    const { layout, legs, steps } = scene(clusterIpTrace())
    const arrival = steps.findIndex(({ title }) => title.place === 'node03 PREROUTING')
    expect(legs[arrival]?.points.filter(({ y }) => y === layout.lan.bottom)).toHaveLength(2)
  })

  it('leads the first packet through the Service’s panel and later ones past it', () => {
    const { layout, legs, steps } = scene(clusterIpTrace())
    const { panel } = layout.nodes[0] ?? {}
    const across = (index: number): boolean => {
      const points = legs[index]?.points ?? []
      return points.some(({ x, y }, i) => {
        const before = points[i - 1]
        if (!panel || before?.x !== x || x <= panel.x || x >= panel.x + panel.w) return false
        return Math.min(y, before.y) <= panel.y && Math.max(y, before.y) >= panel.y + panel.h
      })
    }
    expect(across(steps.findIndex(({ tags }) => tags.some(({ text }) => text === 'DNAT')))).toBe(true)
    const reply = steps.findIndex(
      ({ title, direction }) => direction === 'reply' && title.place === 'node02 PREROUTING',
    )
    expect(across(reply) || across(reply + 1)).toBe(false)
  })
})
