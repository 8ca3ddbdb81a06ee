import { describe, expect, it } from 'vitest'
import { nftRule } from '../nftables/printRule.ts'
import { parseProxyConfig } from './config.ts'
import { serviceEndpoints } from './endpoints.ts'
import { createKubeProxy } from './kubeProxy.ts'
import { proxyNode } from './nodeFacts.ts'
import { rulesReport } from './report.ts'
import { aNode, aService, aSlice } from './testing/builders.ts'
import type { EndpointSlice, KubeObject, Node } from '../api/types.ts'
import type { RawProxyConfig } from './config.ts'

/** What the proxiers of kube-proxy v1.35.4 wrote, and `nft -s list table ip kube-proxy` (1.0.6) printed, in corners. */
const web = aService('dev/web', '10.96.0.10')

describe('an address that stands twice in a slice', () => {
  const entry = (nodeName: string, ready: boolean): NonNullable<EndpointSlice['endpoints']>[number] => ({
    addresses: ['10.244.1.2'],
    nodeName,
    conditions: { ready },
  })
  it.each([
    ['the first counts', [entry('node2', false), entry('node2', true)], false],
    ['but the one on this node is preferred', [entry('node2', true), entry('node1', false)], false],
    ['wherever it stands', [entry('node1', false), entry('node2', true)], false],
    ['and of two of this node the last', [entry('node1', false), entry('node1', true)], true],
  ])('%s', (_, endpoints, ready) => {
    const slice = { ...aSlice(web, []), endpoints }
    const found = serviceEndpoints([slice], 'IPv4', 'node1').get('http:TCP')
    expect(found?.map((endpoint) => endpoint.ready)).toEqual([ready])
  })
})

it('a port of a slice without name or protocol is the unnamed TCP port', () => {
  const slice = { ...aSlice(web, ['10.244.1.2']), ports: [{ name: null, protocol: null, port: 80 }] }
  expect([...serviceEndpoints([slice as never], 'IPv4', 'node1').keys()]).toEqual([':TCP'])
})

it.each([
  ['another Service', { 'kubernetes.io/service-name': 'other' }],
  ['none any more', {}],
])('a slice that comes to name %s stays with the old one too', (_, labels) => {
  const proxy = createKubeProxy(parseProxyConfig({ hostnameOverride: 'node1' }), proxyNode(aNode()))
  const slice = aSlice(web, ['10.244.1.2'])
  proxy.sync([web], [slice])
  const other = aService('dev/other', '10.97.0.10')
  const [output] = proxy.sync([web, other], [{ ...slice, metadata: { ...slice.metadata, labels } }])
  expect(output?.restore).toContain('"dev/web:http cluster IP"')
})

describe('what makes a partial sync of iptables mode write a Service again', () => {
  const lb = aService('dev/lb', '10.96.0.11', { type: 'LoadBalancer' }, ['203.0.113.7'])
  const open = { ...lb, spec: { ...lb.spec, loadBalancerSourceRanges: ['0.0.0.0/0'] } }
  const other = { ...lb, spec: { ...lb.spec, loadBalancerSourceRanges: ['fd00::/8'] } }
  const slice = aSlice(lb, ['10.244.1.2'])
  const [endpoint] = slice.endpoints ?? []
  const rewritten = {
    ...slice,
    endpoints: [{ hostname: null, ...Object.fromEntries(Object.entries(endpoint!).reverse()) }],
  }
  it.each([
    ['a range that holds every address', open, slice, true],
    ['not a range of the other family', other, slice, false],
    ['not another order of keys, nor a null', lb, rewritten as never, false],
    [
      'a label of a slice',
      lb,
      { ...slice, metadata: { ...slice.metadata, labels: { ...slice.metadata.labels, a: 'b' } } },
      true,
    ],
  ])('%s', (_, service, nextSlice, isWritten) => {
    const proxy = createKubeProxy(parseProxyConfig({ hostnameOverride: 'node1' }), proxyNode(aNode()))
    proxy.sync([lb], [slice])
    const [output] = proxy.sync([service], [nextSlice])
    expect(output?.restore?.includes(':KUBE-SVC-')).toBe(isWritten)
  })
})

describe('the node IP', () => {
  const lb = aService('dev/lb', '10.96.0.11', { type: 'LoadBalancer', loadBalancerSourceRanges: ['198.51.100.0/24'] }, [
    '203.0.113.7',
  ])
  const ownRule = '-s 203.0.113.7 -j KUBE-EXT-'
  const external: Node = {
    ...aNode({ addresses: [] }),
    status: { addresses: [{ type: 'ExternalIP', address: '198.51.100.9' }] },
  }
  it.each<[string, Node, RawProxyConfig, boolean]>([
    ['is the InternalIP', aNode(), {}, false],
    ['else the ExternalIP', external, {}, true],
    ['is bindAddress', aNode(), { bindAddress: '198.51.100.9' }, true],
    ['unless that is unspecified', aNode(), { bindAddress: '0.0.0.0' }, false],
  ])('%s', (_, node, config, isAllowed) => {
    const proxy = createKubeProxy(parseProxyConfig({ hostnameOverride: 'node1', ...config }), proxyNode(node))
    const [output] = proxy.sync([lb], [aSlice(lb, ['10.244.1.2'])])
    expect(output?.restore?.includes(ownRule)).toBe(isAllowed)
  })
})

it('ipvs mode leaves virtual servers alone whose address is in excludeCIDRs', () => {
  const other = aService('dev/other', '10.97.0.10')
  const config = { hostnameOverride: 'node1', ipvs: { excludeCIDRs: ['10.96.0.0/16'] } }
  const states: KubeObject[][] = [[aNode(), web, other, aSlice(web, ['10.244.1.2'])], [aNode()]]
  const report = rulesReport({ config, states, mode: 'ipvs' })
  expect(report.ok && report.value.map(({ virtual, kubeIpvs0 }) => [virtual, kubeIpvs0])).toEqual([
    [
      ['TCP 10.96.0.10:80 rr -> 10.244.1.2:8080 weight 1', 'TCP 10.97.0.10:80 rr'],
      ['10.96.0.10/32', '10.97.0.10/32'],
    ],
    [['TCP 10.96.0.10:80 rr -> 10.244.1.2:8080 weight 1'], undefined],
  ])
})

it('nftables mode leaves an element alone, comment and all, while its verdict is the same', () => {
  const proxy = createKubeProxy(parseProxyConfig({ mode: 'nftables' }), proxyNode(aNode()))
  proxy.sync([web], [])
  const renamed = aService('dev/web', '10.96.0.10', { ports: [{ name: 'new', protocol: 'TCP', port: 80 }] })
  const [output] = proxy.sync([renamed], [])
  expect(output?.nft?.maps.get('no-endpoint-services')?.elements.get('10.96.0.10 . tcp . 80')?.comment).toBe(
    'dev/web:http',
  )
})

it.each([
  [30, 'meta mark & 0x40000000 == 0x00000000 return'],
  [31, 'meta mark 0x00000000/1 return'],
])('the mark of bit %d', (bit, text) => {
  const rule = nftRule(
    'IPv4',
    [{ type: 'markMask', mask: 2 ** bit, value: 0 }],
    [{ type: 'verdict', verdict: { type: 'return' } }],
  )
  expect(rule.text).toBe(text)
})
