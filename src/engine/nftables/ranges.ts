import { prefixOf } from '../base/cidr.ts'
import { ipFromWords } from '../base/ip.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip, IpFamily, IpWords } from '../base/ip.ts'

interface Range {
  readonly first: bigint
  last: bigint
}

/**
 * What nft makes of the elements of an interval set: sorted, overlapping and touching ones joined; each printed as an
 * address, a prefix, or `first-last`. All of one family.
 */
export function mergeRanges(cidrs: readonly Cidr[]): string[] {
  const family = cidrs[0] ? prefixOf(cidrs[0]).family : 'IPv4'
  const width = family === 'IPv4' ? 32 : 128
  const ranges = cidrs
    .map((cidr): Range => {
      const { network, bits } = prefixOf(cidr)
      const first = toBigInt(network)
      return { first, last: first + (1n << BigInt(width - bits)) - 1n }
    })
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const merged: Range[] = []
  for (const range of ranges) {
    const previous = merged.at(-1)
    if (!previous || range.first > previous.last + 1n) merged.push({ ...range })
    else if (range.last > previous.last) previous.last = range.last
  }
  return merged.map((range) => printRange(range, family, width))
}

function printRange({ first, last }: Range, family: IpFamily, width: number): string {
  if (first === last) return toIp(first, family)
  const size = last - first + 1n
  const hostBits = size.toString(2).length - 1
  const isPrefix = size === 1n << BigInt(hostBits) && first % size === 0n
  return isPrefix ? `${toIp(first, family)}/${width - hostBits}` : `${toIp(first, family)}-${toIp(last, family)}`
}

function toBigInt(words: IpWords): bigint {
  return words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
}

function toIp(value: bigint, family: IpFamily): Ip {
  const word = (i: bigint): number => Number((value >> (32n * i)) & 0xffffffffn)
  return ipFromWords([word(3n), word(2n), word(1n), word(0n)], family)
}
