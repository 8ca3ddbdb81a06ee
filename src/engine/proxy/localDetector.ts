import { familyOfCidr } from '../base/cidr.ts'
import type { Cidr } from '../base/cidr.ts'
import type { IpFamily } from '../base/ip.ts'
import type { ProxyConfig, ProxyNode } from './types.ts'

/** How kube-proxy tells its node's own pods by their packets. Source: pkg/proxy/util/localdetector.go. */
export type LocalDetector =
  { readonly type: 'cidr'; readonly cidr: Cidr } | { readonly type: 'interface'; readonly name: string }

/** Nothing: no detector is implemented (no CIDR of the family is known), so "local" cannot be told. */
export function localDetector(config: ProxyConfig, node: ProxyNode, family: IpFamily): LocalDetector | undefined {
  const firstOf = (cidrs: readonly Cidr[]): LocalDetector | undefined => {
    const cidr = cidrs.find((candidate) => familyOfCidr(candidate) === family)
    return cidr ? { type: 'cidr', cidr } : undefined
  }
  switch (config.detectLocalMode) {
    case 'ClusterCIDR':
      return firstOf(config.clusterCidrs)
    case 'NodeCIDR':
      return firstOf(node.podCidrs)
    case 'BridgeInterface':
      return { type: 'interface', name: config.bridgeInterface }
    case 'InterfaceNamePrefix':
      return { type: 'interface', name: `${config.interfaceNamePrefix}+` }
  }
}

/** iptables words that match local traffic. */
export function ifLocal(detector: LocalDetector): string {
  return detector.type === 'cidr' ? `-s ${detector.cidr}` : `-i ${detector.name}`
}

/** iptables words that match traffic that is not local. */
export function ifNotLocal(detector: LocalDetector): string {
  return `! ${ifLocal(detector)}`
}
