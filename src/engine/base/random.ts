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
  const generator = xoroshiro128plus(seed | 0)
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
