import { familyOf, ipWords } from '../base/ip.ts'
import { parseStrictIp } from './strictIp.ts'

/**
 * The name under which the names of an address stand: `10.96.0.10` → `10.0.96.10.in-addr.arpa.`. Dotted numbers (or
 * other words) that are no whole address are turned round as they are, as with dig -x.
 */
export function reverseName(text: string): string {
  const ip = parseStrictIp(text)
  if (ip !== undefined && familyOf(ip) === 'IPv6') {
    const digits = ipWords(ip).map((word) => word.toString(16).padStart(8, '0'))
    return `${Array.from(digits.join('')).reverse().join('.')}.ip6.arpa`
  }
  const labels = text.split('.').filter((label) => label !== '')
  return `${labels.reverse().join('.')}.in-addr.arpa.`
}
