import { cidrOrUndefined } from '../base/cidr.ts'
import { familyOf, ipOrUndefined } from '../base/ip.ts'
import type { Node } from '../api/types.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { ProxyNode } from './types.ts'

/**
 * What kube-proxy knows of its node when that is a bare machine: its InternalIPs on eth0 beside lo. `more`: addresses of
 * further interfaces, e.g. cni0.
 */
export function proxyNode(node: Node, more: ProxyNode['interfaceAddresses'] = []): ProxyNode {
  const addresses = (node.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .flatMap(({ address }) => ipOrUndefined(address) ?? [])
  const nodeIps: Partial<Record<IpFamily, Ip>> = {}
  for (const ip of addresses) nodeIps[familyOf(ip)] ??= ip
  const zone = node.metadata.labels?.['topology.kubernetes.io/zone']
  const podCidrs = node.spec.podCIDRs ?? (node.spec.podCIDR === undefined ? [] : [node.spec.podCIDR])
  return {
    name: node.metadata.name,
    ...(zone !== undefined && { zone }),
    podCidrs: podCidrs.flatMap((text) => cidrOrUndefined(text) ?? []),
    nodeIps,
    interfaceAddresses: [
      { interface: 'lo', ip: '127.0.0.1' as Ip },
      ...(nodeIps.IPv6 ? [{ interface: 'lo', ip: '::1' as Ip }] : []),
      ...addresses.map((ip) => ({ interface: 'eth0', ip })),
      ...more,
    ],
  }
}
