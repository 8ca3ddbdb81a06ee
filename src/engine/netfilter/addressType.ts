import { contains, parseCidr } from '../base/cidr.ts'
import { invariant } from '../base/invariant.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'

function cidr(text: string): Cidr {
  const parsed = parseCidr(text)
  invariant(parsed.ok, text)
  return parsed.value
}
const MULTICAST = [cidr('224.0.0.0/4'), cidr('ff00::/8')]

/** Whether `ip` is of `type` (`LOCAL`, `UNICAST`, `MULTICAST`, `BROADCAST`; several joined by `,`) to a routing table. */
export function addressTypeIs(type: string, ip: Ip, isLocal: (ip: Ip) => boolean): boolean {
  if (type === 'LOCAL') return isLocal(ip)
  if (type.includes(',')) return type.split(',').some((one) => addressTypeIs(one, ip, isLocal))
  const multicast = MULTICAST.some((range) => contains(range, ip))
  const broadcast = ip === '255.255.255.255'
  if (type === 'MULTICAST') return multicast
  if (type === 'BROADCAST') return broadcast
  return type === 'UNICAST' && !multicast && !broadcast && !isLocal(ip)
}
