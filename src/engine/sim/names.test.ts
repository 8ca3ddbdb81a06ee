import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import { createSim } from './createSim.ts'

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
