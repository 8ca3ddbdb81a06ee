import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kinds } from '../engine/index.ts'
import { parseManifests } from '../manifest/parseManifests.ts'
import type { CommandResult } from './commandResult.ts'
import { emptyShell } from './testing/emptyCluster.ts'

const recorded = (
  JSON.parse(readFileSync(new URL('testdata/validation.json', import.meta.url), 'utf8')) as readonly {
    readonly files: Readonly<Record<string, string>>
  }[]
).flatMap(({ files }) => Object.values(files))

/** Applies the text twice and then replaces with it: an answer each time, and one that says something. */
function apply(text: string): void {
  const shell = emptyShell({ files: { 'f.yaml': text }, namespaces: ['dev'] })
  for (const command of ['kubectl apply -f f.yaml', 'kubectl apply -f f.yaml', 'kubectl replace -f f.yaml']) {
    check(shell.run(command))
  }
  check(shell.run('kubectl get svc,pods,deploy,ep,endpointslices -A -o yaml'))
}

function check({ stdout, stderr, rc }: CommandResult): void {
  expect(rc === 0 || rc === 1).toBe(true)
  expect(rc === 0 ? stdout : stderr).not.toBe('')
  expect(`${stdout}${stderr}`).not.toMatch(/\bundefined\b|\[object Object\]|NaN/)
}

type Tree = Record<string, unknown>

const scalars = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    0,
    -1,
    80,
    70000,
    1e30,
    0.5,
    'None',
    '10.96.0.10',
    'TCP',
    '__proto__',
    'x y',
  ),
  fc.string({ maxLength: 8 }).filter((text) => text !== 'NaN'),
  fc.integer(),
)
const trees = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    scalars,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('name', 'ports', 'spec', '__proto__', 'port', 'toString', 'labels'), tie('tree'), {
      maxKeys: 3,
    }),
  ),
})).tree

const fields = [
  'metadata',
  'spec',
  'status',
  'type',
  'ports',
  'selector',
  'clusterIP',
  'clusterIPs',
  'ipFamilies',
  'replicas',
  'template',
  'subsets',
  'endpoints',
  'addressType',
  'data',
  'strategy',
  'containers',
  'labels',
  'annotations',
] as const

/** A tree with one place in it replaced, removed or filled with something else. */
function mutate(tree: unknown, path: readonly number[], value: unknown, key: string): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof tree !== 'object' || tree === null) return value
  if (Array.isArray(tree)) {
    const list = tree as readonly unknown[]
    if (list.length === 0) return [value]
    const at = step % list.length
    return list.map((item, i) => (i === at ? mutate(item, rest, value, key) : item))
  }
  const map = tree as Tree
  const names = Object.keys(map)
  const at = step % (names.length + 1)
  const name = names[at] ?? key
  const next: Tree = { ...map }
  Object.defineProperty(next, name, {
    value: mutate(map[name], rest, value, key),
    enumerable: true,
    configurable: true,
    writable: true,
  })
  return next
}

describe('any manifest gets an answer', () => {
  it('random trees under every kind', () => {
    const kind = fc.constantFrom(...kinds)
    const body = fc.dictionary(fc.constantFrom(...fields), trees, { maxKeys: 5 })
    fc.assert(
      fc.property(kind, body, ({ kind: name, group, version }, tree) => {
        apply(JSON.stringify({ ...tree, apiVersion: group === '' ? version : `${group}/${version}`, kind: name }))
      }),
      { numRuns: 300, seed: 35 },
    )
  })

  it('recorded manifests with one place changed', () => {
    const bodies = recorded.flatMap((text) => parseManifests(text, 'f').documents.map(({ object }) => object))
    const path = fc.array(fc.nat(9), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.constantFrom(...bodies), path, trees, fc.constantFrom(...fields), (body, steps, value, key) => {
        apply(JSON.stringify(mutate(body, steps, value, key)))
      }),
      { numRuns: 600, seed: 35 },
    )
  })

  it('recorded texts with characters changed', () => {
    const character = fc.constantFrom(...Array.from('\t\n :-[]{},"\'&*!|>#%@`?~x0\u0000\u2028'))
    fc.assert(
      fc.property(fc.constantFrom(...recorded), fc.nat(), character, fc.nat(3), (text, at, c, cut) => {
        const place = at % (text.length + 1)
        apply(text.slice(0, place) + c + text.slice(place + cut))
      }),
      { numRuns: 600, seed: 35 },
    )
  })

  it.each<[string, string]>([
    ['a billion pods', workload(1e9)],
    [
      'a prototype key',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {__proto__: b}}\n__proto__: {x: y}\n',
    ],
    ['an alias to itself', 'apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: a, labels: *m}\n'],
    ['a list of lists', `apiVersion: v1\nkind: List\nitems: ${'['.repeat(900)}${']'.repeat(900)}\n`],
    ['nested lists', '{"apiVersion":"v1","kind":"List","items":['.repeat(300) + ']}'.repeat(300)],
    ['5 MB of data', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: "${'x'.repeat(5_000_000)}"\n`],
    ['5000 ports', manyPorts(5000)],
  ])('%s', (_, text) => {
    apply(text)
  })
})

function workload(replicas: number): string {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
  const spec = { replicas, selector: { matchLabels: { a: 'b' } }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec })
}

function manyPorts(count: number): string {
  const ports = Array.from({ length: count }, (_, i) => ({ name: `p${i}`, port: i + 1 }))
  const metadata = { name: 'a', namespace: 'dev' }
  return JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'NodePort', ports } })
}
