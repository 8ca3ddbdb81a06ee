import { ipWords } from '../base/ip.ts'
import { greatestCommonDivisor } from './roundRobin.ts'
import { hsiphash32 } from './sipHash.ts'
import type { Ip } from '../base/ip.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'

const BUCKETS = 256
const MAGLEV_SIZE = 4093
const MAGLEV_KEY = 2654435761
const MAGLEV_SKIP_KEY = 2654446892
/** Bits of weight that a server may bring into the table; heavier ones are scaled down. */
const MAGLEV_WEIGHT_BITS = 6

/** The address as one 32-bit number, IPv6 folded by exclusive or. */
function fold(ip: Ip): number {
  const [a, b, c, d] = ipWords(ip)
  return (a ^ b ^ c ^ d) >>> 0
}

/** The kernel's `hash_32(value, 8)`. */
function hash8(value: number): number {
  return Math.imul(value, 0x61c88647) >>> 24
}

/** sh: by the client's address (and port with `sh-port`). Source: ip_vs_sh.c. */
export function selectSourceHash(virtual: VirtualServer, client: SocketAddress): RealServer | undefined {
  const table = (virtual.table ??= buildBuckets(virtual.servers, (server) => server.weight))
  const value = (fold(client.ip) + (virtual.flags.includes('sh-port') ? client.port : 0)) >>> 0
  const bucket = hash8(value)
  const first = available(virtual, table[bucket])
  if (first || !virtual.flags.includes('sh-fallback')) return first
  return tryOthers(BUCKETS, (offset) =>
    available(virtual, table[(((offset + bucket) % BUCKETS) + bucket) & (BUCKETS - 1)]),
  )
}

/** dh: by the destination, which is the virtual server's own address. Source: ip_vs_dh.c. */
export function selectDestinationHash(virtual: VirtualServer): RealServer | undefined {
  const table = (virtual.table ??= buildBuckets(virtual.servers, () => 1))
  return available(virtual, table[hash8(fold(virtual.address.ip))])
}

/** mh: Maglev hashing of the client (with its port under `mh-port`). Source: ip_vs_mh.c. */
export function selectMaglev(virtual: VirtualServer, client: SocketAddress): RealServer | undefined {
  const table = (virtual.table ??= buildMaglev(virtual.servers))
  const port = virtual.flags.includes('mh-port') ? client.port : 0
  const slot = (offset: number): number => maglevHash(client.ip, port, MAGLEV_KEY, offset) % MAGLEV_SIZE
  const first = available(virtual, table[slot(0)])
  if (first || !virtual.flags.includes('mh-fallback')) return first
  const start = slot(0)
  return tryOthers(MAGLEV_SIZE, (offset) => available(virtual, table[slot((offset + start) % MAGLEV_SIZE)]))
}

/** Linux's range of ports for sockets that did not ask for one. */
const EPHEMERAL = { from: 32_768, to: 60_999 }
const shares = new WeakMap<ArrayLike<number>, Map<Ip, readonly number[]>>()

/**
 * mh with `mh-port`, for a client whose port is not known: the chance of each server of the list, over all ports that
 * the client may get. What is missing to 1 finds a server that weighs nothing.
 */
export function maglevChances(virtual: VirtualServer, client: Ip): readonly number[] {
  const table = (virtual.table ??= buildMaglev(virtual.servers))
  const known = shares.get(table) ?? new Map<Ip, readonly number[]>()
  shares.set(table, known)
  const old = known.get(client)
  if (old) return old
  const counts = virtual.servers.map(() => 0)
  for (let port = EPHEMERAL.from; port <= EPHEMERAL.to; port++) {
    const index = table[maglevHash(client, port, MAGLEV_KEY) % MAGLEV_SIZE] ?? -1
    if (available(virtual, index)) counts[index] = (counts[index] ?? 0) + 1
  }
  const found = counts.map((count) => count / (EPHEMERAL.to - EPHEMERAL.from + 1))
  known.set(client, found)
  return found
}

function available(virtual: VirtualServer, index: number | undefined): RealServer | undefined {
  const server = index === undefined ? undefined : virtual.servers[index]
  return server && server.weight > 0 ? server : undefined
}

function tryOthers(size: number, at: (offset: number) => RealServer | undefined): RealServer | undefined {
  for (let offset = 0; offset < size; offset++) {
    const server = at(offset)
    if (server) return server
  }
  return undefined
}

/** The list again and again, each server `turns` times in a row (at least once). Empty without servers. */
function buildBuckets(servers: readonly RealServer[], turns: (server: RealServer) => number): number[] {
  const table: number[] = []
  for (let i = 0; servers.length > 0 && table.length < BUCKETS; i = (i + 1) % servers.length) {
    const server = servers[i]
    for (let n = server ? Math.max(1, turns(server)) : 0; n > 0 && table.length < BUCKETS; n--) table.push(i)
  }
  return table
}

function maglevHash(ip: Ip, port: number, key: number, offset = 0): number {
  return hsiphash32((offset + port + fold(ip)) >>> 0, key)
}

/** Servers claim their next free slot in turn until the table is full. */
function buildMaglev(servers: readonly RealServer[]): ArrayLike<number> {
  const table = new Int16Array(MAGLEV_SIZE).fill(-1)
  let divisor = 0
  let largest = 0
  for (const { lastWeight } of servers) {
    if (lastWeight > 0) divisor = greatestCommonDivisor(lastWeight, divisor)
    largest = Math.max(largest, lastWeight)
  }
  if (divisor < 1) return table
  const shift = Math.max(0, 32 - Math.clz32(Math.floor(largest / divisor)) - MAGLEV_WEIGHT_BITS)
  const claims = servers.map(({ address, lastWeight }) => ({
    slot: maglevHash(address.ip, address.port, MAGLEV_KEY) % MAGLEV_SIZE,
    skip: (maglevHash(address.ip, address.port, MAGLEV_SKIP_KEY) % (MAGLEV_SIZE - 1)) + 1,
    turns: (lastWeight / divisor) >> shift || (lastWeight > 0 ? 1 : 0),
  }))
  let filled = 0
  for (;;) {
    for (const [index, claim] of claims.entries()) {
      for (let turn = 0; turn < claim.turns; turn++) {
        while (table[claim.slot] !== -1) claim.slot = (claim.slot + claim.skip) % MAGLEV_SIZE
        table[claim.slot] = index
        if (++filled === MAGLEV_SIZE) return table
      }
    }
  }
}
