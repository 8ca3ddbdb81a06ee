import { assertNever } from '../base/assertNever.ts'
import { compareIps, ipv4FromNumber, ipv4Number } from '../base/ip.ts'
import { contains } from '../base/cidr.ts'
import { passesCtTest } from './ctTests.ts'
import { packetProtocol, protocolNumber } from './protocols.ts'
import { matchesIcmpType } from './icmpTypes.ts'
import { addressTypeIs } from './addressType.ts'
import { takesLimitCredit } from './limit.ts'
import type { CtStateName, CtTest, IpRange, Match, PortRange } from './rule.ts'
import type { Ip } from '../base/ip.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { MatchState } from './matchState.ts'
import type { Packet, TcpFlags } from '../packet/packet.ts'

/** What a match needs beside the packet: the namespace's memory and a sink for what the trace shows. */
export interface MatchEnvironment {
  readonly state: MatchState
  /** Told of every draw and affinity lookup; absent when nobody watches. */
  readonly watch?: MatchWatcher | undefined
}

export interface MatchWatcher {
  readonly rolled: (roll: number, probability: number, won: boolean) => void
  readonly affinityChecked: (list: string, hit: boolean, ageSeconds: number | undefined) => void
}

/** Whether `ctx.packet` satisfies `match`. May draw, refresh a recent list or use up credit, as in the kernel. */
export function matches(match: Match, ctx: HookContext, env: MatchEnvironment): boolean {
  const { packet } = ctx
  switch (match.type) {
    case 'comment':
    case 'nfacct':
      return true
    case 'source':
      return contains(match.cidr, packet.source.ip) !== match.negate
    case 'destination':
      return contains(match.cidr, packet.destination.ip) !== match.negate
    case 'inInterface':
      return interfaceIs(match.name, ctx.inInterface) !== match.negate
    case 'outInterface':
      return interfaceIs(match.name, ctx.outInterface) !== match.negate
    case 'protocol':
      return protocolIs(match.protocol, packet) !== match.negate
    case 'ports':
      return (
        packet.protocol === PORT_PROTOCOLS[match.protocol] &&
        (!match.source || inRange(packet.source.port, match.source) !== match.source.negate) &&
        (!match.destination || inRange(packet.destination.port, match.destination) !== match.destination.negate) &&
        (!match.flags || flagsAre(packet.flags, match.flags.mask, match.flags.set) !== match.flags.negate)
      )
    case 'multiport': {
      const inAny = (port: number): boolean => match.ranges.some((range) => inRange(port, range))
      const hit =
        (match.side !== 'destination' && inAny(packet.source.port)) ||
        (match.side !== 'source' && inAny(packet.destination.port))
      return packet.protocol !== 'ICMP' && hit !== match.negate
    }
    case 'icmp':
      return packet.protocol === 'ICMP' && matchesIcmpType(match.icmpType, packet) !== match.negate
    case 'iprange':
      return within(packet.source.ip, match.source) && within(packet.destination.ip, match.destination)
    case 'conntrack':
      return (
        (match.states.length === 0 || match.states.some((state) => connectionIs(state, ctx)) !== match.negate) &&
        (match.tests ?? NO_TESTS).every((test) => passesCtTest(test, ctx))
      )
    case 'state':
      return match.states.some((state) => connectionIs(state, ctx)) !== match.negate
    case 'mark':
      // `&` is signed in JavaScript; `>>> 0` makes it a kernel u32 again.
      return ((packet.mark & match.mask) >>> 0 === match.value) !== match.negate
    case 'statistic':
      return match.mode === 'random' ? drawn(match, ctx, env) : nth(match, env)
    case 'addrtype': {
      const ip = match.side === 'src' ? packet.source.ip : packet.destination.ip
      return addressTypeIs(match.addressType, ip, ctx.isLocal) !== match.negate
    }
    case 'recent':
      return recent(match, ctx, env)
    case 'set':
      return ctx.inSet(match.name, match.directions, packet) !== match.negate
    case 'physdev':
      return ((ctx.physInInterface !== undefined) === match.isIn) !== match.negate
    case 'ipvs':
      return (
        ctx.ipvs !== undefined &&
        ctx.ipvs.protocol === match.protocol &&
        ctx.ipvs.port === match.port &&
        contains(match.address, ctx.ipvs.address)
      )
    case 'limit':
      env.state.usedMemory = true
      return takesLimitCredit(match, env.state.limits, ctx.now)
    default:
      return assertNever(match)
  }
}

const PORT_PROTOCOLS = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const

/** IP protocol numbers of the packets that the simulator sends. */
export function packetProtocolNumber({ protocol, destination }: Packet): number {
  return packetProtocol(protocol, destination.ip)
}

function protocolIs(name: string, packet: Packet): boolean {
  if (name === 'tcp') return packet.protocol === 'TCP'
  if (name === 'udp') return packet.protocol === 'UDP'
  return name === 'all' || protocolNumber(name) === packetProtocolNumber(packet)
}

/** `name` may end in `+`: prefix. A packet without interface on that side matches no name but `+`. */
function interfaceIs(name: string, present: string | undefined): boolean {
  if (name.endsWith('+')) return (present ?? '').startsWith(name.slice(0, -1))
  return present === name
}

function within(ip: Ip, range: IpRange | undefined): boolean {
  return !range || (compareIps(range.from, ip) <= 0 && compareIps(ip, range.to) <= 0) !== range.negate
}

const NO_TESTS: readonly CtTest[] = []

function inRange(port: number, { from, to }: PortRange): boolean {
  return port >= from && port <= to
}

const FLAG_NAMES: Readonly<Record<TcpFlags, readonly string[]>> = {
  SYN: ['SYN'],
  'SYN,ACK': ['SYN', 'ACK'],
  ACK: ['ACK'],
  'PSH,ACK': ['PSH', 'ACK'],
  'FIN,ACK': ['FIN', 'ACK'],
  RST: ['RST'],
  'RST,ACK': ['RST', 'ACK'],
}
const ALL_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

function flagsAre(flags: TcpFlags | undefined, mask: readonly string[], set: readonly string[]): boolean {
  const present = flags ? FLAG_NAMES[flags] : []
  const wide = (names: readonly string[]): readonly string[] => (names.includes('ALL') ? ALL_FLAGS : names)
  const wanted = wide(set)
  return wide(mask).every((flag) => present.includes(flag) === wanted.includes(flag))
}

function connectionIs(state: CtStateName, ctx: HookContext): boolean {
  if (state === 'DNAT') return ctx.hasDnat
  if (state === 'SNAT') return ctx.hasSnat
  return ctx.state === state
}

function drawn(match: Extract<Match, { mode: 'random' }>, ctx: HookContext, env: MatchEnvironment): boolean {
  // A 31-bit draw below the threshold.
  const probability = match.threshold / 2147483648
  const { roll, won } = ctx.chance.roll(probability)
  env.watch?.rolled(roll, probability, won)
  return won !== match.negate
}

function nth(match: Extract<Match, { mode: 'nth' }>, { state }: MatchEnvironment): boolean {
  state.usedMemory = true
  const seen = state.nth.get(match) ?? 0
  state.nth.set(match, (seen + 1) % match.every)
  return (seen === match.packet) !== match.negate
}

/** Source: Linux net/netfilter/xt_recent.c, recent_mt. */
function recent(
  match: Extract<Match, { type: 'recent' }>,
  ctx: HookContext,
  { state, watch }: MatchEnvironment,
): boolean {
  const { name, negate } = match
  const whole = match.destination === true ? ctx.packet.destination.ip : ctx.packet.source.ip
  const source = match.mask === undefined ? whole : ipv4FromNumber(ipv4Number(whole) & ipv4Number(match.mask))
  const { recent: lists } = state
  state.usedMemory = true
  if (match.action === 'set') {
    lists.set(name, source, ctx.now)
    return !negate
  }
  const age = lists.age(name, source, ctx.now)
  if (match.action === 'remove') {
    lists.remove(name, source)
    return (age !== undefined) !== negate
  }
  const hits = lists.hits(name, source, match.seconds ?? Infinity, ctx.now)
  const hit = hits >= Math.max(1, match.hitcount ?? 1)
  watch?.affinityChecked(name, hit, age)
  // An unknown source returns before the reaping.
  if (age !== undefined && match.reap && match.seconds !== undefined) lists.reap(name, match.seconds, ctx.now)
  const result = hit !== negate
  if (match.action === 'update' && result && age !== undefined) lists.set(name, source, ctx.now)
  return result
}
