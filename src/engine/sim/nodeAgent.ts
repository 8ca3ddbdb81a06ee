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
import type { ProxyConfig, ProxyMode, ProxyNode, SyncOutput } from '../proxy/types.ts'
import { cleanUpIptables } from './cleanup.ts'

/** kube-proxy on one node, and what it keeps in the node's kernel beside the iptables tables. */
export interface NodeAgent {
  readonly name: string
  readonly mode: () => ProxyMode
  /** What kube-proxy knows of Services and slices goes into the kernel. */
  readonly sync: (services: readonly Service[], slices: readonly EndpointSlice[], now: SimTime) => void
  /** kube-proxy starts anew with another configuration: it removes what the other modes left. */
  readonly restart: (config: ProxyConfig, node: ProxyNode, now: SimTime) => void
  readonly ipvs: () => Ipvs | undefined
  readonly ipsets: () => Ipsets | undefined
  readonly nftables: () => Nftables | undefined
  /** kube-proxy's log since its start, oldest first. */
  readonly log: () => readonly string[]
}

/** `kernel` gives the node's kernel, which outlives changes of the network. */
export function createNodeAgent(
  name: string,
  kernel: () => NodeKernel | undefined,
  firstConfig: ProxyConfig,
  firstNode: ProxyNode,
  startedAt: SimTime,
): NodeAgent {
  let config = firstConfig
  let proxy: KubeProxy = createKubeProxy(config, firstNode)
  let ipvs: Ipvs | undefined
  let ipsets: Ipsets | undefined
  let nftables: Nftables | undefined
  let log: string[] = []

  const plug = (now: SimTime): void => {
    const held = kernel()
    if (!held) return
    ipvs = config.mode === 'ipvs' ? createIpvs(now) : undefined
    ipsets = config.mode === 'ipvs' ? createIpsets() : undefined
    nftables = config.mode === 'nftables' ? createNftables() : undefined
    held.ipvs = ipvs
    held.sets = ipsets
    held.nft = nftables
    held.setKubeIpvs0([])
    held.userspace.apply([])
    log.push(`Using ${config.mode} Proxier`)
  }
  plug(startedAt)

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
        log.push(`Failed to execute iptables-restore: ${JSON.stringify(restored.error)}`)
        proxy.forceFullSync()
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

  return {
    name,
    mode: () => config.mode,
    sync: (services, slices, now) => {
      const held = kernel()
      if (!held) return
      const natChains = [...chainsOf(held.tables.IPv4, 'nat').keys(), ...chainsOf(held.tables.IPv6, 'nat').keys()]
      for (const output of proxy.sync(services, slices, { now: now / 1000, natChains })) apply(held, output, now)
    },
    restart: (next, node, now) => {
      const held = kernel()
      if (held && next.mode !== config.mode) {
        cleanUpIptables(held.tables.IPv4)
        cleanUpIptables(held.tables.IPv6)
      }
      config = next
      log = []
      proxy = createKubeProxy(config, node)
      plug(now)
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
