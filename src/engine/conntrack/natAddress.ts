import { familyOf, ipFromWords, ipWords } from '../base/ip.ts'
import type { Ip, IpWords } from '../base/ip.ts'

/**
 * The address of `from`..`to` that a connection gets: always the same for the same ends. `destination` undefined: for all.
 * Source: Linux net/netfilter/nf_nat_core.c, find_best_ips_proto; include/linux/jhash.h.
 */
export function pickAddress(from: Ip, to: Ip, source: Ip, destination: Ip | undefined): Ip {
  const family = familyOf(from)
  const words = (ip: Ip): readonly number[] => (family === 'IPv4' ? [ipWords(ip)[3]] : ipWords(ip))
  const [low, high] = [words(from), words(to)]
  const target = destination === undefined ? 0 : swap(words(destination).at(-1) ?? 0)
  const key = [...words(source).map(swap), 0, 0, 0].slice(0, 4)
  let hash = hashWords(key, target)
  let whole = false
  const picked = low.map((min, i) => {
    const max = high[i] ?? 0
    // Behind a word below the range's end every value fits.
    const word = whole ? scale(hash, 0xffffffff) : (min + scale(hash, (max - min + 1) >>> 0)) >>> 0
    if (word !== max) whole = true
    hash = (hash ^ target) >>> 0
    return word
  })
  return ipFromWords(family === 'IPv4' ? [0, 0, 0, picked[0] ?? 0] : (picked as unknown as IpWords), family)
}

/** The kernel reads the address's bytes as a little-endian word. */
function swap(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}

/** A hash spread over 0..size-1. Source: reciprocal_scale. */
function scale(hash: number, size: number): number {
  return Number((BigInt(hash) * BigInt(size)) >> 32n)
}

const rotate = (word: number, bits: number): number => ((word << bits) | (word >>> (32 - bits))) >>> 0

/** jhash2 of four words. */
function hashWords([k0 = 0, k1 = 0, k2 = 0, k3 = 0]: readonly number[], seed: number): number {
  let a = (0xdeadbeef + 16 + seed) >>> 0
  let [b, c] = [a, a]
  a = (a + k0) >>> 0
  b = (b + k1) >>> 0
  c = (c + k2) >>> 0
  a = ((a - c) ^ rotate(c, 4)) >>> 0
  c = (c + b) >>> 0
  b = ((b - a) ^ rotate(a, 6)) >>> 0
  a = (a + c) >>> 0
  c = ((c - b) ^ rotate(b, 8)) >>> 0
  b = (b + a) >>> 0
  a = ((a - c) ^ rotate(c, 16)) >>> 0
  c = (c + b) >>> 0
  b = ((b - a) ^ rotate(a, 19)) >>> 0
  a = (a + c) >>> 0
  c = ((c - b) ^ rotate(b, 4)) >>> 0
  b = (b + a) >>> 0
  a = (a + k3) >>> 0
  c = ((c ^ b) - rotate(b, 14)) >>> 0
  a = ((a ^ c) - rotate(c, 11)) >>> 0
  b = ((b ^ a) - rotate(a, 25)) >>> 0
  c = ((c ^ b) - rotate(b, 16)) >>> 0
  a = ((a ^ c) - rotate(c, 4)) >>> 0
  b = ((b ^ a) - rotate(a, 14)) >>> 0
  return ((c ^ b) - rotate(b, 24)) >>> 0
}
