import { familyOfCidr, prefixOf } from '../base/cidr.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'

/** The address of a /32 or /128; undefined for a wider prefix. */
export function hostAddress(cidr: Cidr): Ip | undefined {
  const whole = familyOfCidr(cidr) === 'IPv4' ? 32 : 128
  return prefixOf(cidr).bits === whole ? (cidr.slice(0, cidr.indexOf('/')) as Ip) : undefined
}
