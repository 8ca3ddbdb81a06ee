import ipaddr from 'ipaddr.js'
import { err, ok } from './result.ts'
import type { Brand } from './brand.ts'
import type { Result } from './result.ts'

/** An IPv4 or IPv6 address in canonical text: no leading zeros, IPv6 compressed and lower case (RFC 5952). */
export type Ip = Brand<string, 'Ip'>

export type IpFamily = 'IPv4' | 'IPv6'

/** Four 32-bit words, most significant first. An IPv4 address stands in the last word, the others are 0. */
export type IpWords = readonly [number, number, number, number]

const V4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/

/**
 * Parses an address as kube-proxy's `netutils.ParseIPSloppy` does: IPv4 bytes may have leading zeros (decimal, not octal).
 * Error: the words of the API server's validation.
 */
export function parseIp(text: string): Result<Ip, string> {
  if (isPlainIpv4(text)) return ok(text as Ip)
  const v4 = V4.exec(text)
  if (v4) {
    const bytes = [v4[1], v4[2], v4[3], v4[4]].map(Number)
    return bytes.every((byte) => byte <= 255)
      ? ok(bytes.join('.') as Ip)
      : err('must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')
  }
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) {
    const address = ipaddr.IPv6.parse(text)
    return ok((address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String()) as Ip)
  }
  return err('must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')
}

/** Whether `text` is an IPv4 address that is already canonical: the usual case, without a pattern match. */
function isPlainIpv4(text: string): boolean {
  if (text.length > 15) return false
  let dots = 0
  let byte = -1
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 46) {
      if (byte < 0) return false
      dots++
      byte = -1
    } else if (c >= 48 && c <= 57 && byte !== 0) {
      byte = byte < 0 ? c - 48 : byte * 10 + c - 48
      if (byte > 255) return false
    } else return false
  }
  return dots === 3 && byte >= 0
}

/** `text` as an address when it is one, else undefined. */
export function ipOrUndefined(text: string | undefined): Ip | undefined {
  if (text === undefined) return undefined
  const parsed = parseIp(text)
  return parsed.ok ? parsed.value : undefined
}

export function familyOf(ip: Ip): IpFamily {
  return ip.includes(':') ? 'IPv6' : 'IPv4'
}

const cache = new Map<Ip, IpWords>()
const CACHE_LIMIT = 200_000

/** The bits of `ip`. Remembered: the interpreter asks for the same few addresses again and again. */
export function ipWords(ip: Ip): IpWords {
  const known = cache.get(ip)
  if (known) return known
  const words = computeWords(ip)
  if (cache.size >= CACHE_LIMIT) cache.clear()
  cache.set(ip, words)
  return words
}

function computeWords(ip: Ip): IpWords {
  if (familyOf(ip) === 'IPv4') {
    let word = 0
    for (const byte of ip.split('.')) word = (word * 256 + Number(byte)) >>> 0
    return [0, 0, 0, word]
  }
  const parts = ipaddr.IPv6.parse(ip).parts
  const word = (i: number): number => (((parts[2 * i] ?? 0) << 16) | (parts[2 * i + 1] ?? 0)) >>> 0
  return [word(0), word(1), word(2), word(3)]
}

/** An IPv4 address as an unsigned 32-bit number. */
export function ipv4Number(ip: Ip): number {
  return ipWords(ip)[3]
}

/** The IPv4 address whose bits are `word` (unsigned 32-bit). */
export function ipv4FromNumber(word: number): Ip {
  return `${(word >>> 24) & 255}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}` as Ip
}

/** The address whose bits are `words`, of `family`. */
export function ipFromWords(words: IpWords, family: IpFamily): Ip {
  if (family === 'IPv4') return ipv4FromNumber(words[3])
  const bytes = words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
  return new ipaddr.IPv6(bytes).toRFC5952String() as Ip
}

/** Numeric order, IPv4 before IPv6. */
export function compareIps(a: Ip, b: Ip): number {
  const families = Number(familyOf(a) === 'IPv6') - Number(familyOf(b) === 'IPv6')
  if (families !== 0) return families
  const [x, y] = [ipWords(a), ipWords(b)]
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2] || x[3] - y[3]
}

/** The address by which a machine reaches itself. */
export const LOOPBACK: Readonly<Record<IpFamily, Ip>> = { IPv4: '127.0.0.1' as Ip, IPv6: '::1' as Ip }

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast(ip: Ip): boolean {
  return familyOf(ip) === 'IPv4' ? ipv4Number(ip) >>> 28 === 14 : ip.startsWith('ff')
}
