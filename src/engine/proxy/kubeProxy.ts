import { createIptablesProxier } from './iptablesProxier.ts'
import { createIpvsProxier } from './ipvsProxier.ts'
import { createNftablesProxier } from './nftablesProxier.ts'
import { createUserspaceProxier } from './userspaceProxier.ts'
import type { EndpointSlice, Service } from '../api/types.ts'
import type { IpFamily } from '../base/ip.ts'
import type { ProxyConfig, ProxyNode, SyncOutput } from './types.ts'

export interface SyncOptions {
  /** Seconds on the node's clock; decides about hourly full syncs and delayed cleanups. 0 when absent. */
  readonly now?: number
  /** Names of the nat chains in the kernel: a full sync deletes per-service chains that an earlier kube-proxy left. */
  readonly natChains?: Iterable<string>
}

/** kube-proxy's part for one IP family. */
export interface Proxier {
  /** Whole state in, what to do to the kernel out. Unchanged objects should be the same objects as last time. */
  readonly sync: (services: readonly Service[], slices: readonly EndpointSlice[], options: SyncOptions) => SyncOutput
  /** After a failed restore, or when somebody flushed the rules (canary). */
  readonly forceFullSync: () => void
}

/** The kube-proxy of one node: a proxier per family that the node has an address of. */
export interface KubeProxy {
  readonly sync: (
    services: readonly Service[],
    slices: readonly EndpointSlice[],
    options?: SyncOptions,
  ) => readonly SyncOutput[]
  readonly forceFullSync: () => void
}

const FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6']

export function createKubeProxy(config: ProxyConfig, node: ProxyNode): KubeProxy {
  const proxiers = FAMILIES.filter((family) => node.nodeIps[family]).map((family) =>
    createProxier(config, node, family),
  )
  return {
    sync: (services, slices, options = {}) => proxiers.map((proxier) => proxier.sync(services, slices, options)),
    forceFullSync: () => {
      for (const proxier of proxiers) proxier.forceFullSync()
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
