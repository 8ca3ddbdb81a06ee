import { contains } from '../base/cidr.ts'
import { flatText } from '../base/flatText.ts'
import { endpointChain, serviceChains } from './chainNames.ts'
import { isExternallyAccessible } from './servicePort.ts'
import { ifLocal, ifNotLocal } from './localDetector.ts'
import { categorizeEndpoints } from './topology.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { EndpointInfo } from './endpoints.ts'
import type { LocalDetector } from './localDetector.ts'
import type { ServicePortInfo } from './servicePort.ts'
import type { EndpointSets, NodeTopology } from './topology.ts'

/** What is the same for all services of one sync. */
export interface IptablesContext {
  readonly family: IpFamily
  readonly topology: NodeTopology
  readonly nodeIp: Ip | undefined
  readonly detector: LocalDetector | undefined
  readonly masqueradeAll: boolean
  readonly localhostNodePorts: boolean
  readonly nfacct: boolean
  /** Endpoint rules carry no comments (more than 1,000 endpoints). */
  readonly largeCluster: boolean
}

/** The lines of one service port. */
export interface IptablesServiceRules {
  /** Rules of the shared chains, written in every sync: one string each, newline-terminated lines or empty. */
  readonly filter: string
  readonly natDispatch: string
  /** The port's own chains. */
  readonly chains: readonly string[]
}

/** The lines of a service port, and those of its own chains, which are written only when the Service changed. */
export interface WrittenServiceRules {
  readonly rules: IptablesServiceRules
  readonly natChains: string
}

/** Rows 1-13 of the fact sheet's table 4.2 in their order. Source: pkg/proxy/iptables/proxier.go, syncProxyRules. */
export function iptablesServiceRules(
  port: ServicePortInfo,
  endpoints: readonly EndpointInfo[],
  context: IptablesContext,
): WrittenServiceRules {
  const sets = categorizeEndpoints(endpoints, port, context.topology)
  const plan = planService(port, sets)
  const chains: string[] = []
  if (plan.writesExternal) chains.push(plan.chains.external)
  if (plan.writesFirewall) chains.push(plan.chains.firewall)
  if (sets.cluster.length > 0) chains.push(plan.chains.cluster)
  if (sets.local.length > 0) chains.push(plan.chains.local)
  for (const chain of plan.endpointChains.values()) chains.push(chain)
  return {
    rules: {
      filter: flatText(filterLines(port, plan)),
      natDispatch: flatText(dispatchLines(port, plan, context)),
      chains: chains.slice(),
    },
    natChains: flatText(ownChainLines(port, sets, plan, context)),
  }
}

interface ServicePlan {
  readonly chains: ReturnType<typeof serviceChains>
  /** Of the reachable endpoints, in their order. */
  readonly endpointChains: ReadonlyMap<EndpointInfo, string>
  /** `-m tcp -p tcp`. */
  readonly protocol: string
  readonly hasEndpoints: boolean
  readonly hasInternal: boolean
  readonly hasExternal: boolean
  readonly internalChain: string
  readonly externalPolicyChain: string
  readonly writesExternal: boolean
  readonly writesFirewall: boolean
  /** `"ns/name has no endpoints"` and the target that goes with it, for each side. */
  readonly internalRefusal: readonly [string, string]
  readonly externalRefusal: readonly [string, string]
}

function planService(port: ServicePortInfo, { local, reachable, hasEndpoints }: EndpointSets): ServicePlan {
  const chains = serviceChains(port.name, port.protocol)
  const protocol = port.protocol.toLowerCase()
  const refusal: readonly [string, string] = hasEndpoints
    ? [`"${port.name} has no local endpoints"`, 'DROP']
    : [`"${port.name} has no endpoints"`, 'REJECT']
  return {
    chains,
    endpointChains: new Map(reachable.map((endpoint) => [endpoint, endpointChain(port, endpoint.address)])),
    protocol: `-m ${protocol} -p ${protocol}`,
    hasEndpoints,
    hasInternal: hasEndpoints && (!port.internalPolicyLocal || local.length > 0),
    hasExternal: hasEndpoints && (!port.externalPolicyLocal || local.length > 0),
    internalChain: port.internalPolicyLocal ? chains.local : chains.cluster,
    externalPolicyChain: port.externalPolicyLocal ? chains.local : chains.cluster,
    writesExternal: hasEndpoints && isExternallyAccessible(port),
    writesFirewall: hasEndpoints && port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0,
    internalRefusal: refusal,
    externalRefusal: refusal,
  }
}

const toAddress = (plan: ServicePlan, ip: Ip, port: ServicePortInfo): string =>
  `${plan.protocol} -d ${ip} --dport ${port.port}`

function filterLines(port: ServicePortInfo, plan: ServicePlan): string {
  let lines = ''
  if (!plan.hasInternal) {
    const [reason, verdict] = plan.internalRefusal
    lines += `-A KUBE-SERVICES -m comment --comment ${reason} ${toAddress(plan, port.clusterIP, port)} -j ${verdict}\n`
  }
  const [reason, verdict] = plan.externalRefusal
  const refuse = (ip: Ip): string =>
    `-A KUBE-EXTERNAL-SERVICES -m comment --comment ${reason} ${toAddress(plan, ip, port)} -j ${verdict}\n`
  if (!plan.hasExternal) for (const ip of port.externalIPs) lines += refuse(ip)
  if (plan.writesFirewall) {
    const comment = `"${port.name} traffic not accepted by ${plan.chains.firewall}"`
    for (const ip of port.loadBalancerVIPs) {
      lines += `-A KUBE-PROXY-FIREWALL -m comment --comment ${comment} ${toAddress(plan, ip, port)} -j DROP\n`
    }
  }
  if (!plan.hasExternal) {
    for (const ip of port.loadBalancerVIPs) lines += refuse(ip)
    if (port.nodePort !== 0) {
      lines += `-A KUBE-EXTERNAL-SERVICES -m comment --comment ${reason} -m addrtype --dst-type LOCAL ${plan.protocol} --dport ${port.nodePort} -j ${verdict}\n`
    }
  }
  if (port.healthCheckNodePort !== 0) {
    lines += `-A KUBE-NODEPORTS -m comment --comment "${port.name} health check node port" -m tcp -p tcp --dport ${port.healthCheckNodePort} -j ACCEPT\n`
  }
  return lines
}

function dispatchLines(port: ServicePortInfo, plan: ServicePlan, context: IptablesContext): string {
  if (!plan.hasEndpoints) return ''
  const { external, firewall } = plan.chains
  let lines = ''
  const dispatch = (what: string, ip: Ip, chain: string): void => {
    lines += `-A KUBE-SERVICES -m comment --comment "${port.name} ${what}" ${toAddress(plan, ip, port)} -j ${chain}\n`
  }
  if (plan.hasInternal) dispatch('cluster IP', port.clusterIP, plan.internalChain)
  for (const ip of port.externalIPs) dispatch('external IP', ip, external)
  for (const ip of port.loadBalancerVIPs) dispatch('loadbalancer IP', ip, plan.writesFirewall ? firewall : external)
  if (port.nodePort !== 0) {
    const start = `-A KUBE-NODEPORTS -m comment --comment ${port.name} ${plan.protocol}`
    if (context.localhostNodePorts && context.nfacct) {
      lines += `${start} -d 127.0.0.0/8 --dport ${port.nodePort} -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${external}\n`
    }
    lines += `${start} --dport ${port.nodePort} -j ${external}\n`
  }
  return lines
}

function ownChainLines(port: ServicePortInfo, sets: EndpointSets, plan: ServicePlan, context: IptablesContext): string {
  const { detector } = context
  const { external, firewall, cluster, local } = plan.chains
  let lines = ''
  if (plan.hasInternal && (context.masqueradeAll || detector)) {
    const source = context.masqueradeAll || !detector ? '' : ` ${ifNotLocal(detector)}`
    lines += `-A ${plan.internalChain} -m comment --comment "${port.name} cluster IP" ${toAddress(plan, port.clusterIP, port)}${source} -j KUBE-MARK-MASQ\n`
  }
  if (plan.writesExternal) {
    const about = `${port.name} external destinations"`
    if (!port.externalPolicyLocal) {
      lines += `-A ${external} -m comment --comment "masquerade traffic for ${about} -j KUBE-MARK-MASQ\n`
    } else {
      if (detector) {
        lines += `-A ${external} -m comment --comment "pod traffic for ${about} ${ifLocal(detector)} -j ${cluster}\n`
      }
      lines += `-A ${external} -m comment --comment "masquerade LOCAL traffic for ${about} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n`
      lines += `-A ${external} -m comment --comment "route LOCAL traffic for ${about} -m addrtype --src-type LOCAL -j ${cluster}\n`
    }
    if (plan.hasExternal) lines += `-A ${external} -j ${plan.externalPolicyChain}\n`
  }
  if (plan.writesFirewall) lines += firewallLines(port, firewall, external, context.nodeIp)
  if (sets.cluster.length > 0) lines += balanceLines(port, cluster, sets.cluster, plan, context)
  if (sets.local.length > 0) lines += balanceLines(port, local, sets.local, plan, context)
  for (const endpoint of sets.reachable) lines += endpointLines(port, plan, endpoint, context)
  return lines
}

function firewallLines(port: ServicePortInfo, firewall: string, external: string, nodeIp: Ip | undefined): string {
  let lines = ''
  const allow = (source: string): void => {
    lines += `-A ${firewall} -m comment --comment "${port.name} loadbalancer IP" -s ${source} -j ${external}\n`
  }
  for (const cidr of port.sourceRanges) allow(cidr)
  // The node's own packets to the VIP may carry the VIP as source.
  if (nodeIp && port.sourceRanges.some((cidr) => contains(cidr, nodeIp))) {
    for (const ip of port.loadBalancerVIPs) allow(ip)
  }
  return `${lines}-A ${firewall} -m comment --comment "other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL"\n`
}

/** SVC and SVL: the affinity rules of all endpoints first, then the dice. */
function balanceLines(
  port: ServicePortInfo,
  chain: string,
  endpoints: readonly EndpointInfo[],
  { endpointChains }: ServicePlan,
  { largeCluster }: IptablesContext,
): string {
  const start = ({ address }: EndpointInfo): string =>
    largeCluster ? `-A ${chain}` : `-A ${chain} -m comment --comment "${port.name} -> ${address}"`
  let lines = ''
  if (port.affinitySeconds > 0) {
    for (const endpoint of endpoints) {
      const to = endpointChains.get(endpoint)
      lines += `${start(endpoint)} -m recent --name ${to} --rcheck --seconds ${port.affinitySeconds} --reap -j ${to}\n`
    }
  }
  let left = endpoints.length
  for (const endpoint of endpoints) {
    const dice = left > 1 ? ` -m statistic --mode random --probability ${probabilityText(left)}` : ''
    lines += `${start(endpoint)}${dice} -j ${endpointChains.get(endpoint)}\n`
    left--
  }
  return lines
}

/** 1/n as Go's `%0.10f`: halves go to even, where toFixed goes up. Only powers of two can be halves. */
export function probabilityText(n: number): string {
  if (!Number.isInteger(Math.log2(n))) return (1 / n).toFixed(10)
  const scaled = 10n ** 10n
  const divisor = BigInt(n)
  let digits = scaled / divisor
  const rest = scaled % divisor
  if (rest * 2n > divisor || (rest * 2n === divisor && digits % 2n === 1n)) digits += 1n
  return n === 1 ? '1.0000000000' : `0.${digits.toString().padStart(10, '0')}`
}

function endpointLines(
  port: ServicePortInfo,
  plan: ServicePlan,
  endpoint: EndpointInfo,
  { largeCluster }: IptablesContext,
): string {
  const { ip, address } = endpoint
  const chain = plan.endpointChains.get(endpoint)
  const start = largeCluster ? `-A ${chain}` : `-A ${chain} -m comment --comment ${port.name}`
  const recent = port.affinitySeconds > 0 ? ` -m recent --name ${chain} --set` : ''
  return `${start} -s ${ip} -j KUBE-MARK-MASQ\n${start}${recent} ${plan.protocol} -j DNAT --to-destination ${address}\n`
}
