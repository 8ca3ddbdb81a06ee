import { expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { ProxyMode } from '../proxy/types.ts'
import { createSim } from './createSim.ts'

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'echo' } },
  spec: {
    nodeName: 'node02',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'echo', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['netexec'] }],
  },
})
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'echo' },
  spec: { clusterIP: '10.96.7.7', selector: { app: 'echo' }, ports: [{ port: 90, targetPort: 8081, protocol: 'UDP' }] },
}

it.each<ProxyMode>(['iptables', 'nftables'])('%s: UDP flows to an endpoint that is gone are forgotten', (mode) => {
  const sim = createSim({ seed: 5, mode })
  const kindOf = (object: { readonly apiVersion: string; readonly kind: string }) =>
    findKind(object.apiVersion, object.kind) ?? expect.fail(object.kind)
  for (const object of [pod('a'), service]) {
    expect(sim.api.create(kindOf(object), 'default', object as unknown as Json).ok).toBe(true)
  }
  sim.settle()
  sim.request({ from: 'node/node01', to: 'udp://10.96.7.7:90' })
  const flows = (): number =>
    sim.fleet
      .dataplane()
      .node('node01')
      ?.conntrack.flows(sim.now())
      .filter(({ protocol, original }) => protocol === 'UDP' && original.destination.ip === '10.96.7.7').length ?? 0
  expect(flows()).toBe(1)
  sim.api.remove(kindOf(pod('a')), 'default', 'a')
  sim.advance(5000)
  expect(flows()).toBe(0)
})
