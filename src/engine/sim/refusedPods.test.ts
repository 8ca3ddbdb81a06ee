import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { Condition, KubeObject } from '../api/types.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

// What the API server forbids of a ReplicaSet's pods: pkg/controller/replicaset manageReplicas, v1.35.

function put(sim: Sim, body: Json): void {
  const { apiVersion, kind } = body as unknown as KubeObject
  const known = findKind(apiVersion, kind)
  if (!known) throw new Error(kind)
  const made = sim.api.create(known, 'default', body)
  if (!made.ok) throw new Error(JSON.stringify(made.status))
  sim.settle()
}

const deployment = (spec: { readonly [field: string]: Json }): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec } },
  },
})

const pods = (sim: Sim): number =>
  [...sim.store.list('Pod')].filter(({ metadata }) => metadata.labels?.['app'] === 'web').length

function failure(object: KubeObject | undefined): string | undefined {
  const { conditions } = (object?.['status'] ?? {}) as { readonly conditions?: readonly Condition[] }
  return conditions?.find(({ type }) => type === 'ReplicaFailure')?.message?.replace(/web-[a-z0-9]+-/, 'web-HASH-')
}

it.each<{ name: string; spec: { readonly [field: string]: Json }; why: string; remedy: Json }>([
  {
    name: 'no such service account',
    spec: { serviceAccountName: 'robot' },
    why: 'error looking up service account default/robot: serviceaccount "robot" not found',
    remedy: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } },
  },
  {
    name: 'no such priority class',
    spec: { priorityClassName: 'high' },
    why: 'no PriorityClass with name high was found',
    remedy: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 7 },
  },
])('$name', ({ spec, why, remedy }) => {
  const sim = createSim({ seed: 3 })
  put(sim, deployment(spec))
  const message = `pods "web-HASH-" is forbidden: ${why}`
  const [set] = [...sim.store.list('ReplicaSet')].filter((one) => one.metadata.name.startsWith('web-'))
  expect(pods(sim)).toBe(0)
  expect(failure(set)).toBe(message)
  expect(failure(sim.store.get('Deployment', 'default/web'))).toBe(message)
  const told = [...sim.store.list('Event')].filter(({ reason }) => reason === 'FailedCreate')
  expect(told.map((event) => event.message.replace(/web-[a-z0-9]+-/, 'web-HASH-'))).toEqual([
    `Error creating: ${message}`,
  ])
  put(sim, remedy)
  expect(pods(sim)).toBe(2)
  expect(failure(sim.store.get('Deployment', 'default/web'))).toBeUndefined()
})

it('takes secrets and the token from the account, and resolves label keys by the labels of the template', () => {
  const sim = createSim({ seed: 3 })
  put(sim, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'robot', namespace: 'default' },
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'registry' }],
  })
  const labelSelector = { matchLabels: { app: 'web' } }
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector,
    matchLabelKeys: ['pod-template-hash'],
  }
  put(sim, deployment({ serviceAccountName: 'robot', topologySpreadConstraints: [spread] }))
  const [pod] = [...sim.store.list('Pod')].filter(({ metadata }) => metadata.labels?.['app'] === 'web')
  const hash = pod?.metadata.labels?.['pod-template-hash'] ?? ''
  expect(pod?.spec).toMatchObject({
    imagePullSecrets: [{ name: 'registry' }],
    topologySpreadConstraints: [
      {
        labelSelector: {
          ...labelSelector,
          matchExpressions: [{ key: 'pod-template-hash', operator: 'In', values: [hash] }],
        },
      },
    ],
  })
  expect(pod?.spec['volumes']).toBeUndefined()
})
