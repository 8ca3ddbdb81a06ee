import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../api/json.ts'
import { findKind } from '../api/kinds.ts'
import type { Kind } from '../api/kinds.ts'
import { printStatusError } from '../api/status.ts'
import type { Service } from '../api/types.ts'
import type { Cidr } from '../base/cidr.ts'
import { invariant } from '../base/invariant.ts'
import { createRandom } from '../base/random.ts'
import { createApiServer } from './apiServer.ts'
import type { ApiServer, Response } from './apiServer.ts'
import { createStore } from './store.ts'
import type { Store } from './store.ts'

function kindOf(kind: string): Kind {
  const found = findKind('v1', kind)
  invariant(found, kind)
  return found
}
const services = kindOf('Service')

function createCluster(): { readonly api: ApiServer; readonly store: Store } {
  const random = createRandom(1)
  const store = createStore(random.fork('uids'))
  const api = createApiServer({ store, random, now: () => 0, serviceCidrs: ['10.96.0.0/28' as Cidr] })
  api.create(kindOf('Namespace'), '', { metadata: { name: 'dev' } })
  return { api, store }
}

function create(api: ApiServer, name: string, spec: JsonObject = {}): Response {
  return api.create(services, 'dev', { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })
}

function words(response: Response): string {
  return response.ok ? 'ok' : printStatusError(response.status)
}

describe('what Services hold', () => {
  it('is given back by delete and by ExternalName, also when controllers write', () => {
    const { api, store } = createCluster()
    const fixed = { type: 'NodePort', clusterIP: '10.96.0.5', ports: [{ port: 80, nodePort: 30080 }] }
    expect(words(create(api, 'a', fixed))).toBe('ok')
    expect(words(create(api, 'b', { clusterIP: '10.96.0.5' }))).toContain('provided IP is already allocated')
    api.remove(services, 'dev', 'a')
    expect(words(create(api, 'b', fixed))).toBe('ok')
    api.patch(services, 'dev', 'b', 'merge', { spec: { type: 'ExternalName', externalName: 'a.b' } })
    expect(words(create(api, 'c', fixed))).toBe('ok')
    store.applyWrites([{ type: 'delete', kind: 'Service', key: 'dev/c' }], 0)
    expect(words(create(api, 'd', fixed))).toBe('ok')
  })

  it('runs out with the words of the server', () => {
    const { api } = createCluster()
    for (let i = 0; i < 14; i++) expect(words(create(api, `s${i}`))).toBe('ok')
    const full = 'Internal error occurred: failed to allocate a serviceIP: range is full'
    expect(words(create(api, 'one-more'))).toBe(`Error from server (InternalError): ${full}`)
  })

  it('is untouched by what was refused or only tried', () => {
    const { api } = createCluster()
    const spec = { clusterIP: '10.96.0.5' }
    expect(words(create(api, 'Bad', spec))).toContain('metadata.name')
    const tried = api.create(
      services,
      'dev',
      { metadata: { name: 'dry' }, spec: { ports: [{ port: 80 }] } },
      { dryRun: true },
    )
    expect(tried.ok && (tried.object as Service).spec.clusterIP).toBe('10.96.0.0')
    expect(words(api.get(services, 'dev', 'dry'))).toBe('Error from server (NotFound): services "dry" not found')
    expect(words(create(api, 'good', spec))).toBe('ok')
  })
})

describe('writes', () => {
  it('an update without a change writes nothing', () => {
    const { api, store } = createCluster()
    create(api, 'a')
    const before = store.revision
    const same = api.patch(services, 'dev', 'a', 'merge', { spec: { type: 'ClusterIP' } })
    expect(same.ok && same.changed).toBe(false)
    expect(store.revision).toBe(before)
  })

  it('a namespace that is going takes nothing new', () => {
    const { api } = createCluster()
    api.remove(kindOf('Namespace'), '', 'dev')
    expect(words(create(api, 'a'))).toBe(
      'Error from server (Forbidden): services "a" is forbidden: unable to create new content in namespace dev because it is being terminated',
    )
  })

  it('uid and version of a new object are the server’s', () => {
    const { api } = createCluster()
    const body = { metadata: { name: 'a', uid: 'mine', resourceVersion: '999' }, spec: { ports: [{ port: 80 }] } }
    const made = api.create(services, 'dev', body)
    expect(made.ok && made.object.metadata.uid).not.toBe('mine')
    expect(words(api.replace(services, 'dev', body))).toContain('Precondition failed: UID in precondition: mine')
    const versioned = { ...body, metadata: { name: 'a', resourceVersion: '999' } }
    expect(words(api.replace(services, 'dev', versioned))).toContain('the object has been modified')
  })
})
