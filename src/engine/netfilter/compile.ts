import { hostAddress } from './hostAddress.ts'
import type { Chain, Match, Rule } from './rule.ts'
import type { Ip } from '../base/ip.ts'
import type { Packet, Protocol } from '../packet/packet.ts'

/**
 * A chain sorted for lookup: only rules that can match a packet need to be tried; the others surely miss, without any
 * side effect, so that a lookup leaves the same marks as the kernel's walk from rule to rule.
 */
export interface ChainIndex {
  readonly version: number
  /** Rules that any packet might match, ascending. */
  readonly open: readonly number[]
  /** By host destination: rules without, and by protocol and port. */
  readonly byDestination: ReadonlyMap<Ip, Bucket>
  /** Rules that fix protocol and destination port, but no host. */
  readonly byPort: ReadonlyMap<number, readonly number[]>
}

interface Bucket {
  readonly anyPort: number[]
  readonly byPort: Map<number, number[]>
}

/** Below this many rules a plain walk is faster. */
const WORTH_INDEXING = 12
const indexes = new WeakMap<Chain, ChainIndex>()

/** The index of `chain` as it stands; undefined for short chains. Remembered by `chain.version`. */
export function indexOf(chain: Chain): ChainIndex | undefined {
  if (chain.rules.length < WORTH_INDEXING) return undefined
  const known = indexes.get(chain)
  if (known?.version === chain.version) return known
  const made = buildIndex(chain)
  indexes.set(chain, made)
  return made
}

const NONE: readonly number[] = []

/** The rules of the index that `packet` might match: up to four ascending lists, each rule in one of them. */
export function candidateLists(index: ChainIndex, packet: Packet): readonly (readonly number[])[] {
  const key = portKey(packet.protocol, packet.destination.port)
  const bucket = index.byDestination.get(packet.destination.ip)
  return [index.open, index.byPort.get(key) ?? NONE, bucket?.anyPort ?? NONE, bucket?.byPort.get(key) ?? NONE]
}

const PROTOCOLS: Readonly<Record<Protocol, number>> = { TCP: 0, UDP: 65536, SCTP: 131072, ICMP: 196608 }
const MATCH_PROTOCOLS = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const

function portKey(protocol: Protocol, port: number): number {
  return PROTOCOLS[protocol] + port
}

function buildIndex(chain: Chain): ChainIndex {
  const open: number[] = []
  const byDestination = new Map<Ip, Bucket>()
  const byPort = new Map<number, number[]>()
  chain.rules.forEach((rule, i) => {
    const { destination, port } = keysOf(rule)
    if (destination !== undefined) {
      let bucket = byDestination.get(destination)
      if (!bucket) byDestination.set(destination, (bucket = { anyPort: [], byPort: new Map() }))
      if (port === undefined) bucket.anyPort.push(i)
      else push(bucket.byPort, port, i)
    } else if (port !== undefined) push(byPort, port, i)
    else open.push(i)
  })
  return { version: chain.version, open, byDestination, byPort }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Address tests stand before all `-m` matches; of those, only what is tested before any with a side effect may be a key. */
function keysOf(rule: Rule): { readonly destination?: Ip; readonly port?: number } {
  let destination: Ip | undefined
  let port: number | undefined
  for (const match of rule.matches) {
    if (hasSideEffect(match)) break
    if (match.type === 'destination' && !match.negate) destination ??= hostAddress(match.cidr)
    else if (match.type === 'ports') port ??= singlePort(match)
  }
  return { ...(destination !== undefined && { destination }), ...(port !== undefined && { port }) }
}

function singlePort(match: Extract<Match, { type: 'ports' }>): number | undefined {
  const range = match.destination
  if (!range || range.negate || range.from !== range.to) return undefined
  return portKey(MATCH_PROTOCOLS[match.protocol], range.from)
}

function hasSideEffect(match: Match): boolean {
  return match.type === 'statistic' || match.type === 'recent' || match.type === 'limit'
}
