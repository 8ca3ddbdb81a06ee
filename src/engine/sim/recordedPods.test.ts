import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { Event } from '../api/types.ts'
import { createSim } from './createSim.ts'

// Pods as the kubelet code of v1.35.4 reported them to a v1.35.4 control plane, with a container runtime that runs nothing:
// `status` after so many seconds, and every distinct event. Addresses, digests and uids are masked, times and containerIDs left out.

interface Recorded {
  readonly name: string
  readonly pod: Json
  readonly seconds: number
  readonly status: Json
  readonly events: readonly string[]
}

const cases = JSON.parse(
  readFileSync(new URL('./testdata/recordedPods.json', import.meta.url), 'utf8'),
) as readonly Recorded[]

const times = new Set(['lastTransitionTime', 'startedAt', 'finishedAt', 'startTime', 'containerID'])

function mask(text: string): string {
  return text
    .replace(/10\.244\.\d+\.\d+/g, 'POD')
    .replace(/172\.16\.210\.\d+/g, 'NODE')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/sha256:[0-9a-f]{64}/g, 'SHA')
    .replace(/kube-api-access-\w+/g, 'TOKEN')
    .replace(/node0\d/g, 'NODE')
}

function masked(value: unknown): unknown {
  return JSON.parse(mask(JSON.stringify(value, (key, item: unknown) => (times.has(key) ? undefined : item)))) as unknown
}

it.each(cases)('$name', ({ pod, seconds, status, events }) => {
  const sim = createSim({ seed: 3 })
  const kind = findKind('v1', 'Pod')
  if (!kind || !sim.api.create(kind, 'default', pod).ok) throw new Error('refused')
  sim.advance(seconds * 1000)
  expect(masked(sim.store.get('Pod', 'default/p')?.status)).toEqual(status)
  const told = [...sim.store.indexed('Event', 'namespace', 'default')]
    .filter(({ involvedObject }: Event) => involvedObject.name === 'p')
    .map(({ type, reason, involvedObject, message }) =>
      mask(`${type} ${reason} ${involvedObject.fieldPath ?? ''} ${message}`),
    )
  expect([...told].sort()).toEqual(events)
})
