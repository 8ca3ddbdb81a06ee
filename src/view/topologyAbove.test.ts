import { describe, expect, it } from 'vitest'
import { outsideHosts } from './outsideHosts.ts'
import { LOAD_BALANCER } from './places.ts'
import { labObjects } from './testing/lab.ts'
import { buildTopology } from './topology.ts'
import { layoutAbove } from './topologyAbove.ts'

const lab = buildTopology(labObjects)
const site = 'host/39.156.66.18'

const above = (ends: readonly string[], { width = 664, tiles = 1, closed = false } = {}) => {
  const topology = closed ? { ...lab, outside: { loadBalancer: true, closedPorts: 'tcp 80' } } : lab
  const machines = outsideHosts(topology, new Set(ends), 'http://www.baidu.com/')
  return layoutAbove(lab.nodes.slice(0, tiles), machines, width, 0)
}

describe('layoutAbove', () => {
  it('stands everything in one row above two nodes, beside the tile of a third', () => {
    const { outside, tiles, hung } = above([])
    expect(outside.map(({ machine }) => machine.name)).toEqual(['laptop', 'load balancer', 'name server', 'internet'])
    expect(outside.find(({ machine }) => machine.id === LOAD_BALANCER.id)?.machine).toMatchObject({
      detail: 'off',
      off: true,
    })
    expect(new Set([...outside, ...tiles].map(({ rect }) => rect.y)).size).toBe(1)
    expect(hung).toHaveLength(5)
  })

  it('calls a site on the trace’s way by the name that was asked for, in the place of the internet', () => {
    const { outside } = above([site])
    expect(outside.map(({ machine }) => machine.name)).toEqual([
      'laptop',
      'load balancer',
      'name server',
      'www.baidu.com',
    ])
  })

  it.each([{ width: 664 }, { width: 324 }, { width: 324, tiles: 0 }, { width: 664, tiles: 3 }])(
    'puts no two boxes on one place, none outside, and the trace’s machines beside the wire: %o',
    (room) => {
      const { outside, tiles, top } = above([site], { ...room, closed: true })
      const rects = [...outside, ...tiles].map(({ rect }) => rect)
      expect(new Set(rects.map(({ x, y }) => `${x},${y}`)).size).toBe(rects.length)
      for (const { x, y, w } of rects) {
        expect(x).toBeGreaterThanOrEqual(0)
        expect(x + w).toBeLessThanOrEqual(room.width)
        expect(y).toBeGreaterThan(top)
      }
      if (room.width > 324) expect(outside.find(({ machine }) => machine.id === site)?.hung).toBe(true)
      expect(outside.find(({ machine }) => machine.name === 'firewall')).toBeDefined()
    },
  )
})
