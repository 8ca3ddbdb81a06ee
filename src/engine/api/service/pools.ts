import type { Cidr } from '../../base/cidr.ts'
import { contains, familyOfCidr, nthAddress, prefixOf } from '../../base/cidr.ts'
import { parseIp } from '../../base/ip.ts'
import type { Ip, IpFamily } from '../../base/ip.ts'
import type { Random } from '../../base/random.ts'

/** What is taken and how the next one is found: Service addresses and node ports. */
export interface Pool<T> {
  readonly has: (value: T) => boolean
  readonly add: (value: T) => void
  readonly remove: (value: T) => void
  /** A free value; undefined when none is left. Upper band first, the lower one is for values chosen by hand. */
  readonly next: (random: Random) => T | undefined
}

/** Scans a band of `size` offsets from a random one on, wrapping around. */
function scanBand(from: number, size: number, random: Random, isFree: (offset: number) => boolean): number | undefined {
  if (size <= 0) return undefined
  const start = random.below(size)
  for (let i = 0; i < size; i++) {
    const offset = from + ((start + i) % size)
    if (isFree(offset)) return offset
  }
  return undefined
}

export interface AddressPool extends Pool<Ip> {
  readonly cidr: Cidr
  readonly family: IpFamily
  /** Whether an address of the range may be given out: not its first, and not IPv4's last. */
  readonly isUsable: (ip: Ip) => boolean
}

/** Addresses of a Service CIDR. Source: kubernetes pkg/registry/core/service/ipallocator. */
export function createAddressPool(cidr: Cidr): AddressPool {
  const taken = new Set<Ip>()
  const family = familyOfCidr(cidr)
  const hostBits = Math.min((family === 'IPv4' ? 32 : 128) - prefixOf(cidr).bits, 31)
  const size = 2 ** hostBits
  const usable = family === 'IPv4' ? size - 2 : size - 1
  // A range of 16 addresses or fewer has no lower band.
  const lower = usable <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256)
  const isFree = (offset: number): boolean => !taken.has(nthAddress(cidr, offset))
  const first = nthAddress(cidr, 0)
  const last = nthAddress(cidr, size - 1)
  return {
    cidr,
    family,
    isUsable: (ip) => contains(cidr, ip) && ip !== first && (family === 'IPv6' || ip !== last),
    has: (ip) => taken.has(ip),
    add: (ip) => void taken.add(ip),
    remove: (ip) => void taken.delete(ip),
    next: (random) => {
      const offset = scanBand(1 + lower, usable - lower, random, isFree) ?? scanBand(1, lower, random, isFree)
      return offset === undefined ? undefined : nthAddress(cidr, offset)
    },
  }
}

export const nodePortRange = { first: 30000, last: 32767 } as const

/** Node ports, health check ports among them. Source: kubernetes pkg/registry/core/service/portallocator. */
export function createPortPool(): Pool<number> {
  const taken = new Set<number>()
  const size = nodePortRange.last - nodePortRange.first + 1
  const lower = Math.min(Math.max(16, Math.floor(size / 32)), 128)
  const isFree = (port: number): boolean => !taken.has(port)
  return {
    has: (port) => taken.has(port),
    add: (port) => void taken.add(port),
    remove: (port) => void taken.delete(port),
    next: (random) =>
      scanBand(nodePortRange.first + lower, size - lower, random, isFree) ??
      scanBand(nodePortRange.first, lower, random, isFree),
  }
}

/** The pools of a cluster. The first Service CIDR's family is the default one. */
export interface Pools {
  readonly addresses: readonly AddressPool[]
  readonly ports: Pool<number>
}

export function createPools(cidrs: readonly Cidr[]): Pools {
  return { addresses: cidrs.map(createAddressPool), ports: createPortPool() }
}

export function poolOf(pools: Pools, family: IpFamily): AddressPool | undefined {
  return pools.addresses.find((pool) => pool.family === family)
}

/** Takes (`sign` 1) or gives back (-1) what a stored Service holds. */
export function countHoldings(
  pools: Pools,
  holdings: { readonly addresses: readonly string[]; readonly ports: readonly number[] },
  sign: 1 | -1,
): void {
  for (const text of holdings.addresses) {
    const ip = parseIp(text)
    if (!ip.ok) continue
    for (const pool of pools.addresses) {
      if (!contains(pool.cidr, ip.value)) continue
      if (sign === 1) pool.add(ip.value)
      else pool.remove(ip.value)
    }
  }
  for (const port of holdings.ports) {
    if (sign === 1) pools.ports.add(port)
    else pools.ports.remove(port)
  }
}
