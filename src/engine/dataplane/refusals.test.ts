import { describe, expect, it } from 'vitest'
import { iptablesCommand } from '../netfilter/iptablesCommand.ts'
import { ends, lab } from '../testing/lab.ts'
import type { Dataplane } from './createDataplane.ts'

const CLIENT = 'pod/dev/client'
const OUTSIDE = 'host/172.16.210.100'
const NODE = 'node/node02'
/** The lab with rules that somebody typed on every node. */
function labWith(...commands: readonly string[]): Dataplane {
  const dataplane = lab([
    { name: 'web', clusterIP: '10.96.0.50', nodePort: 30080, endpoints: ['10.244.2.2 node03'] },
    { name: 'dns', clusterIP: '10.96.0.51', endpoints: ['10.244.2.2 node03'], protocol: 'UDP' },
  ])
  for (const name of dataplane.nodeNames()) {
    const tables = dataplane.node(name)?.tables.IPv4 ?? expect.fail()
    for (const command of commands) expect(iptablesCommand(tables, command.split(' '))).toMatchObject({ exitCode: 0 })
  }
  return dataplane
}

// Recorded on Linux 6.18 in network namespaces with kube-proxy's rules: what connect(2), send(2) and recv(2) say.
describe('a refusal, as the client hears it', () => {
  it.each([
    ['icmp-port-unreachable', '1 refused ECONNREFUSED', '1 refused ECONNREFUSED'],
    ['icmp-proto-unreachable', '1 unreachable ENOPROTOOPT', '1 unreachable ENOPROTOOPT'],
    ['icmp-net-unreachable', '1 unreachable ENETUNREACH', '1 timeout'],
    ['icmp-host-unreachable', '1 unreachable EHOSTUNREACH', '1 timeout'],
    ['icmp-net-prohibited', '1 unreachable ENETUNREACH', '1 unreachable ENETUNREACH'],
    ['icmp-host-prohibited', '1 unreachable EHOSTUNREACH', '1 unreachable EHOSTUNREACH'],
    ['icmp-admin-prohibited', '1 unreachable EHOSTUNREACH', '1 unreachable EHOSTUNREACH'],
  ])('%s', (how, tcp, udp) => {
    const dataplane = labWith(`-I FORWARD -j REJECT --reject-with ${how}`)
    expect(ends(dataplane, CLIENT, 'tcp 10.96.0.50:80')).toEqual([tcp])
    expect(ends(dataplane, CLIENT, 'udp 10.96.0.51:80')).toEqual([udp])
  })

  it('tcp-reset goes straight back through a bridge port, past NAT', () => {
    const dataplane = labWith('-I FORWARD -p tcp -j REJECT --reject-with tcp-reset')
    expect(ends(dataplane, CLIENT, 'tcp 10.244.2.2:8080')).toEqual(['1 refused ECONNREFUSED'])
    expect(ends(dataplane, CLIENT, 'tcp 10.96.0.50:80')).toEqual(['1 timeout'])
    expect(ends(dataplane, OUTSIDE, 'tcp 172.16.210.12:30080')).toEqual(['1 refused ECONNREFUSED'])
  })

  it('the RST of a REJECT asks the nat chains of POSTROUTING, an ICMP error does not', () => {
    const asked = (how: string): number => {
      const dataplane = labWith(`-I FORWARD -p tcp -j REJECT --reject-with ${how}`)
      dataplane.attempt(
        { from: OUTSIDE, protocol: 'TCP', destination: { ip: '172.16.210.12' as never, port: 30080 } },
        { chance: { roll: () => ({ roll: 0, won: true }), pick: () => 0, port: (from) => from }, now: 0 },
      )
      return dataplane.node('node02')?.tables.IPv4.tables.get('nat')?.get('POSTROUTING')?.packets[0] ?? -1
    }
    expect([asked('tcp-reset'), asked('icmp-port-unreachable')]).toEqual([1, 0])
  })

  it.each(['-I OUTPUT -j DROP', '-t mangle -I OUTPUT -j DROP', '-t mangle -I POSTROUTING -j DROP'])(
    'what the sender itself drops: %s',
    (command) => {
      const dataplane = labWith(command)
      expect(ends(dataplane, NODE, 'udp 10.244.2.2:8080')).toEqual(['1 timeout EPERM'])
      expect(ends(dataplane, NODE, 'tcp 10.244.2.2:8080')).toEqual(['1 timeout'])
    },
  )
})

// Recorded likewise, with conntrack -L.
it('a closed port: the RST is an answer, which ends the connection that conntrack began', () => {
  const dataplane = labWith()
  const chance = { roll: () => ({ roll: 0, won: true }), pick: () => 0, port: (from: number) => from }
  for (const from of [CLIENT, NODE, OUTSIDE]) {
    const destination = { ip: '172.16.210.12' as never, port: 9999 }
    dataplane.attempt({ from, protocol: 'TCP', destination }, { chance, now: 0 })
    expect(dataplane.node('node02')?.conntrack.flows(1)).toEqual([])
  }
})

// Recorded on Linux 6.18 likewise.
describe('addresses that are not one machine', () => {
  it.each([
    [NODE, 'udp 172.16.210.255:80', '1 unreachable EACCES'],
    [NODE, 'tcp 172.16.210.255:80', '1 unreachable ENETUNREACH'],
    [CLIENT, 'udp 10.244.1.255:80', '1 unreachable EACCES'],
    [CLIENT, 'tcp 255.255.255.255:80', '1 unreachable ENETUNREACH'],
    [CLIENT, 'tcp 224.0.0.5:80', '1 unreachable ENETUNREACH'],
    // The node takes it in and keeps silent.
    [CLIENT, 'tcp 172.16.210.255:80', '1 timeout'],
    [NODE, 'udp 0.0.0.0:9', '1 refused ECONNREFUSED'],
    ['pod/dev/a', 'tcp 0.0.0.0:8080', '1 connected dev/a 127.0.0.1'],
  ])('%s to %s', (from, to, want) => {
    expect(ends(labWith(), from, to)).toEqual([want])
  })
})
