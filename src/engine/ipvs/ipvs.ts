import {
  checkpointKernel,
  createKernel,
  deleteVirtualServer,
  endOrphans,
  ensureVirtualServer,
  expireConnections,
} from './kernel.ts'
import { incoming, outgoing } from './packetPath.ts'
import { lookAtTerminating, newProxyMemory, syncVirtualServers } from './proxySync.ts'
import { addServer, editServer, removeServer } from './serverList.ts'
import { newCounters } from './statistics.ts'
import { virtualServerKey } from './virtualServer.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { SimTime } from '../base/time.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { Connection } from './connectionTable.ts'
import type { DropFlow } from './kernel.ts'
import type { Timeouts } from './connectionState.ts'
import type { IpvsProtocol, VirtualServerSpec } from './model.ts'
import type { PacketVerdict } from './packetPath.ts'
import type { SyncScope } from './proxySync.ts'
import type { VirtualServer } from './virtualServer.ts'

/** IPVS of one node, with what kube-proxy there does to it. Every call that takes a time first lets what is due happen. */
export interface Ipvs {
  /** ip_vs_in at INPUT and OUTPUT. */
  readonly incoming: (ctx: HookContext) => PacketVerdict
  /** ip_vs_out at INPUT, OUTPUT and FORWARD. */
  readonly outgoing: (ctx: HookContext) => PacketVerdict
  /** Expires connections and, minute by minute, ends servers that wait for their last connection. */
  readonly advance: (now: SimTime) => void
  /** kube-proxy's sync: brings virtual and real servers in line with `specs`. */
  readonly applyVirtualServers: (specs: readonly VirtualServerSpec[], now: SimTime, scope?: SyncScope) => void
  /** kube-proxy starts anew and has forgotten which servers it was waiting for. */
  readonly restartProxy: (now: SimTime) => void
  /** `ipvsadm -A` or `-E`. False: unknown scheduler. */
  readonly ensureVirtualServer: (spec: VirtualServerSpec) => boolean
  /** `ipvsadm -D`. False: there is none. */
  readonly deleteVirtualServer: (protocol: IpvsProtocol, address: SocketAddress) => boolean
  /** `ipvsadm -a`, `-e`, `-d`. False: no such virtual server. */
  readonly addRealServer: (virtual: string, address: SocketAddress, weight: number) => boolean
  readonly editRealServer: (virtual: string, server: string, weight: number) => boolean
  readonly deleteRealServer: (virtual: string, server: string) => boolean
  /** `ipvsadm -C`, and what other modes do at their start. */
  readonly clear: () => void
  /** `ipvsadm -Z`: the statistics of one virtual server, or of all, begin at 0. */
  readonly zero: (virtual: string | undefined) => void
  readonly setTimeouts: (timeouts: Timeouts) => void
  readonly timeouts: () => Timeouts
  /** In the order of their making. For reading only. */
  readonly virtualServers: () => readonly Readonly<VirtualServer>[]
  readonly connections: () => readonly Readonly<Connection>[]
  /** Remembers the state of the moment; the function that it returns brings it back, as often as it is called. */
  readonly checkpoint: () => () => void
}

/** `dropFlow`: what the node's conntrack does when a connection ends here. */
export function createIpvs(startedAt: SimTime = 0, dropFlow: DropFlow = () => undefined): Ipvs {
  const kernel = createKernel(dropFlow)
  let clock = startedAt
  let memory = newProxyMemory(startedAt)

  const advance = (now: SimTime): void => {
    clock = Math.max(clock, now)
    while (memory.nextLook <= now) {
      if (memory.terminating.length === 0) {
        memory = { ...memory, nextLook: memory.nextLook + 60_000 * (Math.floor((now - memory.nextLook) / 60_000) + 1) }
        break
      }
      expireConnections(kernel, memory.nextLook)
      memory = lookAtTerminating(kernel, memory)
    }
    expireConnections(kernel, now)
  }
  const withVirtual = (key: string, change: (virtual: VirtualServer) => void): boolean => {
    const virtual = kernel.virtuals.own(key)
    if (virtual) change(virtual)
    return virtual !== undefined
  }

  return {
    incoming(ctx) {
      advance(ctx.now)
      return incoming(kernel, ctx)
    },
    outgoing(ctx) {
      advance(ctx.now)
      return outgoing(kernel, ctx)
    },
    advance,
    applyVirtualServers(specs, now, scope = {}) {
      advance(now)
      memory = syncVirtualServers(kernel, memory, specs, scope, now)
    },
    restartProxy(now) {
      advance(now)
      memory = newProxyMemory(now)
    },
    ensureVirtualServer: (spec) => ensureVirtualServer(kernel, spec) !== undefined,
    deleteVirtualServer(protocol, address) {
      const known = deleteVirtualServer(kernel, virtualServerKey(protocol, address))
      endOrphans(kernel)
      return known
    },
    addRealServer(key, address, weight) {
      return withVirtual(key, (virtual) => {
        addServer(virtual, address, weight, clock)
        // Whoever adds one by hand knows which stands first.
        virtual.started = true
      })
    },
    editRealServer(key, server, weight) {
      return withVirtual(key, (virtual) => {
        editServer(virtual, server, weight)
      })
    },
    deleteRealServer(key, server) {
      return withVirtual(key, (virtual) => {
        removeServer(virtual, server, clock)
        endOrphans(kernel)
      })
    },
    clear() {
      for (const key of [...kernel.virtuals.keys()]) deleteVirtualServer(kernel, key)
      endOrphans(kernel)
    },
    zero(key) {
      for (const name of key === undefined ? [...kernel.virtuals.keys()] : [key]) {
        withVirtual(name, (virtual) => {
          for (const one of [virtual, ...virtual.servers]) one.counters = newCounters()
        })
      }
    },
    setTimeouts(timeouts) {
      kernel.timeouts = timeouts
    },
    timeouts: () => kernel.timeouts,
    virtualServers: () => [...kernel.virtuals.values()],
    connections: () => [...kernel.connections.all()],
    checkpoint() {
      const restoreKernel = checkpointKernel(kernel)
      const saved = memory
      return () => {
        restoreKernel()
        memory = saved
      }
    },
  }
}
