import type { EndpointSlice, Service } from '../api/types.ts'
import type { IpFamily } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { NodeKernel } from '../dataplane/machine.ts'
import { createIpsets } from '../ipvs/ipset.ts'
import type { Ipsets } from '../ipvs/ipset.ts'
import { createIpvs } from '../ipvs/ipvs.ts'
import type { Ipvs } from '../ipvs/ipvs.ts'
import { ensureJump } from '../netfilter/ensureJump.ts'
import { restore } from '../netfilter/restore.ts'
import { chainsOf } from '../netfilter/tables.ts'
import { createNftables } from '../nftables/nftables.ts'
import type { Nftables } from '../nftables/nftables.ts'
import { createKubeProxy } from '../proxy/kubeProxy.ts'
import type { KubeProxy } from '../proxy/kubeProxy.ts'
import { startOn } from '../proxy/startUp.ts'
import type { ProxyConfig, ProxyMode, ProxyNode, SyncOutput } from '../proxy/types.ts'
import { cleanUpIptables } from './cleanup.ts'

/** kube-proxy on one node, and what it keeps in the node's kernel beside the iptables tables. */
export interface NodeAgent {
  readonly name: string
  readonly mode: () => ProxyMode
  /**
   * What kube-proxy knows of Services and slices goes into the kernel. Put off while the node has no connections: nobody can
   * tell then, and of several syncs in a row only the last counts.
   */
  readonly sync: (services: readonly Service[], slices: readonly EndpointSlice[], now: SimTime) => void
  /** kube-proxy starts anew with another configuration: it removes what the other modes left. */
  readonly restart: (config: ProxyConfig, node: ProxyNode, now: SimTime) => void
  readonly ipvs: () => Ipvs | undefined
  readonly ipsets: () => Ipsets | undefined
  readonly nftables: () => Nftables | undefined
  /** kube-proxy's log since its start, oldest first. */
  readonly log: () => readonly string[]
  /** Carries out a sync that was put off. Call it before looking into the kernel or sending a packet. */
  readonly flush: () => void
}

interface PutOff {
  readonly services: readonly Service[]
  readonly slices: readonly EndpointSlice[]
  readonly now: SimTime
}

/** `kernel` gives the node's kernel, which outlives changes of the network; undefined: nobody has looked into it yet. */
export function createNodeAgent(
  name: string,
  kernel: () => NodeKernel | undefined,
  firstConfig: ProxyConfig,
  firstNode: ProxyNode,
  startedAt: SimTime,
): NodeAgent {
  const started = startOn(firstConfig, firstNode)
  let config = { ...firstConfig, mode: started.mode ?? firstConfig.mode }
  /** Undefined: kube-proxy cannot start here; what is in the kernel stays as it is. */
  let proxy: KubeProxy | undefined = started.mode && createKubeProxy(config, firstNode)
  let ipvs: Ipvs | undefined
  let ipsets: Ipsets | undefined
  let nftables: Nftables | undefined
  let log: readonly string[] = started.log
  let putOff: PutOff | undefined

  const plug = (now: SimTime, sameMode = false): void => {
    const held = kernel()
    if (!held) return
    held.userspace.apply([])
    // kube-proxy going away takes its sockets with it; what it wrote into the kernel stays and goes on working.
    if (sameMode) {
      ipvs?.restartProxy(now)
      return
    }
    ipvs = config.mode === 'ipvs' ? createIpvs(now) : undefined
    ipsets = config.mode === 'ipvs' ? createIpsets() : undefined
    nftables = config.mode === 'nftables' ? createNftables() : undefined
    held.ipvs = ipvs
    held.sets = ipsets
    held.nft = nftables
    held.setKubeIpvs0([])
  }
  // The kernel may not be there yet: it is made when somebody first looks into it.
  let plugAt: SimTime | undefined = startedAt

  const apply = (held: NodeKernel, output: SyncOutput, now: SimTime): void => {
    const { family } = output
    for (const jump of output.ensure) ensureJump(held.tables[family], jump)
    if (output.ipvs) {
      ipsets?.apply(output.ipvs.ipsets)
      ipvs?.applyVirtualServers(output.ipvs.virtualServers, now, { family, excludeCidrs: config.excludeCidrs })
      const others = held.kubeIpvs0.filter((ip) => familyOfText(ip) !== family)
      held.setKubeIpvs0([...others, ...output.ipvs.kubeIpvs0])
    }
    if (output.restore !== undefined) {
      const restored = restore(held.tables[family], output.restore, { noflush: true, counters: true })
      if (!restored.ok) {
        log = [...log, `Failed to execute iptables-restore: ${JSON.stringify(restored.error)}`]
        proxy?.forceFullSync()
      }
    }
    if (output.nft) nftables?.load(output.nft)
    if (output.userspace) held.userspace.apply(output.userspace.portals)
    for (const { destination, nodePort, endpoint } of output.staleUdp) {
      held.conntrack.remove({
        protocol: 'UDP',
        ...(destination === undefined ? {} : { originalDestination: destination }),
        ...(nodePort === undefined ? {} : { originalDestinationPort: nodePort }),
        replySource: endpoint,
      })
    }
  }

  const flush = (): void => {
    const held = kernel()
    if (!held) return
    if (plugAt !== undefined) plug(plugAt)
    plugAt = undefined
    if (!putOff || !proxy) return
    const { services, slices, now } = putOff
    putOff = undefined
    const natChains = [...chainsOf(held.tables.IPv4, 'nat').keys(), ...chainsOf(held.tables.IPv6, 'nat').keys()]
    for (const output of proxy.sync(services, slices, { now: now / 1000, natChains })) apply(held, output, now)
  }

  return {
    name,
    mode: () => config.mode,
    sync: (services, slices, now) => {
      putOff = { services, slices, now }
      if ((kernel()?.conntrack.flows(now).length ?? 0) > 0 || (ipvs?.connections().length ?? 0) > 0) flush()
    },
    flush,
    restart: (next, node, now) => {
      putOff = undefined
      const held = kernel()
      const start = startOn(next, node)
      log = start.log
      if (!start.mode) {
        proxy = undefined
        return
      }
      const sameMode = start.mode === config.mode
      if (held && !sameMode) {
        cleanUpIptables(held.tables.IPv4)
        cleanUpIptables(held.tables.IPv6)
      }
      config = { ...next, mode: start.mode }
      proxy = createKubeProxy(config, node)
      if (plugAt === undefined) plug(now, sameMode)
      else plugAt = now
    },
    ipvs: () => ipvs,
    ipsets: () => ipsets,
    nftables: () => nftables,
    log: () => log,
  }
}

function familyOfText(ip: string): IpFamily {
  return ip.includes(':') ? 'IPv6' : 'IPv4'
}
