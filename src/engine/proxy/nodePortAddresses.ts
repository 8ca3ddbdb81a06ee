import { cidrOrUndefined, contains, familyOfCidr, hostCidr, prefixOf } from '../base/cidr.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { ProxyConfig, ProxyNode } from './types.ts'

/** On which addresses of the node NodePorts are served. Source: pkg/proxy/util/nodeport_addresses.go. */
export interface NodePortAddresses {
  readonly matchAll: boolean
  /** Empty when `matchAll`. */
  readonly cidrs: readonly Cidr[]
  /** Whether 127.0.0.1 is among them. */
  readonly containsLoopback: boolean
}

/** `texts`: CIDRs or exactly ['primary']. CIDRs of the other family do not count; none left means all addresses. */
export function nodePortAddresses(texts: readonly string[], node: ProxyNode, family: IpFamily): NodePortAddresses {
  const nodeIp = node.nodeIps[family]
  const all: readonly Cidr[] =
    texts.length === 1 && texts[0] === 'primary'
      ? nodeIp
        ? [hostCidr(nodeIp)]
        : []
      : texts.flatMap((text) => cidrOrUndefined(text) ?? [])
  const cidrs = all.filter((cidr) => familyOfCidr(cidr) === family)
  if (cidrs.length === 0 || cidrs.some((cidr) => prefixOf(cidr).bits === 0)) {
    return { matchAll: true, cidrs: [], containsLoopback: family === 'IPv4' }
  }
  const containsLoopback =
    family === 'IPv4' && cidrs.some((cidr) => cidr.startsWith('127.') || contains(cidr, '127.0.0.1' as Ip))
  return { matchAll: false, cidrs, containsLoopback }
}

/** The config's list; nftables mode reads an empty one as `primary`. */
export function nodePortAddressTexts({ mode, nodePortAddresses: texts }: ProxyConfig): readonly string[] {
  return mode === 'nftables' && texts.length === 0 ? ['primary'] : texts
}

/** The node's addresses inside the CIDRs, loopback included, in CIDR order. */
export function matchingNodeIps(addresses: NodePortAddresses, node: ProxyNode, family: IpFamily): readonly Ip[] {
  const own = node.interfaceAddresses.map(({ ip }) => ip).filter((ip) => ip.includes(':') === (family === 'IPv6'))
  const found = addresses.matchAll ? own : addresses.cidrs.flatMap((cidr) => own.filter((ip) => contains(cidr, ip)))
  return [...new Set(found)]
}

export function isLoopback(ip: Ip): boolean {
  return ip === '::1' || ip.startsWith('127.')
}

/** fe80::/10. */
export function isLinkLocal(ip: Ip): boolean {
  return /^fe[89ab][\da-f]:/.test(ip)
}
