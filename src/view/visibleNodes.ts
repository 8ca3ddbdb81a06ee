import type { TopologyNode } from './topology.ts'

/** More nodes than this are never drawn whole, however wide the canvas. */
const MOST = 6

/**
 * Which nodes are drawn whole and which as tiles. Nodes on a trace's way come first, then those that run the user's
 * pods, then the others; both lists keep the order given.
 */
export function visibleNodes(
  nodes: readonly TopologyNode[],
  pinned: ReadonlySet<string>,
  columns: number,
): { readonly whole: readonly TopologyNode[]; readonly tiled: readonly TopologyNode[] } {
  const rank = (node: TopologyNode): number => {
    if (pinned.has(node.name)) return 0
    if (node.pods.some((pod) => !pod.system)) return 1
    return node.controlPlane ? 3 : 2
  }
  const room = Math.max(pinned.size, Math.min(columns, MOST), 1)
  const ranked = nodes.map((node, i) => ({ node, i, rank: rank(node) })).sort((a, b) => a.rank - b.rank || a.i - b.i)
  const chosen = new Set(ranked.slice(0, room).map(({ node }) => node))
  return { whole: nodes.filter((node) => chosen.has(node)), tiled: nodes.filter((node) => !chosen.has(node)) }
}
