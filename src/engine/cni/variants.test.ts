import { expect, it } from 'vitest'
import { buildNetwork } from './network.ts'
import type { Snapshot } from '../store/snapshot.ts'

it.each([
  [undefined, { hairpinMode: true, cniMasquerade: true }],
  [{ 'kubehop.dev/bridge-hairpin': 'off' }, { hairpinMode: false, cniMasquerade: true }],
  [{ 'kubehop.dev/cni-masquerade': 'off' }, { hairpinMode: true, cniMasquerade: false }],
])('annotations of a Node switch off what its network plugin sets up: %j', (annotations, want) => {
  const node = { kind: 'Node', metadata: { name: 'node01', annotations }, spec: { podCIDR: '10.244.0.0/24' } }
  const snapshot = { list: (kind: string) => (kind === 'Node' ? [node] : []) } as unknown as Snapshot
  expect(buildNetwork(snapshot, { routeLocalnet: () => false }).nodes).toMatchObject([want])
})
