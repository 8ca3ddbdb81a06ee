import type { IpFamily } from '../base/ip.ts'
import type { IcmpMessage, Packet } from '../packet/packet.ts'

type Kind = IcmpMessage['kind']

/** Type and code of each message that the simulator sends, ICMP and ICMPv6. Source: RFC 792, RFC 4443. */
export const ICMP_V4: Readonly<Record<Kind, readonly [number, number]>> = {
  'echo-reply': [0, 0],
  'net-unreachable': [3, 0],
  'host-unreachable': [3, 1],
  'proto-unreachable': [3, 2],
  'port-unreachable': [3, 3],
  'net-prohibited': [3, 9],
  'host-prohibited': [3, 10],
  'admin-prohibited': [3, 13],
  'echo-request': [8, 0],
  'time-exceeded': [11, 0],
}
export const ICMP_V6: Readonly<Record<Kind, readonly [number, number]>> = {
  'net-unreachable': [1, 0],
  // The next three are never sent over IPv6: ICMPv6 has no such codes.
  'net-prohibited': [1, 1],
  'host-prohibited': [1, 1],
  'proto-unreachable': [1, 1],
  'admin-prohibited': [1, 1],
  'host-unreachable': [1, 3],
  'port-unreachable': [1, 4],
  'time-exceeded': [3, 0],
  'echo-request': [128, 0],
  'echo-reply': [129, 0],
}

/** Names that stand for a whole type or a code, as iptables knows them. */
const NAMES_V4: Readonly<Record<string, string>> = {
  pong: '0',
  'echo-reply': '0',
  'destination-unreachable': '3',
  'network-unreachable': '3/0',
  'host-unreachable': '3/1',
  'protocol-unreachable': '3/2',
  'port-unreachable': '3/3',
  'network-prohibited': '3/9',
  'host-prohibited': '3/10',
  'communication-prohibited': '3/13',
  redirect: '5',
  ping: '8',
  'echo-request': '8',
  'time-exceeded': '11',
  'ttl-exceeded': '11',
}
const NAMES_V6: Readonly<Record<string, string>> = {
  'destination-unreachable': '1',
  'no-route': '1/0',
  'communication-prohibited': '1/1',
  'address-unreachable': '1/3',
  'port-unreachable': '1/4',
  'packet-too-big': '2',
  'time-exceeded': '3',
  'ttl-exceeded': '3',
  ping: '128',
  'echo-request': '128',
  pong: '129',
  'echo-reply': '129',
}

/** Whether an ICMP packet is of `type`: a name, `8`, `3/3` or `any`. */
export function matchesIcmpType(type: string, packet: Packet): boolean {
  if (type === 'any' || !packet.icmp) return type === 'any'
  const v6 = packet.destination.ip.includes(':')
  const numbers = (v6 ? NAMES_V6 : NAMES_V4)[type] ?? type
  const [wantedType, wantedCode] = numbers.split('/').map(Number)
  const [present, code] = (v6 ? ICMP_V6 : ICMP_V4)[packet.icmp.kind]
  return present === wantedType && (wantedCode === undefined || code === wantedCode)
}

/** The name of `8`, `3/3` or `any`; the numbers themselves where they have none. */
export function icmpName(type: string, family: IpFamily): string {
  const names = Object.entries(family === 'IPv6' ? NAMES_V6 : NAMES_V4)
  return names.find(([name, numbers]) => numbers === type && name !== 'ping' && name !== 'pong')?.[0] ?? type
}
