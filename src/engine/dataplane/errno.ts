import type { IcmpMessage } from '../packet/packet.ts'
import type { Errno, Outcome } from '../trace/event.ts'

/** Source: Linux net/ipv4/icmp.c, icmp_err_convert. */
export function errnoOf(kind: IcmpMessage['kind'] | undefined): Errno {
  if (kind === 'port-unreachable') return 'ECONNREFUSED'
  return kind === 'net-unreachable' ? 'ENETUNREACH' : 'EHOSTUNREACH'
}

/** Errors that end a connected UDP socket's wait; the others are only noted (no IP_RECVERR). */
export function isHardForUdp(kind: IcmpMessage['kind'] | undefined): boolean {
  return kind === 'port-unreachable' || kind === 'admin-prohibited'
}

export function failure(errno: Errno): Outcome {
  if (errno === 'ECONNREFUSED') return { outcome: 'refused', errno }
  if (errno === 'ECONNRESET') return { outcome: 'closed', errno }
  if (errno === 'ETIMEDOUT' || errno === 'EPERM' || errno === 'EINVAL') return { outcome: 'timeout', errno }
  return { outcome: 'unreachable', errno }
}
