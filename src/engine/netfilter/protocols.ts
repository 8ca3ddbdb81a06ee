import type { Protocol } from '../packet/packet.ts'

const NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
  udplite: 136,
}
const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name]))

/** The protocol as `iptables-save` spells it: `tcp`, `ipv6-icmp`, `99`, `all`. Undefined: no such protocol. */
export function protocolName(text: string): string | undefined {
  if (text === 'tcp' || text === 'udp') return text
  const name = text.toLowerCase()
  if (name === 'all' || name === '0') return 'all'
  if (name === 'icmpv6') return 'ipv6-icmp'
  if (Object.hasOwn(NUMBERS, name)) return name
  if (!/^\d{1,3}$/.test(name) || Number(name) > 255) return undefined
  return NAMES.get(Number(name)) ?? String(Number(name))
}

/** The IP protocol number of a name that `protocolName` gave; 0 for `all`. */
export function protocolNumber(name: string): number {
  return NUMBERS[name] ?? (name === 'all' ? 0 : Number(name))
}

/** The number of a packet's or a connection's protocol; ICMP's depends on the family of `ip`. */
export function packetProtocol(protocol: Protocol, ip: string): number {
  if (protocol === 'TCP') return 6
  if (protocol === 'UDP') return 17
  if (protocol === 'SCTP') return 132
  return ip.includes(':') ? 58 : 1
}
