import { cidrOrUndefined } from '../base/cidr.ts'
import { familyOf, ipOrUndefined } from '../base/ip.ts'
import type { Node } from '../api/types.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { ProxyNode } from './types.ts'

/** A node with this annotation lacks the kernel modules that it names, separated by commas: `ip_vs,ip_vs_rr`. */
export const MISSING_MODULES = 'kubehop.dev/missing-kernel-modules'

/**
 * What kube-proxy knows of its node when that is a bare machine: its InternalIPs on eth0 beside lo. Its node IP is the
 * first InternalIP of a family, else the first ExternalIP. `more`: addresses of further interfaces, e.g. cni0.
 */
export function proxyNode(node: Node, more: ProxyNode['interfaceAddresses'] = []): ProxyNode {
  const addresses = addressesOf(node, 'InternalIP')
  const nodeIps: Partial<Record<IpFamily, Ip>> = {}
  for (const ip of [...addresses, ...addressesOf(node, 'ExternalIP')]) nodeIps[familyOf(ip)] ??= ip
  const zone = node.metadata.labels?.['topology.kubernetes.io/zone']
  // A dump may leave it out.
  const spec = (node.spec as Node['spec'] | undefined) ?? {}
  const podCidrs = spec.podCIDRs ?? (spec.podCIDR === undefined ? [] : [spec.podCIDR])
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
    ...kernelFaults(node),
  }
}

function addressesOf({ status }: Node, wanted: string): Ip[] {
  return (status?.addresses ?? []).flatMap(({ type, address }) =>
    type === wanted ? (ipOrUndefined(address) ?? []) : [],
  )
}

/** `bindAddress` of the configuration stands for the node's address of its family. */
export function withBindAddress(node: ProxyNode, bindAddress: Ip | undefined): ProxyNode {
  if (bindAddress === undefined) return node
  return { ...node, nodeIps: { ...node.nodeIps, [familyOf(bindAddress)]: bindAddress } }
}

function kernelFaults({ metadata, status }: Node): Pick<ProxyNode, 'missingModules' | 'release'> {
  const text = metadata.annotations?.[MISSING_MODULES]
  if (text === undefined) return {}
  const version = (status as { nodeInfo?: { kubeletVersion?: string } } | undefined)?.nodeInfo?.kubeletVersion
  const minor = /^v1\.(\d+)/.exec(version ?? '')?.[1]
  return {
    missingModules: text.split(',').map((name) => name.trim()),
    ...(minor !== undefined && { release: Number(minor) }),
  }
}
