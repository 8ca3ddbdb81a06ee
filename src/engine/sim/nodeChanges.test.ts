import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

// Recorded with a v1.35.4 control plane: kubectl cordon, uncordon and delete node.

const node = findKind('v1', 'Node')
const deployment = findKind('apps/v1', 'Deployment')

function patch(sim: Sim, name: string, change: Json): void {
  if (!node || !sim.api.patch(node, '', name, 'merge', change).ok) throw new Error('refused')
  sim.settle()
}

function nodeEvents(sim: Sim): readonly string[] {
  return [...sim.store.indexed('Event', 'namespace', 'default')]
    .filter(({ involvedObject }) => involvedObject.kind === 'Node')
    .map(({ reason, message, source }) => `${source.component ?? ''} ${reason}: ${message}`)
}

it('a cordoned node is tainted, an uncordoned one is not', () => {
  const sim = createSim({ seed: 2 })
  const taints = (): Json =>
    (sim.store.get('Node', 'node02')?.spec.taints ?? []).map(({ key, effect }) => [key, effect])
  patch(sim, 'node02', { spec: { unschedulable: true } })
  expect(taints()).toEqual([['node.kubernetes.io/unschedulable', 'NoSchedule']])
  patch(sim, 'node02', { spec: { unschedulable: null } })
  expect(taints()).toEqual([])
  expect(nodeEvents(sim)).toEqual([
    'kubelet NodeNotSchedulable: Node node02 status is now: NodeNotSchedulable',
    'kubelet NodeSchedulable: Node node02 status is now: NodeSchedulable',
  ])
})

it('the pods of a deleted node stay for 40 to 60 s, then fail and go', () => {
  const sim = createSim({ seed: 2 })
  const labels = { app: 'web' }
  const spec = {
    nodeSelector: { 'kubernetes.io/hostname': 'node03' },
    containers: [{ name: 'c', image: 'nginx:1.27' }],
  }
  const body: Json = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
  if (!node || !deployment || !sim.api.create(deployment, 'default', body).ok) throw new Error('refused')
  sim.settle()
  const [pod] = sim.store.sorted('Pod', 'namespace', 'default')
  const told: string[] = []
  sim.store.watch(({ type, object }) => {
    if (object.metadata.uid !== pod?.metadata.uid) return
    const { phase, conditions = [] } = object['status'] as NonNullable<typeof pod>['status'] & object
    const disrupted = conditions.find((one) => one.type === 'DisruptionTarget')
    told.push(`${type} ${phase ?? ''} ${disrupted?.reason ?? ''}: ${disrupted?.message ?? ''}`)
  })
  sim.api.remove(node, '', 'node03')
  sim.advance(40_000)
  expect(told).toEqual([])
  expect(nodeEvents(sim)).toEqual([
    'node-controller RemovingNode: Node node03 event: Removing Node node03 from Controller',
  ])
  sim.advance(20_000)
  const last = 'Failed DeletionByPodGC: PodGC: node no longer exists'
  expect(told).toEqual([`MODIFIED ${last}`, `DELETED ${last}`])
})
