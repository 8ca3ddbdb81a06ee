import { expect, it } from 'vitest'
import type { Pod } from '../engine/index.ts'
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
