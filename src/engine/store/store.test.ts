import { describe, expect, it } from 'vitest'
import { createRandom } from '../base/random.ts'
import type { KubeObject } from '../api/types.ts'
import { createStore } from './store.ts'
import { sameValue } from './sameValue.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'

const pod = (name: string, nodeName?: string, namespace = 'dev'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
})

describe('createStore', () => {
  it('stamps what the writer left out and keeps it on update', () => {
    const store = createStore(createRandom(1))
    store.applyWrites([{ type: 'create', object: pod('a') }], 1500)
    const created = store.get('Pod', 'dev/a')
    expect(created?.metadata).toMatchObject({
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-05T08:00:01Z',
    })
    expect(created?.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    store.applyWrites([{ type: 'update', object: pod('a', 'node02') }], 9000)
    expect(store.get('Pod', 'dev/a')?.metadata).toEqual({
      ...created?.metadata,
      resourceVersion: '2',
    })
  })

  it('raises the generation for the spec only', () => {
    const store = createStore(createRandom(1))
    store.applyWrites([{ type: 'create', object: pod('a') }], 0)
    store.applyWrites([{ type: 'update', object: { ...pod('a'), status: { phase: 'Running' } } }], 0)
    expect(store.get('Pod', 'dev/a')?.metadata.generation).toBe(1)
  })

  // v1.35.4: neither a binding nor what the kubelet reports is a new generation; DELETE with a grace period is one.
  it('raises the generation of a pod that is to go, not of one that is bound', () => {
    const store = createStore(createRandom(1))
    store.applyWrites([{ type: 'create', object: pod('a') }], 0)
    store.applyWrites([{ type: 'update', object: pod('a', 'node02') }], 0)
    const bound = store.get('Pod', 'dev/a')
    expect(bound?.metadata.generation).toBe(1)
    const metadata = { name: 'a', namespace: 'dev', deletionTimestamp: '2026-01-05T08:00:30Z' }
    store.applyWrites([{ type: 'update', object: { ...pod('a', 'node02'), metadata } }], 0)
    expect(store.get('Pod', 'dev/a')?.metadata.generation).toBe(2)
  })

  it('keeps untouched objects identical and a snapshot as it was', () => {
    const store = createStore(createRandom(1))
    store.applyWrites(
      [
        { type: 'create', object: pod('a') },
        { type: 'create', object: pod('b') },
      ],
      0,
    )
    const before = store.snapshot()
    const b = store.get('Pod', 'dev/b')
    store.applyWrites([{ type: 'delete', kind: 'Pod', key: 'dev/a' }], 0)
    expect(before.get('Pod', 'dev/a')).toBeDefined()
    expect(before.count('Pod')).toBe(2)
    expect(before.revision).toBe(2)
    expect(store.get('Pod', 'dev/a')).toBeUndefined()
    expect(store.get('Pod', 'dev/b')).toBe(b)
  })

  it('moves an object between index entries', () => {
    const store = createStore(createRandom(1))
    store.applyWrites([{ type: 'create', object: pod('a') }], 0)
    const on = (node: string): string[] => [...store.indexed('Pod', 'node', node)].map((p) => p.metadata.name)
    expect([on(''), on('node02')]).toEqual([['a'], []])
    store.applyWrites([{ type: 'update', object: pod('a', 'node02') }], 0)
    expect([on(''), on('node02')]).toEqual([[], ['a']])
    store.applyWrites([{ type: 'delete', kind: 'Pod', key: 'dev/a' }], 0)
    expect(on('node02')).toEqual([])
  })

  it('tells of changes as they are made', () => {
    const store = createStore(createRandom(1))
    const [all, services]: [string[], string[]] = [[], []]
    store.watch(({ type, key }) => {
      all.push(`${type} ${key}`)
    })
    store.watch(
      ({ type }) => {
        services.push(type)
      },
      ['Service'],
    )
    store.applyWrites([{ type: 'create', object: pod('a') }], 0)
    store.applyWrites([{ type: 'create', object: pod('a') }], 0)
    store.applyWrites([{ type: 'delete', kind: 'Pod', key: 'dev/a' }], 0)
    expect(all).toEqual(['ADDED dev/a', 'DELETED dev/a'])
    expect(services).toEqual([])
  })
})

it.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [[1, 2], [2, 1], false],
  [{}, [], false],
  ['1', 1, false],
])('sameValue(%j, %j) is %s', (a, b, want) => {
  expect(sameValue(a, b)).toBe(want)
})

it('timestamps go there and back', () => {
  expect(parseTimestamp(formatTimestamp(123_456))).toBe(123_000)
  expect(parseTimestamp('yesterday')).toBeUndefined()
})
