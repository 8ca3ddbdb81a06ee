import { expect, it } from 'vitest'
import type { KubeObject } from '../engine/index.ts'
import { objectEvents } from './objectEvents.ts'

const event = (revision: number, uid: string, fields: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `e${revision}`, namespace: 'dev', resourceVersion: String(revision) },
  involvedObject: { kind: 'Pod', namespace: 'dev', name: 'p', uid },
  type: 'Normal',
  ...fields,
})

it('tells an object’s own events in the order of time, then of writing', () => {
  const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'dev', uid: 'new' } }
  const time = (second: number): string => `2026-01-05T08:00:0${second}Z`
  const events = [
    event(9, 'new', { type: 'Warning', reason: 'BackOff', message: 'again', count: 3, lastTimestamp: time(3) }),
    event(5, 'new', { reason: 'Started', message: 'b', lastTimestamp: time(2) }),
    event(4, 'new', { reason: 'Created', message: 'a', lastTimestamp: time(2) }),
    event(2, 'new', { reason: 'Scheduled', message: 'to node02', lastTimestamp: null, eventTime: time(1) }),
    event(1, 'old', { reason: 'Killing', message: 'of its namesake', lastTimestamp: time(1) }),
  ]
  expect(objectEvents(pod, [pod, ...events])).toEqual([
    'Scheduled: to node02',
    'Created: a',
    'Started: b',
    'Warning BackOff ×3: again',
  ])
})
