import { expect, it } from 'vitest'
import { parseCidr } from '../base/cidr.ts'
import { createDataplane } from '../dataplane/createDataplane.ts'
import { parseProxyConfig } from '../proxy/config.ts'
import { createClients } from '../testing/director.ts'
import { socketAddress } from '../testing/hookContext.ts'
import { createNodeAgent } from './nodeAgent.ts'
import type { EndpointSlice, Service } from '../api/types.ts'
import type { ProxyMode, ProxyNode } from '../proxy/types.ts'

function cidr(text: string) {
  const parsed = parseCidr(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

const ip = socketAddress('172.16.210.11:0').ip
const facts: ProxyNode = {
  name: 'node01',
  podCidrs: [cidr('10.244.0.0/24')],
  nodeIps: { IPv4: ip },
  interfaceAddresses: [{ interface: 'eth0', ip }],
}
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'dev', name: 'web' },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.98.98.98',
    clusterIPs: ['10.98.98.98'],
    ports: [{ protocol: 'TCP', port: 80, targetPort: 8080 }],
  },
} as unknown as Service
const slice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'dev', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: true } }],
  ports: [{ name: '', protocol: 'TCP', port: 8080 }],
} as unknown as EndpointSlice

function lab(mode: ProxyMode, node: Partial<ProxyNode> = {}) {
  const sysctls = { ipForward: true, bridgeNfCallIptables: true, routeLocalnet: false, rpFilter: false }
  const dataplane = createDataplane({
    nodes: [
      { name: 'node01', addresses: [ip], podCidrs: facts.podCidrs, sysctls, cniMasquerade: true, hairpinMode: true },
    ],
    pods: [],
    outsideHosts: [],
    lan: cidr('172.16.210.0/24'),
    clusterCidrs: [cidr('10.244.0.0/16')],
  })
  const config = parseProxyConfig({}, { mode, nodeName: 'node01' })
  const agent = createNodeAgent('node01', () => dataplane.node('node01'), config, { ...facts, ...node }, 0)
  const sync = (now: number): void => {
    agent.sync([service], [slice], now)
    agent.flush()
  }
  sync(0)
  return { agent, config, sync }
}

it('a kube-proxy that starts again finds the connections that IPVS has, and syncs on', () => {
  const { agent, config, sync } = lab('ipvs')
  const ipvs = agent.ipvs()
  if (!ipvs) throw new Error('no ipvs')
  const clients = createClients(ipvs, '10.98.98.98:80')
  expect(clients.open('a', '10.244.0.20')).toBe('10.244.0.5:8080')
  agent.restart(config, facts, 10)
  sync(20)
  expect(agent.ipvs()?.connections()).toHaveLength(1)
  expect(clients.send('a')).toBe('toServer')
})

it.each<[ProxyMode, Partial<ProxyNode>, ProxyMode, string, number]>([
  ['ipvs', {}, 'ipvs', 'Using ipvs Proxier', 1],
  ['ipvs', { missingModules: ['ip_vs'], release: 20 }, 'iptables', 'trying iptables proxier', 0],
  ['ipvs', { missingModules: ['ip_vs'] }, 'ipvs', "can't use the IPVS proxier", 0],
  ['iptables', { missingModules: ['ip_vs'] }, 'iptables', 'Using iptables Proxier', 0],
])('configured %s on a node with %j: runs %s', (mode, node, want, log, servers) => {
  const { agent } = lab(mode, node)
  expect(agent.mode()).toBe(want)
  expect(agent.log().join('\n')).toContain(log)
  expect(agent.ipvs()?.virtualServers() ?? []).toHaveLength(servers)
})
