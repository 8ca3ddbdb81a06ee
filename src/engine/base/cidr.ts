import { err, ok } from './result.ts'
import { familyOf, ipFromWords, ipWords, parseIp } from './ip.ts'
import type { Brand } from './brand.ts'
import type { Ip, IpFamily, IpWords } from './ip.ts'
import type { Result } from './result.ts'

/** An address prefix in canonical text, host bits cleared: `10.244.0.0/16`. */
export type Cidr = Brand<string, 'Cidr'>

interface Prefix {
  readonly family: IpFamily
  readonly network: IpWords
  readonly mask: IpWords
  readonly bits: number
}

const cache = new Map<Cidr, Prefix>()

const refusal = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** Parses `address/bits` and clears the host bits, as Go's `ParseCIDRSloppy` gives the network. */
export function parseCidr(text: string): Result<Cidr, string> {
  const slash = text.indexOf('/')
  const ip = slash < 0 ? undefined : parseIp(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  const family = ip?.ok ? familyOf(ip.value) : 'IPv4'
  const isMapped = family === 'IPv4' && text.includes(':')
  const width = family === 'IPv4' && !isMapped ? 32 : 128
  if (!ip?.ok || !/^\d{1,3}$/.test(digits) || Number(digits) > width) {
    return err(refusal)
  }
  // In front of an IPv4 address in IPv6 dress stand 96 bits more.
  const bits = Number(digits) - (isMapped ? 96 : 0)
  if (bits < 0) return err(refusal)
  const mask = maskWords(family, bits)
  const words = ipWords(ip.value)
  const network = words.map((word, i) => (word & (mask[i] ?? 0)) >>> 0) as unknown as IpWords
  return ok(`${ipFromWords(network, family)}/${bits}` as Cidr)
}

/** `text` as a prefix when it is one, else undefined. */
export function cidrOrUndefined(text: string | undefined): Cidr | undefined {
  if (text === undefined) return undefined
  const parsed = parseCidr(text)
  return parsed.ok ? parsed.value : undefined
}

/** The prefix that holds just `ip`: /32 or /128. */
export function hostCidr(ip: Ip): Cidr {
  return `${ip}/${familyOf(ip) === 'IPv4' ? 32 : 128}` as Cidr
}

function maskWords(family: IpFamily, bits: number): IpWords {
  const total = family === 'IPv4' ? 96 + bits : bits
  const word = (i: number): number => {
    const ones = Math.max(0, Math.min(32, total - 32 * i))
    return ones === 0 ? 0 : (0xffffffff << (32 - ones)) >>> 0
  }
  // The upper words of an IPv4 address are 0 on both sides, so a full mask there is right.
  return [word(0), word(1), word(2), word(3)]
}

/** The numbers behind `cidr`. Remembered. */
export function prefixOf(cidr: Cidr): Prefix {
  const known = cache.get(cidr)
  if (known) return known
  const slash = cidr.indexOf('/')
  const ip = cidr.slice(0, slash) as Ip
  const family = familyOf(ip)
  const bits = Number(cidr.slice(slash + 1))
  const prefix: Prefix = { family, network: ipWords(ip), mask: maskWords(family, bits), bits }
  if (cache.size >= 200_000) cache.clear()
  cache.set(cidr, prefix)
  return prefix
}

export function contains(cidr: Cidr, ip: Ip): boolean {
  const { family, network, mask } = prefixOf(cidr)
  const words = ipWords(ip)
  return (
    (family === 'IPv6') === ip.includes(':') &&
    (words[3] & mask[3]) >>> 0 === network[3] &&
    (words[2] & mask[2]) >>> 0 === network[2] &&
    (words[1] & mask[1]) >>> 0 === network[1] &&
    (words[0] & mask[0]) >>> 0 === network[0]
  )
}

export function familyOfCidr(cidr: Cidr): IpFamily {
  return prefixOf(cidr).family
}

/** The address `offset` (0..2^32-1) places above the network address. */
export function nthAddress(cidr: Cidr, offset: number): Ip {
  const { family, network } = prefixOf(cidr)
  const low = network[3] + offset
  const words: IpWords = [network[0], network[1], (network[2] + Math.floor(low / 2 ** 32)) >>> 0, low >>> 0]
  return ipFromWords(words, family)
}
