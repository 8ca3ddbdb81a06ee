import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

// Events of the service controller: k8s.io/cloud-provider v0.35.4, controllers/service/controller.go.

const service = findKind('v1', 'Service')
const node = findKind('v1', 'Node')

function running(): Sim {
  const sim = createSim({ seed: 4, shape: { loadBalancer: true } })
  const body: Json = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
  }
  if (!service || !sim.api.create(service, 'default', body).ok) throw new Error('refused')
  sim.settle()
  return sim
}

function patch(sim: Sim, kind: typeof service, namespace: string, name: string, change: Json): void {
  if (!kind || !sim.api.patch(kind, namespace, name, 'merge', change).ok) throw new Error('refused')
  sim.settle()
}

/** What was told of the Service since the last call, with the counts. */
function told(sim: Sim): readonly string[] {
  return [...sim.store.indexed('Event', 'namespace', 'default')]
    .filter(({ involvedObject }) => involvedObject.name === 'web')
    .map(({ type, reason, message, count = 0 }) => `${type} ${reason} ${count}: ${message}`)
}

const ensuring = (count: number): string => `Normal EnsuringLoadBalancer ${count}: Ensuring load balancer`
const ensured = (count: number): string => `Normal EnsuredLoadBalancer ${count}: Ensured load balancer`

it('made once, made anew for what it was made for, and told of new nodes', () => {
  const sim = running()
  expect(told(sim)).toEqual([ensuring(1), ensured(1)])
  patch(sim, service, 'default', 'web', { metadata: { labels: { a: 'b' } } })
  expect(told(sim)).toEqual([ensuring(1), ensured(1)])
  patch(sim, service, 'default', 'web', { spec: { sessionAffinity: 'ClientIP' } })
  expect(told(sim)).toEqual([ensuring(2), ensured(2)])
  const label = 'node.kubernetes.io/exclude-from-external-load-balancers'
  patch(sim, node, '', 'node02', { metadata: { labels: { [label]: '' } } })
  const updated = 'Normal UpdatedLoadBalancer 1: Updated load balancer with new hosts'
  expect(told(sim)).toEqual([ensuring(2), ensured(2), updated])
  patch(sim, node, '', 'node03', { metadata: { labels: { [label]: '' } } })
  expect(told(sim).slice(3)).toEqual([
    'Warning UnAvailableLoadBalancer 1: There are no available nodes for LoadBalancer',
  ])
})

it('taken back when the Service is no longer of this type', () => {
  const sim = running()
  patch(sim, service, 'default', 'web', { spec: { type: 'ClusterIP' } })
  expect(told(sim).slice(2)).toEqual([
    'Normal DeletingLoadBalancer 1: Deleting load balancer',
    'Normal DeletedLoadBalancer 1: Deleted load balancer',
  ])
})
