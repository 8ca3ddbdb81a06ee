import { createConnectionTable } from './connectionTable.ts'
import { DEFAULT_TIMEOUTS } from './connectionState.ts'
import { createVersionedMap } from '../base/versionedMap.ts'
import { addServer, editVirtualServer, removeServer } from './serverList.ts'
import { copyVirtualServer, newVirtualServer, virtualServerKey } from './virtualServer.ts'
import { isScheduler } from './schedule.ts'
import type { SimTime } from '../base/time.ts'
import type { Connection, ConnectionTable } from './connectionTable.ts'
import type { Timeouts } from './connectionState.ts'
import type { VirtualServerSpec } from './model.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'
import type { VersionedMap } from '../base/versionedMap.ts'

/** The state of ip_vs in one node's kernel. */
export interface IpvsKernel {
  /** By `TCP 10.96.0.10:53`. */
  readonly virtuals: VersionedMap<VirtualServer>
  /** Deleted virtual servers with servers in the trash: made again, they find them there. */
  readonly deleted: VersionedMap<VirtualServer>
  readonly connections: ConnectionTable
  timeouts: Timeouts
}

export function createKernel(): IpvsKernel {
  return {
    virtuals: createVersionedMap(copyVirtualServer),
    deleted: createVersionedMap(copyVirtualServer),
    connections: createConnectionTable(),
    timeouts: DEFAULT_TIMEOUTS,
  }
}

export function checkpointKernel(kernel: IpvsKernel): () => void {
  const restores = [kernel.virtuals.checkpoint(), kernel.deleted.checkpoint(), kernel.connections.checkpoint()]
  const { timeouts } = kernel
  return () => {
    for (const restore of restores) restore()
    kernel.timeouts = timeouts
  }
}

/**
 * Makes or edits the virtual server of `spec`, without its real servers. Undefined: no such scheduler, as when the
 * module ip_vs_NAME is missing.
 */
export function ensureVirtualServer(kernel: IpvsKernel, spec: VirtualServerSpec): VirtualServer | undefined {
  if (!isScheduler(spec.scheduler)) return undefined
  const key = virtualServerKey(spec.protocol, spec.address)
  const flags = spec.schedulerFlags ?? (spec.scheduler === 'mh' ? (['mh-port'] as const) : [])
  const options = { scheduler: spec.scheduler, flags, persistence: spec.persistence }
  const old = kernel.virtuals.get(key)
  if (old) {
    const same =
      old.scheduler === options.scheduler &&
      old.persistence === options.persistence &&
      old.flags.join() === options.flags.join()
    if (same) return old
    const own = kernel.virtuals.own(key)
    if (own) editVirtualServer(own, options)
    return own
  }
  const virtual = newVirtualServer(spec.protocol, spec.address, options)
  const buried = kernel.deleted.own(key)
  if (buried) virtual.trash = buried.trash
  kernel.deleted.delete(key)
  kernel.virtuals.set(key, virtual)
  return virtual
}

/** Deletes a virtual server with all its real servers at once. */
export function deleteVirtualServer(kernel: IpvsKernel, key: string): void {
  const virtual = kernel.virtuals.own(key)
  if (!virtual) return
  for (const server of [...virtual.servers]) removeServer(virtual, server.key)
  kernel.virtuals.delete(key)
  if (virtual.trash.length > 0) kernel.deleted.set(key, virtual)
}

/** Adds real servers in the order of `spec`; each goes to the head of the list. */
export function addServers(virtual: VirtualServer, spec: VirtualServerSpec): void {
  for (const { address, weight } of spec.realServers) addServer(virtual, address, weight)
}

/** The real server that counts `connection`, for writing, be it in the list or in the trash. */
export function serverOf(kernel: IpvsKernel, connection: Connection): RealServer | undefined {
  const virtual = kernel.virtuals.own(connection.virtualKey) ?? kernel.deleted.own(connection.virtualKey)
  const isIt = (server: RealServer): boolean => server.key === connection.serverKey
  return virtual?.servers.find(isIt) ?? virtual?.trash.find(isIt)
}

/** Ends a connection: its server counts one less, its template controls one less. */
export function endConnection(kernel: IpvsKernel, connection: Connection): void {
  kernel.connections.remove(connection)
  const control = connection.control === undefined ? undefined : kernel.connections.own(connection.control)
  if (control) control.controlled--
  const server = serverOf(kernel, connection)
  if (!server) return
  if (connection.template) server.persistent--
  else if (connection.active) server.active--
  else server.inactive--
  if (server.active + server.inactive + server.persistent === 0) emptyTrash(kernel, connection.virtualKey, server)
}

function emptyTrash(kernel: IpvsKernel, key: string, server: RealServer): void {
  const virtual = kernel.virtuals.own(key) ?? kernel.deleted.own(key)
  if (!virtual) return
  virtual.trash = virtual.trash.filter((other) => other !== server)
  if (virtual.trash.length === 0) kernel.deleted.delete(key)
}

/** Ends every connection whose time has come. A template that still controls some is put off a minute at a time. */
export function expireConnections(kernel: IpvsKernel, now: SimTime): void {
  for (;;) {
    const connection = kernel.connections.nextExpired(now)
    if (!connection) return
    if (connection.controlled > 0) {
      connection.timeoutMs = 60_000
      kernel.connections.postpone(connection, connection.expires + 60_000)
    } else endConnection(kernel, connection)
  }
}
