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
