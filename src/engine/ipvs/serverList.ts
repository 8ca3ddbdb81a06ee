import { formatSocketAddress } from '../packet/packet.ts'
import { weightsChanged } from './roundRobin.ts'
import { newCounters } from './statistics.ts'
import { findServer } from './virtualServer.ts'
import type { SimTime } from '../base/time.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { Scheduler, SchedulerFlag } from './model.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'

/** Edits scheduler, flags and persistence in place; a new scheduler starts afresh. */
export function editVirtualServer(
  virtual: VirtualServer,
  options: { scheduler: Scheduler; flags: readonly SchedulerFlag[]; persistence: number },
): void {
  const restart = virtual.scheduler !== options.scheduler
  Object.assign(virtual, options)
  virtual.table = undefined
  if (!restart) return
  virtual.pointer = -1
  virtual.cached = undefined
  virtual.weighted = { current: 0, max: 0, step: 1 }
  weightsChanged(virtual)
}

/**
 * How long the kernel keeps what it counted for a deleted server: a look every minute, and two minutes after the first
 * look that finds it idle. Source: ip_vs_ctl.c, IP_VS_DEST_TRASH_PERIOD.
 */
const TRASH_MS = 180_000

/** Puts a server at the head of the list. One that was deleted not long ago comes back with its counts. */
export function addServer(virtual: VirtualServer, address: SocketAddress, weight: number, now: SimTime): void {
  const key = formatSocketAddress(address)
  const old = virtual.trash.find((server) => server.key === key && now < server.deletedAt + TRASH_MS)
  const server: RealServer = old ?? {
    key,
    address,
    weight: 0,
    lastWeight: 0,
    active: 0,
    inactive: 0,
    persistent: 0,
    counters: newCounters(),
    deletedAt: 0,
  }
  virtual.trash = virtual.trash.filter((other) => other.key !== key)
  server.weight = weight
  if (weight > 0) server.lastWeight = weight
  virtual.servers.unshift(server)
  if (virtual.pointer >= 0) virtual.pointer++
  changed(virtual)
}

export function editServer(virtual: VirtualServer, key: string, weight: number): void {
  const server = findServer(virtual, key)
  if (!server) return
  server.weight = weight
  if (weight > 0) server.lastWeight = weight
  changed(virtual)
}

/** Takes a server off the list; rr then stands on the one before it. */
export function removeServer(virtual: VirtualServer, key: string, now: SimTime): void {
  const index = virtual.servers.findIndex((server) => server.key === key)
  const server = virtual.servers[index]
  if (!server) return
  virtual.servers.splice(index, 1)
  if (virtual.pointer >= index) virtual.pointer--
  server.deletedAt = now
  virtual.trash = [...virtual.trash.filter((other) => now < other.deletedAt + TRASH_MS), server]
  changed(virtual)
}

function changed(virtual: VirtualServer): void {
  virtual.table = undefined
  weightsChanged(virtual)
}
