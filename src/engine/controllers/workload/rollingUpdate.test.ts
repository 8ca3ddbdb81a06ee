import { describe, expect, it } from 'vitest'
import type { Deployment, ReplicaSet } from '../../api/types.ts'
import { fenceposts, maxTotal, scaleNew, scaleOld, scaleProportionally } from './rollingUpdate.ts'

type Percent = number | string

const deployment = (replicas: number, maxSurge: Percent = '25%', maxUnavailable: Percent = '25%'): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'dev' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { spec: { containers: [] } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
  },
})

const set = (name: string, replicas: number, available = replicas, maxReplicas = replicas, born = 0): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name,
    namespace: 'dev',
    creationTimestamp: `2026-01-05T08:00:0${born}Z`,
    annotations: { 'deployment.kubernetes.io/max-replicas': String(maxReplicas) },
  },
  spec: { replicas, selector: {}, template: { spec: { containers: [] } } },
  status: { replicas, availableReplicas: available },
})

// Source: the table of the Deployment documentation's arithmetic; maximum of pods, minimum available.
it.each([
  [1, 1, 0, 2],
  [2, 1, 0, 3],
  [3, 1, 0, 4],
  [4, 1, 1, 5],
  [5, 2, 1, 7],
  [8, 2, 2, 10],
  [10, 3, 2, 13],
])('%i replicas at 25%%: surge %i, unavailable %i, at most %i pods', (replicas, surge, unavailable, most) => {
  expect(fenceposts(deployment(replicas))).toEqual({ surge, unavailable })
  expect(maxTotal(deployment(replicas))).toBe(most)
})

it('never lets surge and unavailable both be 0', () => {
  expect(fenceposts(deployment(3, 0, 0))).toEqual({ surge: 0, unavailable: 1 })
  expect(fenceposts(deployment(3, '0%', '10%'))).toEqual({ surge: 0, unavailable: 1 })
})

it('grows the new ReplicaSet into the room that the surge leaves', () => {
  expect(scaleNew(deployment(4), undefined, [set('old', 4)])).toBe(1)
  expect(scaleNew(deployment(4), set('new', 1, 0), [set('old', 3)])).toBe(2)
  expect(scaleNew(deployment(4), set('new', 4), [set('old', 0)])).toBe(4)
  expect(scaleNew(deployment(2), set('new', 5), [])).toBe(2)
})

describe('shrinks the old ones', () => {
  const sizes = (scalings: readonly { readonly set: ReplicaSet; readonly replicas: number }[]): readonly string[] =>
    scalings.map(({ set: one, replicas }) => `${one.metadata.name} ${replicas}`)

  it('as far as enough stay available', () => {
    expect(sizes(scaleOld(deployment(4), set('new', 1, 0), [set('old', 4)]))).toEqual(['old 3'])
    expect(sizes(scaleOld(deployment(4), set('new', 2, 0), [set('old', 3)]))).toEqual([])
    expect(sizes(scaleOld(deployment(4), set('new', 2, 2), [set('old', 3)]))).toEqual(['old 1'])
  })

  it('unhealthy pods first, and the oldest before the newer', () => {
    const broken = set('broken', 2, 0, 2, 1)
    expect(sizes(scaleOld(deployment(4), set('new', 1, 0), [broken, set('old', 3, 3, 3, 0)]))).toEqual(['broken 0'])
    const two = [set('a', 2, 2, 2, 3), set('b', 2, 2, 2, 1)]
    expect(sizes(scaleOld(deployment(4), set('new', 1, 1), two))).toEqual(['b 0'])
  })
})

it('spreads a scaling by hand over the ReplicaSets of a rollout in proportion', () => {
  const sizes = scaleProportionally(deployment(20), set('new', 5, 0, 13, 5), [set('old', 8, 8, 13, 0)])
  const total = sizes.reduce((sum, { replicas }) => sum + replicas, 0)
  expect(total).toBe(25)
  expect(Object.fromEntries(sizes.map(({ set: one, replicas }) => [one.metadata.name, replicas]))).toEqual({
    old: 15,
    new: 10,
  })
})
