import { describe, expect, it } from 'vitest'
import { createClients } from '../testing/director.ts'
import { aPacket, socketAddress } from '../testing/hookContext.ts'
import { createIpsets } from './ipset.ts'
import { createIpvs } from './ipvs.ts'
import { printIpsetList } from './printIpset.ts'
import { printIpvsadm, printIpvsadmSave, printIpvsTimeouts } from './printIpvsadm.ts'
import type { IpsetSpec, IpvsProtocol, VirtualServerSpec } from './model.ts'

function spec(protocol: IpvsProtocol, address: string, servers: readonly string[], persistence = 0): VirtualServerSpec {
  return {
    protocol,
    address: socketAddress(address),
    scheduler: 'rr',
    persistence,
    realServers: servers.map((text) => ({ address: socketAddress(text), weight: 1 })),
  }
}

const cluster = [
  spec('UDP', '10.96.0.10:53', ['10.244.1.11:53', '10.244.1.10:53']),
  spec('TCP', '10.96.0.1:443', ['192.168.10.11:6443']),
  spec('TCP', '10.97.1.2:80', ['10.244.2.12:8080', '10.244.1.10:8080'], 10800),
  spec('TCP', '10.97.9.9:80', []),
  spec('TCP', '203.0.113.7:443', ['10.244.1.11:8443']),
  spec('TCP', '192.168.10.11:31080', ['10.244.1.10:8080'], 10800),
]

describe('ipvsadm', () => {
  it('-Ln sorts by protocol, then by the sign of the difference of addresses', () => {
    const ipvs = createIpvs()
    ipvs.applyVirtualServers(cluster, 0)
    createClients(ipvs, '10.97.1.2:80').open('a', '10.244.1.20')
    expect(printIpvsadm(ipvs, 0)).toBe(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.168.10.11:31080 rr persistent 10800
  -> 10.244.1.10:8080             Masq    1      0          0         
TCP  203.0.113.7:443 rr
  -> 10.244.1.11:8443             Masq    1      0          0         
TCP  10.96.0.1:443 rr
  -> 192.168.10.11:6443           Masq    1      0          0         
TCP  10.97.1.2:80 rr persistent 10800
  -> 10.244.1.10:8080             Masq    1      1          0         
  -> 10.244.2.12:8080             Masq    1      0          0         
TCP  10.97.9.9:80 rr
UDP  10.96.0.10:53 rr
  -> 10.244.1.10:53               Masq    1      0          0         
  -> 10.244.1.11:53               Masq    1      0          0         
`)
  })

  it('--stats counts packets and bytes both ways', () => {
    const ipvs = createIpvs()
    ipvs.applyVirtualServers([spec('TCP', '10.97.1.2:80', ['10.244.1.10:8080', '10.244.2.12:8080'])], 0)
    createClients(ipvs, '10.97.1.2:80').request('10.244.1.20')
    // In: SYN 60, ACK 52, FIN 52, ACK 52; out: SYN,ACK 60, FIN 52.
    expect(printIpvsadm(ipvs, 0, 'stats')).toBe(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  10.97.1.2:80                        1        4        2      216      112
  -> 10.244.1.10:8080                    0        0        0        0        0
  -> 10.244.2.12:8080                    1        4        2      216      112
`)
  })

  it('--rate follows and forgets', () => {
    const ipvs = createIpvs()
    ipvs.applyVirtualServers([spec('TCP', '10.97.1.2:80', ['10.244.1.10:8080'])], 0)
    const clients = createClients(ipvs, '10.97.1.2:80')
    for (let i = 0; i < 40; i++) clients.request('10.244.1.20')
    const line = (now: number): string | undefined =>
      printIpvsadm(ipvs, now, 'rate')
        .split('\n')
        .find((text) => text.startsWith('TCP'))
    // A quarter of 40 connections in 2 s.
    expect(line(2000)).toBe('TCP  10.97.1.2:80                        5       20       10     1080      560')
    expect(line(200_000)).toBe('TCP  10.97.1.2:80                        0        0        0        0        0')
  })

  it('--persistent-conn', () => {
    const ipvs = createIpvs()
    ipvs.applyVirtualServers([spec('TCP', '10.97.1.2:80', ['10.244.1.10:8080', '10.244.2.12:8080'], 10800)], 0)
    const clients = createClients(ipvs, '10.97.1.2:80')
    clients.request('10.244.1.20')
    clients.request('10.244.1.20')
    expect(printIpvsadm(ipvs, 0, 'persistent-conn').split('\n').slice(1)).toEqual([
      'Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ',
      '  -> RemoteAddress:Port',
      'TCP  10.97.1.2:80 rr persistent 10800',
      '  -> 10.244.1.10:8080             1         0           0          0         ',
      '  -> 10.244.2.12:8080             1         1           0          2         ',
      '',
    ])
  })

  it('-Sn, IPv6 and the timeouts', () => {
    const ipvs = createIpvs()
    ipvs.applyVirtualServers(
      [cluster[2], spec('SCTP', '[fd00::1]:80', ['[fd00:1::5]:8080'])].flatMap((one) => one ?? []),
      0,
    )
    expect(printIpvsadmSave(ipvs)).toBe(`-A -t 10.97.1.2:80 -s rr -p 10800
-a -t 10.97.1.2:80 -r 10.244.1.10:8080 -m -w 1
-a -t 10.97.1.2:80 -r 10.244.2.12:8080 -m -w 1
-A --sctp-service [fd00::1]:80 -s rr
-a --sctp-service [fd00::1]:80 -r [fd00:1::5]:8080 -m -w 1
`)
    expect(printIpvsTimeouts(ipvs)).toBe('Timeout (tcp tcpfin udp): 900 120 300\n')
  })
})

describe('ipset', () => {
  const sets: IpsetSpec[] = [
    {
      name: 'KUBE-CLUSTER-IP',
      type: 'hash:ip,port',
      family: 'IPv4',
      entries: ['10.98.98.98,tcp:80', '10.96.0.10,udp:53'],
    },
    { name: 'KUBE-LOOP-BACK', type: 'hash:ip,port,ip', family: 'IPv4', entries: ['10.244.1.10,tcp:8080,10.244.1.10'] },
    {
      name: 'KUBE-LOAD-BALANCER-SOURCE-CIDR',
      type: 'hash:ip,port,net',
      family: 'IPv4',
      entries: ['203.0.113.7,tcp:443,198.51.100.0/24', '203.0.113.7,tcp:443,192.0.2.1'],
    },
    { name: 'KUBE-NODE-PORT-TCP', type: 'bitmap:port', family: 'IPv4', entries: ['31080', '9090'] },
    { name: 'KUBE-IPVS-IPS', type: 'hash:ip', family: 'IPv4', entries: ['10.98.98.98'] },
  ]

  it.each<[string, string, string, 'TCP' | 'UDP' | 'ICMP', ('src' | 'dst')[], boolean]>([
    ['KUBE-CLUSTER-IP', '10.244.1.5:1000', '10.98.98.98:80', 'TCP', ['dst', 'dst'], true],
    ['KUBE-CLUSTER-IP', '10.244.1.5:1000', '10.98.98.98:81', 'TCP', ['dst', 'dst'], false],
    ['KUBE-CLUSTER-IP', '10.244.1.5:1000', '10.98.98.98:80', 'UDP', ['dst', 'dst'], false],
    ['KUBE-CLUSTER-IP', '10.98.98.98:1000', '10.244.1.5:80', 'TCP', ['src', 'dst'], true],
    ['KUBE-CLUSTER-IP', '10.244.1.5:0', '10.98.98.98:0', 'ICMP', ['dst', 'dst'], false],
    ['KUBE-LOOP-BACK', '10.244.1.10:1000', '10.244.1.10:8080', 'TCP', ['dst', 'dst', 'src'], true],
    ['KUBE-LOOP-BACK', '10.244.1.11:1000', '10.244.1.10:8080', 'TCP', ['dst', 'dst', 'src'], false],
    ['KUBE-LOAD-BALANCER-SOURCE-CIDR', '198.51.100.9:1', '203.0.113.7:443', 'TCP', ['dst', 'dst', 'src'], true],
    ['KUBE-LOAD-BALANCER-SOURCE-CIDR', '192.0.2.1:1', '203.0.113.7:443', 'TCP', ['dst', 'dst', 'src'], true],
    ['KUBE-LOAD-BALANCER-SOURCE-CIDR', '192.0.2.2:1', '203.0.113.7:443', 'TCP', ['dst', 'dst', 'src'], false],
    ['KUBE-NODE-PORT-TCP', '10.0.0.1:1', '192.168.10.11:31080', 'TCP', ['dst'], true],
    ['KUBE-NODE-PORT-TCP', '10.0.0.1:1', '192.168.10.11:31081', 'TCP', ['dst'], false],
    ['KUBE-NODE-PORT-TCP', '10.0.0.1:0', '192.168.10.11:0', 'ICMP', ['dst'], false],
    ['KUBE-IPVS-IPS', '10.0.0.1:0', '10.98.98.98:0', 'ICMP', ['dst'], true],
    ['NOBODY', '10.0.0.1:1', '10.98.98.98:1', 'TCP', ['dst'], false],
  ])('%s with %s -> %s %s %j: %s', (name, source, destination, protocol, directions, want) => {
    const ipsets = createIpsets()
    ipsets.apply(sets)
    const packet = aPacket({ protocol, source: socketAddress(source), destination: socketAddress(destination) })
    expect(ipsets.inSet(name, directions, packet)).toBe(want)
  })

  it('list', () => {
    const ipsets = createIpsets()
    ipsets.apply(sets)
    const [cluster, , , ports] = printIpsetList(ipsets.all(), (name) => (name === 'KUBE-CLUSTER-IP' ? 3 : 1)).split(
      '\n\n',
    )
    expect(cluster?.replace(/0x[0-9a-f]{8}/, '0x…')).toBe(`Name: KUBE-CLUSTER-IP
Type: hash:ip,port
Revision: 6
Header: family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x…
Size in memory: 296
References: 3
Number of entries: 2
Members:
10.96.0.10,udp:53
10.98.98.98,tcp:80`)
    expect(ports).toBe(`Name: KUBE-NODE-PORT-TCP
Type: bitmap:port
Revision: 3
Header: range 0-65535
Size in memory: 8264
References: 1
Number of entries: 2
Members:
9090
31080`)
  })

  it('apply replaces members, a checkpoint brings them back', () => {
    const ipsets = createIpsets()
    ipsets.apply(sets)
    const restore = ipsets.checkpoint()
    ipsets.apply([{ name: 'KUBE-IPVS-IPS', type: 'hash:ip', family: 'IPv4', entries: [] }])
    expect(ipsets.inSet('KUBE-IPVS-IPS', ['dst'], aPacket())).toBe(false)
    restore()
    expect(ipsets.inSet('KUBE-IPVS-IPS', ['dst'], aPacket())).toBe(true)
  })
})
