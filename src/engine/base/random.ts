import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A stream of chance that its seed fixes. `fork` gives each user a stream of its own, so a new feature shifts no old result. */
export interface Random {
  /** Unsigned 32-bit. */
  readonly u32: () => number
  /** In [0, 1), a multiple of 2^-32. */
  readonly next: () => number
  /** Whole number in [0, n). */
  readonly below: (n: number) => number
  readonly fork: (name: string) => Random
}

export function createRandom(seed: number): Random {
  // Seeds and names that differ in one digit must not begin alike, and this generator's first numbers follow its seed.
  const generator = xoroshiro128plus(scattered(seed))
  const u32 = (): number => generator.next() >>> 0
  const next = (): number => u32() / 4294967296
  return { u32, next, below: (n) => Math.floor(next() * n), fork: (name) => createRandom(hashText(seed, name)) }
}

/** FNV-1a over UTF-16 code units, started from `seed`. Signed 32-bit. */
function hashText(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) | 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

/** MurmurHash3's finalizer: every bit of `seed` sways every bit of the result. Signed 32-bit. */
function scattered(seed: number): number {
  let bits = seed | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
