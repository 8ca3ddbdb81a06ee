import { findKind } from '../src/engine/api/kinds.ts'
import type { Json } from '../src/engine/api/json.ts'
import { createSim } from '../src/engine/sim/createSim.ts'
import type { Sim } from '../src/engine/sim/createSim.ts'
import { heapMegabytes } from './heap.ts'
import type { Row } from './row.ts'

function documents(replicas: number): readonly Json[] {
  const labels = { app: 'web' }
  const container = { name: 'nginx', image: 'nginx:1.27', ports: [{ containerPort: 80, protocol: 'TCP' }] }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { clusterIP: '10.98.98.98', selector: labels, ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
    },
  ]
}

/** The lab's three nodes, with kubelets that take as many pods as the bench needs. */
function boot(replicas: number): Sim {
  return createSim({ seed: 1, shape: { podsPerNode: Math.max(110, Math.ceil(replicas / 2) + 10) } })
}

function apply(sim: Sim, bodies: readonly Json[]): void {
  for (const body of bodies) {
    const { apiVersion, kind } = body as { readonly apiVersion: string; readonly kind: string }
    const known = findKind(apiVersion, kind)
    const made = known && sim.api.create(known, 'default', body)
    if (!made?.ok) throw new Error(JSON.stringify(made))
  }
}

function fastest(times: number, run: () => number): number {
  let best = Infinity
  for (let i = 0; i < times; i++) best = Math.min(best, run())
  return best
}

/** From manifests to the first answer of the Service, all replicas being ready endpoints by then. */
function toFirstAnswer(replicas: number): number {
  const sim = boot(replicas)
  const start = performance.now()
  apply(sim, documents(replicas))
  sim.settle()
  const { outcome } = sim.request({ from: 'node/node02', to: 'http://10.98.98.98/' })
  const elapsed = performance.now() - start
  if (outcome.outcome !== 'connected') throw new Error(`no answer: ${JSON.stringify(outcome)}`)
  return elapsed
}

/** Until the controllers are at rest with every replica a ready endpoint. */
function toReady(replicas: number): number {
  const sim = boot(replicas)
  const start = performance.now()
  apply(sim, documents(replicas))
  sim.settle()
  const elapsed = performance.now() - start
  const slices = [...sim.store.indexed('EndpointSlice', 'service', 'default/web')]
  const ready = slices.reduce(
    (sum, { endpoints }) => sum + (endpoints ?? []).filter((e) => e.conditions?.ready).length,
    0,
  )
  if (ready !== replicas) throw new Error(`${ready} of ${replicas} ready`)
  return elapsed
}

/** What a cluster with that many ready replicas keeps, its change log included. */
function megabytes(replicas: number): number {
  const before = heapMegabytes()
  const sim = boot(replicas)
  apply(sim, documents(replicas))
  sim.settle()
  sim.request({ from: 'node/node02', to: 'http://10.98.98.98/' })
  return heapMegabytes() - before
}

export function bench(): Row[] {
  const first = [
    { replicas: 3, target: 20 },
    { replicas: 100, target: 40 },
    { replicas: 300, target: 80 },
    { replicas: 1000, target: 150 },
  ]
  // Once to warm up: the page has run the default scenario before anybody applies anything.
  toFirstAnswer(3)
  return [
    ...first.map(({ replicas, target }) => ({
      name: `apply to first 200, ${replicas} replicas`,
      value: fastest(3, () => toFirstAnswer(replicas)),
      unit: 'ms',
      target: `< ${target} ms`,
    })),
    { name: 'apply to ready, 1,000 replicas', value: fastest(3, () => toReady(1000)), unit: 'ms', target: '< 150 ms' },
    { name: 'apply to ready, 10,000 replicas', value: toReady(10_000), unit: 'ms', target: '< 2,000 ms' },
    { name: 'memory, 10,000 replicas ready', value: megabytes(10_000), unit: 'MB', target: '< 300 MB' },
  ]
}
