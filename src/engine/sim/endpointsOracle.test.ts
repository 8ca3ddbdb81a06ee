import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { KubeObject } from '../api/types.ts'
import { runControllers } from './world.ts'

// What the controllers of a v1.35.4 control plane made of each cluster: EndpointSlices and Endpoints.
interface Case {
  readonly id: string
  readonly title: string
  readonly objects: readonly KubeObject[]
  readonly slices: readonly KubeObject[]
  readonly endpoints: readonly KubeObject[]
}

const cases = JSON.parse(readFileSync(new URL('testdata/endpoints.json', import.meta.url), 'utf8')) as readonly Case[]

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
      .filter(([, item]) => item !== undefined)
      .map(([key, item]): readonly [string, unknown] => [key, sortLists(item)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

it.each(cases)('$id: $title', ({ objects, slices, endpoints }) => {
  const made = runControllers(objects, ['endpointslice', 'endpoints', 'endpointslicemirroring'])
  const of = (kind: string): unknown => sortLists(made.filter((object) => object.kind === kind).map(comparable))
  expect(of('EndpointSlice')).toEqual(sortLists(slices.map(comparable)))
  expect(of('Endpoints')).toEqual(sortLists(endpoints.map(comparable)))
})

it('the order of the objects makes no difference', () => {
  const contents = (objects: readonly KubeObject[]): unknown =>
    sortLists(runControllers(objects, ['endpointslice', 'endpoints', 'endpointslicemirroring']).map(comparable))
  for (const { objects } of cases) expect(contents([...objects].reverse())).toEqual(contents(objects))
})
