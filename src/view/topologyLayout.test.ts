import { describe, expect, it } from 'vitest'
import type { KubeObject, ProxyMode } from '../engine/index.ts'
import { NOTHING_PINNED } from './pinned.ts'
import { aPod, labObjects } from './testing/lab.ts'
import { buildTopology } from './topology.ts'
import { layoutTopology } from './topologyLayout.ts'
import type { LayoutOptions, TopologyLayout } from './topologyLayout.ts'

const options = (change: Partial<LayoutOptions> = {}): LayoutOptions => ({
  mode: 'iptables',
  columns: 2,
  pinned: NOTHING_PINNED,
  hosts: [],
  ...change,
})

const lay = (objects: readonly KubeObject[], change?: Partial<LayoutOptions>, before?: TopologyLayout) =>
  layoutTopology(buildTopology(objects), options(change), before)

const boxes = (layout: TopologyLayout): ReadonlyMap<string, unknown> =>
  new Map(layout.nodes.flatMap(({ occupants }) => occupants.map(({ occupant, rect }) => [occupant.id, rect] as const)))

describe('layoutTopology', () => {
  it('draws nodes with workloads whole and the others as tiles', () => {
    const layout = lay(labObjects)
    expect(layout.nodes.map(({ node }) => node.name)).toEqual(['node02', 'node03'])
    expect(layout.tiles.map(({ node }) => node.name)).toEqual(['node01'])
    expect(lay(labObjects, { columns: 3 }).tiles).toEqual([])
  })

  it('draws every node on a trace’s way whole', () => {
    const pinned = { ends: new Set<string>(), nodes: new Set(['node01', 'node02', 'node03']) }
    expect(lay(labObjects, { pinned }).nodes).toHaveLength(3)
  })

  it('gives equal places for equal objects in any order', () => {
    expect(lay(labObjects.toReversed())).toEqual(lay(labObjects))
  })

  it.each<[string, readonly KubeObject[]]>([
    ['a pod comes', [...labObjects, aPod('aaa', 'node02', '10.244.1.77')]],
    ['a pod goes', labObjects.filter(({ metadata }) => !metadata.name.endsWith('8s26k'))],
    ['many come', [...labObjects, ...Array.from({ length: 9 }, (_, i) => aPod(`a${i}`, 'node03', `10.244.2.1${i}`))]],
  ])('moves nobody when %s', (_, after) => {
    const before = lay(labObjects)
    const next = lay(after, {}, before)
    const [old, fresh] = [boxes(before), boxes(next)]
    for (const [id, rect] of old) if (fresh.has(id)) expect(fresh.get(id)).toEqual(rect)
    expect(next.nodes.map(({ kernel }) => kernel)).toEqual(before.nodes.map(({ kernel }) => kernel))
  })

  it('never puts two boxes of a node on one place, nor anything outside its bounds', () => {
    const many = [...labObjects, ...Array.from({ length: 11 }, (_, i) => aPod(`a${i}`, 'node02', `10.244.1.1${i}`))]
    const { nodes, bounds } = lay(many)
    for (const { occupants, kubeProxy, box } of nodes) {
      const all = [...occupants.map(({ rect }) => rect), kubeProxy]
      expect(new Set(all.map(({ x, y }) => `${x},${y}`)).size).toBe(all.length)
      for (const rect of all) {
        expect(rect.x).toBeGreaterThanOrEqual(box.x)
        expect(rect.x + rect.w).toBeLessThanOrEqual(box.x + box.w)
        expect(rect.y).toBeGreaterThan(box.y)
        expect(rect.y).toBeGreaterThan(bounds.y)
      }
    }
  })

  it.each<[ProxyMode, readonly string[], readonly string[]]>([
    ['iptables', ['service'], ['ipvs']],
    ['nftables', ['service'], ['ipvs']],
    ['userspace', ['service'], ['ipvs']],
    ['ipvs', ['ipvs'], ['service']],
  ])('has in %s mode only the stations that the mode uses', (mode, has, lacks) => {
    const stations = lay(labObjects, { mode }).nodes[0]?.stations
    for (const station of has) expect(stations?.has(station as 'ipvs')).toBe(true)
    for (const station of lacks) expect(stations?.has(station as 'ipvs')).toBe(false)
  })

  it('stacks the replicas of a large Deployment, but leaves the ends of a trace alone', () => {
    const replicas = Array.from({ length: 1000 }, (_, i) =>
      aPod(`big-5ffc5bf56c-${['bcdfg', 'hjklm'][i % 2] ?? ''}${i}`, i % 2 ? 'node02' : 'node03', `10.244.9.${i}`, {
        owner: 'big-5ffc5bf56c',
      }),
    )
    const one = 'pod/dev/big-5ffc5bf56c-hjklm1'
    const layout = lay([...labObjects, ...replicas], { pinned: { ends: new Set([one]), nodes: new Set() } })
    const drawn = layout.nodes.flatMap(({ occupants }) => occupants.map(({ occupant }) => occupant))
    expect(drawn.length).toBeLessThan(40)
    expect(drawn.find(({ id }) => id === one)?.type).toBe('pod')
    const counted = drawn.reduce(
      (sum, box) => sum + (box.type === 'stack' ? box.pods.length : box.type === 'more' ? box.count : 1),
      0,
    )
    expect(counted).toBe(1004)
  })

  it('bounds the tiles of a large cluster and counts the rest', () => {
    const nodes = Array.from({ length: 500 }, (_, i): KubeObject => {
      return { apiVersion: 'v1', kind: 'Node', metadata: { name: `n${String(i).padStart(3, '0')}` }, spec: {} }
    })
    const layout = lay(nodes)
    expect(layout.nodes.length + layout.tiles.length + (layout.moreNodes?.count ?? 0)).toBe(500)
    expect(layout.tiles.length).toBeLessThan(60)
  })
})
