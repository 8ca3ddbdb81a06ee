import { describe, expect, it } from 'vitest'
import { createRandom } from '../base/random.ts'
import { createChance } from './chance.ts'
import { createDataplane } from './createDataplane.ts'
import { restore } from '../netfilter/restore.ts'
import { aRequest, ends, lab } from '../testing/lab.ts'
import { printConntrack } from '../conntrack/printConntrack.ts'
import type { Attempt, Dataplane } from './createDataplane.ts'
import type { LabOptions, LabService } from '../testing/lab.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { NodeSpec, NodeSysctls, PodSpec } from './network.ts'

const CLIENT = 'pod/dev/client'
const OUTSIDE = 'host/172.16.210.100'
const VIP = '10.96.0.50'

const web = (endpoints: readonly string[], more: Partial<LabService> = {}): LabService => ({
  name: 'web',
  clusterIP: VIP,
  endpoints,
  ...more,
})
const A = '10.244.1.2 node02'
const C = '10.244.2.2 node03'

const sysctl = (change: Partial<NodeSysctls>): LabOptions => ({
  node: (spec) => ({ ...spec, sysctls: { ...spec.sysctls, ...change } }),
})

function trace(dataplane: Dataplane, from: string, to: string, via?: string): Attempt {
  const options = { chance: createChance(createRandom(1)), now: 0, trace: true }
  const attempt = dataplane.attempt(aRequest(from, to, via), options)
  if (!attempt) throw new Error(from)
  return attempt
}

/** Where the first packet went: hooks with the chains that were entered there, and what ended it. */
function wayOf({ events }: Attempt, packetId = 1): readonly string[] {
  return events.flatMap((event) => {
    if (event.packetId !== packetId) return []
    if (event.type === 'hookEntered') return [`${event.at} ${event.hook}`]
    if (event.type === 'chainEntered') return [`  ${event.table} ${event.chain.replace(/-[A-Z0-9]{16}$/, '')}`]
    if (event.type === 'translated') return [`  ${event.undo ? 'un-' : ''}${event.kind} to ${event.to.ip}`]
    if (event.type === 'dropped') return [`  dropped: ${event.reason}`]
    if (event.type === 'rejected') return [`  rejected: ${event.with}`]
    return event.type === 'delivered' ? [`delivered to ${event.socket}`] : []
  })
}

describe('the walks of the fact sheet', () => {
  it('9.1: pod to a Service whose endpoint is on the same node', () => {
    const dataplane = lab([web([A])])
    expect(ends(dataplane, CLIENT, `tcp ${VIP}:80`)).toEqual(['1 connected dev/a 10.244.1.20'])
    expect(wayOf(trace(dataplane, CLIENT, `tcp ${VIP}:80`))).toEqual([
      'node/node02 PREROUTING',
      '  nat PREROUTING',
      '  nat KUBE-SERVICES',
      '  nat KUBE-SVC',
      '  nat KUBE-SEP',
      '  DNAT to 10.244.1.2',
      'node/node02 FORWARD',
      '  filter FORWARD',
      '  filter KUBE-PROXY-FIREWALL',
      '  filter KUBE-FORWARD',
      '  filter KUBE-SERVICES',
      '  filter KUBE-EXTERNAL-SERVICES',
      'node/node02 POSTROUTING',
      '  nat POSTROUTING',
      '  nat KUBE-POSTROUTING',
      '  nat FLANNEL-POSTRTG',
      'delivered to dev/a netexec',
    ])
  })

  it('9.1: the answer is un-NATed by conntrack alone', () => {
    const way = wayOf(trace(lab([web([A])]), CLIENT, `tcp ${VIP}:80`), 2)
    expect(way).toEqual([
      'node/node02 PREROUTING',
      'node/node02 FORWARD',
      '  filter FORWARD',
      '  filter KUBE-FORWARD',
      'node/node02 POSTROUTING',
      `  un-DNAT to ${VIP}`,
      'delivered to dev/client',
    ])
  })

  it('9.2: pod to a Service whose endpoint is on another node: decided where the client is', () => {
    const dataplane = lab([web([C])])
    trace(dataplane, CLIENT, `tcp ${VIP}:80`)
    const conntrack = (node: string): string =>
      printConntrack(dataplane.node(node)?.conntrack.flows(1) ?? [], 'IPv4', 1).replace(/sport=\d+|dport=\d{5}/g, 'p')
    expect(conntrack('node02')).toContain(`src=10.244.1.20 dst=${VIP} p dport=80 src=10.244.2.2 dst=10.244.1.20`)
    expect(conntrack('node03')).toContain('src=10.244.1.20 dst=10.244.2.2 p dport=8080 src=10.244.2.2 dst=10.244.1.20')
    expect(conntrack('node01')).toBe('')
  })

  it.each([
    ['node/node02', [A], '1 connected dev/a 10.244.1.1'],
    ['node/node02', [C], '1 connected dev/c 172.16.210.12'],
    ['pod/dev/a', [A], '1 connected dev/a 10.244.1.1'],
  ])('9.3, 9.4: %s to a Service of %s', (from, endpoints, want) => {
    expect(ends(lab([web(endpoints)]), from, `tcp ${VIP}:80`)).toEqual([want])
  })

  it('9.5: outside to a NodePort, eTP Cluster, on any node', () => {
    const dataplane = lab([web([A, C], { nodePort: 30080 })])
    expect(ends(dataplane, OUTSIDE, 'tcp 172.16.210.12:30080')).toEqual([
      '1/2 connected dev/a 10.244.1.1',
      '1/2 connected dev/c 172.16.210.12',
    ])
    expect(ends(dataplane, OUTSIDE, 'tcp 172.16.210.11:30080')).toEqual([
      '1/2 connected dev/a 172.16.210.11',
      '1/2 connected dev/c 172.16.210.11',
    ])
  })

  it('9.6: outside to a NodePort, eTP Local: only local endpoints, and the client is seen', () => {
    const dataplane = lab([web([A, C], { nodePort: 30080, spec: { externalTrafficPolicy: 'Local' } })])
    expect(ends(dataplane, OUTSIDE, 'tcp 172.16.210.12:30080')).toEqual(['1 connected dev/a 172.16.210.100'])
    expect(ends(dataplane, OUTSIDE, 'tcp 172.16.210.11:30080')).toEqual(['1 timeout'])
    const way = wayOf(trace(dataplane, OUTSIDE, 'tcp 172.16.210.11:30080'))
    expect(way.slice(-3)).toEqual(['  filter KUBE-NODEPORTS', '  filter KUBE-EXTERNAL-SERVICES', '  dropped: rule'])
    expect(dataplane.node('node01')?.conntrack.flows(0)).toEqual([])
  })

  it('9.8: a node to its own NodePort, loopback included', () => {
    const dataplane = lab([web([A], { nodePort: 30080 })])
    expect(ends(dataplane, 'node/node02', 'tcp 127.0.0.1:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
    expect(ends(dataplane, 'node/node02', 'udp 127.0.0.1:30080')).toEqual(['1 refused ECONNREFUSED'])
    expect(ends(dataplane, 'node/node02', 'tcp 172.16.210.12:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
  })

  it.each([
    [CLIENT, `tcp ${VIP}:80`, '1 refused ECONNREFUSED', 'FORWARD'],
    [CLIENT, 'tcp 172.16.210.12:30080', '1 refused ECONNREFUSED', 'INPUT'],
    ['node/node02', `tcp ${VIP}:80`, '1 refused ECONNREFUSED', 'OUTPUT'],
    ['node/node02', 'tcp 172.16.210.12:30080', '1 refused ECONNREFUSED', 'INPUT'],
    [OUTSIDE, 'tcp 172.16.210.12:30080', '1 refused ECONNREFUSED', 'INPUT'],
    [CLIENT, `tcp ${VIP}:81`, '1 timeout', undefined],
  ])('9.9: no endpoints: %s to %s', (from, to, want, hook) => {
    const dataplane = lab([web([], { nodePort: 30080 })])
    expect(ends(dataplane, from, to)).toEqual([want])
    const rejected = trace(dataplane, from, to).events.find(({ type }) => type === 'rejected')
    expect(rejected && 'hook' in rejected ? rejected.hook : undefined).toBe(hook)
  })
})

describe('what changes when one fact of the network changes', () => {
  const bare = web([A])
  const masqueraded = web([A], { nodePort: 30080 })

  it('bridge-nf off: an unmarked answer is switched past NAT', () => {
    const off = sysctl({ bridgeNfCallIptables: false })
    expect(ends(lab([bare], off), CLIENT, `tcp ${VIP}:80`)).toEqual(['1 timeout'])
    expect(ends(lab([masqueraded], off), CLIENT, 'tcp 172.16.210.12:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
    expect(ends(lab([bare], off), 'pod/dev/a', `tcp ${VIP}:80`)).toEqual(['1 connected dev/a 10.244.1.1'])
    const reasons = trace(lab([bare], off), CLIENT, `tcp ${VIP}:80`).events.filter(({ type }) => type === 'dropped')
    expect(reasons[0]).toMatchObject({ reason: 'unknownSource', at: 'pod/dev/client' })
  })

  it('hairpin mode off: only pod to itself breaks, before any rule of FORWARD', () => {
    const off: LabOptions = { node: (spec) => ({ ...spec, hairpinMode: false }) }
    expect(ends(lab([bare], off), 'pod/dev/a', `tcp ${VIP}:80`)).toEqual(['1 timeout'])
    expect(ends(lab([bare], off), CLIENT, `tcp ${VIP}:80`)).toEqual(['1 connected dev/a 10.244.1.20'])
    expect(wayOf(trace(lab([bare], off), 'pod/dev/a', `tcp ${VIP}:80`)).at(-1)).toBe('  dropped: noHairpin')
  })

  it('both off: the hairpin is routed', () => {
    const off: LabOptions = {
      node: (spec) => ({ ...spec, hairpinMode: false, sysctls: { ...spec.sysctls, bridgeNfCallIptables: false } }),
    }
    expect(ends(lab([bare], off), 'pod/dev/a', `tcp ${VIP}:80`)).toEqual(['1 connected dev/a 10.244.1.1'])
  })

  it('no masquerade of the CNI: who has no way back hears nothing', () => {
    const off: LabOptions = { node: (spec) => ({ ...spec, cniMasquerade: false }) }
    expect(ends(lab([]), CLIENT, 'tcp 172.16.210.100:80')).toEqual(['1 refused ECONNREFUSED'])
    expect(ends(lab([], off), CLIENT, 'tcp 172.16.210.100:80')).toEqual(['1 timeout'])
  })

  it('route_localnet off: 127.0.0.1 dies between nat and filter of OUTPUT', () => {
    const off = sysctl({ routeLocalnet: false })
    const dataplane = lab([masqueraded], off)
    expect(ends(dataplane, 'node/node02', 'tcp 127.0.0.1:30080')).toEqual(['1 timeout'])
    const { matched } = trace(dataplane, 'node/node02', 'tcp 127.0.0.1:30080')
    expect(matched['node02']?.some((rule) => rule.startsWith('filter'))).toBe(false)
    expect(matched['node02']?.some((rule) => rule.includes('-j DNAT'))).toBe(true)
    const datagrams = lab([web([A], { nodePort: 30080, protocol: 'UDP' })], off)
    expect(ends(datagrams, 'node/node02', 'udp 127.0.0.1:30080')).toEqual(['1 timeout EINVAL'])
  })

  it('ip_forward off: a Service fails on one bridge too, plain neighbours still talk', () => {
    const off = sysctl({ ipForward: false })
    expect(ends(lab([bare], off), CLIENT, `tcp ${VIP}:80`)).toEqual(['1 timeout'])
    expect(ends(lab([bare], off), CLIENT, 'tcp 10.244.1.2:8080')).toEqual(['1 connected dev/a 10.244.1.20'])
    expect(ends(lab([bare], off), 'node/node02', 'tcp 10.244.1.2:8080')).toEqual(['1 connected dev/a 10.244.1.1'])
    expect(ends(lab([bare], off), CLIENT, 'tcp 10.244.2.2:8080')).toEqual(['1 timeout'])
  })

  it('FORWARD policy DROP: only marked and established packets pass', () => {
    const dropping = (dataplane: Dataplane): Dataplane => {
      for (const node of dataplane.nodeNames()) {
        const chain = dataplane.node(node)?.tables.IPv4.tables.get('filter')?.get('FORWARD')
        if (chain) chain.policy = 'DROP'
      }
      return dataplane
    }
    expect(ends(dropping(lab([bare])), CLIENT, `tcp ${VIP}:80`)).toEqual(['1 timeout'])
    expect(ends(dropping(lab([bare])), CLIENT, 'tcp 10.244.1.2:8080')).toEqual(['1 timeout'])
    const both = dropping(lab([web([A, C], { nodePort: 30080 })]))
    expect(ends(both, OUTSIDE, 'tcp 172.16.210.12:30080')).toEqual(['1/2 connected dev/a 10.244.1.1', '1/2 timeout'])
  })

  it('rp_filter on: no end changes', () => {
    const on = sysctl({ rpFilter: true })
    expect(ends(lab([web([A, C])], on), CLIENT, `tcp ${VIP}:80`)).toEqual([
      '1/2 connected dev/a 10.244.1.20',
      '1/2 connected dev/c 10.244.1.20',
    ])
  })
})

describe('errors', () => {
  const empty = lab([])
  it.each([
    ['nobody at a pod address elsewhere', CLIENT, 'tcp 10.244.2.99:80', '1 unreachable EHOSTUNREACH'],
    ['the same for UDP', CLIENT, 'udp 10.244.2.99:80', '1 timeout'],
    ['nobody on the own bridge', CLIENT, 'tcp 10.244.1.99:80', '1 unreachable EHOSTUNREACH'],
    ['nobody on the LAN', 'node/node01', 'tcp 172.16.210.77:80', '1 unreachable EHOSTUNREACH'],
    ['a closed port of a pod', CLIENT, 'tcp 10.244.2.2:9999', '1 refused ECONNREFUSED'],
    ['a closed UDP port of a pod', CLIENT, 'udp 10.244.2.2:9999', '1 refused ECONNREFUSED'],
    ['a closed port of a node', OUTSIDE, 'tcp 172.16.210.11:9999', '1 refused ECONNREFUSED'],
    ['the own loopback', CLIENT, 'tcp 127.0.0.1:80', '1 refused ECONNREFUSED'],
    ['the default gateway forwards nowhere', CLIENT, 'tcp 8.8.8.8:80', '1 timeout'],
    ['outside knows no way to pods', OUTSIDE, 'tcp 10.244.1.2:8080', '1 timeout'],
  ])('%s', (_name, from, to, want) => {
    expect(ends(empty, from, to)).toEqual([want])
  })

  it('pings', () => {
    expect(ends(empty, CLIENT, 'icmp 10.244.2.2:0')).toEqual(['1 connected'])
    expect(ends(lab([web([A])]), CLIENT, `icmp ${VIP}:0`)).toEqual(['1 timeout'])
  })

  it('drops a datagram of the node itself with EPERM', () => {
    const dataplane = lab([])
    const chain = dataplane.node('node01')?.tables.IPv4.tables.get('filter')?.get('OUTPUT')
    if (chain) chain.policy = 'DROP'
    expect(ends(dataplane, 'node/node01', 'udp 10.244.1.2:8080')).toEqual(['1 timeout EPERM'])
    expect(ends(dataplane, 'node/node01', 'tcp 10.244.1.2:8080')).toEqual(['1 timeout'])
  })

  it('knows no such client', () => {
    expect(
      empty.attempt(aRequest('pod/dev/nobody', 'tcp 1.2.3.4:1'), { chance: createChance(createRandom(1)), now: 0 }),
    ).toBe(undefined)
  })
})

describe('SCTP', () => {
  it('reaches a Service, and is refused by a port without listener', () => {
    const service = web([A], { protocol: 'SCTP' })
    expect(ends(lab([service]), CLIENT, `sctp ${VIP}:80`)).toEqual(['1 refused ECONNREFUSED'])
  })
})

describe('IPv6', () => {
  const v6 = (n: number): Partial<NodeSpec> => ({
    addresses: [`172.16.210.1${n}`, `fd00:172::1${n}`] as Ip[],
    podCidrs: [`10.244.${n - 1}.0/24`, `fd00:10:244:${n - 1}::/64`] as Cidr[],
  })
  const pod = (name: string, node: string, ip: string): PodSpec => ({
    namespace: 'dev',
    name,
    node,
    ips: [ip as Ip],
    hostNetwork: false,
    listeners: name === 'client' ? [] : [{ protocol: 'TCP', port: 8080, address: 'any', app: { type: 'echo' } }],
  })
  const dataplane = (): Dataplane => {
    const sysctls = { ipForward: true, bridgeNfCallIptables: true, routeLocalnet: false, rpFilter: false }
    const made = createDataplane({
      nodes: [1, 2].map((n) => {
        const { addresses = [], podCidrs = [] } = v6(n)
        return { name: `node0${n}`, addresses, podCidrs, sysctls, cniMasquerade: true, hairpinMode: true }
      }),
      pods: [
        pod('client', 'node01', 'fd00:10:244::20'),
        pod('a', 'node01', 'fd00:10:244::2'),
        pod('c', 'node02', 'fd00:10:244:1::2'),
      ],
      outsideHosts: [{ name: 'outside', address: 'fd00:172::100' as Ip }],
      lan: '172.16.210.0/24' as Cidr,
      clusterCidrs: ['10.244.0.0/16', 'fd00:10:244::/56'] as Cidr[],
    })
    const rules = [
      '*nat',
      ...['PREROUTING', 'OUTPUT'].map(
        (chain) =>
          `-A ${chain} -d fd00:10:96::50/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00:10:244:1::2]:8080`,
      ),
      'COMMIT',
      '*filter',
      '-A INPUT -p tcp -m tcp --dport 9 -j REJECT --reject-with icmp6-port-unreachable',
      'COMMIT',
      '',
    ]
    const tables = made.node('node01')?.tables.IPv6
    if (!tables || !restore(tables, rules.join('\n'), { noflush: true }).ok) throw new Error('rules')
    return made
  }

  it.each([
    ['pod/dev/client', 'tcp [fd00:10:244::2]:8080', '1 connected dev/a fd00:10:244::20'],
    ['pod/dev/client', 'tcp [fd00:10:96::50]:80', '1 connected dev/c fd00:10:244::20'],
    ['node/node01', 'tcp [fd00:10:96::50]:80', '1 connected dev/c fd00:172::11'],
    ['host/fd00:172::100', 'tcp [fd00:172::11]:9', '1 refused ECONNREFUSED'],
    ['host/fd00:172::100', 'tcp [fd00:10:244:1::2]:8080', '1 timeout'],
    ['pod/dev/client', 'icmp [fd00:10:244:1::2]:0', '1 connected'],
    ['pod/dev/client', 'tcp [fd00:172::100]:80', '1 refused ECONNREFUSED'],
  ])('%s to %s', (from, to, want) => {
    expect(ends(dataplane(), from, to)).toEqual([want])
  })
})
