import { Inflate, deflateSync } from 'fflate'
import type { Result } from '../engine/base/result.ts'
import { err } from '../engine/base/result.ts'
import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { dictionaryV1 } from './dictionary.ts'
import type { LinkError, SharedMoment } from './moment.ts'
import { fromWire, toWire } from './wire.ts'

const PREFIX = '#v1.'
/** Bytes of JSON that a link may unpack to. */
export const INFLATE_CAP = 1_000_000
const CHECK_BYTES = 3
/** Small steps, so that a bomb is noticed before it has gone off. */
const FEED_BYTES = 1024

/** The fragment that holds `moment`: `#v1.` and base64url of a 24-bit check and the raw deflate of its JSON. */
export function encodeLink(moment: SharedMoment): string {
  const json = new TextEncoder().encode(toWire(moment))
  const packed = deflateSync(json, { level: 9, mem: 8, dictionary: dictionaryV1 })
  const bytes = new Uint8Array(CHECK_BYTES + packed.length)
  bytes.set(checkOf(json))
  bytes.set(packed, CHECK_BYTES)
  return PREFIX + encodeBase64url(bytes)
}

/** The moment that the fragment of an address holds. Decoders of old versions stay for ever. */
export function decodeLink(fragment: string): Result<SharedMoment, LinkError> {
  const version = /^#v(\d+)\./.exec(fragment)?.[1]
  if (version === undefined) return err({ type: 'notALink' })
  if (version !== '1') return err({ type: 'unknownVersion', version })
  const bytes = decodeBase64url(fragment.slice(PREFIX.length).trim())
  if (!bytes || bytes.length <= CHECK_BYTES) return err({ type: 'damaged' })
  const json = inflate(bytes.subarray(CHECK_BYTES))
  if (json === 'tooLarge' || json === 'damaged') return err({ type: json })
  const check = checkOf(json)
  if (check.some((byte, i) => byte !== bytes[i])) return err({ type: 'damaged' })
  return fromWire(new TextDecoder().decode(json))
}

function inflate(packed: Uint8Array): Uint8Array | 'tooLarge' | 'damaged' {
  const chunks: Uint8Array[] = []
  let size = 0
  const end = { seen: false }
  const stream = new Inflate({ dictionary: dictionaryV1 }, (chunk, final) => {
    chunks.push(chunk)
    size += chunk.length
    if (final) end.seen = true
  })
  try {
    for (let at = 0; at < packed.length; at += FEED_BYTES) {
      stream.push(packed.subarray(at, at + FEED_BYTES), at + FEED_BYTES >= packed.length)
      if (size > INFLATE_CAP) return 'tooLarge'
    }
  } catch {
    return 'damaged'
  }
  if (!end.seen) return 'damaged'
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** FNV-1a folded to 24 bits: raw deflate has no checksum of its own, and one changed letter must not pass as a manifest. */
function checkOf(bytes: Uint8Array): readonly number[] {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  const folded = ((hash >>> 24) ^ hash) & 0xffffff
  return [(folded >>> 16) & 255, (folded >>> 8) & 255, folded & 255]
}
