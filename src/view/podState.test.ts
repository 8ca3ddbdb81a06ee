import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Pod } from '../engine/index.ts'
import { podStatus } from '../shell/kubectl/print/podStatus.ts'
import { podState } from './podState.ts'

const pod = (status: object, metadata: object = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...metadata }, spec: { containers: [] }, status }) as Pod

const running = { state: { running: {} }, restartCount: 0 }

it.each([
  ['runs', pod({ phase: 'Running', containerStatuses: [running] }), { word: 'Running', restarts: 0 }],
  ['nobody has looked at it', pod({ phase: 'Pending' }), { word: 'Pending', restarts: 0 }],
  [
    'the first container in the way',
    pod({
      phase: 'Running',
      containerStatuses: [
        running,
        { state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } }, restartCount: 2 },
      ],
    }),
    { word: 'CrashLoopBackOff', message: 'back-off 10s', restarts: 2 },
  ],
  [
    'an init container before it',
    pod({
      phase: 'Pending',
      initContainerStatuses: [
        { state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        { state: { waiting: { reason: 'ErrImagePull' } } },
      ],
      containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
    }),
    { word: 'Init:ErrImagePull', restarts: 0 },
  ],
  [
    'no node takes it',
    pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes' }] }),
    { word: 'Pending', message: '0/3 nodes', restarts: 0 },
  ],
  [
    'on its way out',
    pod({ phase: 'Running' }, { deletionTimestamp: '2026-01-05T08:00:00Z' }),
    { word: 'Terminating', restarts: 0 },
  ],
])('%s', (_name, object, state) => {
  expect(podState(object)).toEqual(state)
})

const waiting = fc.constantFrom('ContainerCreating', 'PodInitializing', 'CrashLoopBackOff', 'ErrImagePull')
const containerState = fc.oneof(
  waiting.map((reason) => ({ waiting: { reason } })),
  fc.constant({ running: {} }),
  fc
    .constantFrom(0, 1)
    .map((exitCode) => ({ terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } })),
)
const container = fc.record({
  state: containerState,
  ready: fc.boolean(),
  started: fc.boolean(),
  restartCount: fc.nat(3),
  sidecar: fc.boolean(),
})
const pods = fc
  .record({
    inits: fc.array(container, { maxLength: 3 }),
    mains: fc.array(container, { maxLength: 3 }),
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
    ready: fc.constantFrom('True', 'False'),
    deleted: fc.boolean(),
  })
  .map(
    ({ inits, mains, phase, ready, deleted }) =>
      ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', ...(deleted ? { deletionTimestamp: '2026-01-05T08:00:00Z' } : {}) },
        spec: {
          initContainers: inits.map(({ sidecar }) => (sidecar ? { restartPolicy: 'Always' } : {})),
          containers: mains.map(() => ({})),
        },
        status: {
          phase,
          conditions: [{ type: 'Ready', status: ready }],
          initContainerStatuses: inits,
          containerStatuses: mains,
        },
      }) as unknown as Pod,
  )

it('is what `kubectl get pods` prints', () => {
  fc.assert(
    fc.property(pods, (object) => {
      const { word, restarts } = podState(object)
      const printed = podStatus(object, 0)
      expect({ word, restarts: String(restarts) }).toEqual({ word: printed.status, restarts: printed.restarts })
    }),
    { numRuns: 500 },
  )
})
