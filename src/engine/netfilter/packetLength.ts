import type { Packet } from '../packet/packet.ts'

/** Bytes of the IP packet as byte counters see it; TCP with the usual options. */
export function packetLength(packet: Packet): number {
  const ip = packet.destination.ip.includes(':') ? 40 : 20
  const data = packet.payload?.length ?? 0
  switch (packet.protocol) {
    case 'TCP':
      return ip + (packet.flags === 'SYN' || packet.flags === 'SYN,ACK' ? 40 : 32) + data
    case 'UDP':
      return ip + 8 + data
    case 'SCTP':
      return ip + 28 + data
    case 'ICMP':
      return ip + (packet.icmp?.inner ? 8 + ip + 28 : 64)
    default:
      return packet.protocol satisfies never
  }
}
