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
import type { ProxyConfig, ProxyMode, ProxyNode, SyncOutput, UdpCleanup } from '../proxy/types.ts'
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
  /** kube-proxy starts anew with another configuration: it removes what it knows of the other modes. */
  readonly restart: (config: ProxyConfig, node: ProxyNode, now: SimTime) => void
  /** The process ends: its sockets close, the rules stay. `lastWords`: its log, when it never got to work. */
  readonly stop: (lastWords?: readonly string[]) => void
  readonly isRunning: () => boolean
  /** At least so long from sync to sync. */
  readonly minSyncMs: () => number
  /** Whether some kube-proxy has set `net.ipv4.conf.all.route_localnet`, which none takes back. */
  readonly routeLocalnet: () => boolean
  readonly ipvs: () => Ipvs | undefined
  readonly ipsets: () => Ipsets | undefined
  readonly nftables: () => Nftables | undefined
  /** kube-proxy's log since its start, oldest first. */
  readonly log: () => readonly string[]
  /** Carries out a sync that was put off. Call it before looking into the kernel or sending a packet. */
  readonly flush: () => void
  /**
   * The same, or only a promise of it where nothing can be seen of the difference: the rules of iptables mode are nobody's
   * concern until the first packet comes to the node. A request in a cluster of 5,000 nodes meets three.
   */
  readonly prepare: () => void
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
  /** Undefined: kube-proxy does not run; what is in the kernel stays as it is. */
  let proxy: KubeProxy | undefined = started.mode && createKubeProxy(config, firstNode)
  let ipvs: Ipvs | undefined
  let ipsets: Ipsets | undefined
  let nftables: Nftables | undefined
  let log: readonly string[] = started.log
  let putOff: PutOff | undefined
  let routeLocalnet = wantsRouteLocalnet(config)

  /** What a kube-proxy does to the node when it starts in the mode that `config` names; `before`: what ran there last. */
  const plug = (now: SimTime, before?: ProxyMode): void => {
    const held = kernel()
    if (!held) return
    // The process that went away took its sockets with it; what it wrote into the kernel stays and goes on working.
    held.userspace.apply([])
    if (before !== undefined) removeLeftovers(held, before)
    if (config.mode === 'ipvs') {
      if (ipvs) ipvs.restartProxy(now)
      else {
        ipvs = createIpvs(now, ({ protocol, client, virtual }) => {
          held.conntrack.forget(protocol, { source: client, destination: virtual })
        })
      }
      ipsets ??= createIpsets()
    }
    if (config.mode === 'nftables') nftables ??= createNftables()
    held.ipvs = ipvs
    held.sets = ipsets
    held.nft = nftables
    setKernelValues(held, config, ipvs)
  }
  /**
   * What the new mode knows of the others and takes away. ipvs mode leaves the chains of iptables mode, iptables mode all of
   * ipvs. Between the releases with and without userspace mode the old one is told to clean up: nobody would know its rules.
   */
  const removeLeftovers = (held: NodeKernel, before: ProxyMode): void => {
    const { mode } = config
    if (mode === before) return
    const otherRelease = mode === 'userspace' || before === 'userspace'
    if (otherRelease || mode !== 'nftables') nftables = undefined
    if (!otherRelease && mode !== 'nftables') return
    cleanUpIptables(held.tables.IPv4)
    cleanUpIptables(held.tables.IPv6)
    ipvs = undefined
    ipsets = undefined
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
    if (output.udpCleanup) removeStaleUdp(held, output.udpCleanup, family, now)
  }

  const flush = (): void => {
    const held = kernel()
    if (!held) return
    held.beforeUse = undefined
    if (plugAt !== undefined) plug(plugAt)
    plugAt = undefined
    if (!putOff || !proxy) return
    const { services, slices, now } = putOff
    putOff = undefined
    const natChains = (family: IpFamily): Iterable<string> => chainsOf(held.tables[family], 'nat').keys()
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
    prepare: () => {
      const held = plugAt !== undefined && config.mode === 'iptables' ? kernel() : undefined
      if (held) held.beforeUse = flush
      else flush()
    },
    restart: (next, node, now) => {
      flush()
      putOff = undefined
      const start = startOn(next, node)
      log = start.log
      proxy = undefined
      if (!start.mode) return
      const before = config.mode
      if ((before === 'userspace') !== (start.mode === 'userspace')) log = [releaseChange(start.mode), ...log]
      config = { ...next, mode: start.mode }
      routeLocalnet ||= wantsRouteLocalnet(config)
      proxy = createKubeProxy(config, node)
      if (plugAt === undefined) plug(now, before)
      else plugAt = now
    },
    stop: (lastWords) => {
      flush()
      putOff = undefined
      proxy = undefined
      if (lastWords) log = lastWords
      kernel()?.userspace.apply([])
    },
    isRunning: () => proxy !== undefined,
    minSyncMs: () => config.minSyncPeriod * 1000,
    routeLocalnet: () => routeLocalnet,
    ipvs: () => ipvs,
    ipsets: () => ipsets,
    nftables: () => nftables,
    log: () => log,
  }
}

/** Each proxier looks at the entries of its own family. */
function removeStaleUdp({ conntrack }: NodeKernel, cleanup: UdpCleanup, family: IpFamily, now: SimTime): void {
  for (const { protocol, original, reply } of conntrack.flows(now)) {
    const { ip, port } = original.destination
    if (protocol !== 'UDP' || familyOfText(ip) !== family) continue
    const replySource = reply.source.ip
    if (cleanup.addresses.get(ip)?.has(replySource) === false) {
      conntrack.remove({ protocol, originalDestination: ip, replySource })
    }
    if (cleanup.nodePorts.get(port)?.has(replySource) === false) {
      conntrack.remove({ protocol, originalDestinationPort: port, replySource })
    }
  }
}

function wantsRouteLocalnet({ mode, localhostNodePorts }: ProxyConfig): boolean {
  return mode === 'iptables' && localhostNodePorts
}

/** The sysctls and timeouts that kube-proxy sets when it starts; nobody puts them back. */
function setKernelValues(held: NodeKernel, config: ProxyConfig, ipvs: Ipvs | undefined): void {
  const { tcpEstablished, tcpCloseWait, ...udp } = config.conntrackTimeouts ?? {}
  held.conntrack.setTimeouts({ established: tcpEstablished ?? 432_000, closeWait: tcpCloseWait ?? 60, ...udp })
  if (config.mode !== 'ipvs') return
  if (config.strictARP) held.sysctls = { ...held.sysctls, arpIgnore: true }
  const { tcp = 0, tcpFin = 0, udp: udpSeconds = 0 } = config.ipvsTimeouts ?? {}
  const now = ipvs?.timeouts()
  if (!now || tcp + tcpFin + udpSeconds === 0) return
  ipvs?.setTimeouts({ tcp: tcp || now.tcp, tcpFin: tcpFin || now.tcpFin, udp: udpSeconds || now.udp })
}

function releaseChange(mode: ProxyMode): string {
  return mode === 'userspace'
    ? 'kubehop: userspace mode is that of kube-proxy v1.25, the last release that had it; the release before was run with --cleanup'
    : 'kubehop: kube-proxy v1.25, which had userspace mode, was run with --cleanup'
}

function familyOfText(ip: string): IpFamily {
  return ip.includes(':') ? 'IPv6' : 'IPv4'
}
