import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import { createSim } from './createSim.ts'

// Recorded with v1.35.4: a namespace with a Deployment of one pod and a ConfigMap that a finalizer holds is deleted. After 5 s
// the pods go, 5 s later the rest; the ConfigMap's finalizer is taken away after 25 s, and the controller looks every 8 s.

it('pods first, then the rest, then what finalizers held', () => {
  const sim = createSim({ seed: 2 })
  const make = (apiVersion: string, kind: string, body: { readonly [field: string]: Json }): void => {
    const known = findKind(apiVersion, kind)
    if (!known || !sim.api.create(known, kind === 'Namespace' ? '' : 'dev', { apiVersion, kind, ...body }).ok) {
      throw new Error(`${kind} is refused`)
    }
  }
  make('v1', 'Namespace', { metadata: { name: 'dev' } })
  sim.settle()
  make('v1', 'ConfigMap', { metadata: { name: 'cm', namespace: 'dev', finalizers: ['example.com/x'] } })
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } }
  make('apps/v1', 'Deployment', {
    metadata: { name: 'web', namespace: 'dev' },
    spec: { selector: { matchLabels: labels }, template },
  })
  sim.settle()
  const [start, lines] = [sim.now(), [] as string[]]
  sim.store.watch(({ kind, type, object, time }) => {
    if (object.metadata.namespace !== 'dev' && object.metadata.name !== 'dev') return
    if (kind === 'Event' || kind === 'ControllerRevision') return
    const { conditions = [] } = (object['status'] ?? {}) as { readonly conditions?: readonly { message: string }[] }
    const told = kind === 'Namespace' ? ` ${conditions[3]?.message ?? ''} | ${conditions[4]?.message ?? ''}` : ''
    const line = `${Math.floor((time - start) / 1000)} ${type} ${kind}${told}`
    if (type === 'DELETED' || kind === 'Namespace') lines.push(line)
  })
  const namespaces = findKind('v1', 'Namespace')
  const configMaps = findKind('v1', 'ConfigMap')
  if (!namespaces || !configMaps) throw new Error('unknown kinds')
  sim.api.remove(namespaces, '', 'dev')
  sim.advance(25_000)
  sim.api.patch(configMaps, 'dev', 'cm', 'merge', { metadata: { finalizers: null } })
  sim.advance(20_000)
  const done = 'All content successfully removed | All content-preserving finalizers finished'
  expect(lines).toEqual([
    '0 MODIFIED Namespace  | ',
    `5 MODIFIED Namespace ${done}`,
    '5 DELETED Pod',
    '10 DELETED ConfigMap',
    '10 DELETED Deployment',
    '10 DELETED ReplicaSet',
    '10 DELETED ServiceAccount',
    '10 MODIFIED Namespace Some resources are remaining: configmaps. has 1 resource instances | Some content in the namespace has finalizers remaining: example.com/x in 1 resource instances',
    '25 DELETED ConfigMap',
    `31 MODIFIED Namespace ${done}`,
    `31 DELETED Namespace ${done}`,
  ])
})
