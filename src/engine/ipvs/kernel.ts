import { createConnectionTable } from './connectionTable.ts'
import { DEFAULT_TIMEOUTS } from './connectionState.ts'
import { createVersionedMap } from '../base/versionedMap.ts'
import { addServer, editVirtualServer } from './serverList.ts'
import { copyVirtualServer, findServer, newVirtualServer, virtualServerKey } from './virtualServer.ts'
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
  readonly connections: ConnectionTable
  timeouts: Timeouts
  /** Takes the conntrack entry of a connection that ended. Source: ip_vs_conn_drop_conntrack. */
  readonly dropFlow: DropFlow
}

export type DropFlow = (connection: Readonly<Connection>) => void

export function createKernel(dropFlow: DropFlow): IpvsKernel {
  return {
    virtuals: createVersionedMap(copyVirtualServer),
    connections: createConnectionTable(),
    timeouts: DEFAULT_TIMEOUTS,
    dropFlow,
  }
}

export function checkpointKernel(kernel: IpvsKernel): () => void {
  const restores = [kernel.virtuals.checkpoint(), kernel.connections.checkpoint()]
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
  kernel.virtuals.set(key, virtual)
  return virtual
}

/** Deletes a virtual server with all its real servers at once. False: there is none. */
export function deleteVirtualServer(kernel: IpvsKernel, key: string): boolean {
  const known = kernel.virtuals.get(key) !== undefined
  kernel.virtuals.delete(key)
  return known
}

/** Adds real servers in the order of `spec`; each goes to the head of the list. */
export function addServers(virtual: VirtualServer, spec: VirtualServerSpec, now: SimTime): void {
  for (const { address, weight } of spec.realServers) addServer(virtual, address, weight, now)
}

/** The real server that counts `connection`, for writing, be it in the list or in the trash. */
export function serverOf(kernel: IpvsKernel, connection: Connection): RealServer | undefined {
  const virtual = kernel.virtuals.own(connection.virtualKey)
  const isIt = (server: RealServer): boolean => server.key === connection.serverKey
  return virtual?.servers.find(isIt) ?? virtual?.trash.find(isIt)
}

/** Ends a connection: its server counts one less, its template controls one less, its conntrack entry goes. */
export function endConnection(kernel: IpvsKernel, connection: Connection): void {
  kernel.connections.remove(connection)
  if (!connection.template) kernel.dropFlow(connection)
  uncount(kernel, connection)
}

/** Takes a connection that is in the table no longer out of every count. */
export function uncount(kernel: IpvsKernel, connection: Connection): void {
  const control = connection.control === undefined ? undefined : kernel.connections.own(connection.control)
  if (control) control.controlled--
  const server = serverOf(kernel, connection)
  if (!server) return
  if (connection.template) server.persistent--
  else if (connection.active) server.active--
  else server.inactive--
}

/**
 * Ends the connections whose server is no more, then the templates that none needs any longer. The kernel does so a
 * moment after a server was deleted where `expire_nodest_conn` is on, as kube-proxy has it: a server that is added
 * again at once keeps its connections. Source: ip_vs_expire_nodest_conn_flush, since Linux 5.9.
 */
export function endOrphans(kernel: IpvsKernel): void {
  const isOrphan = ({ virtualKey, serverKey }: Connection): boolean => {
    const virtual = kernel.virtuals.get(virtualKey)
    return virtual === undefined || !findServer(virtual, serverKey)
  }
  const orphans = [...kernel.connections.all()].filter(isOrphan)
  for (const connection of orphans) if (!connection.template) endConnection(kernel, connection)
  for (const { key } of orphans) {
    const template = kernel.connections.own(key)
    if (template?.controlled === 0) endConnection(kernel, template)
  }
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
