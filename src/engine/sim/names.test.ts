import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import { createSim } from './createSim.ts'
import { KUBEADM_COREFILE } from '../dns/corefile.ts'
import type { Pod } from '../api/types.ts'

it('a pod finds Services through CoreDNS by search list, and outside names through its upstream', () => {
  const sim = createSim({ seed: 1 })
  const kind = findKind('v1', 'Pod')
  const container = { name: 'c', image: 'busybox', command: ['sleep', 'inf'] }
  if (kind) sim.api.create(kind, 'default', { metadata: { name: 'client' }, spec: { containers: [container] } })
  sim.settle()
  const { lookup } = sim.names
  expect(lookup('pod/default/client', 'kubernetes')).toEqual(['10.96.0.1'])
  expect(lookup('pod/default/client', 'kube-dns.kube-system')).toEqual(['10.96.0.10'])
  expect(lookup('pod/default/client', 'www.baidu.com')).toHaveLength(2)
  expect(lookup('pod/default/client', 'nobody')).toEqual([])
  expect(lookup('node/node02', 'kubernetes.default')).toEqual([])
  const { outcome } = sim.request({ from: 'pod/default/client', to: 'http://kube-dns.kube-system:9153/metrics' })
  expect(outcome).toMatchObject({ outcome: 'connected' })
})

it('a broken Corefile keeps the running CoreDNS, crash-loops a new one, and ends with the repair', () => {
  const sim = createSim({ seed: 1 })
  const kind = findKind('v1', 'Pod')
  const container = { name: 'c', image: 'busybox', command: ['sleep', 'inf'] }
  if (kind) sim.api.create(kind, 'default', { metadata: { name: 'client' }, spec: { containers: [container] } })
  sim.settle()
  const servers = (): readonly Pod[] =>
    [...sim.store.list('Pod')].filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns')
  const write = (Corefile: string): void => {
    const map = sim.store.get<string>('ConfigMap', 'kube-system/coredns')
    if (map) sim.store.applyWrites([{ type: 'update', object: { ...map, data: { Corefile } } }], sim.now())
    sim.settle()
  }
  const find = (): readonly string[] => sim.names.lookup('pod/default/client', 'kubernetes')
  write('.:53 {\n kubernetes cluster.local {\n  bar\n }\n}\n')
  expect(find()).toEqual(['10.96.0.1'])

  const removed = servers().map(
    (pod) => ({ type: 'delete', kind: 'Pod', key: `kube-system/${pod.metadata.name}` }) as const,
  )
  sim.store.applyWrites(removed, sim.now())
  sim.advance(120_000)
  expect(find()).toEqual([])
  const [broken] = servers()
  expect(broken?.status).toMatchObject({
    containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  })
  expect(broken && sim.cluster.nameServers.lastWords(broken)).toBe(
    "plugin/kubernetes: /etc/coredns/Corefile:3 - Error during parsing: unknown property 'bar'",
  )

  write(KUBEADM_COREFILE)
  sim.advance(320_000)
  expect(find()).toEqual(['10.96.0.1'])
})

it('without a CoreDNS pod, names are refused by the node', () => {
  const sim = createSim({ seed: 1 })
  const [pods, deployments] = [findKind('v1', 'Pod'), findKind('apps/v1', 'Deployment')]
  const container = { name: 'c', image: 'busybox', command: ['sleep', 'inf'] }
  if (pods) sim.api.create(pods, 'default', { metadata: { name: 'client' }, spec: { containers: [container] } })
  const deployment = sim.store.get<string>('Deployment', 'kube-system/coredns')
  const spec = deployment?.['spec'] as object
  if (deployment && deployments) {
    sim.store.applyWrites([{ type: 'update', object: { ...deployment, spec: { ...spec, replicas: 0 } } }], sim.now())
  }
  sim.advance(30_000)
  expect(sim.request({ from: 'pod/default/client', to: 'http://kubernetes/' }).outcome).toMatchObject({
    outcome: 'unreachable',
    nameError: 'EAI_AGAIN',
  })
})
