import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { Condition, KubeObject } from '../api/types.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

// Conditions and annotations of a v1.35 deployment controller: pkg/controller/deployment progress.go, sync.go.

const appsV1 = 'apps/v1'
const kind = findKind(appsV1, 'Deployment')

function patch(sim: Sim, change: Json): void {
  if (!kind) throw new Error('no Deployment')
  const made = sim.api.patch(kind, 'default', 'web', 'merge', change)
  if (!made.ok) throw new Error(JSON.stringify(made.status))
  sim.settle()
}

const template = (image: string): Json => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
})

function running(): Sim {
  const sim = createSim({ seed: 5 })
  const body: Json = {
    apiVersion: appsV1,
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', annotations: { 'kubernetes.io/change-cause': 'first' } },
    spec: {
      replicas: 2,
      progressDeadlineSeconds: 60,
      selector: { matchLabels: { app: 'web' } },
      template: template('nginx:1.27'),
    },
  }
  if (!kind || !sim.api.create(kind, 'default', body).ok) throw new Error('refused')
  sim.settle()
  return sim
}

/** `Type Status Reason message`, ReplicaSet names without their hash. */
function conditions(sim: Sim): readonly string[] {
  const { conditions: all = [] } = (sim.store.get('Deployment', 'default/web')?.status ?? {}) as {
    readonly conditions?: readonly Condition[]
  }
  return all.map(({ type, status, reason = '', message = '' }) =>
    `${type} ${status} ${reason} ${message}`.replace(/web-[0-9a-z]+/, 'web-HASH'),
  )
}

function annotations(object: KubeObject | undefined): Readonly<Record<string, string>> {
  const own = Object.entries(object?.metadata.annotations ?? {})
  return Object.fromEntries(own.filter(([key]) => /revision|change-cause/.test(key)))
}

const setsOf = (sim: Sim): readonly Readonly<Record<string, string>>[] =>
  [...sim.store.list('ReplicaSet')].filter(({ metadata }) => metadata.namespace === 'default').map(annotations)

const available = 'Available True MinimumReplicasAvailable Deployment has minimum availability.'

it('a rollout that comes to its end', () => {
  expect(conditions(running())).toEqual([
    available,
    'Progressing True NewReplicaSetAvailable ReplicaSet "web-HASH" has successfully progressed.',
  ])
})

it('a rollout that is stuck fails at its deadline, and nothing before', () => {
  const sim = running()
  patch(sim, { spec: { template: template('nginx:no-such-tag') } })
  sim.advance(50_000)
  const progressing = (): string | undefined => conditions(sim).find((one) => one.startsWith('Progressing'))
  expect(progressing()).toBe('Progressing True ReplicaSetUpdated ReplicaSet "web-HASH" is progressing.')
  sim.advance(20_000)
  expect(progressing()).toBe(
    'Progressing False ProgressDeadlineExceeded ReplicaSet "web-HASH" has timed out progressing.',
  )
  patch(sim, { spec: { template: template('nginx:1.28') } })
  expect(conditions(sim)).toEqual([
    available,
    'Progressing True NewReplicaSetAvailable ReplicaSet "web-HASH" has successfully progressed.',
  ])
})

it('pausing and resuming', () => {
  const sim = running()
  patch(sim, { spec: { paused: true } })
  expect(conditions(sim)[1]).toBe('Progressing Unknown DeploymentPaused Deployment is paused')
  patch(sim, { spec: { paused: null } })
  expect(conditions(sim)[1]).toMatch(/^Progressing True NewReplicaSetAvailable/)
})

it('a rollback takes the old ReplicaSet up again under the next revision, with its history and its cause', () => {
  const sim = running()
  patch(sim, {
    metadata: { annotations: { 'kubernetes.io/change-cause': 'second' } },
    spec: { template: template('nginx:1.28') },
  })
  patch(sim, {
    metadata: { annotations: { 'kubernetes.io/change-cause': 'first' } },
    spec: { template: template('nginx:1.27') },
  })
  expect(setsOf(sim)).toEqual([
    {
      'kubernetes.io/change-cause': 'first',
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    },
    { 'kubernetes.io/change-cause': 'second', 'deployment.kubernetes.io/revision': '2' },
  ])
  expect(annotations(sim.store.get('Deployment', 'default/web'))).toEqual({
    'kubernetes.io/change-cause': 'first',
    'deployment.kubernetes.io/revision': '3',
  })
})

it('a cause that is noted later reaches the present ReplicaSet', () => {
  const sim = running()
  patch(sim, { metadata: { annotations: { 'kubernetes.io/change-cause': 'noted later' } } })
  expect(setsOf(sim)).toEqual([
    { 'kubernetes.io/change-cause': 'noted later', 'deployment.kubernetes.io/revision': '1' },
  ])
})

it('pods on their way out are counted apart', () => {
  const sim = running()
  const set = [...sim.store.list('ReplicaSet')].find(({ metadata }) => metadata.namespace === 'default')
  expect(set?.status).toMatchObject({ replicas: 2, terminatingReplicas: 0 })
})
