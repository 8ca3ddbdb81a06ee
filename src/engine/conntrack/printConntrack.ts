import { familyOf } from '../base/ip.ts'
import type { IpFamily } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Flow, Tuple } from './flow.ts'

const NUMBERS = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1 } as const

/** What `conntrack -L` (or `-L -f ipv6`) prints on stdout, one line a connection. Source: conntrack-tools 1.4.7. */
export function printConntrack(flows: readonly Flow[], family: IpFamily, now: SimTime): string {
  return flows
    .filter((flow) => familyOf(flow.original.source.ip) === family)
    .map((flow) => printFlow(flow, now))
    .join('\n')
}

/** The line that it prints on stderr afterwards. */
export function printConntrackCount(count: number): string {
  return `conntrack v1.4.7 (conntrack-tools): ${count} flow entries have been shown.`
}

function printFlow(flow: Flow, now: SimTime): string {
  const { protocol, original, reply } = flow
  const v6 = familyOf(original.source.ip) === 'IPv6'
  const name = protocol === 'ICMP' && v6 ? 'icmpv6' : protocol.toLowerCase()
  const number = protocol === 'ICMP' && v6 ? 58 : NUMBERS[protocol]
  const seconds = Math.max(0, Math.floor((flow.expiresAt - now) / 1000))
  const words = [
    `${name.padEnd(8)} ${number} ${seconds}`,
    flow.state,
    printTuple(original, flow, 'original'),
    flow.seenReply ? undefined : '[UNREPLIED]',
    printTuple(reply, flow, 'reply'),
    flow.assured ? '[ASSURED]' : undefined,
    'mark=0 use=1',
  ]
  return words.filter((word) => word !== undefined).join(' ')
}

function printTuple({ source, destination }: Tuple, { protocol }: Flow, direction: 'original' | 'reply'): string {
  const addresses = `src=${source.ip} dst=${destination.ip}`
  if (protocol !== 'ICMP') return `${addresses} sport=${source.port} dport=${destination.port}`
  const v6 = familyOf(source.ip) === 'IPv6'
  const type = direction === 'original' ? (v6 ? 128 : 8) : v6 ? 129 : 0
  return `${addresses} type=${type} code=0 id=${source.port || destination.port}`
}
