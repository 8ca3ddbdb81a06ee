import { localDetector } from './localDetector.ts'
import { isLoopback, matchingNodeIps, nodePortAddresses, nodePortAddressTexts } from './nodePortAddresses.ts'
import { NFT_MAPS, nftBaseChains } from './nftablesBase.ts'
import { nftServiceObjects } from './nftablesService.ts'
import { topologyOf } from './topology.ts'
import { createTracker } from './tracker.ts'
import { staleUdp, udpCleanup } from './udpCleanup.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { NftChain, NftMap, NftSet, NftTable } from '../nftables/table.ts'
import type { Proxier } from './proxier.ts'
import type { NftContext, NftServiceObjects } from './nftablesService.ts'
import type { ProxyConfig, ProxyNode } from './types.ts'

/** Old kernels hold on to a flushed chain for a moment, so it is deleted in a sync at least this much later. Seconds. */
const STALE_CHAIN_AGE = 1

/** nftables mode for one family: the table as it stands after each sync. Source: pkg/proxy/nftables/proxier.go. */
export function createNftablesProxier(config: ProxyConfig, node: ProxyNode, family: IpFamily): Proxier {
  const tracker = createTracker(family, config.nodeName)
  const addresses = nodePortAddresses(nodePortAddressTexts(config), node, family)
  let context: NftContext = {
    family,
    topology: topologyOf(node),
    nodeIp: node.nodeIps[family],
    detector: localDetector(config, node, family),
    masqueradeAll: config.masqueradeAll,
  }
  const nodePortIps = addresses.matchAll ? [] : matchingNodeIps(addresses, node, family).filter((ip) => !isLoopback(ip))
  const contents = createContents(nftBaseChains(config, family, addresses.matchAll))
  const built = new Map<string, readonly NftServiceObjects[]>()
  let isFirst = true

  const snapshot = (): NftTable => {
    const clusterIps = new Set<Ip>()
    for (const objects of built.values()) for (const { clusterIP } of objects) clusterIps.add(clusterIP)
    const sets: NftSet[] = [{ name: 'cluster-ips', family, comment: 'Active ClusterIPs', elements: [...clusterIps] }]
    if (!addresses.matchAll) {
      sets.push({ name: 'nodeport-ips', family, comment: 'IPs that accept NodePort traffic', elements: nodePortIps })
    }
    const maps = NFT_MAPS.map((map): [string, NftMap] => [
      map.name,
      { ...map, elements: new Map(contents.elements.get(map.name)) },
    ])
    return {
      family,
      name: 'kube-proxy',
      comment: 'rules for kube-proxy',
      sets: new Map([...sets.map((set): [string, NftSet] => [set.name, set]), ...contents.affinitySets]),
      maps: new Map(maps),
      chains: new Map(contents.chains),
    }
  }

  return {
    forceFullSync: () => {
      isFirst = true
    },
    setTopology: (topology) => {
      context = { ...context, topology }
      isFirst = true
    },
    sync: (services, slices, { now = 0 }) => {
      const changes = tracker.update(services, slices)
      const full = isFirst
      isFirst = false
      contents.deleteAged(now)
      // Everything of the changed Services goes first, so that what moved from one to another is not lost.
      for (const key of full ? [...built.keys()] : changes.changed) {
        contents.remove(built.get(key) ?? [], now)
        built.delete(key)
      }
      for (const { key, ports } of full ? changes.services : changes.after.values()) {
        const objects = ports.map(({ info, endpoints }) => nftServiceObjects(info, endpoints, context))
        built.set(key, objects)
        contents.add(objects)
      }
      contents.settle()
      const cleanup = udpCleanup(changes)
      return {
        mode: 'nftables',
        family,
        full,
        ensure: [],
        nft: snapshot(),
        staleUdp: staleUdp(changes, cleanup),
        ...(cleanup && { udpCleanup: cleanup }),
      }
    },
  }
}

type Verdict = NftServiceObjects['elements'][number]['verdict']

interface Element {
  readonly verdict: Verdict
  readonly comment?: string
}

type Elements = Map<string, Element>

interface Contents {
  readonly chains: Map<string, NftChain>
  readonly affinitySets: Map<string, NftSet>
  readonly elements: Map<string, Elements>
  readonly add: (objects: readonly NftServiceObjects[]) => void
  /** Takes the elements away and empties the chains, which stay until they have aged. */
  readonly remove: (objects: readonly NftServiceObjects[], now: number) => void
  readonly deleteAged: (now: number) => void
  /** Ends a sync. Affinity sets go at once, but those that are used again keep their place and their entries. */
  readonly settle: () => void
}

function createContents(baseChains: readonly NftChain[]): Contents {
  const chains = new Map(baseChains.map((chain) => [chain.name, chain]))
  const affinitySets = new Map<string, NftSet>()
  const elements = new Map<string, Elements>(NFT_MAPS.map(({ name }) => [name, new Map() as Elements]))
  /** Emptied chains, with the time when they were. */
  const staleSince = new Map<string, number>()
  const unusedSets = new Set<string>()
  /** Elements that this sync took away, by map and key: one that comes back with the same verdict was never touched. */
  const taken = new Map<string, Element>()
  return {
    chains,
    affinitySets,
    elements,
    add: (objects) => {
      for (const { chains: own, affinitySets: sets, elements: mine } of objects) {
        for (const chain of own) {
          staleSince.delete(chain.name)
          chains.set(chain.name, chain)
        }
        for (const set of sets) {
          unusedSets.delete(set.name)
          affinitySets.set(set.name, set)
        }
        for (const { map, key, verdict, comment } of mine) {
          const old = taken.get(`${map} ${key}`)
          const made = comment === undefined ? { verdict } : { verdict, comment }
          elements.get(map)?.set(key, old && isSameVerdict(old.verdict, verdict) ? old : made)
        }
      }
    },
    remove: (objects, now) => {
      for (const { chains: own, affinitySets: sets, elements: mine } of objects) {
        for (const { name } of own) {
          chains.set(name, { name, rules: [] })
          staleSince.set(name, now)
        }
        for (const { name } of sets) unusedSets.add(name)
        for (const { map, key } of mine) {
          const old = elements.get(map)?.get(key)
          if (old) taken.set(`${map} ${key}`, old)
          elements.get(map)?.delete(key)
        }
      }
    },
    deleteAged: (now) => {
      for (const [name, since] of staleSince) {
        if (now - since < STALE_CHAIN_AGE) continue
        chains.delete(name)
        staleSince.delete(name)
      }
    },
    settle: () => {
      for (const name of unusedSets) affinitySets.delete(name)
      unusedSets.clear()
      taken.clear()
    },
  }
}

function isSameVerdict(a: Verdict, b: Verdict): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
