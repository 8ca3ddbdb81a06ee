import { describe, expect, it } from 'vitest'
import type { Cidr } from '../../base/cidr.ts'
import { ipv4Number } from '../../base/ip.ts'
import type { Ip } from '../../base/ip.ts'
import { createRandom } from '../../base/random.ts'
import { createAddressPool, createPortPool } from './pools.ts'
import type { Pool } from './pools.ts'

/** Takes everything, in the order in which it is given out. */
function drain<T>(pool: Pool<T>): readonly T[] {
  const random = createRandom(7)
  const given: T[] = []
  for (let value = pool.next(random); value !== undefined; value = pool.next(random)) {
    pool.add(value)
    given.push(value)
  }
  return given
}

describe('bands', () => {
  it.each<[string, number, number]>([
    ['10.96.0.0/24', 254, 16],
    ['10.96.0.0/22', 1022, 64],
    ['10.96.0.0/21', 2046, 128],
    ['10.96.0.0/28', 14, 0],
  ])('%s has %d addresses, the lowest %d given out last', (cidr, usable, lower) => {
    const given = drain(createAddressPool(cidr as Cidr)).map(ipv4Number)
    const base = ipv4Number('10.96.0.0' as Ip)
    expect(new Set(given).size).toBe(usable)
    expect(Math.min(...given)).toBe(base + 1)
    const last = given.slice(usable - lower)
    expect(last.every((ip) => ip <= base + lower)).toBe(true)
    expect(given.slice(0, usable - lower).every((ip) => ip > base + lower)).toBe(true)
  })

  it('the /12 of kubeadm starts to give at 10.96.1.1 and keeps the edges', () => {
    const pool = createAddressPool('10.96.0.0/12' as Cidr)
    const random = createRandom(1)
    for (let i = 0; i < 2000; i++) {
      const ip = pool.next(random)
      expect(ipv4Number(ip ?? ('0.0.0.0' as Ip))).toBeGreaterThanOrEqual(ipv4Number('10.96.1.1' as Ip))
      if (ip) pool.add(ip)
    }
    const usable = ['10.96.0.0', '10.96.0.1', '10.111.255.254', '10.111.255.255', '10.112.0.1'] as Ip[]
    expect(usable.map(pool.isUsable)).toEqual([false, true, true, false, false])
  })

  it('node ports: 2,768, the first 86 last', () => {
    const given = drain(createPortPool())
    expect(given).toHaveLength(2768)
    expect(new Set(given.slice(-86))).toEqual(new Set(Array.from({ length: 86 }, (_, i) => 30000 + i)))
  })
})
