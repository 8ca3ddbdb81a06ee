import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareIps, familyOf, ipFromWords, ipv4FromNumber, ipWords, parseIp } from './ip.ts'
import type { Ip } from './ip.ts'

describe('parseIp', () => {
  it.each<[string, string]>([
    ['10.98.98.98', '10.98.98.98'],
    ['172.30.0.041', '172.30.0.41'],
    ['010.0.0.1', '10.0.0.1'],
    ['fd00:10:96:0::a', 'fd00:10:96::a'],
    ['FD00::A', 'fd00::a'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::', '::'],
  ])('%s is %s', (text, want) => {
    expect(parseIp(text)).toEqual({ ok: true, value: want })
  })

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '1.2.3.4.5',
    'fd00::g',
    'fe80::1%eth0',
    'localhost',
    ' 10.0.0.1',
    '10.0.0.1/24',
    '-1.0.0.0',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toEqual({ ok: false, error: 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)' })
  })
})

describe('bits', () => {
  it('IPv4 and back', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (word) => {
        const ip = ipv4FromNumber(word)
        expect(ipWords(ip)).toEqual([0, 0, 0, word])
        expect(parseIp(ip)).toEqual({ ok: true, value: ip })
      }),
    )
  })

  it('IPv6 and back', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff)), (words) => {
        const ip = ipFromWords(words, 'IPv6')
        expect(familyOf(ip)).toBe('IPv6')
        expect(ipWords(ip)).toEqual(words)
      }),
    )
  })

  it('orders by number, IPv4 first', () => {
    const ips = ['fd00::1', '10.0.0.10', '10.0.0.9', '192.168.0.1', '::1'] as Ip[]
    expect([...ips].sort(compareIps)).toEqual(['10.0.0.9', '10.0.0.10', '192.168.0.1', '::1', 'fd00::1'])
  })
})
