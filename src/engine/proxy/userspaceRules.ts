import type { Ip } from '../base/ip.ts'
import type { ServicePortInfo } from './servicePort.ts'
import type { EnsuredJump } from './types.ts'

const CLUSTER_IPS = 'handle ClusterIPs; NOTE: this must be before the NodePort rules'
const NODE_PORTS = 'handle service NodePorts; NOTE: this must be the last rule in the chain'

/** Jumps that every sync ensures. Source: pkg/proxy/userspace/proxier.go (v1.25), iptablesInit. */
export const USERSPACE_JUMPS: readonly EnsuredJump[] = [
  {
    table: 'nat',
    chain: 'KUBE-PORTALS-CONTAINER',
    from: 'PREROUTING',
    args: `-m comment --comment "${CLUSTER_IPS}" -j KUBE-PORTALS-CONTAINER`,
  },
  {
    table: 'nat',
    chain: 'KUBE-PORTALS-HOST',
    from: 'OUTPUT',
    args: `-m comment --comment "${CLUSTER_IPS}" -j KUBE-PORTALS-HOST`,
  },
  {
    table: 'nat',
    chain: 'KUBE-NODEPORT-CONTAINER',
    from: 'PREROUTING',
    args: `-m addrtype --dst-type LOCAL -m comment --comment "${NODE_PORTS}" -j KUBE-NODEPORT-CONTAINER`,
    append: true,
  },
  {
    table: 'nat',
    chain: 'KUBE-NODEPORT-HOST',
    from: 'OUTPUT',
    args: `-m addrtype --dst-type LOCAL -m comment --comment "${NODE_PORTS}" -j KUBE-NODEPORT-HOST`,
    append: true,
  },
  {
    table: 'filter',
    chain: 'KUBE-NODEPORT-NON-LOCAL',
    from: 'INPUT',
    args: '-m comment --comment "Ensure that non-local NodePort traffic can flow" -j KUBE-NODEPORT-NON-LOCAL',
  },
]

/** Rules of one portal, by table. */
export interface PortalRules {
  readonly nat: readonly string[]
  readonly filter: readonly string[]
}

/**
 * The rules that steer one service port to its socket, as `iptables -A` gets them. `listenIp`: absent when the sockets
 * listen on all addresses; then containers' packets are REDIRECTed. `hostIp`: where the node's own packets go.
 */
export function portalRules(
  info: ServicePortInfo,
  proxyPort: number,
  hostIp: Ip,
  listenIp: Ip | undefined,
): PortalRules {
  const protocol = info.protocol.toLowerCase()
  const to = (ip: Ip): string => (ip.includes(':') ? `[${ip}]:${proxyPort}` : `${ip}:${proxyPort}`)
  const container = listenIp ? `-j DNAT --to-destination ${to(listenIp)}` : `-j REDIRECT --to-ports ${proxyPort}`
  const host = `-j DNAT --to-destination ${to(hostIp)}`
  const comment = `-m comment --comment ${info.name} -p ${protocol} -m ${protocol}`
  const portal = (ip: Ip): string => `${comment} --dport ${info.port} -d ${ip}/${ip.includes(':') ? 128 : 32}`
  const nat: string[] = []
  const filter: string[] = []
  const openBoth = (ip: Ip): void => {
    nat.push(`-A KUBE-PORTALS-CONTAINER ${portal(ip)} ${container}`, `-A KUBE-PORTALS-HOST ${portal(ip)} ${host}`)
  }
  openBoth(info.clusterIP)
  for (const ip of info.externalIPs) {
    // Off-machine traffic, then traffic to an address that the node itself has.
    nat.push(
      `-A KUBE-PORTALS-CONTAINER ${portal(ip)} -m physdev ! --physdev-is-in ${container}`,
      `-A KUBE-PORTALS-CONTAINER ${portal(ip)} -m addrtype --dst-type LOCAL ${container}`,
      `-A KUBE-PORTALS-HOST ${portal(ip)} -m addrtype --dst-type LOCAL ${host}`,
    )
  }
  for (const ip of info.loadBalancerVIPs) openBoth(ip)
  if (info.nodePort !== 0) {
    nat.push(
      `-A KUBE-NODEPORT-CONTAINER ${comment} --dport ${info.nodePort} ${container}`,
      `-A KUBE-NODEPORT-HOST ${comment} --dport ${info.nodePort} ${host}`,
    )
    filter.push(`-A KUBE-NODEPORT-NON-LOCAL ${comment} --dport ${proxyPort} -m state --state NEW -j ACCEPT`)
  }
  return { nat, filter }
}
