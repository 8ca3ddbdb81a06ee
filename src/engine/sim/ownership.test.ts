import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { Propagation } from '../store/deletion.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

function configMap(sim: Sim, name: string, owners: readonly string[]): string {
  const kind = findKind('v1', 'ConfigMap')
  const ownerReferences = owners.map((owner) => {
    const uid = sim.store.get('ConfigMap', `default/${owner}`)?.metadata.uid ?? ''
    return { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid }
  })
  const body: Json = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ...(owners.length > 0 ? { ownerReferences } : {}) },
  }
  if (!kind || !sim.api.create(kind, 'default', body).ok) throw new Error(name)
  return name
}

function remove(sim: Sim, name: string, propagation: Propagation = 'Background'): void {
  const kind = findKind('v1', 'ConfigMap')
  if (kind) sim.api.remove(kind, 'default', name, { propagation })
}

it('what names its owners by hand goes with the last of them, and takes along what it owns', () => {
  const sim = createSim({ seed: 1 })
  for (const [name, owners] of [
    ['a', []],
    ['b', []],
    ['of-a', ['a']],
    ['of-both', ['a', 'b']],
    ['of-of-a', ['of-a']],
  ] as const) {
    configMap(sim, name, owners)
  }
  sim.settle()
  remove(sim, 'a')
  sim.settle()
  expect(left(sim)).toEqual(['b', 'of-both'])
  remove(sim, 'b')
  sim.settle()
  expect(left(sim)).toEqual([])
})

function left(sim: Sim): readonly string[] {
  return sim.store
    .sorted('ConfigMap', 'namespace', 'default')
    .map(({ metadata }) => metadata.name)
    .filter((name) => /^(a|b|of-.*)$/.test(name))
}

// Recorded with v1.35.4: `kubectl delete --cascade=foreground|orphan`.
it('foreground: the owner waits with a finalizer until what it owns is gone', () => {
  const sim = createSim({ seed: 1 })
  configMap(sim, 'a', [])
  configMap(sim, 'of-a', ['a'])
  sim.settle()
  remove(sim, 'a', 'Foreground')
  const { finalizers, deletionGracePeriodSeconds } = sim.store.get('ConfigMap', 'default/a')?.metadata ?? {}
  expect([finalizers, deletionGracePeriodSeconds]).toEqual([['foregroundDeletion'], 0])
  expect(left(sim)).toEqual(['a', 'of-a'])
  sim.settle()
  expect(left(sim)).toEqual([])
})

it('orphan: what it owns stays, and names no owner', () => {
  const sim = createSim({ seed: 1 })
  configMap(sim, 'a', [])
  configMap(sim, 'of-a', ['a'])
  sim.settle()
  remove(sim, 'a', 'Orphan')
  expect(sim.store.get('ConfigMap', 'default/a')?.metadata.finalizers).toEqual(['orphan'])
  sim.settle()
  expect(left(sim)).toEqual(['of-a'])
  expect(sim.store.get('ConfigMap', 'default/of-a')?.metadata.ownerReferences).toBeUndefined()
})

it('an object that is to go goes when its last finalizer is taken away', () => {
  const sim = createSim({ seed: 1 })
  const kind = findKind('v1', 'ConfigMap')
  if (!kind) throw new Error('no ConfigMap')
  const metadata = { name: 'a', namespace: 'default', finalizers: ['example.com/x'] }
  sim.api.create(kind, 'default', { apiVersion: 'v1', kind: 'ConfigMap', metadata })
  remove(sim, 'a')
  sim.settle()
  expect(left(sim)).toEqual(['a'])
  sim.api.patch(kind, 'default', 'a', 'merge', { metadata: { finalizers: null } })
  expect(left(sim)).toEqual([])
})

it('an object whose owner never was goes at once', () => {
  const sim = createSim({ seed: 1 })
  const kind = findKind('v1', 'ConfigMap')
  if (!kind) throw new Error('no ConfigMap')
  const uid = '22222222-1111-1111-1111-111111111111'
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'nope', uid }]
  const metadata = { name: 'a', namespace: 'default', ownerReferences }
  sim.api.create(kind, 'default', { apiVersion: 'v1', kind: 'ConfigMap', metadata })
  expect(left(sim)).toEqual(['a'])
  sim.settle()
  expect(left(sim)).toEqual([])
})
