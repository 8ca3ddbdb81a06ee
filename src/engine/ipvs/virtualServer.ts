import { copyCounters, newCounters } from './statistics.ts'
import type { SimTime } from '../base/time.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { IpvsProtocol, Scheduler, SchedulerFlag } from './model.ts'
import type { Counters } from './statistics.ts'
import type { Versioned } from '../base/versionedMap.ts'

/** A real server as the kernel holds it. */
export interface RealServer {
  /** `10.244.1.5:80`: its name within the virtual server. */
  readonly key: string
  readonly address: SocketAddress
  weight: number
  /** The last weight above 0: what `mh` builds its table from. */
  lastWeight: number
  /** Connections in an active state, the others, and persistence templates. */
  active: number
  inactive: number
  persistent: number
  counters: Counters
  /** In the trash: since when. */
  deletedAt: SimTime
}

/** A virtual server as the kernel holds it, with the state of its scheduler. */
export interface VirtualServer extends Versioned {
  /** `TCP 10.96.0.10:53` */
  readonly key: string
  readonly protocol: IpvsProtocol
  readonly address: SocketAddress
  scheduler: Scheduler
  flags: readonly SchedulerFlag[]
  /** Seconds; 0 = not persistent. */
  persistence: number
  /** In the order in which schedulers walk them: the newest first. */
  servers: RealServer[]
  /** Servers that were deleted not long ago. Added again, they come back with their counts. */
  trash: RealServer[]
  counters: Counters
  /** Whether a connection was ever scheduled: before that, the place where a round robin starts is anybody's guess. */
  started: boolean
  /** rr: index of the last server taken, -1 = the head of the list. wrr: `cl`. */
  pointer: number
  /** wrr: current weight, largest weight, step. */
  weighted: { current: number; max: number; step: number }
  /** sh, dh, mh: bucket -> index in `servers`. Made when first needed; absent after every change. */
  table: ArrayLike<number> | undefined
  /** lblc, lblcr: the servers remembered for the one destination there is, the newest first. */
  cached: { servers: readonly string[]; used: SimTime; modified: SimTime } | undefined
}

export function virtualServerKey(protocol: string, address: SocketAddress): string {
  const { ip, port } = address
  return ip.includes(':') ? `${protocol} [${ip}]:${port}` : `${protocol} ${ip}:${port}`
}

export function newVirtualServer(
  protocol: IpvsProtocol,
  address: SocketAddress,
  options: { scheduler: Scheduler; flags: readonly SchedulerFlag[]; persistence: number },
): VirtualServer {
  return {
    epoch: 0,
    key: virtualServerKey(protocol, address),
    protocol,
    address,
    ...options,
    servers: [],
    trash: [],
    counters: newCounters(),
    started: false,
    pointer: -1,
    weighted: { current: 0, max: 0, step: 1 },
    table: undefined,
    cached: undefined,
  }
}

export function copyVirtualServer(virtual: VirtualServer): VirtualServer {
  return {
    ...virtual,
    servers: virtual.servers.map(copyRealServer),
    trash: virtual.trash.map(copyRealServer),
    counters: copyCounters(virtual.counters),
    weighted: { ...virtual.weighted },
  }
}

function copyRealServer(server: RealServer): RealServer {
  return { ...server, counters: copyCounters(server.counters) }
}

export function findServer(virtual: VirtualServer, key: string): RealServer | undefined {
  return virtual.servers.find((server) => server.key === key)
}
