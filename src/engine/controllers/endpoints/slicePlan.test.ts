import { describe, expect, it } from 'vitest'
import type { EndpointSlice, SliceEndpoint } from '../../api/types.ts'
import { placeholder, planSlices } from './slicePlan.ts'
import type { PlannedSlice } from './slicePlan.ts'

const ports = [{ name: '', port: 80, protocol: 'TCP' as const }]

const endpoint = (i: number, ready = true): SliceEndpoint => ({
  addresses: [`10.244.${Math.floor(i / 250)}.${(i % 250) + 2}`],
  conditions: { ready, serving: ready, terminating: false },
  targetRef: { kind: 'Pod', name: `p${i}` },
})

const options = { max: 100, labelsDiffer: () => false }

const range = (from: number, to: number): readonly SliceEndpoint[] =>
  Array.from({ length: to - from }, (_, i) => endpoint(from + i))

const slice = (name: string, endpoints: readonly SliceEndpoint[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name },
  addressType: 'IPv4',
  endpoints,
  ports,
})

/** `name count`, `*` behind a slice that would be written. */
function show(plan: readonly PlannedSlice[]): readonly string[] {
  return plan.map(
    ({ existing, endpoints, touched }) =>
      `${existing?.metadata.name ?? 'new'} ${endpoints.length}${touched ? '*' : ''}`,
  )
}

describe('planSlices', () => {
  // Counts as a real control plane had them.
  it.each([
    { name: '101 fresh endpoints', existing: [], wanted: range(0, 101), want: ['new 100*', 'new 1*'] },
    { name: '230 fresh endpoints', existing: [], wanted: range(0, 230), want: ['new 100*', 'new 100*', 'new 30*'] },
    {
      name: '150 down to 60: never merged',
      existing: [slice('a', range(0, 100)), slice('b', range(100, 150))],
      wanted: [...range(0, 45), ...range(100, 115)],
      want: ['a 45*', 'b 15*'],
    },
    {
      name: 'one more goes into the fullest slice that has room',
      existing: [slice('a', range(0, 10)), slice('b', range(10, 60))],
      wanted: range(0, 61),
      want: ['a 10', 'b 51*'],
    },
    {
      name: 'a slice that changes anyway is filled first',
      existing: [slice('a', range(0, 10)), slice('b', range(10, 60))],
      wanted: [...range(1, 60), endpoint(70)],
      want: ['a 10*', 'b 50'],
    },
    {
      name: 'what fits in no single slice gets a new one',
      existing: [slice('a', range(0, 99)), slice('b', range(100, 198))],
      wanted: [...range(0, 99), ...range(100, 198), ...range(300, 303)],
      want: ['a 99', 'b 98', 'new 3*'],
    },
    { name: 'an emptied slice is left out', existing: [slice('a', range(0, 2))], wanted: [], want: [] },
    { name: 'nothing to do', existing: [slice('a', range(0, 2))], wanted: range(0, 2), want: ['a 2'] },
  ])('$name', ({ existing, wanted, want }) => {
    const plan = planSlices(wanted.length > 0 ? [{ ports, endpoints: wanted }] : [], existing, options)
    expect(show(plan)).toEqual(want)
    const placed = plan.flatMap(({ endpoints }) => endpoints.map(({ targetRef }) => targetRef?.name ?? ''))
    expect(placed.sort()).toEqual(wanted.map(({ targetRef }) => targetRef?.name ?? '').sort())
  })

  it('takes a changed endpoint over where it stands', () => {
    const old = range(0, 2)
    const plan = planSlices([{ ports, endpoints: [endpoint(0), endpoint(1, false)] }], [slice('a', old)], options)
    expect(show(plan)).toEqual(['a 2*'])
    expect(plan[0]?.endpoints[1]?.conditions?.ready).toBe(false)
  })

  it('the placeholder keeps an existing empty slice', () => {
    const empty = { ...slice('e', []), ports: null }
    const other = { ...empty, metadata: { name: 'e', labels: { tier: 'old' } } }
    expect(show([placeholder([], {}), placeholder([empty], {}), placeholder([other], {})])).toEqual([
      'new 0*',
      'e 0',
      'new 0*',
    ])
    expect(show([placeholder([other], { tier: 'old' })])).toEqual(['e 0'])
  })
})
