import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { parseProxyConfig } from './config.ts'
import { endpointChain, serviceChains } from './chainNames.ts'
import { probabilityText } from './iptablesService.ts'
import { createKubeProxy } from './kubeProxy.ts'
import { aNode, aService, aSlice } from './testing/builders.ts'
import { proxyNode } from './nodeFacts.ts'
import type { Service } from '../api/types.ts'
import type { RawProxyConfig } from './config.ts'
import type { SyncOutput } from './types.ts'

const node = proxyNode(aNode({ addresses: ['192.168.0.2'] }))
const dual = proxyNode(aNode({ addresses: ['192.168.0.2', 'fd00::2'] }))
const base: RawProxyConfig = { hostnameOverride: 'node1', clusterCIDR: '10.244.0.0/16,fd00:10:244::/56' }

interface Example {
  readonly service: Service
  /** `address` or `address@node`. */
  readonly endpoints: readonly string[]
  readonly port?: number
  readonly config?: RawProxyConfig
  readonly nfacct?: boolean
}

function sync({ service, endpoints, port = 8080, config = {}, nfacct = false }: Example, family = 'IPv4'): SyncOutput {
  const proxy = createKubeProxy(parseProxyConfig({ ...base, ...config }, { nfacct }), family === 'IPv4' ? node : dual)
  const output = proxy.sync([service], [aSlice(service, endpoints, port)]).find((one) => one.family === family)
  if (!output) throw new Error(`no ${family} proxier`)
  return output
}

/** The lines of the restore text that are not the same for every cluster. */
function lines(example: Example, family?: string): string[] {
  const fixed =
    /^(\*|COMMIT|:|$)|^-A (KUBE-POSTROUTING|KUBE-MARK-MASQ -j MARK|KUBE-FORWARD|KUBE-FIREWALL) |this must be the last rule/
  return (sync(example, family).restore ?? '').split('\n').filter((line) => !fixed.test(line))
}

function declared(example: Example): string[] {
  return (sync(example).restore ?? '')
    .split('\n')
    .flatMap((line) => /^:(KUBE-(?:EXT|FW|SVC|SVL|SEP)-\S+)/.exec(line)?.[1] ?? [])
}

const web = (spec: Partial<Service['spec']> = {}): Service => aService('default/web', '10.96.0.10', spec)
const lb = (spec: Partial<Service['spec']> = {}): Service =>
  aService(
    'default/lb',
    '10.96.0.20',
    { type: 'LoadBalancer', ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30090 }], ...spec },
    ['198.51.100.7'],
  )
const WEB = 'CDGGSHYLG3RE2FKL'
const LB = 'JSLCNGWSGB5JPS5Q'
const two = ['10.244.1.2@node1', '10.244.2.2@node2']

describe('chain names (fact sheet 2)', () => {
  it.each([
    ['ns1/svc1:p80', 'XPGD46QRK7WJZT7O'],
    ['ns2/svc2:p80', 'GNZBNJ2PO5MGZ6GT'],
    ['ns3/svc3:p80', 'X27LE4BHSL4DOUIK'],
    ['ns4/svc4:p80', '4SW47YFZTEDKD3PK'],
    ['ns5/svc5:p80', 'NUKIZ6OKUXPJNT4C'],
    ['ns2/svc2:p8080', '2VJB64SDSIJUP5T6'],
    ['ns4/svc4:p8082', 'EBDQOQU5SJFXRIL3'],
    ['default/kubernetes:https', 'NPX46M4PTMTKRN6Y'],
    ['kube-system/kube-dns:dns-tcp', 'ERIFXISQEP7F7OF4'],
    ['default/web:http', WEB],
    ['default/web', 'LOLE4ISW44XBNF3G'],
  ])('%s', (name, suffix) => {
    expect(Object.values(serviceChains(name, 'TCP'))).toEqual(
      ['KUBE-SVC-', 'KUBE-SVL-', 'KUBE-EXT-', 'KUBE-FW-'].map((prefix) => prefix + suffix),
    )
  })

  it('takes the protocol in', () => {
    expect(serviceChains('kube-system/kube-dns:dns', 'UDP').cluster).toBe('KUBE-SVC-TCOU7JCQXEZGVUNU')
  })

  it.each([
    ['ns1/svc1:p80', '10.180.0.1:80', 'SXIVWICOYRO3J4NJ'],
    ['ns2/svc2:p80', '10.180.0.2:80', 'RS4RBKLTHTF2IUXJ'],
    ['ns4/svc4:p80', '10.180.0.4:80', 'UKSFD7AGPMPPLUHC'],
    ['ns4/svc4:p80', '10.180.0.5:80', 'C6EBXVWJJZMIWKLZ'],
    ['ns5/svc5:p80', '10.180.0.3:80', 'I77PXRDZVX7PMWMN'],
    ['ns3/svc3:p8081', '203.0.113.4:8081', 'RUVVH7YV3PHQBDOS'],
    ['default/web:http', '10.244.1.2:8080', 'UIQK3OSOSTRHRPBX'],
    ['default/web:http', '[fd00:10:244:1::2]:8080', 'H7O6RF3OHH4D5VRR'],
  ])('%s at %s', (name, address, suffix) => {
    expect(endpointChain({ name, protocol: 'TCP' }, address)).toBe(`KUBE-SEP-${suffix}`)
  })
})

it.each([
  [1, '1.0000000000'],
  [2, '0.5000000000'],
  [3, '0.3333333333'],
  [10, '0.1000000000'],
  [2048, '0.0004882812'],
  [100001, '0.0000099999'],
])('the chance of the first of %d endpoints is written %s', (n, text) => {
  expect(probabilityText(n)).toBe(text)
})

describe('restore input (fact sheet 5)', () => {
  it('5.1 ClusterIP, byte for byte', () => {
    const text = sync({ service: web(), endpoints: two }).restore ?? ''
    expect(text).toHaveLength(2312)
    expect(bytesToHex(sha256(utf8ToBytes(text)))).toBe(
      'edbcb0fcb3fa63bf5bf940c17dc3468d09baf4e9267d5daaf09fab6a78b2d6d1',
    )
  })

  it('5.2 NodePort and external IP', () => {
    const service = web({
      type: 'NodePort',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }],
      externalIPs: ['203.0.113.50'],
    })
    const ext = `KUBE-EXT-${WEB}`
    const localhost = `-A KUBE-NODEPORTS -m comment --comment default/web:http -m tcp -p tcp -d 127.0.0.0/8 --dport 30080 -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${ext}`
    expect(lines({ service, endpoints: two })).toEqual(
      expect.arrayContaining([
        `-A KUBE-SERVICES -m comment --comment "default/web:http external IP" -m tcp -p tcp -d 203.0.113.50 --dport 80 -j ${ext}`,
        `-A KUBE-NODEPORTS -m comment --comment default/web:http -m tcp -p tcp --dport 30080 -j ${ext}`,
        `-A ${ext} -m comment --comment "masquerade traffic for default/web:http external destinations" -j KUBE-MARK-MASQ`,
        `-A ${ext} -j KUBE-SVC-${WEB}`,
      ]),
    )
    expect(lines({ service, endpoints: two })).not.toContain(localhost)
    const counted = lines({ service, endpoints: two, nfacct: true })
    expect(counted[counted.indexOf(localhost) + 1]).toContain('-A KUBE-NODEPORTS')
    expect(declared({ service, endpoints: two }).slice(0, 2)).toEqual([ext, `KUBE-SVC-${WEB}`])
  })

  const local = lb({ externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 })
  const sep = (suffix: string, ip: string): string[] => [
    `-A KUBE-SEP-${suffix} -m comment --comment default/lb:http -s ${ip} -j KUBE-MARK-MASQ`,
    `-A KUBE-SEP-${suffix} -m comment --comment default/lb:http -m tcp -p tcp -j DNAT --to-destination ${ip}:8080`,
  ]

  it('5.3 load balancer, eTP Local, one endpoint here', () => {
    expect(declared({ service: local, endpoints: two })).toEqual([
      `KUBE-EXT-${LB}`,
      `KUBE-SVC-${LB}`,
      `KUBE-SVL-${LB}`,
      'KUBE-SEP-QHSNZRPDYG5NIUDQ',
      'KUBE-SEP-BT6LUSIX2XSK4RCE',
    ])
    expect(lines({ service: local, endpoints: two })).toEqual([
      '-A KUBE-NODEPORTS -m comment --comment "default/lb:http health check node port" -m tcp -p tcp --dport 31000 -j ACCEPT',
      `-A KUBE-SERVICES -m comment --comment "default/lb:http cluster IP" -m tcp -p tcp -d 10.96.0.20 --dport 80 -j KUBE-SVC-${LB}`,
      `-A KUBE-SERVICES -m comment --comment "default/lb:http loadbalancer IP" -m tcp -p tcp -d 198.51.100.7 --dport 80 -j KUBE-EXT-${LB}`,
      `-A KUBE-NODEPORTS -m comment --comment default/lb:http -m tcp -p tcp --dport 30090 -j KUBE-EXT-${LB}`,
      `-A KUBE-SVC-${LB} -m comment --comment "default/lb:http cluster IP" -m tcp -p tcp -d 10.96.0.20 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ`,
      `-A KUBE-EXT-${LB} -m comment --comment "pod traffic for default/lb:http external destinations" -s 10.244.0.0/16 -j KUBE-SVC-${LB}`,
      `-A KUBE-EXT-${LB} -m comment --comment "masquerade LOCAL traffic for default/lb:http external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `-A KUBE-EXT-${LB} -m comment --comment "route LOCAL traffic for default/lb:http external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-${LB}`,
      `-A KUBE-EXT-${LB} -j KUBE-SVL-${LB}`,
      `-A KUBE-SVC-${LB} -m comment --comment "default/lb:http -> 10.244.1.2:8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-QHSNZRPDYG5NIUDQ`,
      `-A KUBE-SVC-${LB} -m comment --comment "default/lb:http -> 10.244.2.2:8080" -j KUBE-SEP-BT6LUSIX2XSK4RCE`,
      `-A KUBE-SVL-${LB} -m comment --comment "default/lb:http -> 10.244.1.2:8080" -j KUBE-SEP-QHSNZRPDYG5NIUDQ`,
      ...sep('QHSNZRPDYG5NIUDQ', '10.244.1.2'),
      ...sep('BT6LUSIX2XSK4RCE', '10.244.2.2'),
    ])
  })

  it('5.3 the same on a node without an endpoint', () => {
    const got = lines({ service: local, endpoints: ['10.244.1.2@node3', '10.244.2.2@node2'] })
    const drop = '-A KUBE-EXTERNAL-SERVICES -m comment --comment "default/lb:http has no local endpoints"'
    expect(got.slice(0, 3)).toEqual([
      `${drop} -m tcp -p tcp -d 198.51.100.7 --dport 80 -j DROP`,
      `${drop} -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30090 -j DROP`,
      '-A KUBE-NODEPORTS -m comment --comment "default/lb:http health check node port" -m tcp -p tcp --dport 31000 -j ACCEPT',
    ])
    expect(got.filter((line) => line.includes('KUBE-SVL') || line === `-A KUBE-EXT-${LB} -j KUBE-SVL-${LB}`)).toEqual(
      [],
    )
  })

  it('5.4 source ranges, the node inside the first', () => {
    const service = lb({ loadBalancerSourceRanges: ['192.168.0.0/24', ' 203.0.113.0/25'] })
    const got = lines({ service, endpoints: two })
    expect(got[0]).toBe(
      `-A KUBE-PROXY-FIREWALL -m comment --comment "default/lb:http traffic not accepted by KUBE-FW-${LB}" -m tcp -p tcp -d 198.51.100.7 --dport 80 -j DROP`,
    )
    expect(got).toContain(
      `-A KUBE-SERVICES -m comment --comment "default/lb:http loadbalancer IP" -m tcp -p tcp -d 198.51.100.7 --dport 80 -j KUBE-FW-${LB}`,
    )
    expect(got).toContain(
      `-A KUBE-NODEPORTS -m comment --comment default/lb:http -m tcp -p tcp --dport 30090 -j KUBE-EXT-${LB}`,
    )
    const allow = (source: string): string =>
      `-A KUBE-FW-${LB} -m comment --comment "default/lb:http loadbalancer IP" -s ${source} -j KUBE-EXT-${LB}`
    expect(got.filter((line) => line.startsWith('-A KUBE-FW-'))).toEqual([
      allow('192.168.0.0/24'),
      allow('203.0.113.0/25'),
      allow('198.51.100.7'),
      `-A KUBE-FW-${LB} -m comment --comment "other traffic to default/lb:http will be dropped by KUBE-PROXY-FIREWALL"`,
    ])
    expect(declared({ service, endpoints: two }).slice(0, 3)).toEqual([
      `KUBE-EXT-${LB}`,
      `KUBE-FW-${LB}`,
      `KUBE-SVC-${LB}`,
    ])
  })

  it('source ranges of everything are none', () => {
    const service = lb({ loadBalancerSourceRanges: ['203.0.113.0/25', '0.0.0.0/0'] })
    expect(lines({ service, endpoints: two }).filter((line) => line.includes('FW-'))).toEqual([])
  })

  it('5.5 no endpoints at all', () => {
    const reject = (chain: string, rest: string): string =>
      `-A ${chain} -m comment --comment "default/lb:http has no endpoints" ${rest} -j REJECT`
    expect(lines({ service: lb({ externalIPs: ['203.0.113.50'] }), endpoints: [] })).toEqual([
      reject('KUBE-SERVICES', '-m tcp -p tcp -d 10.96.0.20 --dport 80'),
      reject('KUBE-EXTERNAL-SERVICES', '-m tcp -p tcp -d 203.0.113.50 --dport 80'),
      reject('KUBE-EXTERNAL-SERVICES', '-m tcp -p tcp -d 198.51.100.7 --dport 80'),
      reject('KUBE-EXTERNAL-SERVICES', '-m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30090'),
    ])
  })

  it('5.6 internalTrafficPolicy Local', () => {
    const service = web({ internalTrafficPolicy: 'Local' })
    expect(lines({ service, endpoints: two }).slice(0, 3)).toEqual([
      `-A KUBE-SERVICES -m comment --comment "default/web:http cluster IP" -m tcp -p tcp -d 10.96.0.10 --dport 80 -j KUBE-SVL-${WEB}`,
      `-A KUBE-SVL-${WEB} -m comment --comment "default/web:http cluster IP" -m tcp -p tcp -d 10.96.0.10 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ`,
      `-A KUBE-SVL-${WEB} -m comment --comment "default/web:http -> 10.244.1.2:8080" -j KUBE-SEP-UIQK3OSOSTRHRPBX`,
    ])
    expect(lines({ service, endpoints: ['10.244.2.2@node2'] })).toEqual([
      '-A KUBE-SERVICES -m comment --comment "default/web:http has no local endpoints" -m tcp -p tcp -d 10.96.0.10 --dport 80 -j DROP',
    ])
  })

  it('5.7 affinity, endpoints in byte order', () => {
    const service = web({ sessionAffinity: 'ClientIP' })
    const got = lines({ service, endpoints: ['10.244.2.2', '10.244.1.2', '10.244.1.10'] })
    const to: readonly (readonly [string, string])[] = [
      ['10.244.1.10', 'GWQABTP5GBYXHJY5'],
      ['10.244.1.2', 'UIQK3OSOSTRHRPBX'],
      ['10.244.2.2', '4EX2N4PG4ASNZOBF'],
    ]
    const start = (ip: string): string => `-A KUBE-SVC-${WEB} -m comment --comment "default/web:http -> ${ip}:8080"`
    expect(got.slice(2, 8)).toEqual([
      ...to.map(
        ([ip, s]) => `${start(ip)} -m recent --name KUBE-SEP-${s} --rcheck --seconds 10800 --reap -j KUBE-SEP-${s}`,
      ),
      ...to.map(
        ([ip, s], i) =>
          `${start(ip)}${['3333333333', '5000000000', ''].map((p) => (p ? ` -m statistic --mode random --probability 0.${p}` : ''))[i] ?? ''} -j KUBE-SEP-${s}`,
      ),
    ])
    expect(got).toContain(
      '-A KUBE-SEP-GWQABTP5GBYXHJY5 -m comment --comment default/web:http -m recent --name KUBE-SEP-GWQABTP5GBYXHJY5 --set -m tcp -p tcp -j DNAT --to-destination 10.244.1.10:8080',
    )
  })

  it('5.8 UDP, unnamed port', () => {
    const service = aService('default/dns', '10.96.0.30', { ports: [{ protocol: 'UDP', port: 53 }] })
    const got = lines({ service, endpoints: ['10.244.1.2'], port: 5353 })
    expect(got).toContain(
      '-A KUBE-SERVICES -m comment --comment "default/dns cluster IP" -m udp -p udp -d 10.96.0.30 --dport 53 -j KUBE-SVC-CR2V5ZP3AXU5XYAF',
    )
    expect(got).toContain(
      '-A KUBE-SVC-CR2V5ZP3AXU5XYAF -m comment --comment "default/dns -> 10.244.1.2:5353" -j KUBE-SEP-VSN775UTMFOV4XIG',
    )
    expect(got.at(-1)).toBe(
      '-A KUBE-SEP-VSN775UTMFOV4XIG -m comment --comment default/dns -m udp -p udp -j DNAT --to-destination 10.244.1.2:5353',
    )
  })

  it('5.9 IPv6', () => {
    const service = aService('default/web', 'fd00:10:96::a', {})
    const example = { service, endpoints: ['fd00:10:244:1::2'] }
    expect(lines(example, 'IPv6')).toEqual([
      `-A KUBE-SERVICES -m comment --comment "default/web:http cluster IP" -m tcp -p tcp -d fd00:10:96::a --dport 80 -j KUBE-SVC-${WEB}`,
      `-A KUBE-SVC-${WEB} -m comment --comment "default/web:http cluster IP" -m tcp -p tcp -d fd00:10:96::a --dport 80 ! -s fd00:10:244::/56 -j KUBE-MARK-MASQ`,
      `-A KUBE-SVC-${WEB} -m comment --comment "default/web:http -> [fd00:10:244:1::2]:8080" -j KUBE-SEP-H7O6RF3OHH4D5VRR`,
      '-A KUBE-SEP-H7O6RF3OHH4D5VRR -m comment --comment default/web:http -s fd00:10:244:1::2 -j KUBE-MARK-MASQ',
      '-A KUBE-SEP-H7O6RF3OHH4D5VRR -m comment --comment default/web:http -m tcp -p tcp -j DNAT --to-destination [fd00:10:244:1::2]:8080',
    ])
    const text = sync(example, 'IPv6').restore ?? ''
    expect(text).not.toContain('KUBE-FIREWALL')
    expect(text).toContain('-m addrtype --dst-type LOCAL ! -d ::1/128 -j KUBE-NODEPORTS\n')
  })

  it('5.10 large cluster: no comments in endpoint rules', () => {
    const endpoints = Array.from({ length: 1001 }, (_, i) => `10.244.${1 + (i >> 8)}.${i & 255}`)
    const got = lines({ service: web(), endpoints })
    expect(got[0]).toContain('--comment "default/web:http cluster IP"')
    expect(got[1]).toContain('--comment "default/web:http cluster IP"')
    expect(got.slice(2).filter((line) => line.includes('--comment'))).toEqual([])
    expect(lines({ service: web(), endpoints: endpoints.slice(1) }).at(-1)).toContain('--comment default/web:http')
  })

  it.each<[RawProxyConfig, string]>([
    [{ detectLocalMode: 'BridgeInterface', detectLocal: { bridgeInterface: 'cbr0' } }, ' ! -i cbr0'],
    [{ detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'veth' } }, ' ! -i veth+'],
    [{ iptables: { masqueradeAll: true } }, ''],
  ])('5.11 %j', (config, source) => {
    expect(lines({ service: web(), endpoints: two, config })[1]).toBe(
      `-A KUBE-SVC-${WEB} -m comment --comment "default/web:http cluster IP" -m tcp -p tcp -d 10.96.0.10 --dport 80${source} -j KUBE-MARK-MASQ`,
    )
  })

  it('4.6 no CIDR, no detector: no masquerade rule for the ClusterIP', () => {
    const got = lines({ service: web(), endpoints: two, config: { clusterCIDR: '' } })
    expect(got.filter((line) => line.includes('KUBE-MARK-MASQ') && line.includes('cluster IP'))).toEqual([])
  })
})
