import { addServers, deleteVirtualServer, endOrphans, ensureVirtualServer } from './kernel.ts'
import { addServer, editServer, removeServer } from './serverList.ts'
import { findServer, virtualServerKey } from './virtualServer.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import { contains, familyOfCidr } from '../base/cidr.ts'
import { familyOf } from '../base/ip.ts'
import type { Cidr } from '../base/cidr.ts'
import type { IpFamily } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { IpvsKernel } from './kernel.ts'
import type { VirtualServerSpec } from './model.ts'
import type { VirtualServer } from './virtualServer.ts'

/** Real servers that kube-proxy wants gone once nobody is connected: virtual server key and server key. */
export interface Terminating {
  readonly virtualKey: string
  readonly serverKey: string
}

/** What kube-proxy remembers between syncs. Replaced, never changed, so that a checkpoint can keep it. */
export interface ProxyMemory {
  readonly terminating: readonly Terminating[]
  /** Time of the next look at `terminating`. */
  readonly nextLook: SimTime
  /** No sync since kube-proxy started: that one sets every weight back to 1. */
  readonly initial: boolean
}

/** Every minute, from kube-proxy's start. Source: ipvs/graceful_termination.go. */
const LOOK_EVERY = 60_000

export function newProxyMemory(startedAt: SimTime): ProxyMemory {
  return { terminating: [], nextLook: startedAt + LOOK_EVERY, initial: true }
}

export interface SyncScope {
  /** Only virtual servers of this family are touched; absent: both. */
  readonly family?: IpFamily
  /** Virtual servers with addresses in these are left alone. */
  readonly excludeCidrs?: readonly Cidr[]
}

/**
 * What a sync of kube-proxy does to the kernel's virtual servers. Real servers that are gone end at once when nobody is
 * connected or the protocol is not TCP, else they get weight 0 and wait. Source: ipvs/proxier.go syncService, syncEndpoint.
 */
export function syncVirtualServers(
  kernel: IpvsKernel,
  memory: ProxyMemory,
  specs: readonly VirtualServerSpec[],
  scope: SyncScope,
  now: SimTime,
): ProxyMemory {
  const wanted = new Set<string>()
  let terminating = memory.terminating
  let deleted = false
  for (const spec of specs) {
    const key = virtualServerKey(spec.protocol, spec.address)
    wanted.add(key)
    const isNew = kernel.virtuals.get(key) === undefined
    const virtual = ensureVirtualServer(kernel, spec)
    if (!virtual) continue
    if (isNew) addServers(virtual, spec, now)
    else if (differs(virtual, spec, memory.initial)) {
      const own = kernel.virtuals.own(key)
      if (own) terminating = syncServers(own, spec, memory.initial, terminating, now)
      deleted ||= (own?.trash.length ?? 0) > 0
    }
  }
  for (const virtual of [...kernel.virtuals.values()]) {
    if (wanted.has(virtual.key) || !inScope(virtual, scope)) continue
    deleteVirtualServer(kernel, virtual.key)
    deleted = true
  }
  if (deleted) endOrphans(kernel)
  return { ...memory, terminating, initial: false }
}

function inScope(virtual: VirtualServer, { family, excludeCidrs = [] }: SyncScope): boolean {
  const { ip } = virtual.address
  if (family !== undefined && familyOf(ip) !== family) return false
  return !excludeCidrs.some((cidr) => familyOfCidr(cidr) === familyOf(ip) && contains(cidr, ip))
}

/** Whether a sync would touch any real server: the common case is no. */
function differs(virtual: VirtualServer, spec: VirtualServerSpec, initial: boolean): boolean {
  if (virtual.servers.length !== spec.realServers.length) return true
  const known = new Map(virtual.servers.map((server) => [server.key, server]))
  return spec.realServers.some((server) => {
    const current = known.get(formatSocketAddress(server.address))
    return !current || current.weight === 0 || (initial && current.weight !== server.weight)
  })
}

function syncServers(
  virtual: VirtualServer,
  spec: VirtualServerSpec,
  initial: boolean,
  before: readonly Terminating[],
  now: SimTime,
): readonly Terminating[] {
  let terminating = before
  const isListed = (serverKey: string): boolean =>
    terminating.some((entry) => entry.virtualKey === virtual.key && entry.serverKey === serverKey)
  const current = new Set(virtual.servers.map((server) => server.key))
  const wanted = new Set<string>()
  for (const { address, weight } of spec.realServers) {
    const key = formatSocketAddress(address)
    wanted.add(key)
    if (current.has(key)) {
      if (initial) editServer(virtual, key, weight)
      if (!isListed(key)) continue
      // It comes back while it was on its way out: deleted now, then added like a new one.
      removeServer(virtual, key, now)
      terminating = terminating.filter((entry) => entry.virtualKey !== virtual.key || entry.serverKey !== key)
    }
    addServer(virtual, address, weight, now)
  }
  for (const key of current) {
    if (wanted.has(key) || isListed(key)) continue
    const server = findServer(virtual, key)
    if (!server) continue
    if (virtual.protocol === 'TCP' && server.active + server.inactive > 0) {
      editServer(virtual, key, 0)
      terminating = [...terminating, { virtualKey: virtual.key, serverKey: key }]
    } else removeServer(virtual, key, now)
  }
  return terminating
}

/** One look at the list: who has no connection any more goes. */
export function lookAtTerminating(kernel: IpvsKernel, memory: ProxyMemory): ProxyMemory {
  const terminating = memory.terminating.filter(({ virtualKey, serverKey }) => {
    const virtual = kernel.virtuals.get(virtualKey)
    const server = virtual && findServer(virtual, serverKey)
    if (!server) return false
    if (server.active + server.inactive > 0) return true
    const own = kernel.virtuals.own(virtualKey)
    if (own) removeServer(own, serverKey, memory.nextLook)
    return false
  })
  // Templates may name a server that went.
  endOrphans(kernel)
  return { ...memory, terminating, nextLook: memory.nextLook + LOOK_EVERY }
}
