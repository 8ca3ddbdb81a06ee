/** One 64-bit word as two unsigned halves. */
interface Word {
  high: number
  low: number
}

function add(a: Word, b: Word): void {
  const low = a.low + b.low
  a.high = (a.high + b.high + (low > 0xffffffff ? 1 : 0)) >>> 0
  a.low = low >>> 0
}

function xor(a: Word, b: Word): void {
  a.high = (a.high ^ b.high) >>> 0
  a.low = (a.low ^ b.low) >>> 0
}

/** `bits` in 1..31, or 32. */
function rotate(a: Word, bits: number): void {
  const { high, low } = a
  a.high = bits === 32 ? low : ((high << bits) | (low >>> (32 - bits))) >>> 0
  a.low = bits === 32 ? high : ((low << bits) | (high >>> (32 - bits))) >>> 0
}

/**
 * The kernel's `hsiphash` of one 32-bit number on 64-bit machines: SipHash-1-3 over its four bytes, low half of the
 * result. Both words of the key are `key`. Source: SipHash (Aumasson, Bernstein 2012); lib/siphash.c for the variant.
 */
export function hsiphash32(value: number, key: number): number {
  const k: Word = { high: 0, low: key >>> 0 }
  const v0: Word = { high: 0x736f6d65, low: 0x70736575 }
  const v1: Word = { high: 0x646f7261, low: 0x6e646f6d }
  const v2: Word = { high: 0x6c796765, low: 0x6e657261 }
  const v3: Word = { high: 0x74656462, low: 0x79746573 }
  for (const v of [v0, v1, v2, v3]) xor(v, k)
  const round = (): void => {
    add(v0, v1)
    rotate(v1, 13)
    xor(v1, v0)
    rotate(v0, 32)
    add(v2, v3)
    rotate(v3, 16)
    xor(v3, v2)
    add(v0, v3)
    rotate(v3, 21)
    xor(v3, v0)
    add(v2, v1)
    rotate(v1, 17)
    xor(v1, v2)
    rotate(v2, 32)
  }
  // The last block: length 4 in the top byte, then the four bytes themselves.
  const block: Word = { high: 4 << 24, low: value >>> 0 }
  xor(v3, block)
  round()
  xor(v0, block)
  v2.low = (v2.low ^ 0xff) >>> 0
  round()
  round()
  round()
  return (v0.low ^ v1.low ^ v2.low ^ v3.low) >>> 0
}
