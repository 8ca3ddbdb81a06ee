import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base32 } from '@scure/base'
import { sha256Ascii } from './sha256.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** SHA-256 of `text` in UTF-8, in standard Base32 (RFC 4648), the first `length` characters (1..52). */
export function base32Sha256(text: string, length: number): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return base32.encode(sha256(utf8ToBytes(text))).slice(0, length)
  }
  const words = sha256Ascii(text)
  let out = ''
  for (let i = 0; i < length; i++) {
    // Five bits from bit 5i on; they may lie in two words.
    const at = 5 * i
    const word = words[at >> 5] ?? 0
    const shift = 27 - (at & 31)
    const bits = shift >= 0 ? word >>> shift : (word << -shift) | ((words[(at >> 5) + 1] ?? 0) >>> (32 + shift))
    out += ALPHABET.charAt(bits & 31)
  }
  return out
}

/** FNV-1a, 128 bit, of `text` in UTF-8, as 32 hex digits. Source: Go hash/fnv New128a. */
export function fnv128a(text: string): string {
  // Eight 16 bit limbs, the lowest first. The prime is 2^88 + 0x13b: a multiplication by a small number and a shift.
  const limbs = [0xc58d, 0x6295, 0x2175, 0x62b8, 0x0142, 0x07bb, 0x272e, 0x6c62]
  const at = (i: number): number => limbs[i] ?? 0
  for (const byte of utf8ToBytes(text)) {
    limbs[0] = at(0) ^ byte
    const shifted = [
      (at(0) << 8) & 0xffff,
      ((at(1) << 8) | (at(0) >> 8)) & 0xffff,
      ((at(2) << 8) | (at(1) >> 8)) & 0xffff,
    ]
    let carry = 0
    for (let i = 0; i < 8; i++) {
      const sum = at(i) * 0x13b + carry + (shifted[i - 5] ?? 0)
      limbs[i] = sum & 0xffff
      carry = sum >>> 16
    }
  }
  return limbs.reduceRight((hex, limb) => hex + limb.toString(16).padStart(4, '0'), '')
}

const offset32 = 0x811c9dc5
const prime32 = 0x01000193

/** FNV-1a, 32 bit, of `text` in UTF-8; goes on from `start`, the hash of what stands before it. Source: Go hash/fnv New32a. */
export function fnv32a(text: string, start = offset32): number {
  let hash = start
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return bytes32a(text, start)
    hash = Math.imul(hash ^ code, prime32)
  }
  return hash >>> 0
}

function bytes32a(text: string, start: number): number {
  let hash = start
  for (const byte of utf8ToBytes(text)) hash = Math.imul(hash ^ byte, prime32)
  return hash >>> 0
}

/** FNV-1, 32 bit, of `text` in UTF-8: multiplies first. Source: Go hash/fnv New32. */
export function fnv32(text: string): number {
  let hash = offset32
  for (const byte of utf8ToBytes(text)) hash = Math.imul(hash, prime32) ^ byte
  return hash >>> 0
}
