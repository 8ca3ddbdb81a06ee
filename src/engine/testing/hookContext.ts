import type { Chance, HookContext } from '../conntrack/hookContext.ts'
import type { Packet, SocketAddress } from '../packet/packet.ts'
import { parseIp } from '../base/ip.ts'

/** `10.244.1.5:80` as an address; for tests. */
export function socketAddress(text: string): SocketAddress {
  const colon = text.lastIndexOf(':')
  const ip = parseIp(text.slice(0, colon).replace(/[[\]]/g, ''))
  if (!ip.ok) throw new Error(`${text}: ${ip.error}`)
  return { ip: ip.value, port: Number(text.slice(colon + 1)) }
}

/** A TCP SYN from 10.244.1.20:40000 to 10.98.98.98:80 unless told otherwise. */
export function aPacket(change: Partial<Packet> = {}): Packet {
  const isTcp = (change.protocol ?? 'TCP') === 'TCP'
  return {
    id: 1,
    protocol: 'TCP',
    source: socketAddress('10.244.1.20:40000'),
    destination: socketAddress('10.98.98.98:80'),
    mark: 0,
    ttl: 64,
    ...(isTcp ? { flags: 'SYN' as const } : {}),
    ...change,
  }
}

/** Always the first of n, always loses the roll. */
export const firstChance: Chance = {
  roll: () => ({ roll: 0.999, won: false }),
  pick: () => 0,
  port: (from) => from,
}

/** A new packet in INPUT of node02, nothing local, no sets, untraced. */
export function aHookContext(change: Partial<HookContext> = {}): HookContext {
  return {
    packet: aPacket(),
    hook: 'INPUT',
    namespace: 'node/node02',
    inInterface: 'cni0',
    state: 'NEW',
    direction: 'original',
    hasDnat: false,
    hasSnat: false,
    isLocal: () => false,
    inSet: () => false,
    chance: firstChance,
    now: 0,
    trace: undefined,
    ...change,
  }
}
