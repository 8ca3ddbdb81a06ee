import { base32Sha256 } from '../base/hash.ts'
import { contains, hostCidr } from '../base/cidr.ts'
import { nftRule } from '../nftables/printRule.ts'
import { isExternallyAccessible } from './servicePort.ts'
import { categorizeEndpoints } from './topology.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { NftChain, NftExpression, NftRule, NftSet, NftStatement, NftVerdict } from '../nftables/table.ts'
import type { EndpointInfo } from './endpoints.ts'
import type { LocalDetector } from './localDetector.ts'
import type { ServicePortInfo } from './servicePort.ts'
import type { EndpointSets, NodeTopology } from './topology.ts'

export interface NftContext {
  readonly family: IpFamily
  readonly topology: NodeTopology
  readonly nodeIp: Ip | undefined
  readonly detector: LocalDetector | undefined
  readonly masqueradeAll: boolean
}

export type NftMapName =
  'no-endpoint-services' | 'no-endpoint-nodeports' | 'firewall-ips' | 'service-ips' | 'service-nodeports'

export interface NftElement {
  readonly map: NftMapName
  readonly key: string
  readonly verdict: NftVerdict
  readonly comment?: string
}

/** What one service port adds to the table. */
export interface NftServiceObjects {
  readonly clusterIP: Ip
  readonly chains: readonly NftChain[]
  readonly affinitySets: readonly NftSet[]
  readonly elements: readonly NftElement[]
}

/** Longest hash and text of a chain name: 256 less 16 for the prefix. */
const NAME_LIMIT = 240

/** The part of the names of a service port's chains after the prefix. Source: pkg/proxy/nftables/proxier.go, hashAndTruncate. */
export function nftServiceName({ namespace, service, protocol, portName }: ServicePortInfo): string {
  return hashAndTruncate(`${namespace}/${service}/${protocol.toLowerCase()}/${portName}`)
}

export function nftEndpointName(port: ServicePortInfo, endpoint: EndpointInfo): string {
  const { namespace, service, protocol, portName } = port
  const ip = endpoint.ip.replaceAll(':', '.')
  return hashAndTruncate(`${namespace}/${service}/${protocol.toLowerCase()}/${portName}__${ip}/${endpoint.port}`)
}

const names = new Map<string, string>()
const NAMES_LIMIT = 400_000

/** Remembered: an endpoint's name is used in several rules and in every later sync. */
function hashAndTruncate(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= NAMES_LIMIT) names.clear()
  const made = nameOf(text)
  names.set(text, made)
  return made
}

function nameOf(text: string): string {
  const name = `${base32Sha256(text, 8)}-${text}`
  return name.length > NAME_LIMIT ? `${name.slice(0, NAME_LIMIT - 3)}...` : name
}

const jump = (chain: string): NftStatement => ({ type: 'verdict', verdict: { type: 'jump', chain } })
const goTo = (chain: string): NftStatement => ({ type: 'verdict', verdict: { type: 'goto', chain } })
const MASQUERADE = jump('mark-for-masquerade')

/** Source: pkg/proxy/nftables/proxier.go, syncProxyRules. */
export function nftServiceObjects(
  port: ServicePortInfo,
  endpoints: readonly EndpointInfo[],
  context: NftContext,
): NftServiceObjects {
  const sets = categorizeEndpoints(endpoints, port, context.topology)
  const name = nftServiceName(port)
  const names: ChainNames = {
    service: `service-${name}`,
    local: `local-${name}`,
    external: `external-${name}`,
    firewall: `firewall-${name}`,
  }
  const hasInternal = sets.hasEndpoints && (!port.internalPolicyLocal || sets.local.length > 0)
  const hasExternal = sets.hasEndpoints && (!port.externalPolicyLocal || sets.local.length > 0)
  const plan: Plan = {
    port,
    sets,
    names,
    hasInternal,
    hasExternal,
    usesFirewall: port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0,
  }
  return {
    clusterIP: port.clusterIP,
    chains: serviceChains(plan, context),
    affinitySets:
      port.affinitySeconds === 0
        ? []
        : sets.reachable.map((endpoint) => ({
            name: `affinity-${nftEndpointName(port, endpoint)}`,
            family: context.family,
            elements: [],
            timeoutSeconds: port.affinitySeconds,
          })),
    elements: serviceElements(plan),
  }
}

interface ChainNames {
  readonly service: string
  readonly local: string
  readonly external: string
  readonly firewall: string
}

interface Plan {
  readonly port: ServicePortInfo
  readonly sets: EndpointSets
  readonly names: ChainNames
  readonly hasInternal: boolean
  readonly hasExternal: boolean
  readonly usesFirewall: boolean
}

function serviceElements({ port, sets, names, hasInternal, hasExternal, usesFirewall }: Plan): NftElement[] {
  const elements: NftElement[] = []
  const protocol = port.protocol.toLowerCase()
  const key = (ip: Ip): string => `${ip} . ${protocol} . ${port.port}`
  const refusal: NftVerdict = sets.hasEndpoints ? { type: 'drop' } : { type: 'goto', chain: 'reject-chain' }
  const add = (map: NftMapName, element: string, chain: string): void => {
    elements.push({ map, key: element, verdict: { type: 'goto', chain } })
  }
  const refuse = (map: NftMapName, element: string): void => {
    elements.push({ map, key: element, verdict: refusal, comment: port.name })
  }
  if (hasInternal) add('service-ips', key(port.clusterIP), port.internalPolicyLocal ? names.local : names.service)
  else refuse('no-endpoint-services', key(port.clusterIP))
  for (const ip of [...port.externalIPs, ...port.loadBalancerVIPs]) {
    if (sets.hasEndpoints) add('service-ips', key(ip), names.external)
    if (!hasExternal) refuse('no-endpoint-services', key(ip))
  }
  if (usesFirewall) for (const ip of port.loadBalancerVIPs) add('firewall-ips', key(ip), names.firewall)
  if (port.nodePort !== 0) {
    const element = `${protocol} . ${port.nodePort}`
    if (sets.hasEndpoints) add('service-nodeports', element, names.external)
    if (!hasExternal) refuse('no-endpoint-nodeports', element)
  }
  return elements
}

function serviceChains(plan: Plan, context: NftContext): NftChain[] {
  const { port, sets, names, hasInternal, usesFirewall } = plan
  const { family } = context
  const chains: NftChain[] = sets.reachable.map((endpoint) => endpointChain(port, endpoint, family))
  const masquerade = hasInternal ? masqueradeRule(port, context) : []
  if (sets.cluster.length > 0) {
    const first = port.internalPolicyLocal ? [] : masquerade
    chains.push({ name: names.service, rules: [...first, ...balanceRules(port, sets.cluster, family)] })
  }
  if (sets.local.length > 0) {
    const first = port.internalPolicyLocal ? masquerade : []
    chains.push({ name: names.local, rules: [...first, ...balanceRules(port, sets.local, family)] })
  }
  if (sets.hasEndpoints && isExternallyAccessible(port)) chains.push(externalChain(plan, context))
  if (usesFirewall) chains.push(firewallChain(port, names.firewall, context))
  return chains
}

function masqueradeRule(port: ServicePortInfo, { family, masqueradeAll, detector }: NftContext): NftRule[] {
  const toClusterIp: NftExpression = { type: 'daddr', negate: false, cidrs: [hostCidr(port.clusterIP)] }
  if (masqueradeAll) return [nftRule(family, [toClusterIp], [MASQUERADE])]
  return detector ? [nftRule(family, [toClusterIp, fromLocal(detector, true)], [MASQUERADE])] : []
}

/** The detector's test for pods of this node; `negate`: for everything else. */
function fromLocal(detector: LocalDetector, negate: boolean): NftExpression {
  return detector.type === 'cidr'
    ? { type: 'saddr', negate, cidrs: [detector.cidr] }
    : { type: 'iifname', name: detector.name.replace(/\+$/, '*'), negate }
}

function balanceRules(port: ServicePortInfo, endpoints: readonly EndpointInfo[], family: IpFamily): NftRule[] {
  const names = endpoints.map((endpoint) => nftEndpointName(port, endpoint))
  const affinity =
    port.affinitySeconds === 0
      ? []
      : names.map((name) =>
          nftRule(family, [{ type: 'saddrInSet', set: `affinity-${name}` }], [goTo(`endpoint-${name}`)]),
        )
  const verdicts = names.map((name): NftVerdict => ({ type: 'goto', chain: `endpoint-${name}` }))
  return [...affinity, nftRule(family, [], [{ type: 'numgen', modulus: verdicts.length, verdicts }])]
}

function endpointChain(port: ServicePortInfo, endpoint: EndpointInfo, family: IpFamily): NftChain {
  const name = nftEndpointName(port, endpoint)
  const protocol = port.protocol === 'TCP' ? 'tcp' : port.protocol === 'UDP' ? 'udp' : 'sctp'
  const rules = [nftRule(family, [{ type: 'saddr', negate: false, cidrs: [hostCidr(endpoint.ip)] }], [MASQUERADE])]
  if (port.affinitySeconds > 0) rules.push(nftRule(family, [], [{ type: 'updateSet', set: `affinity-${name}` }]))
  rules.push(nftRule(family, [{ type: 'l4proto', protocol }], [{ type: 'dnat', ip: endpoint.ip, port: endpoint.port }]))
  return { name: `endpoint-${name}`, rules }
}

function externalChain({ port, names, hasExternal }: Plan, { family, detector }: NftContext): NftChain {
  const rules: NftRule[] = []
  if (!port.externalPolicyLocal) rules.push(nftRule(family, [], [MASQUERADE]))
  else {
    const fromNode: NftExpression = { type: 'fib', side: 'saddr' }
    if (detector) {
      rules.push(nftRule(family, [fromLocal(detector, false)], [goTo(names.service)], 'short-circuit pod traffic'))
    }
    rules.push(
      nftRule(family, [fromNode], [MASQUERADE], 'masquerade local traffic'),
      nftRule(family, [fromNode], [goTo(names.service)], 'short-circuit local traffic'),
    )
  }
  if (hasExternal) rules.push(nftRule(family, [], [goTo(port.externalPolicyLocal ? names.local : names.service)]))
  return { name: names.external, rules }
}

function firewallChain(port: ServicePortInfo, name: string, { family, nodeIp }: NftContext): NftChain {
  // The node's own packets to a VIP may carry the VIP as source.
  const fromNode = nodeIp !== undefined && port.sourceRanges.some((cidr) => contains(cidr, nodeIp))
  const cidrs = [...port.sourceRanges, ...(fromNode ? port.loadBalancerVIPs.map((ip) => hostCidr(ip)) : [])]
  const drop: NftStatement = { type: 'verdict', verdict: { type: 'drop' } }
  return { name, rules: [nftRule(family, [{ type: 'saddr', negate: true, cidrs }], [drop])] }
}
