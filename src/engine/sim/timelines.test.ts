import { describe, expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { Event, KubeObject } from '../api/types.ts'
import type { Change } from '../store/store.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

const deployment = (replicas: number, image: string): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image }] } },
  },
})

const service = (app: string): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.98.98.98', selector: { app }, ports: [{ port: 80 }] },
})

function put(sim: Sim, body: Json): void {
  const { apiVersion, kind, metadata } = body as unknown as KubeObject
  const known = findKind(apiVersion, kind)
  if (!known) throw new Error(kind)
  const found = sim.api.get(known, 'default', metadata.name)
  const made = found.ok ? sim.api.replace(known, 'default', body) : sim.api.create(known, 'default', body)
  if (!made.ok) throw new Error(JSON.stringify(made.status))
}

/** Events, replica counts and endpoints as they change while `act` is answered: one line each, times from its start. */
function timeline(sim: Sim, act: () => void): string {
  const changes: Change[] = []
  sim.store.watch((change) => {
    changes.push(change)
  })
  const start = sim.now()
  act()
  sim.settle()
  const lines: string[] = []
  for (const { kind, type, object, previous, time } of changes) {
    const at = `${((time - start) / 1000).toFixed(2).padStart(7)}s`
    if (object.metadata.namespace !== 'default' && kind !== 'Node') continue
    const said = describeChange(kind, type, object, previous)
    if (said !== '') lines.push(`${at} ${said}`)
  }
  return `${lines.join('\n')}\n`
}

function describeChange(kind: string, type: string, object: KubeObject, previous: KubeObject | undefined): string {
  const { name } = object.metadata
  if (kind === 'Event') {
    const { involvedObject, reason, message, type: level } = object as Event
    const boring = ['Pulled', 'Created', 'Scheduled'].includes(reason)
    return boring
      ? ''
      : `${level === 'Normal' ? ' ' : '!'} ${involvedObject.kind}/${involvedObject.name} ${reason}: ${message}`
  }
  if (kind === 'Pod') {
    if (type === 'DELETED') return `  pod ${name} is gone`
    const before = ready(previous)
    const after = ready(object)
    return type === 'MODIFIED' && before !== after ? `  pod ${name} ${after}` : ''
  }
  if (kind === 'EndpointSlice') {
    const endpoints = (object['endpoints'] ?? []) as readonly {
      readonly conditions?: Readonly<Record<string, boolean>>
    }[]
    const count = (condition: string): number => endpoints.filter((one) => one.conditions?.[condition] === true).length
    return `  slice of web: ${endpoints.length} endpoints, ${count('ready')} ready, ${count('terminating')} terminating`
  }
  return ''
}

function ready(pod: KubeObject | undefined): string {
  if (pod?.metadata.deletionTimestamp !== undefined) return 'terminating'
  const { conditions = [] } = (pod?.['status'] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
  return conditions.find(({ type }) => type === 'Ready')?.status === 'True' ? 'ready' : 'not ready'
}

function running(replicas: number): Sim {
  const sim = createSim({ seed: 11 })
  put(sim, deployment(replicas, 'nginx:1.27'))
  put(sim, service('web'))
  sim.settle()
  return sim
}

const golden = (name: string): string => `./testdata/timeline-${name}.txt`

describe('timelines', () => {
  it('rolling update', async () => {
    const sim = running(4)
    let least = Infinity
    let most = 0
    const watch = (): void => {
      const pods = [...sim.store.sorted('Pod', 'namespace', 'default')].filter(
        ({ metadata }) => metadata.deletionTimestamp === undefined,
      )
      most = Math.max(most, pods.length)
      least = Math.min(least, pods.filter((pod) => ready(pod) === 'ready').length)
    }
    sim.cluster.loop.add({ name: 'watch', delay: 0, wakes: () => (watch(), []), reconcile: () => ({ writes: [] }) })
    const text = timeline(sim, () => {
      put(sim, deployment(4, 'nginx:1.28'))
    })
    // 25 %: at most one more, at most one less.
    expect([least, most]).toEqual([3, 5])
    await expect(text).toMatchFileSnapshot(golden('rolling-update'))
  })

  it('scale down', async () => {
    const sim = running(5)
    const text = timeline(sim, () => {
      put(sim, deployment(2, 'nginx:1.27'))
    })
    await expect(text).toMatchFileSnapshot(golden('scale-down'))
  })

  it('node failure: silence, NotReady after 50 s, eviction 300 s later, and the node comes back', async () => {
    const sim = running(2)
    const text = timeline(sim, () => {
      sim.cluster.setNodeUp('node02', false)
      sim.advance(400_000)
      sim.cluster.setNodeUp('node02', true)
    })
    await expect(text).toMatchFileSnapshot(golden('node-failure'))
  })

  it('selector edit', async () => {
    const sim = running(2)
    const text = timeline(sim, () => {
      put(sim, service('wbe'))
      sim.settle()
      put(sim, service('web'))
    })
    await expect(text).toMatchFileSnapshot(golden('selector-edit'))
  })
})
