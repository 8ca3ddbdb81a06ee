import { contains } from '../base/cidr.ts'
import { familyOf } from '../base/ip.ts'
import { IPVS_JUMPS, ipvsRules } from './ipvsRules.ts'
import { createSetEntries } from './ipvsSets.ts'
import { localDetector } from './localDetector.ts'
import {
  isLinkLocal,
  isLoopback,
  matchingNodeIps,
  nodePortAddresses,
  nodePortAddressTexts,
} from './nodePortAddresses.ts'
import { categorizeEndpoints, topologyOf } from './topology.ts'
import { createTracker } from './tracker.ts'
import { staleUdp, udpCleanup } from './udpCleanup.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { VirtualServerSpec } from '../ipvs/model.ts'
import type { EndpointInfo } from './endpoints.ts'
import type { IpvsSetName, SetEntries } from './ipvsSets.ts'
import type { Proxier } from './proxier.ts'
import type { ServicePortInfo } from './servicePort.ts'
import type { NodeTopology } from './topology.ts'
import type { TrackedPort, TrackedService } from './tracker.ts'
import type { ProxyConfig, ProxyNode } from './types.ts'

/** ipvs mode for one family: every sync computes everything. Source: pkg/proxy/ipvs/proxier.go. */
export function createIpvsProxier(config: ProxyConfig, node: ProxyNode, family: IpFamily): Proxier {
  const tracker = createTracker(family, config.nodeName)
  const addresses = nodePortAddresses(nodePortAddressTexts(config), node, family)
  let builder: Builder = {
    config,
    family,
    topology: topologyOf(node),
    nodeIp: node.nodeIps[family],
    ownIps: new Set(node.interfaceAddresses.map(({ ip }) => ip)),
    nodePortIps: matchingNodeIps(addresses, node, family).filter((ip) => !isLoopback(ip) && !isLinkLocal(ip)),
  }
  let built = new WeakMap<TrackedService, ServiceState>()
  return {
    forceFullSync: () => undefined,
    setTopology: (topology) => {
      builder = { ...builder, topology }
      built = new WeakMap()
    },
    sync: (services, slices) => {
      const changes = tracker.update(services, slices)
      const state = joinState(
        family,
        changes.services.map((service) => {
          const known = built.get(service)
          if (known) return known
          const made = serviceState(builder, service)
          built.set(service, made)
          return made
        }),
      )
      const { sets, servers, bound, outFilter } = state
      for (const ip of bound) sets.add('KUBE-IPVS-IPS', ip)
      const cleanup = udpCleanup(changes)
      return {
        mode: 'ipvs',
        family,
        full: true,
        ensure: IPVS_JUMPS,
        restore: ipvsRules({ config, family, detector: localDetector(config, node, family), sets, outFilter }),
        ipvs: { virtualServers: [...servers.values()], ipsets: sets.specs(), kubeIpvs0: [...bound] },
        staleUdp: staleUdp(changes, cleanup),
        ...(cleanup && { udpCleanup: cleanup }),
      }
    },
  }
}

interface Builder {
  readonly config: ProxyConfig
  readonly family: IpFamily
  readonly topology: NodeTopology
  readonly nodeIp: Ip | undefined
  /** Addresses that kube-proxy does not bind to kube-ipvs0 because they are on another interface. */
  readonly ownIps: ReadonlySet<Ip>
  readonly nodePortIps: readonly Ip[]
}

/** What one Service wants, in the order in which kube-proxy makes it. */
interface ServiceState {
  readonly entries: (readonly [IpvsSetName, string])[]
  readonly servers: (readonly [key: string, VirtualServerSpec])[]
  readonly bound: Ip[]
  readonly outFilter: string[]
}

function serviceState(builder: Builder, { ports }: TrackedService): ServiceState {
  const state: ServiceState = { entries: [], servers: [], bound: [], outFilter: [] }
  for (const port of ports) addPort(builder, state, port)
  return state
}

interface WantedState {
  readonly sets: SetEntries
  /** By protocol, address and port: of two Services that claim the same, the later one wins. */
  readonly servers: ReadonlyMap<string, VirtualServerSpec>
  readonly bound: ReadonlySet<Ip>
  readonly outFilter: readonly string[]
}

function joinState(family: IpFamily, services: readonly ServiceState[]): WantedState {
  const sets = createSetEntries(family)
  const servers = new Map<string, VirtualServerSpec>()
  const bound = new Set<Ip>()
  const outFilter: string[] = []
  for (const service of services) {
    for (const [name, entry] of service.entries) sets.add(name, entry)
    for (const [key, server] of service.servers) servers.set(key, server)
    for (const ip of service.bound) bound.add(ip)
    outFilter.push(...service.outFilter)
  }
  return { sets, servers, bound, outFilter }
}

function addPort(builder: Builder, state: ServiceState, { info, endpoints }: TrackedPort): void {
  const add = (name: IpvsSetName, entry: string): void => {
    state.entries.push([name, entry])
  }
  const protocol = info.protocol.toLowerCase()
  for (const { ip, port, isLocal } of endpoints) {
    if (isLocal) add('KUBE-LOOP-BACK', `${ip},${protocol}:${port},${ip}`)
  }
  const { cluster, local } = categorizeEndpoints(endpoints, info, builder.topology)
  // Local policy without local endpoints falls back to remote ones here, unlike in iptables mode.
  const serversFor = (isLocalPolicy: boolean): readonly EndpointInfo[] =>
    isLocalPolicy && local.length > 0 ? local : cluster
  const external = serversFor(info.externalPolicyLocal)
  const entry = (ip: Ip): string => `${ip},${protocol}:${info.port}`

  add('KUBE-CLUSTER-IP', entry(info.clusterIP))
  addServer(builder, state, info, info.clusterIP, info.port, serversFor(info.internalPolicyLocal))
  state.bound.push(info.clusterIP)

  for (const ip of info.externalIPs) {
    add(info.externalPolicyLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP', entry(ip))
    addServer(builder, state, info, ip, info.port, external)
    if (!builder.ownIps.has(ip)) state.bound.push(ip)
  }
  for (const ip of info.loadBalancerVIPs) {
    add('KUBE-LOAD-BALANCER', entry(ip))
    if (info.externalPolicyLocal) add('KUBE-LOAD-BALANCER-LOCAL', entry(ip))
    addSourceRanges(builder, state, info, ip)
    addServer(builder, state, info, ip, info.port, external)
    if (!builder.ownIps.has(ip)) state.bound.push(ip)
  }
  if (info.nodePort !== 0) {
    if (builder.nodePortIps.length === 0) return
    addNodePort(builder, state, info)
    for (const ip of builder.nodePortIps) addServer(builder, state, info, ip, info.nodePort, external)
  }
  if (info.healthCheckNodePort !== 0) add('KUBE-HEALTH-CHECK-NODE-PORT', String(info.healthCheckNodePort))
}

function addServer(
  { config }: Builder,
  { servers }: ServiceState,
  info: ServicePortInfo,
  ip: Ip,
  port: number,
  endpoints: readonly EndpointInfo[],
): void {
  const server: VirtualServerSpec = {
    protocol: info.protocol,
    address: { ip, port },
    scheduler: config.ipvsScheduler,
    persistence: info.affinitySeconds,
    realServers: endpoints.map((endpoint) => ({ address: { ip: endpoint.ip, port: endpoint.port }, weight: 1 })),
  }
  servers.push([`${info.protocol} ${ip} ${port}`, server])
}

function addSourceRanges(
  { nodeIp }: Builder,
  { entries, outFilter }: ServiceState,
  info: ServicePortInfo,
  ip: Ip,
): void {
  if (info.sourceRanges.length === 0) return
  const protocol = info.protocol.toLowerCase()
  const entry = `${ip},${protocol}:${info.port}`
  entries.push(['KUBE-LOAD-BALANCER-FW', entry])
  for (const cidr of info.sourceRanges) entries.push(['KUBE-LOAD-BALANCER-SOURCE-CIDR', `${entry},${cidr}`])
  if (nodeIp && info.sourceRanges.some((cidr) => familyOf(nodeIp) === familyOf(ip) && contains(cidr, nodeIp))) {
    // The node's own packets to the VIP carry the VIP as source.
    entries.push(['KUBE-LOAD-BALANCER-SOURCE-IP', `${entry},${ip}`])
  } else {
    outFilter.push(
      `-A KUBE-IPVS-OUT-FILTER -s ${ip} -m ipvs --vaddr ${ip} --vproto ${protocol} --vport ${info.port} -j DROP`,
    )
  }
}

function addNodePort({ nodePortIps }: Builder, { entries }: ServiceState, info: ServicePortInfo): void {
  const isLocal = info.externalPolicyLocal
  if (info.protocol === 'SCTP') {
    for (const ip of nodePortIps) {
      const entry = `${ip},sctp:${info.nodePort}`
      entries.push(['KUBE-NODE-PORT-SCTP-HASH', entry])
      if (isLocal) entries.push(['KUBE-NODE-PORT-LOCAL-SCTP-HASH', entry])
    }
    return
  }
  entries.push([`KUBE-NODE-PORT-${info.protocol}`, String(info.nodePort)])
  if (isLocal) entries.push([`KUBE-NODE-PORT-LOCAL-${info.protocol}`, String(info.nodePort)])
}
