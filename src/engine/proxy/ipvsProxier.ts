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
import { categorizeEndpoints } from './topology.ts'
import { createTracker } from './tracker.ts'
import { staleUdp, udpCleanup } from './udpCleanup.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { VirtualServerSpec } from '../ipvs/model.ts'
import type { EndpointInfo } from './endpoints.ts'
import type { SetEntries } from './ipvsSets.ts'
import type { Proxier } from './kubeProxy.ts'
import type { ServicePortInfo } from './servicePort.ts'
import type { NodeTopology } from './topology.ts'
import type { TrackedPort } from './tracker.ts'
import type { ProxyConfig, ProxyNode } from './types.ts'

/** ipvs mode for one family: every sync computes everything. Source: pkg/proxy/ipvs/proxier.go. */
export function createIpvsProxier(config: ProxyConfig, node: ProxyNode, family: IpFamily): Proxier {
  const tracker = createTracker(family, config.nodeName)
  const addresses = nodePortAddresses(nodePortAddressTexts(config), node, family)
  const builder = {
    config,
    family,
    topology: node.zone === undefined ? { name: node.name } : { name: node.name, zone: node.zone },
    nodeIp: node.nodeIps[family],
    ownIps: new Set(node.interfaceAddresses.map(({ ip }) => ip)),
    nodePortIps: matchingNodeIps(addresses, node, family).filter((ip) => !isLoopback(ip) && !isLinkLocal(ip)),
  }
  return {
    forceFullSync: () => undefined,
    sync: (services, slices) => {
      const changes = tracker.update(services, slices)
      const wanted = wantedState(
        builder,
        changes.services.flatMap(({ ports }) => ports),
      )
      const { sets, servers, bound, outFilter } = wanted
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

interface WantedState {
  readonly sets: SetEntries
  /** By protocol, address and port: of two Services that claim the same, the later one wins. */
  readonly servers: Map<string, VirtualServerSpec>
  readonly bound: Set<Ip>
  readonly outFilter: string[]
}

function wantedState(builder: Builder, ports: readonly TrackedPort[]): WantedState {
  const state: WantedState = {
    sets: createSetEntries(builder.family),
    servers: new Map(),
    bound: new Set(),
    outFilter: [],
  }
  for (const port of ports) addPort(builder, state, port)
  return state
}

function addPort(builder: Builder, state: WantedState, { info, endpoints }: TrackedPort): void {
  const { sets } = state
  const protocol = info.protocol.toLowerCase()
  for (const { ip, port, isLocal } of endpoints) {
    if (isLocal) sets.add('KUBE-LOOP-BACK', `${ip},${protocol}:${port},${ip}`)
  }
  const { cluster, local } = categorizeEndpoints(endpoints, info, builder.topology)
  // Local policy without local endpoints falls back to remote ones here, unlike in iptables mode.
  const serversFor = (isLocalPolicy: boolean): readonly EndpointInfo[] =>
    isLocalPolicy && local.length > 0 ? local : cluster
  const external = serversFor(info.externalPolicyLocal)
  const entry = (ip: Ip): string => `${ip},${protocol}:${info.port}`

  sets.add('KUBE-CLUSTER-IP', entry(info.clusterIP))
  addServer(builder, state, info, info.clusterIP, info.port, serversFor(info.internalPolicyLocal))
  state.bound.add(info.clusterIP)

  for (const ip of info.externalIPs) {
    sets.add(info.externalPolicyLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP', entry(ip))
    addServer(builder, state, info, ip, info.port, external)
    if (!builder.ownIps.has(ip)) state.bound.add(ip)
  }
  for (const ip of info.loadBalancerVIPs) {
    sets.add('KUBE-LOAD-BALANCER', entry(ip))
    if (info.externalPolicyLocal) sets.add('KUBE-LOAD-BALANCER-LOCAL', entry(ip))
    addSourceRanges(builder, state, info, ip)
    addServer(builder, state, info, ip, info.port, external)
    if (!builder.ownIps.has(ip)) state.bound.add(ip)
  }
  if (info.nodePort !== 0) {
    if (builder.nodePortIps.length === 0) return
    addNodePort(builder, state, info)
    for (const ip of builder.nodePortIps) addServer(builder, state, info, ip, info.nodePort, external)
  }
  if (info.healthCheckNodePort !== 0) sets.add('KUBE-HEALTH-CHECK-NODE-PORT', String(info.healthCheckNodePort))
}

function addServer(
  { config }: Builder,
  { servers }: WantedState,
  info: ServicePortInfo,
  ip: Ip,
  port: number,
  endpoints: readonly EndpointInfo[],
): void {
  servers.set(`${info.protocol} ${ip} ${port}`, {
    protocol: info.protocol,
    address: { ip, port },
    scheduler: config.ipvsScheduler,
    persistence: info.affinitySeconds,
    realServers: endpoints.map((endpoint) => ({ address: { ip: endpoint.ip, port: endpoint.port }, weight: 1 })),
  })
}

function addSourceRanges({ nodeIp }: Builder, { sets, outFilter }: WantedState, info: ServicePortInfo, ip: Ip): void {
  if (info.sourceRanges.length === 0) return
  const protocol = info.protocol.toLowerCase()
  const entry = `${ip},${protocol}:${info.port}`
  sets.add('KUBE-LOAD-BALANCER-FW', entry)
  for (const cidr of info.sourceRanges) sets.add('KUBE-LOAD-BALANCER-SOURCE-CIDR', `${entry},${cidr}`)
  if (nodeIp && info.sourceRanges.some((cidr) => familyOf(nodeIp) === familyOf(ip) && contains(cidr, nodeIp))) {
    // The node's own packets to the VIP carry the VIP as source.
    sets.add('KUBE-LOAD-BALANCER-SOURCE-IP', `${entry},${ip}`)
  } else {
    outFilter.push(
      `-A KUBE-IPVS-OUT-FILTER -s ${ip} -m ipvs --vaddr ${ip} --vproto ${protocol} --vport ${info.port} -j DROP`,
    )
  }
}

function addNodePort({ nodePortIps }: Builder, { sets }: WantedState, info: ServicePortInfo): void {
  const isLocal = info.externalPolicyLocal
  if (info.protocol === 'SCTP') {
    for (const ip of nodePortIps) {
      const entry = `${ip},sctp:${info.nodePort}`
      sets.add('KUBE-NODE-PORT-SCTP-HASH', entry)
      if (isLocal) sets.add('KUBE-NODE-PORT-LOCAL-SCTP-HASH', entry)
    }
    return
  }
  sets.add(`KUBE-NODE-PORT-${info.protocol}`, String(info.nodePort))
  if (isLocal) sets.add(`KUBE-NODE-PORT-LOCAL-${info.protocol}`, String(info.nodePort))
}
