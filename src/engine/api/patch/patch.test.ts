import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../json.ts'
import { goType } from '../schema/types.ts'
import { applyMergePatch, applyStrategicPatch } from './apply.ts'
import { threeWayPatch } from './diff.ts'
import { applyJsonPatch } from './jsonPatch.ts'

const service = goType('Service')

describe('apply: three-way', () => {
  it.each<{ name: string; original: JsonObject; modified: JsonObject; current: JsonObject; patch: JsonObject }>([
    {
      name: 'nothing to do; fields of others stay',
      original: { spec: { type: 'NodePort' } },
      modified: { spec: { type: 'NodePort' } },
      current: { spec: { type: 'NodePort', clusterIP: '10.96.0.5' } },
      patch: {},
    },
    {
      name: 'a field leaves the manifest',
      original: { spec: { type: 'NodePort', selector: { a: 'b' } } },
      modified: { spec: { selector: { a: 'c' } } },
      current: { spec: { type: 'NodePort', selector: { a: 'b', x: 'y' } } },
      patch: { spec: { type: null, selector: { a: 'c' } } },
    },
    {
      name: 'a port by its number: changed, added, removed',
      original: { spec: { ports: [{ port: 80, nodePort: 30080 }, { port: 90 }] } },
      modified: { spec: { ports: [{ port: 80 }, { port: 81 }] } },
      current: {
        spec: {
          ports: [
            { port: 80, nodePort: 30080, protocol: 'TCP' },
            { port: 90, protocol: 'TCP' },
          ],
        },
      },
      patch: {
        spec: {
          $setElementOrder$: null,
          ports: [{ nodePort: null, port: 80 }, { port: 81 }, { $patch: 'delete', port: 90 }],
        },
      },
    },
  ])('$name', ({ original, modified, current, patch }) => {
    const made = JSON.parse(
      JSON.stringify(threeWayPatch(original, modified, current, service).patch).replace(
        /"\$setElementOrder\/ports":\[[^\]]*\]/,
        '"$setElementOrder$":null',
      ),
    ) as unknown
    expect(made).toEqual(patch)
  })

  it('two ports of one number: only the first takes changes (the merge key is the number)', () => {
    const ports = (target: number): Json => [
      { name: 'a', port: 53, protocol: 'TCP', targetPort: target },
      { name: 'b', port: 53, protocol: 'UDP', targetPort: target },
    ]
    const [before, after] = [{ spec: { ports: ports(53) } }, { spec: { ports: ports(5353) } }]
    const { patch } = threeWayPatch(before, after, before, service)
    const { result } = applyStrategicPatch(before, patch, service)
    expect(result).toMatchObject({ spec: { ports: [{ targetPort: 5353 }, { targetPort: 53 }] } })
  })

  it('has every field of the manifest afterwards, and what it dropped is gone', () => {
    const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { noNullPrototype: true })
    const ports = fc.uniqueArray(fc.record({ port: fc.integer({ min: 1, max: 4 }), name: fc.constantFrom('x', 'y') }), {
      selector: ({ port }) => port,
      maxLength: 4,
    })
    const spec = fc.record(
      { selector: map, ports, type: fc.constantFrom('ClusterIP', 'NodePort') },
      { requiredKeys: [] },
    )
    const body = fc.record({ spec })
    fc.assert(
      fc.property(body, body, body, (original, modified, current) => {
        const { patch } = threeWayPatch(original, modified, current, service)
        const { result } = applyStrategicPatch(current, patch, service)
        const after = result['spec'] as JsonObject
        const { selector, type } = modified.spec
        const others = { ...(selector && { selector }), ...(type && { type }) }
        expect(after).toMatchObject(others)
        const kept = ((after['ports'] ?? []) as readonly { readonly port: number }[]).map(({ port }) => port)
        const wanted = (modified.spec.ports ?? []).map(({ port }) => port)
        expect(kept.filter((port) => wanted.includes(port))).toEqual(wanted)
        const dropped = (original.spec.ports ?? []).map(({ port }) => port).filter((port) => !wanted.includes(port))
        expect(kept.filter((port) => dropped.includes(port))).toEqual([])
        for (const key of Object.keys(original.spec)) if (!(key in modified.spec)) expect(after).not.toHaveProperty(key)
      }),
      { numRuns: 1000, seed: 35 },
    )
  })
})

describe('merge and JSON patches', () => {
  it('RFC 7386', () => {
    expect(applyMergePatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: 3 }, d: [2] })).toEqual({
      a: { c: 2, e: 3 },
      d: [2],
    })
  })

  it.each<[Json, Json | undefined]>([
    [[{ op: 'replace', path: '/a/0', value: 9 }], { a: [9, 2], b: { c: 3 } }],
    [[{ op: 'add', path: '/a/-', value: 4 }], { a: [1, 2, 4], b: { c: 3 } }],
    [[{ op: 'remove', path: '/b/c' }], { a: [1, 2], b: {} }],
    [[{ op: 'move', from: '/b/c', path: '/d' }], { a: [1, 2], b: {}, d: 3 }],
    [[{ op: 'test', path: '/b/c', value: 4 }], undefined],
    [[{ op: 'remove', path: '/nope' }], undefined],
    [{ op: 'add' }, undefined],
  ])('RFC 6902: %j', (patch, want) => {
    expect(applyJsonPatch({ a: [1, 2], b: { c: 3 } }, patch)).toEqual(want)
  })
})
