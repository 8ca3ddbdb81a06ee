import { ipOrUndefined } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'

const V4 = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/

/** `text` as an address by the rules of Go's net.ParseIP: no leading zeros, no zone. Undefined when it is a name. */
export function parseStrictIp(text: string): Ip | undefined {
  if (!text.includes(':') && !V4.test(text)) return undefined
  return ipOrUndefined(text)
}

/** `97.97.97.10.in-addr.arpa.` → `10.97.97.97`, likewise `ip6.arpa.`; undefined for anything else. Lower case only. */
export function addressOfReverseName(name: string): Ip | undefined {
  const v4 = suffixless(name, '.in-addr.arpa.')
  if (v4 !== undefined) return v4.includes(':') ? undefined : parseStrictIp(v4.split('.').reverse().join('.'))
  const v6 = suffixless(name, '.ip6.arpa.')
  if (v6 === undefined) return undefined
  const nibbles = v6.split('.').reverse()
  if (nibbles.length !== 32 || nibbles.some((nibble) => !/^[0-9a-f]$/.test(nibble))) return undefined
  return parseStrictIp(nibbles.join('').replace(/(.{4})(?!$)/g, '$1:'))
}

function suffixless(text: string, suffix: string): string | undefined {
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : undefined
}
