import { describe, expect, it } from 'vitest'
import { contains, hostCidr, nthAddress, parseCidr } from './cidr.ts'
import type { Cidr } from './cidr.ts'
import type { Ip } from './ip.ts'

describe('parseCidr', () => {
  it.each<[string, string]>([
    ['10.244.1.7/16', '10.244.0.0/16'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['fd00:10:244::5/56', 'fd00:10:244::/56'],
    ['fd00:10:244:1ff::/56', 'fd00:10:244:100::/56'],
  ])('%s is %s', (text, want) => {
    expect(parseCidr(text)).toEqual({ ok: true, value: want })
  })

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', 'fd00::/129', '/8', '10.0.0.0/-1'])(
    'refuses %j',
    (text) => {
      expect(parseCidr(text).ok).toBe(false)
    },
  )
})

describe('contains', () => {
  it.each<[string, string, boolean]>([
    ['10.244.0.0/16', '10.244.255.255', true],
    ['10.244.0.0/16', '10.245.0.0', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['128.0.0.0/1', '127.255.255.255', false],
    ['10.0.0.1/32', '10.0.0.1', true],
    ['fd00::/8', 'fdff::1', true],
    ['fd00::/8', 'fe00::1', false],
    ['::/0', '10.0.0.1', false],
    ['0.0.0.0/0', '::1', false],
    ['fd00:10:244:100::/56', 'fd00:10:244:1ff::9', true],
    ['fd00:10:244:100::/56', 'fd00:10:244:200::9', false],
  ])('%s holds %s: %s', (cidr, ip, want) => {
    expect(contains(cidr as Cidr, ip as Ip)).toBe(want)
  })

  it('holds just the host in a host prefix', () => {
    expect(hostCidr('10.0.0.1' as Ip)).toBe('10.0.0.1/32')
    expect(hostCidr('fd00::1' as Ip)).toBe('fd00::1/128')
  })
})

describe('nthAddress', () => {
  it.each<[string, number, string]>([
    ['10.244.1.0/24', 1, '10.244.1.1'],
    ['10.96.0.0/12', 65536, '10.97.0.0'],
    ['fd00:10:96::/112', 10, 'fd00:10:96::a'],
  ])('%s + %d is %s', (cidr, offset, want) => {
    expect(nthAddress(cidr as Cidr, offset)).toBe(want)
  })
})
