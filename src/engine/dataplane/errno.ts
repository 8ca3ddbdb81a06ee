import type { IcmpMessage } from '../packet/packet.ts'
import type { Errno, Outcome } from '../trace/event.ts'

/** What an ICMP error does to a socket. `hard`: a connected UDP socket hears of it; the others are only noted (no IP_RECVERR). */
const ERRORS: Readonly<Partial<Record<IcmpMessage['kind'], readonly [errno: Errno, hard: boolean]>>> = {
  'port-unreachable': ['ECONNREFUSED', true],
  'proto-unreachable': ['ENOPROTOOPT', true],
  'net-prohibited': ['ENETUNREACH', true],
  'host-prohibited': ['EHOSTUNREACH', true],
  'admin-prohibited': ['EHOSTUNREACH', true],
  'net-unreachable': ['ENETUNREACH', false],
}

/** Source: Linux net/ipv4/icmp.c, icmp_err_convert; net/ipv6/icmp.c, icmpv6_err_convert. */
export function errnoOf(kind: IcmpMessage['kind'] | undefined, family: 'IPv4' | 'IPv6' = 'IPv4'): Errno {
  if (kind === 'admin-prohibited' && family === 'IPv6') return 'EACCES'
  return (kind && ERRORS[kind]?.[0]) ?? 'EHOSTUNREACH'
}

export function isHardForUdp(kind: IcmpMessage['kind'] | undefined): boolean {
  return (kind && ERRORS[kind]?.[1]) ?? false
}

export function failure(errno: Errno): Outcome {
  if (errno === 'ECONNREFUSED') return { outcome: 'refused', errno }
  if (errno === 'ECONNRESET') return { outcome: 'closed', errno }
  if (errno === 'ETIMEDOUT' || errno === 'EPERM' || errno === 'EINVAL') return { outcome: 'timeout', errno }
  return { outcome: 'unreachable', errno }
}
