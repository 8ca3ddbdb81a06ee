import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { KubeObject } from '../api/types.ts'
import { keyOf } from '../store/objects.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

const label = fc.constantFrom('a', 'b')

const pod = fc.record({ app: label, image: fc.constantFrom('nginx', 'busybox', 'acme/shop', 'nginx:notfound') })

const workload = fc.record({
  app: label,
  replicas: fc.nat(4),
  kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet'),
})

const service = fc.record({
  app: label,
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  targetPort: fc.constantFrom(80, 'web'),
})

interface Plan {
  readonly pods: readonly { readonly app: string; readonly image: string }[]
  readonly workloads: readonly { readonly app: string; readonly replicas: number; readonly kind: string }[]
  readonly services: readonly { readonly app: string; readonly type: string; readonly targetPort: number | string }[]
}

const plans: fc.Arbitrary<Plan> = fc.record({
  pods: fc.array(pod, { maxLength: 3 }),
  workloads: fc.array(workload, { maxLength: 2 }),
  services: fc.array(service, { maxLength: 3 }),
})

function manifests({ pods, workloads, services }: Plan): readonly Json[] {
  const container = { name: 'c', image: 'nginx', ports: [{ name: 'web', containerPort: 80 }] }
  return [
    ...pods.map(({ app, image }, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${i}`, labels: { app } },
      spec: { containers: [{ ...container, image }] },
    })),
    ...workloads.map(({ app, replicas, kind }, i) => ({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: `work-${i}` },
      spec: {
        ...(kind === 'DaemonSet' ? {} : { replicas }),
        selector: { matchLabels: { app, work: String(i) } },
        template: { metadata: { labels: { app, work: String(i) } }, spec: { containers: [container] } },
      },
    })),
    ...services.map(({ app, type, targetPort }, i) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `service-${i}` },
      spec: { type, clusterIP: `10.96.0.${i + 100}`, selector: { app }, ports: [{ port: 80, targetPort }] },
    })),
  ]
}

function apply(sim: Sim, bodies: readonly Json[]): void {
  for (const body of bodies) {
    const { apiVersion, kind } = body as unknown as KubeObject
    const known = findKind(apiVersion, kind)
    if (!known) throw new Error(kind)
    const made = sim.api.create(known, 'default', body)
    if (!made.ok) throw new Error(JSON.stringify(made.status))
  }
}

const shape = { loadBalancer: true }

describe('properties of a cluster', () => {
  it('comes to rest, and reconciling everything again writes nothing', () => {
    fc.assert(
      fc.property(plans, fc.nat(100), (plan, seed) => {
        const sim = createSim({ seed, shape })
        apply(sim, manifests(plan))
        expect(sim.settle()).toBe(true)
        const { loop } = sim.cluster
        const wake = (controller: string, kind: string): void => {
          for (const object of sim.store.list(kind)) loop.schedule(controller, keyOf(object), loop.now())
        }
        wake('namespace', 'Namespace')
        wake('deployment', 'Deployment')
        wake('replicaset', 'ReplicaSet')
        wake('statefulset', 'StatefulSet')
        wake('daemonset', 'DaemonSet')
        wake('scheduler', 'Pod')
        wake('kubelet', 'Pod')
        wake('nodelifecycle', 'Node')
        wake('loadbalancer', 'Service')
        for (const controller of ['endpointslice', 'endpoints', 'endpointslicemirroring']) wake(controller, 'Service')
        const changes: string[] = []
        sim.store.watch(({ kind, key }) => {
          changes.push(`${kind} ${key}`)
        })
        sim.settle()
        expect(changes).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  it('the same seed and manifests give the same bytes', () => {
    fc.assert(
      fc.property(plans, fc.nat(100), (plan, seed) => {
        const run = (): string => {
          const sim = createSim({ seed, shape })
          apply(sim, manifests(plan))
          sim.settle()
          return JSON.stringify(sim.changes())
        }
        expect(run()).toBe(run())
      }),
      { numRuns: 8 },
    )
  })

  it('every ready endpoint is a ready pod that the Service selects, and every such pod is an endpoint', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const sim = createSim({ seed: 1, shape })
        apply(sim, manifests(plan))
        sim.settle()
        plan.services.forEach(({ app }, i) => {
          const slices = sim.store.sorted('EndpointSlice', 'service', `default/service-${i}`)
          const served = slices.flatMap(({ endpoints }) =>
            (endpoints ?? [])
              .filter(({ conditions }) => conditions?.ready === true)
              .map(({ targetRef }) => targetRef?.name ?? ''),
          )
          const ready = sim.store
            .sorted('Pod', 'namespace', 'default')
            .filter(
              ({ metadata, status }) =>
                metadata.labels?.['app'] === app &&
                status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true,
            )
            .map(({ metadata }) => metadata.name)
          expect(served.sort()).toEqual(ready)
        })
      }),
      { numRuns: 15 },
    )
  })

  it('deleting what was made leaves the cluster as it was', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const sim = createSim({ seed: 1, shape })
        const left = (): readonly string[] =>
          sim.store
            .kinds()
            .filter((kind) => kind !== 'Event')
            .flatMap((kind) => [...sim.store.list(kind)].map((object) => `${kind} ${keyOf(object)}`))
            .sort()
        const before = left()
        apply(sim, manifests(plan))
        sim.settle()
        for (const body of manifests(plan)) {
          const { apiVersion, kind, metadata } = body as unknown as KubeObject
          const known = findKind(apiVersion, kind)
          if (known) sim.api.remove(known, 'default', metadata.name)
        }
        sim.settle()
        expect(left()).toEqual(before)
      }),
      { numRuns: 15 },
    )
  })
})
