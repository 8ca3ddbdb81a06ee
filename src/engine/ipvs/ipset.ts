import { contains, cidrOrUndefined } from '../base/cidr.ts'
import { ipOrUndefined } from '../base/ip.ts'
import { createCheckpointMap } from '../base/versionedMap.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Packet } from '../packet/packet.ts'
import type { IpsetSpec, IpsetType } from './model.ts'

/** One set of a node's kernel. */
export interface Ipset {
  readonly name: string
  readonly type: IpsetType
  readonly family: 'IPv4' | 'IPv6'
  /** As `ipset list` prints them. */
  readonly members: ReadonlySet<string>
  /** hash:ip,port,net: the nets by `ip,proto:port`. */
  readonly nets: ReadonlyMap<string, readonly Cidr[]>
}

/** The ipsets of one node. */
export interface Ipsets {
  /** Makes or changes each named set so that it holds just these entries; others stay. */
  readonly apply: (specs: readonly IpsetSpec[]) => void
  readonly destroy: (name: string) => void
  readonly has: (name: string) => boolean
  /** `-m set --match-set NAME src,dst`. False where there is no such set. */
  readonly inSet: (name: string, directions: readonly ('src' | 'dst')[], packet: Packet) => boolean
  /** In the order of their making. */
  readonly all: () => readonly Readonly<Ipset>[]
  readonly checkpoint: () => () => void
}

export function createIpsets(): Ipsets {
  const sets = createCheckpointMap<Ipset>()
  return {
    apply(specs) {
      for (const spec of specs) {
        const old = sets.get(spec.name)
        const same = old?.members.size === spec.entries.length && spec.entries.every((entry) => old.members.has(entry))
        if (!same) sets.set(spec.name, newIpset(spec))
      }
    },
    destroy: sets.delete,
    has: (name) => sets.get(name) !== undefined,
    inSet(name, directions, packet) {
      const set = sets.get(name)
      return set !== undefined && set.members.size > 0 && isMember(set, directions, packet)
    },
    all: () => [...sets.values()],
    checkpoint: sets.checkpoint,
  }
}

function newIpset({ name, type, family, entries }: IpsetSpec): Ipset {
  const nets = new Map<string, Cidr[]>()
  if (type === 'hash:ip,port,net') {
    for (const entry of entries) {
      const comma = entry.lastIndexOf(',')
      const text = entry.slice(comma + 1)
      // `ipset list` prints a host without its prefix length.
      const cidr = cidrOrUndefined(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`)
      const key = entry.slice(0, comma)
      if (cidr) nets.set(key, [...(nets.get(key) ?? []), cidr])
    }
  }
  return { name, type, family, members: new Set(entries), nets }
}

/** Only packets with ports can be in a set with ports; the protocol is part of the key there. */
function isMember(set: Ipset, directions: readonly ('src' | 'dst')[], packet: Packet): boolean {
  const side = (i: number): Packet['source'] => (directions[i] === 'src' ? packet.source : packet.destination)
  if ((set.family === 'IPv6') !== packet.source.ip.includes(':') && set.type !== 'bitmap:port') return false
  if (set.type === 'hash:ip') return set.members.has(side(0).ip)
  const protocol = PROTOCOLS[packet.protocol]
  if (protocol === undefined) return false
  switch (set.type) {
    case 'bitmap:port':
      return set.members.has(String(side(0).port))
    case 'hash:ip,port':
      return set.members.has(`${side(0).ip},${protocol}:${side(1).port}`)
    case 'hash:ip,port,ip':
      return set.members.has(`${side(0).ip},${protocol}:${side(1).port},${side(2).ip}`)
    case 'hash:ip,port,net': {
      const nets = set.nets.get(`${side(0).ip},${protocol}:${side(1).port}`)
      return nets?.some((net) => contains(net, side(2).ip)) ?? false
    }
  }
}

/** `ipset test`: whether the set holds this entry, or a network that does. */
export function isInSet(set: Readonly<Ipset>, entry: string): boolean {
  if (set.members.has(entry)) return true
  const comma = entry.lastIndexOf(',')
  const ip = ipOrUndefined(entry.slice(comma + 1))
  const nets = set.nets.get(entry.slice(0, comma))
  return ip !== undefined && (nets?.some((net) => contains(net, ip)) ?? false)
}

const PROTOCOLS: Readonly<Partial<Record<Packet['protocol'], string>>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' }
