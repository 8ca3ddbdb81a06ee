import { describe, expect, it } from 'vitest'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'
import { findKind } from '../api/kinds.ts'
import { invariant } from '../base/invariant.ts'
import type { Json } from '../api/json.ts'
import type { Trace } from '../trace/event.ts'

const laptop = 'host/172.16.210.100'

function apply(sim: Sim, ...objects: readonly { apiVersion: string; kind: string; metadata: object }[]): void {
  for (const object of objects) {
    const kind = findKind(object.apiVersion, object.kind)
    invariant(kind, object.kind)
    const namespace = (object.metadata as { namespace?: string }).namespace ?? 'default'
    const made = sim.api.create(kind, namespace, object as unknown as Json)
    invariant(made.ok, JSON.stringify(made))
  }
  sim.settle()
}

const config = (data: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'outside-world', namespace: 'kube-system' },
  data,
})
const client = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client' },
  spec: { containers: [{ name: 'c', image: 'busybox' }] },
}
const web = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { nodeName: 'node03', containers: [{ name: 'c', image: 'nginx' }] },
}
const service = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
const balanced = (policy: 'Cluster' | 'Local') =>
  service('web', {
    type: 'LoadBalancer',
    selector: { app: 'web' },
    externalTrafficPolicy: policy,
    ports: [{ port: 80, nodePort: 30080 }],
  })

const words = ({ events }: Trace, type: 'sent' | 'dropped' | 'balanced'): readonly string[] =>
  events.flatMap((event) => {
    if (event.type !== type) return []
    if (event.type === 'sent') return [event.why]
    return [event.type === 'dropped' ? event.reason : event.candidates.map(({ label }) => label).join(' ')]
  })

describe('a request to a name', () => {
  it('asks A and AAAA for every name of the search list, then connects; again the same', () => {
    const sim = createSim({ seed: 1 })
    apply(sim, client, web, service('web', { selector: { app: 'web' }, ports: [{ port: 80 }] }))
    for (let i = 0; i < 2; i++) {
      const trace = sim.request({ from: 'pod/default/client', to: 'http://web.default/' })
      expect(trace.outcome).toMatchObject({ outcome: 'connected', pod: 'default/web' })
      expect(words(trace, 'sent').slice(0, 9)).toEqual([
        'A? web.default.default.svc.cluster.local.',
        'AAAA? web.default.default.svc.cluster.local.',
        'NXDOMAIN',
        'NXDOMAIN',
        'A? web.default.svc.cluster.local.',
        'AAAA? web.default.svc.cluster.local.',
        expect.stringMatching(/^A 10\./),
        'no AAAA record',
        'SYN',
      ])
      const ids = new Set(trace.events.flatMap((event) => (event.type === 'sent' ? [event.packet.id] : [])))
      expect(ids.size).toBe(words(trace, 'sent').length)
      expect(trace.events.map(({ time }) => time)).toEqual(trace.events.map(({ time }) => time).sort((a, b) => a - b))
      expect(trace.events.at(-1)).toMatchObject({ type: 'concluded', outcome: trace.outcome })
    }
  })

  it('a name that nobody knows ends without a connection, in its own words', () => {
    const sim = createSim({ seed: 1 })
    apply(sim, client)
    const trace = sim.request({ from: 'pod/default/client', to: 'http://nobody/' })
    expect(trace.outcome).toEqual({
      outcome: 'unreachable',
      nameError: 'EAI_NONAME',
      answer: 'Could not resolve host: nobody',
    })
    expect(words(trace, 'sent').filter((why) => why.startsWith('A? '))).toHaveLength(5)
    expect(words(trace, 'sent')).not.toContain('SYN')
  })

  it('without coredns pods every name fails', () => {
    const sim = createSim({ seed: 1 })
    apply(sim, client)
    const coredns = sim.store.get('Deployment', 'kube-system/coredns')
    invariant(coredns, 'coredns')
    sim.store.applyWrites(
      [{ type: 'update', object: { ...coredns, spec: { ...coredns.spec, replicas: 0 } } }],
      sim.now(),
    )
    sim.settle()
    const { outcome } = sim.request({ from: 'pod/default/client', to: 'http://kubernetes.default/' })
    expect(outcome).toMatchObject({ outcome: 'unreachable', nameError: 'EAI_AGAIN' })
  })
})

describe('the world outside', () => {
  it('an ExternalName leads out of the cluster with the node as source; the site refuses the Service’s name', () => {
    const sim = createSim({ seed: 1 })
    apply(sim, client, service('ext', { type: 'ExternalName', externalName: 'www.baidu.com' }))
    const trace = sim.request({ from: 'pod/default/client', to: 'http://ext/' })
    expect(words(trace, 'sent')).toContain('A? www.baidu.com.')
    expect(trace.outcome.sourceSeen).toMatch(/^172\.16\.210\.1[123]$/)
    expect(trace.outcome.server).toMatch(/^39\.156\.66\.1[48]:80$/)
    expect(trace.outcome.pod).toBeUndefined()
    expect(trace.outcome.answer).toContain('403 Forbidden')
    const own = sim.request({ from: 'pod/default/client', to: 'http://www.baidu.com/' })
    expect(own.outcome.answer).toContain('<h1>www.baidu.com</h1>')
  })

  it('names and their sites can be changed in the scenario', () => {
    const sim = createSim({ seed: 1 })
    apply(sim, client, config({ names: 'shop.example.org 60 CNAME s.example.org\ns.example.org A 198.51.100.7' }))
    const { outcome } = sim.request({ from: 'pod/default/client', to: 'http://shop.example.org/' })
    expect(outcome).toMatchObject({ outcome: 'connected', server: '198.51.100.7:80' })
  })

  it('without a cloud the address stays pending; with one, a balancer passes packets on as they are', () => {
    const without = createSim({ seed: 1 })
    apply(without, web, balanced('Cluster'))
    expect(without.store.get('Service', 'default/web')?.status?.loadBalancer).toEqual({})
    const sim = createSim({ seed: 1 })
    apply(sim, config({ 'load-balancer': 'on' }), web, balanced('Cluster'))
    const trace = sim.request({ from: laptop, to: 'http://203.0.113.10/' })
    expect(trace.outcome).toMatchObject({ outcome: 'connected', pod: 'default/web' })
    // Not the control plane: its label says so.
    expect(new Set(words(trace, 'balanced'))).toEqual(new Set(['node02 node03']))
  })

  it('externalTrafficPolicy Local: only nodes with an endpoint are healthy, and the pod sees the client', () => {
    const sim = createSim({ seed: 1 })
    apply(sim, config({ 'load-balancer': 'on' }), web, balanced('Local'))
    const trace = sim.request({ from: laptop, to: 'http://203.0.113.10/' })
    expect(new Set(words(trace, 'balanced'))).toEqual(new Set(['node03']))
    expect(trace.outcome).toMatchObject({ outcome: 'connected', sourceSeen: '172.16.210.100' })
    sim.store.applyWrites([{ type: 'delete', kind: 'Pod', key: 'default/web' }], sim.now())
    sim.settle()
    const empty = sim.request({ from: laptop, to: 'http://203.0.113.10/' })
    expect(empty.outcome.outcome).toBe('timeout')
    expect(words(empty, 'dropped')).toContain('noHealthyNode')
  })

  it('a closed port of the firewall keeps callers from outside away, nobody else', () => {
    const sim = createSim({ seed: 1 })
    const nodePort = service('web', {
      type: 'NodePort',
      selector: { app: 'web' },
      ports: [{ port: 80, nodePort: 30080 }],
    })
    apply(sim, config({ firewall: 'tcp 30080' }), client, web, nodePort)
    const closed = sim.request({ from: laptop, to: 'http://172.16.210.12:30080/' })
    expect(closed.outcome.outcome).toBe('timeout')
    expect(words(closed, 'dropped')).toEqual(['firewall'])
    expect(sim.request({ from: 'pod/default/client', to: 'http://172.16.210.12:30080/' }).outcome.outcome).toBe(
      'connected',
    )
  })
})
