import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Endpoints, EndpointSlice, Event, KubeObject } from '../api/types.ts'
import { runControllers } from './world.ts'

// What the controllers of a v1.35.4 control plane made of each cluster: EndpointSlices and Endpoints.
// endpoints.json: recorded from whole control planes. endpointsRandom.json: random clusters, hostile ones among them, given
// to the three controllers of k8s.io/kubernetes v1.35.4 over an API of the test's own, with the events that they recorded.
interface Case {
  readonly id: string
  readonly title: string
  readonly objects: readonly KubeObject[]
  readonly slices: readonly KubeObject[]
  readonly endpoints: readonly KubeObject[]
  /** `Kind/name type reason component message`. */
  readonly events?: readonly string[]
}

const casesOf = (file: string): readonly Case[] =>
  JSON.parse(readFileSync(new URL(`testdata/${file}`, import.meta.url), 'utf8')) as readonly Case[]
const cases = [...casesOf('endpoints.json'), ...casesOf('endpointsRandom.json')]

/** Without what a recording cannot fix: generated names, uids, versions, times. Lists without order are sorted. */
function comparable(object: KubeObject): unknown {
  const { metadata, ...rest } = object
  const content = { ...rest, kind: undefined, apiVersion: undefined }
  const { name, generateName, namespace, labels, annotations, ownerReferences } = metadata
  const kept = Object.keys(annotations ?? {}).filter((key) => !/last-applied-configuration$/.test(key))
  return sortLists({
    name: generateName ?? name,
    namespace,
    labels: labels ?? {},
    annotations: kept.sort(),
    ownerReferences: (ownerReferences ?? []).map((owner) => ({ ...owner, uid: '' })),
    ...content,
  })
}

function sortLists(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortLists).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => item !== undefined && key !== 'resourceVersion')
      .map(([key, item]): readonly [string, unknown] => [key, sortLists(item)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

it.each(cases)('$id: $title', ({ objects, slices, endpoints, events }) => {
  const made = runControllers(objects, ['endpointslice', 'endpoints', 'endpointslicemirroring'])
  const of = (kind: string): unknown => sortLists(made.filter((object) => object.kind === kind).map(comparable))
  expect(of('EndpointSlice')).toEqual(sortLists(slices.map(comparable)))
  expect(of('Endpoints')).toEqual(sortLists(endpoints.map(comparable)))
  if (events) expect(eventLines(made)).toEqual(events)
})

function eventLines(objects: readonly KubeObject[]): readonly string[] {
  const lines = objects
    .filter((object): object is Event => object.kind === 'Event')
    .map(
      ({ involvedObject, type, reason, source, message }) =>
        `${involvedObject.kind}/${involvedObject.name} ${type} ${reason} ${source.component ?? ''} ${message}`,
    )
  return [...new Set(lines)].sort()
}

// Ports stand in the order of a hash, in slices and in Endpoints, whatever the order of the Service's.
it.each(cases)('$id: the order of ports', ({ objects, slices, endpoints }) => {
  const made = runControllers(objects, ['endpointslice', 'endpoints', 'endpointslicemirroring'])
  const orders = (all: readonly KubeObject[]): readonly string[] =>
    all
      .flatMap((object) => [object as EndpointSlice, ...((object as Endpoints).subsets ?? [])])
      .map(({ ports }) => (ports ?? []).map(({ name, port }) => `${name ?? ''} ${port ?? ''}`).join())
      .sort()
  expect(orders(made.filter(({ kind }) => kind === 'EndpointSlice'))).toEqual(orders(slices))
  expect(orders(made.filter(({ kind }) => kind === 'Endpoints'))).toEqual(orders(endpoints))
})

it('the order of the objects makes no difference', () => {
  const contents = (objects: readonly KubeObject[]): unknown =>
    sortLists(runControllers(objects, ['endpointslice', 'endpoints', 'endpointslicemirroring']).map(comparable))
  for (const { objects } of cases) expect(contents([...objects].reverse())).toEqual(contents(objects))
})
