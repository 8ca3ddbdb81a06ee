import { overhead, selectWeightedLeastConnection } from './leastConnection.ts'
import { findServer } from './virtualServer.ts'
import type { SimTime } from '../base/time.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'

/** An entry of the cache that nobody used for a day goes; lblcr drops a member of a set that did not change for a day. */
const EXPIRATION = 24 * 60 * 60 * 1000

/**
 * lblc: the server that the destination address is tied to, until it is overloaded. A virtual server has one address, so
 * its cache has one entry. Source: ip_vs_lblc.c.
 */
export function selectLocality(virtual: VirtualServer, now: SimTime): RealServer | undefined {
  const cached = fresh(virtual, now)
  const known = cached?.servers[0] === undefined ? undefined : findServer(virtual, cached.servers[0])
  if (cached && known && known.weight > 0 && !isOverloaded(known, virtual.servers)) {
    virtual.cached = { ...cached, used: now }
    return known
  }
  const server = selectWeightedLeastConnection(virtual.servers)
  if (server) virtual.cached = { servers: [server.key], used: now, modified: now }
  return server
}

/** lblcr: as lblc with a set of servers that grows under load and shrinks with time. Source: ip_vs_lblcr.c. */
export function selectReplicatedLocality(virtual: VirtualServer, now: SimTime): RealServer | undefined {
  const cached = fresh(virtual, now)
  const members = (cached?.servers ?? []).flatMap((key) => findServer(virtual, key) ?? [])
  const least = selectWeightedLeastConnection(members)
  let keys = cached?.servers ?? []
  let modified = cached?.modified ?? now
  if (keys.length > 1 && now > modified + EXPIRATION) {
    const most = mostLoaded(members)
    keys = keys.filter((key) => key !== most?.key)
    modified = now
  }
  if (least && !isOverloaded(least, virtual.servers)) {
    virtual.cached = { servers: keys, used: now, modified }
    return least
  }
  const server = selectWeightedLeastConnection(virtual.servers)
  if (server && !keys.includes(server.key)) {
    keys = [server.key, ...keys]
    modified = now
  }
  if (server || cached) virtual.cached = { servers: keys, used: now, modified }
  return server
}

function fresh(virtual: VirtualServer, now: SimTime): VirtualServer['cached'] {
  return virtual.cached && now <= virtual.cached.used + EXPIRATION ? virtual.cached : undefined
}

/** More active connections than its weight while another server is not even half full. */
function isOverloaded(server: RealServer, servers: readonly RealServer[]): boolean {
  return server.active > server.weight && servers.some((other) => other.active * 2 < other.weight)
}

function mostLoaded(members: readonly RealServer[]): RealServer | undefined {
  let most: RealServer | undefined
  for (const server of members) {
    if (server.weight <= 0) continue
    if (!most || overhead(most) * server.weight < overhead(server) * most.weight) most = server
  }
  return most
}
