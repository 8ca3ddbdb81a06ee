import { createIptablesProxier } from './iptablesProxier.ts'
import { createIpvsProxier } from './ipvsProxier.ts'
import { createNftablesProxier } from './nftablesProxier.ts'
import { createUserspaceProxier } from './userspaceProxier.ts'
import type { EndpointSlice, Service } from '../api/types.ts'
import type { IpFamily } from '../base/ip.ts'
import { withBindAddress } from './nodeFacts.ts'
import { topologyOf } from './topology.ts'
import type { Proxier, SyncOptions } from './proxier.ts'
import type { ProxyConfig, ProxyNode, SyncOutput } from './types.ts'

export interface KubeProxySyncOptions extends Pick<SyncOptions, 'now'> {
  /** Names of the nat chains in the family's kernel tables; asked for when a sync is full. */
  readonly natChains?: (family: IpFamily) => Iterable<string>
}

/** The kube-proxy of one node: a proxier per family that the node has an address of. */
export interface KubeProxy {
  readonly sync: (
    services: readonly Service[],
    slices: readonly EndpointSlice[],
    options?: KubeProxySyncOptions,
  ) => readonly SyncOutput[]
  readonly forceFullSync: () => void
  /** The node's zone label, when it changes. */
  readonly setZone: (zone: string | undefined) => void
}

const FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6']

export function createKubeProxy(config: ProxyConfig, node: ProxyNode): KubeProxy {
  const families = FAMILIES.filter((family) => node.nodeIps[family])
  const bound = withBindAddress(node, config.bindAddress)
  const proxiers = families.map((family) => createProxier(config, bound, family))
  return {
    sync: (services, slices, { natChains, ...options } = {}) =>
      families.flatMap((family, i) => {
        const chains = natChains && { natChains: () => natChains(family) }
        return proxiers[i]?.sync(services, slices, { ...options, ...chains }) ?? []
      }),
    forceFullSync: () => {
      for (const proxier of proxiers) proxier.forceFullSync()
    },
    setZone: (zone) => {
      for (const proxier of proxiers)
        proxier.setTopology(topologyOf({ name: node.name, ...(zone !== undefined && { zone }) }))
    },
  }
}

function createProxier(config: ProxyConfig, node: ProxyNode, family: IpFamily): Proxier {
  switch (config.mode) {
    case 'ipvs':
      return createIpvsProxier(config, node, family)
    case 'nftables':
      return createNftablesProxier(config, node, family)
    case 'userspace':
      return createUserspaceProxier(config, node, family)
    case 'iptables':
      return createIptablesProxier(config, node, family)
  }
}
