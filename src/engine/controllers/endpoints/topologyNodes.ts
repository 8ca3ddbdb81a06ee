import type { Node, Pod } from '../../api/types.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Change } from '../../store/store.ts'
import type { TopologyCache } from './hints.ts'
import { cpuRatios, isNodeReady, isOverloaded } from './zoneAllocation.ts'

const zoneLabel = 'topology.kubernetes.io/zone'

/**
 * The Services that a changed node concerns: those whose pods waited for the node to appear, and, when nodes or their zones
 * change, those with zone hints that no longer fit. All others learn of a new zone with their next change.
 * Source: endpointslice_controller.go updateNode, checkNodeTopologyDistribution.
 */
export function wakesForNode(
  { type, object, previous }: Change,
  snapshot: Snapshot,
  topology: TopologyCache,
  servicesOf: (pod: Pod) => readonly string[],
): readonly string[] {
  const keys = new Set<string>()
  const node = object as Node
  if (type === 'ADDED') {
    for (const pod of snapshot.indexed('Pod', 'node', node.metadata.name)) {
      for (const key of servicesOf(pod)) keys.add(key)
    }
  }
  const before = type === 'MODIFIED' ? (previous as Node) : undefined
  if (topology.zones.size === 0 || (before && sameTopology(before, node))) return [...keys]
  const ratios = cpuRatios(snapshot.list('Node'))
  for (const [key, families] of topology.zones) {
    for (const zones of families.values()) {
      if (isOverloaded(zones, ratios.ok ? ratios.value : new Map())) keys.add(key)
    }
  }
  return [...keys]
}

function sameTopology(a: Node, b: Node): boolean {
  return isNodeReady(a) === isNodeReady(b) && a.metadata.labels?.[zoneLabel] === b.metadata.labels?.[zoneLabel]
}
