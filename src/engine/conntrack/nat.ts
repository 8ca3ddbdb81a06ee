import { compareIps } from '../base/ip.ts'
import { invert, sameTuple } from './flow.ts'
import { pickAddress } from './natAddress.ts'
import type { Chance, Mapping } from './hookContext.ts'
import type { Flow, Tuple } from './flow.ts'
import type { Ip } from '../base/ip.ts'
import type { Packet, SocketAddress } from '../packet/packet.ts'
import type { Hook } from '../trace/event.ts'

export type ManipKind = 'DNAT' | 'SNAT'

/** Which half of NAT works at a hook; FORWARD has none. */
export function manipAt(hook: Hook): ManipKind | undefined {
  if (hook === 'PREROUTING' || hook === 'OUTPUT') return 'DNAT'
  return hook === 'POSTROUTING' || hook === 'INPUT' ? 'SNAT' : undefined
}

/** How many random ports the kernel tries before it gives up. Here more, so that giving up is never by chance. */
export const NAT_TRIES = 4096

/**
 * Fixes the mapping of `kind` for an unconfirmed flow; the empty mapping still makes the reply tuple unique.
 * Source: Linux net/netfilter/nf_nat_core.c, nf_nat_setup_info, get_unique_tuple.
 */
export function setupNat(
  flow: Flow,
  kind: ManipKind,
  mapping: Mapping,
  isTaken: (reply: Tuple) => boolean,
  chance: Chance,
): void {
  const current = invert(flow.reply)
  const wanted = uniqueTuple(flow, current, kind, mapping, isTaken, chance)
  if (!sameTuple(wanted, current)) {
    flow.reply = invert(wanted)
    if (kind === 'DNAT') flow.hasDnat = true
    else flow.hasSnat = true
  }
  if (kind === 'DNAT') flow.dnatDone = true
  else flow.snatDone = true
}

function uniqueTuple(
  flow: Flow,
  current: Tuple,
  kind: ManipKind,
  mapping: Mapping,
  isTaken: (reply: Tuple) => boolean,
  chance: Chance,
): Tuple {
  const { port, randomPort } = mapping
  const mapped = kind === 'DNAT' ? current.destination : current.source
  // A source that the rule allows stays as it is.
  if (kind === 'SNAT' && !randomPort && isAllowed(mapped, mapping) && !isTaken(invert(current))) return current
  const ip = addressFor(mapping, current) ?? mapped.ip
  const at = (candidate: number): Tuple => {
    const address: SocketAddress = { ip, port: candidate }
    return kind === 'DNAT' ? { ...current, destination: address } : { ...current, source: address }
  }
  const free = (tuple: Tuple): boolean => !isTaken(invert(tuple))
  if (flow.protocol === 'ICMP') return at(mapped.port)
  if (port !== undefined) return at(portFor(mapping, port, mapped.port, kind, (n) => free(at(n)), chance))
  const kept = at(mapped.port)
  // Only sources get another port of their own accord.
  if (kind === 'DNAT' || (!randomPort && free(kept))) return kept
  const [from, to] = portRange(mapped.port)
  for (let i = 0; i < NAT_TRIES; i++) {
    const tuple = at(chance.port(from, to))
    if (free(tuple)) return tuple
  }
  return kept
}

/** Source: nf_nat_core.c, nf_in_range. */
function isAllowed(address: SocketAddress, { ip, toIp = ip, port, toPort = port }: Mapping): boolean {
  if (ip !== undefined && toIp !== undefined && ip !== toIp) {
    if (compareIps(address.ip, ip) < 0 || compareIps(address.ip, toIp) > 0) return false
  } else if (ip !== undefined && address.ip !== ip) return false
  return port === undefined || toPort === undefined || (address.port >= port && address.port <= toPort)
}

/** Which address of the range: both ends of the connection are hashed. Source: nf_nat_core.c, find_best_ips_proto. */
function addressFor({ ip, toIp, persistent }: Mapping, { source, destination }: Tuple): Ip | undefined {
  if (ip === undefined || toIp === undefined || toIp === ip) return ip
  return pickAddress(ip, toIp, source.ip, persistent ? undefined : destination.ip)
}

/** Which port of the range. Source: nf_nat_core.c, get_unique_tuple and nf_nat_l4proto_unique_tuple. */
function portFor(
  { toPort, basePort, randomPort }: Mapping,
  port: number,
  present: number,
  kind: ManipKind,
  free: (port: number) => boolean,
  chance: Chance,
): number {
  if (toPort === undefined || toPort === port) return port
  const size = toPort - port + 1
  const inside = present >= port && present <= toPort
  if (!randomPort && basePort === undefined && inside && (kind === 'DNAT' || free(present))) return present
  if (basePort !== undefined) return port + (((((present - basePort) % 65536) + 65536) % 65536) % size)
  // Where to a packet goes decides what becomes of it; where from does not.
  if (kind === 'DNAT') return randomPort ? port + chance.pick(size, 'nat port') : port
  for (let i = 0; i < NAT_TRIES; i++) {
    const candidate = chance.port(port, toPort)
    if (free(candidate)) return candidate
  }
  return port
}

/** Low ports stay low. Source: nf_nat_l4proto_unique_tuple. */
function portRange(port: number): readonly [number, number] {
  if (port >= 1024) return [1024, 65535]
  return port < 512 ? [1, 511] : [600, 1023]
}

/**
 * `packet` with the half of the translation that belongs to `kind` applied, or the same packet when there is none.
 * Source: nf_nat_packet, nf_nat_icmp_reply_translation.
 */
export function translate(packet: Packet, flow: Flow, direction: 'original' | 'reply', kind: ManipKind): Packet {
  // A source mapping is undone on the destination of answers, and the other way round.
  const recorded = (kind === 'DNAT') === (direction === 'original') ? flow.hasDnat : flow.hasSnat
  if (!recorded) return packet
  const target = invert(direction === 'original' ? flow.reply : flow.original)
  const inner = packet.icmp?.inner
  if (packet.icmp && inner) {
    // The quoted packet travelled the other way, so its other end changes.
    const quoted = invert(target)
    const icmp = {
      ...packet.icmp,
      inner: kind === 'DNAT' ? { ...inner, source: quoted.source } : { ...inner, destination: quoted.destination },
    }
    return kind === 'DNAT'
      ? { ...packet, icmp, destination: { ip: target.destination.ip, port: 0 } }
      : { ...packet, icmp, source: { ip: target.source.ip, port: 0 } }
  }
  return kind === 'DNAT' ? { ...packet, destination: target.destination } : { ...packet, source: target.source }
}
