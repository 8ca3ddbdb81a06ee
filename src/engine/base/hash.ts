import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base32 } from '@scure/base'

/** SHA-256 of `text` in UTF-8, in standard Base32 (RFC 4648), the first `length` characters (1..52). */
export function base32Sha256(text: string, length: number): string {
  return base32.encode(sha256(utf8ToBytes(text))).slice(0, length)
}
