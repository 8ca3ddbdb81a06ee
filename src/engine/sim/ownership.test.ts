import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
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

function remove(sim: Sim, name: string): void {
  const kind = findKind('v1', 'ConfigMap')
  if (kind) sim.api.remove(kind, 'default', name)
  sim.settle()
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
  const left = (): readonly string[] =>
    sim.store
      .sorted('ConfigMap', 'namespace', 'default')
      .map(({ metadata }) => metadata.name)
      .filter((name) => /^(a|b|of-.*)$/.test(name))
  remove(sim, 'a')
  expect(left()).toEqual(['b', 'of-both'])
  remove(sim, 'b')
  expect(left()).toEqual([])
})
