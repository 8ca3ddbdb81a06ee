import { isServiceChain } from './chainNames.ts'
import { IPTABLES_JUMPS, iptablesRules, serviceBlocks } from './iptablesRules.ts'
import { iptablesServiceRules } from './iptablesService.ts'
import { localDetector } from './localDetector.ts'
import { nodePortAddresses, nodePortAddressTexts } from './nodePortAddresses.ts'
import { topologyOf } from './topology.ts'
import { createTracker } from './tracker.ts'
import { staleUdp, udpCleanup } from './udpCleanup.ts'
import type { IpFamily } from '../base/ip.ts'
import type { BuiltService, ServiceBlock } from './iptablesRules.ts'
import type { IptablesContext } from './iptablesService.ts'
import type { Proxier, SyncOptions } from './proxier.ts'
import type { TrackedService } from './tracker.ts'
import type { ProxyConfig, ProxyNode } from './types.ts'

const LARGE_CLUSTER_ENDPOINTS = 1000
/** A full sync at least this often. Seconds. */
const FULL_SYNC_PERIOD = 3600

/** iptables mode for one family: remembers what it wrote. Source: pkg/proxy/iptables/proxier.go. */
export function createIptablesProxier(config: ProxyConfig, node: ProxyNode, family: IpFamily): Proxier {
  const tracker = createTracker(family, config.nodeName)
  const addresses = nodePortAddresses(nodePortAddressTexts(config), node, family)
  const base: Omit<IptablesContext, 'largeCluster' | 'topology'> = {
    family,
    nodeIp: node.nodeIps[family],
    detector: localDetector(config, node, family),
    masqueradeAll: config.masqueradeAll,
    localhostNodePorts: family === 'IPv4' && config.localhostNodePorts && addresses.containsLoopback,
    nfacct: config.nfacct,
  }
  let topology = topologyOf(node)
  /** Rules per service port as last written to the kernel. */
  const built = new Map<string, BuiltService>()
  /** The same in the order of the Services. */
  let blocks: readonly ServiceBlock[] = []
  let endpointCount = 0
  /** Chains in the kernel that nothing uses any more. */
  const stale = new Set<string>()
  let lastFullSync: number | undefined
  let lastCleanup: number | undefined

  /** Gives the lines of the Service's own chains, port by port. */
  function replaceService(
    key: string,
    service: TrackedService | undefined,
    context: IptablesContext,
  ): readonly string[] | undefined {
    for (const { chains } of built.get(key)?.rules ?? []) for (const chain of chains) stale.add(chain)
    if (!service) {
      built.delete(key)
      return undefined
    }
    const written = service.ports.map(({ info, endpoints }) => iptablesServiceRules(info, endpoints, context))
    const rules = written.map((port) => port.rules)
    if (stale.size > 0) for (const { chains } of rules) for (const chain of chains) stale.delete(chain)
    built.set(key, { key, rules })
    return written.map(({ natChains }) => natChains)
  }

  return {
    forceFullSync: () => {
      lastFullSync = undefined
    },
    setTopology: (changed) => {
      topology = changed
      lastFullSync = undefined
    },
    sync: (services, slices, options: SyncOptions) => {
      const now = options.now ?? 0
      const changes = tracker.update(services, slices)
      const full = lastFullSync === undefined || now - lastFullSync > FULL_SYNC_PERIOD
      for (const service of changes.before.values()) endpointCount -= countEndpoints(service)
      for (const service of changes.after.values()) endpointCount += countEndpoints(service)
      const largeCluster = endpointCount > LARGE_CLUSTER_ENDPOINTS
      const context: IptablesContext = { ...base, topology, largeCluster }
      const ownChains = new Map<string, readonly string[]>()
      const replace = (key: string, service: TrackedService | undefined): void => {
        const lines = replaceService(key, service, context)
        if (lines) ownChains.set(key, lines)
      }
      for (const key of changes.changed) replace(key, changes.after.get(key))
      if (full) {
        for (const service of changes.services) if (!changes.changed.has(service.key)) replace(service.key, service)
      }
      if (full || changes.changed.size > 0) {
        blocks = serviceBlocks(
          changes.services.flatMap(({ key }) => built.get(key) ?? []),
          blocks,
        )
      }
      if (full && options.natChains) addLeftovers(options.natChains(), built.values(), stale)

      const cleansUp = !largeCluster || lastCleanup === undefined || now - lastCleanup > config.syncPeriod
      const staleChains = cleansUp ? [...stale].sort() : []
      if (cleansUp) {
        stale.clear()
        lastCleanup = now
      }
      if (full) lastFullSync = now
      const cleanup = udpCleanup(changes)
      return {
        mode: 'iptables',
        family,
        full,
        ensure: full ? IPTABLES_JUMPS : [],
        restore: iptablesRules({ config, node, context, addresses, blocks, ownChains, staleChains }),
        staleUdp: staleUdp(changes, cleanup),
        ...(cleanup && { udpCleanup: cleanup }),
      }
    },
  }
}

function countEndpoints(service: TrackedService): number {
  return service.ports.reduce((sum, { endpoints }) => sum + endpoints.length, 0)
}

/** Per-service chains that an earlier kube-proxy left behind. */
function addLeftovers(natChains: Iterable<string>, built: Iterable<BuiltService>, stale: Set<string>): void {
  const active = new Set([...built].flatMap(({ rules }) => rules.flatMap(({ chains }) => chains)))
  for (const chain of natChains) if (isServiceChain(chain) && !active.has(chain)) stale.add(chain)
}
