import { compareText, usesClusterEndpoints, usesLocalEndpoints } from './servicePort.ts'
import type { EndpointInfo } from './endpoints.ts'
import type { ServicePortInfo } from './servicePort.ts'

/** Which endpoints one service port uses on this node. Source: pkg/proxy/topology.go. */
export interface EndpointSets {
  /** Endpoints of Cluster-policy traffic. */
  readonly cluster: readonly EndpointInfo[]
  /** Endpoints of Local-policy traffic. */
  readonly local: readonly EndpointInfo[]
  /** Those that get a chain of their own. */
  readonly reachable: readonly EndpointInfo[]
  /** Whether there is a usable endpoint anywhere in the cluster. */
  readonly hasEndpoints: boolean
}

export interface NodeTopology {
  readonly name: string
  readonly zone?: string
}

export function topologyOf({ name, zone }: NodeTopology): NodeTopology {
  return zone === undefined ? { name } : { name, zone }
}

const isServingTerminating = (endpoint: EndpointInfo): boolean => endpoint.serving && endpoint.terminating

export function categorizeEndpoints(
  endpoints: readonly EndpointInfo[],
  port: ServicePortInfo,
  node: NodeTopology,
): EndpointSets {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  const usesCluster = usesClusterEndpoints(port)
  const isNear = usesCluster ? topologyFilter(ready, node) : undefined
  let cluster = usesCluster ? (isNear ? ready.filter(isNear) : ready) : []
  let fallback = false
  if (usesCluster && cluster.length === 0) {
    cluster = endpoints.filter(isServingTerminating)
    fallback = cluster.length > 0
  }
  if (!usesLocalEndpoints(port)) return { cluster, local: [], reachable: cluster, hasEndpoints: cluster.length > 0 }

  const hasEndpoints =
    cluster.length > 0 || endpoints.some((endpoint) => endpoint.ready || isServingTerminating(endpoint))
  let local = ready.filter(({ isLocal }) => isLocal)
  if (local.length === 0) {
    local = endpoints.filter((endpoint) => endpoint.isLocal && !endpoint.ready && isServingTerminating(endpoint))
    fallback ||= local.length > 0
  }
  if (!usesCluster) return { cluster, local, reachable: local, hasEndpoints }
  const reachable = !isNear && !fallback ? cluster : union(cluster, local)
  return { cluster, local, reachable, hasEndpoints }
}

/** The test for PreferSameNode, else PreferSameZone; nothing when the hints of the ready endpoints allow neither. */
function topologyFilter(
  ready: readonly EndpointInfo[],
  { name, zone }: NodeTopology,
): ((endpoint: EndpointInfo) => boolean) | undefined {
  const sameNode = ({ nodeHints }: EndpointInfo): boolean => nodeHints.includes(name)
  if (ready.every(({ nodeHints }) => nodeHints.length > 0) && ready.some(sameNode)) return sameNode
  const sameZone = ({ zoneHints }: EndpointInfo): boolean => zone !== undefined && zoneHints.includes(zone)
  if (ready.every(({ zoneHints }) => zoneHints.length > 0) && ready.some(sameZone)) return sameZone
  return undefined
}

function union(a: readonly EndpointInfo[], b: readonly EndpointInfo[]): EndpointInfo[] {
  const all = new Map([...a, ...b].map((endpoint) => [endpoint.address, endpoint]))
  return [...all.values()].sort((x, y) => compareText(x.address, y.address))
}
