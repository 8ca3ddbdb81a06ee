import { describe, expect, it } from 'vitest'
import { createRoutingTable } from './routingTable.ts'
import { printAddresses, printRoutes } from './printRouting.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { Interface, Route } from './interface.ts'

const interfaces: readonly Interface[] = [
  { name: 'lo', index: 1, kind: 'loopback', addresses: [{ ip: '127.0.0.1' as Ip, bits: 8, scope: 'host' }] },
  { name: 'eth0', index: 2, kind: 'ethernet', addresses: [{ ip: '172.16.210.12' as Ip, bits: 24, scope: 'global' }] },
  { name: 'cni0', index: 3, kind: 'bridge', addresses: [{ ip: '10.244.1.1' as Ip, bits: 24, scope: 'global' }] },
  { name: 'kube-ipvs0', index: 4, kind: 'dummy', addresses: [{ ip: '10.96.0.10' as Ip, bits: 32, scope: 'global' }] },
]
const routes: readonly Route[] = [
  { destination: '0.0.0.0/0' as Cidr, type: 'unicast', device: 'eth0', via: '172.16.210.1' as Ip },
  { destination: '10.244.0.0/24' as Cidr, type: 'unicast', device: 'eth0', via: '172.16.210.11' as Ip },
  { destination: '10.244.1.0/24' as Cidr, type: 'unicast', device: 'cni0', source: '10.244.1.1' as Ip },
  { destination: '172.16.210.0/24' as Cidr, type: 'unicast', device: 'eth0', source: '172.16.210.12' as Ip },
]
const table = createRoutingTable(interfaces, routes)

describe('a routing table', () => {
  it.each<[string, unknown]>([
    ['127.0.0.53', { type: 'local', device: 'lo' }],
    ['172.16.210.12', { type: 'local' }],
    ['10.96.0.10', { type: 'local' }],
    ['10.244.1.7', { type: 'unicast', device: 'cni0' }],
    ['10.244.0.7', { type: 'unicast', device: 'eth0', via: '172.16.210.11' }],
    ['10.98.98.98', { type: 'unicast', device: 'eth0', via: '172.16.210.1' }],
    ['fd00::1', { type: 'unreachable' }],
  ])('sends %s the longest way that fits', (ip, want) => {
    expect(table.lookup(ip as Ip)).toMatchObject(want as object)
  })

  it.each([
    ['10.244.1.7', '10.244.1.1'],
    ['10.244.0.7', '172.16.210.12'],
    ['8.8.8.8', '172.16.210.12'],
    ['10.96.0.10', '10.96.0.10'],
    ['127.0.0.1', '127.0.0.1'],
    ['fd00::1', undefined],
  ])('chooses the source towards %s: %s', (ip, want) => {
    expect(table.sourceFor(ip as Ip)).toBe(want)
  })

  it('masquerades over lo with the first address of global scope', () => {
    expect(table.addressOf('lo', '172.16.210.12' as Ip)).toBe('172.16.210.12')
    expect(table.addressOf('cni0', '10.244.1.9' as Ip)).toBe('10.244.1.1')
  })

  it('drops into a blackhole', () => {
    const lan = createRoutingTable([], [{ destination: '0.0.0.0/0' as Cidr, type: 'blackhole', device: 'br0' }])
    expect(lan.lookup('1.2.3.4' as Ip)).toEqual({ type: 'blackhole', text: 'blackhole default ' })
  })

  it('prints as ip route does, blanks at the end included', () => {
    expect(printRoutes(table, 'IPv4').split('\n')).toEqual([
      'default via 172.16.210.1 dev eth0 ',
      '10.244.0.0/24 via 172.16.210.11 dev eth0 ',
      '10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1 ',
      '172.16.210.0/24 dev eth0 proto kernel scope link src 172.16.210.12 ',
    ])
  })

  it('prints addresses as ip addr does', () => {
    const text = printAddresses(interfaces)
    expect(text).toContain('1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536')
    expect(text).toContain(
      '    inet 172.16.210.12/24 scope global eth0\n       valid_lft forever preferred_lft forever',
    )
  })
})
