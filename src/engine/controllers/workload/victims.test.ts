import { expect, it } from 'vitest'
import type { Pod } from '../../api/types.ts'
import { sortVictims } from './victims.ts'

interface Trait {
  readonly node?: string
  readonly phase?: 'Pending' | 'Unknown' | 'Running'
  readonly readyAt?: string
  readonly cost?: string
  readonly restarts?: number
  readonly born?: string
  readonly uid?: string
}

const second = (n: number): string => new Date(Date.UTC(2026, 0, 5, 8, 0, n)).toISOString()

function pod(name: string, trait: Trait): Pod {
  const {
    node = 'node02',
    phase = 'Running',
    readyAt = second(1),
    cost,
    restarts = 0,
    born = second(0),
    uid = name,
  } = trait
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'dev',
      uid,
      creationTimestamp: born,
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { containers: [], ...(node === '' ? {} : { nodeName: node }) },
    status: {
      phase,
      conditions: readyAt === '' ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: readyAt }],
      containerStatuses: [{ restartCount: restarts }],
    },
  }
}

it.each<{ readonly name: string; readonly first: Trait; readonly second: Trait; readonly crowded?: string }>([
  { name: 'unscheduled', first: { node: '', phase: 'Pending', readyAt: '' }, second: {} },
  { name: 'pending before running', first: { phase: 'Pending' }, second: {} },
  { name: 'not ready', first: { readyAt: '' }, second: { cost: '-5' } },
  { name: 'lower deletion cost', first: { cost: '-1' }, second: { cost: '0' } },
  { name: 'on the node with more of its kind', first: { node: 'node03' }, second: {}, crowded: 'node03' },
  { name: 'ready for a shorter time', first: { readyAt: second(90) }, second: { readyAt: second(1) } },
  { name: 'more restarts', first: { restarts: 2, readyAt: second(1), uid: 'x' }, second: { uid: 'x' } },
  {
    name: 'ages of the same power of two: the uid',
    first: { readyAt: second(30), uid: 'a' },
    second: { readyAt: second(31), uid: 'b' },
  },
])('$name goes first', ({ first, second: other, crowded }) => {
  const related = new Map([
    ['node02', 1],
    ['node03', crowded === 'node03' ? 3 : 1],
  ])
  const names = (pods: readonly Pod[]): readonly string[] =>
    sortVictims(pods, related, 100_000).map(({ metadata }) => metadata.name)
  const pods = [pod('first', first), pod('second', other)]
  expect(names(pods)).toEqual(['first', 'second'])
  expect(names([...pods].reverse())).toEqual(['first', 'second'])
})
