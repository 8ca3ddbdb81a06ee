import { describe, expect, it } from 'vitest'
import { nftRule } from './printRule.ts'
import { formatTimeout, printTable } from './printTable.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { NftTable } from './table.ts'

/** What `nft -s list` 1.0.6 printed for `saddr != { ... } drop`. */
describe('anonymous sets', () => {
  it.each([
    ['198.51.100.0/24 10.0.0.0/8 192.0.2.5/32', '{ 10.0.0.0/8, 192.0.2.5, 198.51.100.0/24 }'],
    ['10.0.0.0/8 10.1.0.0/16', '{ 10.0.0.0/8 }'],
    ['10.0.0.0/24 10.0.1.0/24', '{ 10.0.0.0/23 }'],
    ['10.0.1.0/24 10.0.0.0/24 10.0.3.0/24', '{ 10.0.0.0/23, 10.0.3.0/24 }'],
    ['10.0.0.1/32 10.0.0.2/32', '{ 10.0.0.1-10.0.0.2 }'],
    ['172.16.0.0/12 192.0.2.1/32 192.0.2.0/32', '{ 172.16.0.0/12, 192.0.2.0/31 }'],
    ['fd00::/64 2001:db8::1/128', '{ 2001:db8::1, fd00::/64 }'],
    ['10.0.0.128/25 10.0.1.0/24', '{ 10.0.0.128-10.0.1.255 }'],
    ['0.0.0.0/1 128.0.0.0/1', '{ 0.0.0.0/0 }'],
    ['10.0.0.0/24 10.0.0.0/24', '{ 10.0.0.0/24 }'],
    ['10.0.0.0/31', '10.0.0.0/31'],
    ['2001:db8::1/128', '2001:db8::1'],
  ])('%s', (texts, printed) => {
    const cidrs = texts.split(' ') as Cidr[]
    const family = texts.includes(':') ? 'IPv6' : 'IPv4'
    const rule = nftRule(
      family,
      [{ type: 'saddr', negate: true, cidrs }],
      [{ type: 'verdict', verdict: { type: 'drop' } }],
    )
    expect(rule.text).toBe(`${family === 'IPv4' ? 'ip' : 'ip6'} saddr != ${printed} drop`)
  })
})

it.each([
  [1, '1s'],
  [60, '1m'],
  [61, '1m1s'],
  [3600, '1h'],
  [3661, '1h1m1s'],
  [10800, '3h'],
  [86400, '1d'],
  [86399, '23h59m59s'],
  [90061, '1d1h1m1s'],
  [604800, '7d'],
])('%d s print as %s', (seconds, text) => {
  expect(formatTimeout(seconds)).toBe(text)
})

it('lays a table out as nft does', () => {
  const ips = ['10.0.0.5', '10.0.0.1', '10.0.0.2'] as Ip[]
  const table: NftTable = {
    family: 'IPv4',
    name: 'kube-proxy',
    comment: 'rules for kube-proxy',
    sets: new Map([
      ['a', { name: 'a', family: 'IPv4', elements: [], timeoutSeconds: 10800 }],
      ['s', { name: 's', family: 'IPv4', comment: 'c', elements: ips }],
    ]),
    maps: new Map([
      [
        'm',
        {
          name: 'm',
          keyType: 'addr.proto.port',
          elements: new Map([
            ['10.0.0.1 . tcp . 80', { verdict: { type: 'goto', chain: 'x' }, comment: 'ns/a' }],
            ['10.0.0.2 . udp . 53', { verdict: { type: 'drop' } }],
          ]),
        },
      ],
    ]),
    chains: new Map([
      [
        'nat-output',
        {
          name: 'nat-output',
          base: { type: 'nat', hook: 'output', priority: -100, priorityText: '-100', policy: 'accept' },
          rules: [nftRule('IPv4', [], [{ type: 'verdict', verdict: { type: 'jump', chain: 'x' } }])],
        },
      ],
      ['x', { name: 'x', comment: 'helper', rules: [] }],
    ]),
  }
  expect(printTable(table)).toBe(
    [
      'table ip kube-proxy {',
      '\tcomment "rules for kube-proxy"',
      '\tset s {',
      '\t\ttype ipv4_addr',
      '\t\tcomment "c"',
      '\t\telements = { 10.0.0.1, 10.0.0.2,',
      '\t\t\t     10.0.0.5 }',
      '\t}',
      '',
      '\tmap m {',
      '\t\ttype ipv4_addr . inet_proto . inet_service : verdict',
      '\t\telements = { 10.0.0.1 . tcp . 80 comment "ns/a" : goto x,',
      '\t\t\t     10.0.0.2 . udp . 53 : drop }',
      '\t}',
      '',
      '\tset a {',
      '\t\ttype ipv4_addr',
      '\t\tsize 65535',
      '\t\tflags dynamic,timeout',
      '\t\ttimeout 3h',
      '\t}',
      '',
      '\tchain nat-output {',
      '\t\ttype nat hook output priority -100; policy accept;',
      '\t\tjump x',
      '\t}',
      '',
      '\tchain x {',
      '\t\tcomment "helper"',
      '\t}',
      '}',
      '',
    ].join('\n'),
  )
})
