import { expect, it } from 'vitest'
import { createIpam } from './ipam.ts'

function allocate(ipam: ReturnType<typeof createIpam>, used: Set<string>, range = '10.244.1.0/24'): string {
  const made = ipam.allocate(range, (ip) => used.has(ip))
  if (!made.ok) return made.error
  used.add(made.value)
  return made.value
}

it('goes round from the address given last: a freed one comes back late', () => {
  const ipam = createIpam()
  const used = new Set<string>()
  expect([allocate(ipam, used), allocate(ipam, used)]).toEqual(['10.244.1.2', '10.244.1.3'])
  used.delete('10.244.1.2')
  expect(allocate(ipam, used)).toBe('10.244.1.4')
  for (let i = 5; i <= 254; i++) expect(allocate(ipam, used)).toBe(`10.244.1.${i}`)
  expect(allocate(ipam, used)).toBe('10.244.1.2')
  expect(allocate(ipam, used)).toContain('no IP addresses available in range set: 10.244.1.1-10.244.1.254')
})

it('keeps ranges apart and knows IPv6', () => {
  const ipam = createIpam()
  expect(allocate(ipam, new Set(), '10.244.2.0/24')).toBe('10.244.2.2')
  expect(allocate(ipam, new Set(), 'fd00:10:244:1::/64')).toBe('fd00:10:244:1::2')
})
