import { describe, expect, it } from 'vitest'
import { parseProxyConfig } from './config.ts'
import { kernelSetName } from './ipvsSets.ts'
import { createKubeProxy } from './kubeProxy.ts'
import { proxyNode } from './nodeFacts.ts'
import { nftEndpointName, nftServiceName } from './nftablesService.ts'
import { servicePorts } from './servicePort.ts'
import { aNode, aService, aSlice } from './testing/builders.ts'
import type { Service } from '../api/types.ts'
import type { RawProxyConfig } from './config.ts'
import type { ProxyMode, SyncOutput } from './types.ts'

const node = proxyNode(aNode({ addresses: ['192.168.10.11'] }), [{ interface: 'cni0', ip: '10.244.1.1' as never }])

function sync(
  mode: ProxyMode,
  service: Service,
  endpoints: readonly string[],
  config: RawProxyConfig = {},
): SyncOutput {
  const raw = { hostnameOverride: 'node1', clusterCIDR: '10.244.0.0/16', ...config }
  const [output] = createKubeProxy(parseProxyConfig(raw, { mode }), node).sync([service], [aSlice(service, endpoints)])
  if (!output) throw new Error('no output')
  return output
}

const chain = (output: SyncOutput, prefix: string): string[] =>
  [...(output.nft?.chains.values() ?? [])].find(({ name }) => name.startsWith(prefix))?.rules.map(({ text }) => text) ??
  []

describe('names of nftables mode', () => {
  it.each([
    ['ns1/svc1', 'p80', 'TCP', 'ULMVA6XW'],
    ['ns2/svc2', 'p80', 'TCP', '42NFTM6N'],
    ['ns3/svc3', 'p80', 'TCP', '4AT6LBPK'],
    ['ns4/svc4', 'p80', 'TCP', 'LAUZTJTB'],
    ['ns5/svc5', 'p80', 'TCP', 'HVFWP5L3'],
    ['dev/web', 'http', 'TCP', 'XTADIQOT'],
    ['dev/sticky', '', 'TCP', 'TPVYXU36'],
    ['dev/lb', 'https', 'TCP', 'CQKZFA76'],
    ['kube-system/kube-dns', 'dns', 'UDP', 'FY5PMXPG'],
    ['default/kubernetes', 'https', 'TCP', '2QRHZV4L'],
  ] as const)('%s %s %s', (key, portName, protocol, hash) => {
    const [port] = servicePorts(
      aService(key, '10.96.0.10', { ports: [{ name: portName, protocol, port: 80 }] }),
      'IPv4',
    )
    expect(port && nftServiceName(port)).toBe(`${hash}-${key}/${protocol.toLowerCase()}/${portName}`)
  })

  it('has dots for the colons of an IPv6 endpoint, and cuts at 240 characters', () => {
    const service = aService('a/b', 'fd00::1')
    const [port] = servicePorts(service, 'IPv6')
    const endpoint = { ip: 'fd00:10::2', port: 80 } as never
    expect(port && nftEndpointName(port, endpoint)).toMatch(/^[A-Z2-7]{8}-a\/b\/tcp\/http__fd00\.10\.\.2\/80$/)
    const long = port && nftServiceName({ ...port, service: 'x'.repeat(260) })
    expect(long).toHaveLength(240)
    expect(long?.endsWith('xxx...')).toBe(true)
  })
})

describe('nftables rules', () => {
  const lb = aService(
    'dev/lb',
    '10.97.5.5',
    {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, nodePort: 30443 }],
      loadBalancerSourceRanges: ['198.51.100.0/24'],
    },
    ['203.0.113.7'],
  )

  it('writes the load balancer of the fact sheet', () => {
    const output = sync('nftables', lb, ['10.244.1.11@node1', '10.244.2.12'])
    expect(chain(output, 'external-')).toEqual([
      'ip saddr 10.244.0.0/16 goto service-CQKZFA76-dev/lb/tcp/https comment "short-circuit pod traffic"',
      'fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"',
      'fib saddr type local goto service-CQKZFA76-dev/lb/tcp/https comment "short-circuit local traffic"',
      'goto local-CQKZFA76-dev/lb/tcp/https',
    ])
    expect(chain(output, 'firewall-CQ')).toEqual(['ip saddr != 198.51.100.0/24 drop'])
    expect([...(output.nft?.maps.get('firewall-ips')?.elements.keys() ?? [])]).toEqual(['203.0.113.7 . tcp . 443'])
  })

  it('keeps the firewall without endpoints', () => {
    const output = sync('nftables', lb, [])
    expect(chain(output, 'firewall-CQ')).toEqual(['ip saddr != 198.51.100.0/24 drop'])
    expect(output.nft?.maps.get('no-endpoint-services')?.elements.get('203.0.113.7 . tcp . 443')).toEqual({
      verdict: { type: 'goto', chain: 'reject-chain' },
      comment: 'dev/lb:https',
    })
  })

  it('serves NodePorts on the primary address unless told otherwise', () => {
    expect(sync('nftables', lb, []).nft?.sets.get('nodeport-ips')?.elements).toEqual(['192.168.10.11'])
    const all = sync('nftables', lb, [], { nodePortAddresses: ['0.0.0.0/0'] })
    expect(all.nft?.sets.has('nodeport-ips')).toBe(false)
    expect(chain(all, 'services')[1]).toBe(
      'fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @service-nodeports',
    )
    expect(chain(all, 'nodeport-endpoints-check')).toEqual([
      'ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @no-endpoint-nodeports',
    ])
  })

  it.each<[RawProxyConfig, string]>([
    [{ detectLocalMode: 'BridgeInterface', detectLocal: { bridgeInterface: 'cni0' } }, ' iifname != "cni0"'],
    [{ detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'veth' } }, ' iifname != "veth*"'],
    [{ nftables: { masqueradeAll: true } }, ''],
  ])('masquerades: %j', (config, test) => {
    const output = sync('nftables', aService('dev/web', '10.98.98.98'), ['10.244.1.10'], config)
    expect(chain(output, 'service-XTADIQOT')[0]).toBe(`ip daddr 10.98.98.98${test} jump mark-for-masquerade`)
  })
})

describe('ipvs mode', () => {
  const nodePort = aService('dev/sticky', '10.97.1.2', {
    type: 'NodePort',
    sessionAffinity: 'ClientIP',
    ports: [{ protocol: 'TCP', port: 80, nodePort: 31080 }],
  })

  it('has a virtual server on every address of the node but loopback', () => {
    const { ipvs } = sync('ipvs', nodePort, ['10.244.1.10@node1'])
    expect(ipvs?.virtualServers.map(({ address, persistence }) => [address.ip, address.port, persistence])).toEqual([
      ['10.97.1.2', 80, 10800],
      ['192.168.10.11', 31080, 10800],
      ['10.244.1.1', 31080, 10800],
    ])
    expect(ipvs?.kubeIpvs0).toEqual(['10.97.1.2'])
  })

  it('binds no address that the node has anyway', () => {
    const external = aService('dev/web', '10.98.98.98', { externalIPs: ['192.168.10.11', '198.51.100.77'] })
    expect(sync('ipvs', external, []).ipvs?.kubeIpvs0).toEqual(['10.98.98.98', '198.51.100.77'])
  })

  it('falls back to remote endpoints where iptables mode drops', () => {
    const local = aService('dev/web', '10.98.98.98', {
      externalIPs: ['198.51.100.77'],
      externalTrafficPolicy: 'Local',
      internalTrafficPolicy: 'Local',
    })
    const servers = sync('ipvs', local, ['10.244.2.12']).ipvs?.virtualServers ?? []
    expect(servers.map(({ realServers }) => realServers.map(({ address }) => address.ip))).toEqual([
      ['10.244.2.12'],
      ['10.244.2.12'],
    ])
    const internal = sync('ipvs', aService('dev/web', '10.98.98.98', { internalTrafficPolicy: 'Local' }), [
      '10.244.2.12',
    ])
    expect(internal.ipvs?.virtualServers[0]?.realServers).toEqual([])
  })

  it.each([
    ['KUBE-CLUSTER-IP', 'KUBE-6-CLUSTER-IP'],
    ['KUBE-LOAD-BALANCER-SOURCE-CIDR', 'KUBE-6-LOAD-BALANCER-SOURCE-CID'],
    ['KUBE-NODE-PORT-LOCAL-SCTP-HASH', 'KUBE-6-NODE-PORT-LOCAL-SCTP-HAS'],
  ] as const)('the IPv6 form of %s is %s', (name, v6) => {
    expect(kernelSetName(name, 'IPv6')).toBe(v6)
    expect(kernelSetName(name, 'IPv4')).toBe(name)
  })
})

describe('userspace mode', () => {
  it('leaves SCTP out, takes ipMode Proxy in, keeps a port while its Service is the same', () => {
    const service: Service = {
      ...aService('dev/web', '10.98.98.98', {
        type: 'LoadBalancer',
        ports: [
          { name: 'a', protocol: 'TCP', port: 80 },
          { name: 'b', protocol: 'SCTP', port: 81 },
        ],
      }),
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.7', ipMode: 'Proxy' }] } },
    }
    const proxy = createKubeProxy(parseProxyConfig({ hostnameOverride: 'node1' }, { mode: 'userspace' }), node)
    const portOf = (spec: Partial<Service['spec']>): number | undefined => {
      const changed = { ...service, spec: { ...service.spec, ...spec } }
      const [output] = proxy.sync([changed], [aSlice(changed, ['10.244.1.10'])])
      expect(output?.userspace?.portals.map(({ service: name }) => name)).toEqual(['dev/web:a'])
      expect(output?.restore).toContain('-d 203.0.113.7/32')
      return output?.userspace?.portals[0]?.proxyPort
    }
    const port = portOf({})
    expect(portOf({ externalTrafficPolicy: 'Local' })).toBe(port)
    expect(port).toBeGreaterThanOrEqual(32768)
  })
})
