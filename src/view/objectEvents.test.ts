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

it('keeps an old warning rather than the news of a healthy container', () => {
  const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'dev', uid: 'u' } }
  const warning = event(1, 'u', { type: 'Warning', reason: 'Failed', message: 'not found', lastTimestamp: 'a' })
  const news = Array.from({ length: 8 }, (_, i) =>
    event(i + 2, 'u', { reason: 'Pulled', message: `${i}`, lastTimestamp: 'b' }),
  )
  const told = objectEvents(pod, [...news, warning])
  expect(told[0]).toBe('Warning Failed: not found')
  expect(told.slice(1)).toEqual([3, 4, 5, 6, 7].map((i) => `Pulled: ${i}`))
})
