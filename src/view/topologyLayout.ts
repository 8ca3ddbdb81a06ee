import type { ProxyMode } from '../engine/index.ts'
import { centre, moved, shifted } from './geometry.ts'
import type { Point, Rect } from './geometry.ts'
import { KERNEL, NODE_WIDTH, kernelPlan } from './kernelPlan.ts'
import type { KernelPlan } from './kernelPlan.ts'
import { assignSlots, occupantsOf } from './podSlots.ts'
import type { Occupant, Slots } from './podSlots.ts'
import { layoutAbove } from './topologyAbove.ts'
import type { NodeTile, OutsideHost } from './topologyAbove.ts'
import { visibleNodes } from './visibleNodes.ts'
import type { Pinned } from './pinned.ts'
import type { OutsideMachine } from './outsideHosts.ts'
import type { Station } from './places.ts'
import type { Topology, TopologyNode } from './topology.ts'

export interface OccupantBox {
  readonly occupant: Occupant
  readonly rect: Rect
  /** Its veth, from the box to cni0; empty for what has none. */
  readonly veth: readonly Point[]
}

export interface NodeLayout {
  readonly node: TopologyNode
  readonly box: Rect
  readonly kernel: Rect
  readonly kubeProxy: Rect
  readonly occupants: readonly OccupantBox[]
  readonly stations: ReadonlyMap<Station, Rect>
  readonly panel: Rect
  /** Wires at rest, as polylines. */
  readonly wires: readonly (readonly Point[])[]
}

export interface TopologyLayout {
  readonly bounds: Rect
  readonly plan: KernelPlan
  readonly nodes: readonly NodeLayout[]
  readonly tiles: readonly NodeTile[]
  /** Nodes that are neither drawn nor tiled. */
  readonly moreNodes?: { readonly rect: Rect; readonly count: number }
  readonly outside: readonly OutsideHost[]
  /** Boxes above that a wire joins to the LAN. */
  readonly hung: readonly Rect[]
  /** The LAN: one wire past everything outside and every node. */
  readonly lan: {
    readonly wire: readonly Point[]
    readonly bus: number
    readonly bottom: number
    readonly riser: number
  }
  /** Who stands where, for the next layout. */
  readonly slots: ReadonlyMap<string, Slots>
}

export interface LayoutOptions {
  readonly mode: ProxyMode
  /** How many whole nodes fit side by side; the rest become tiles unless they are on a trace's way. */
  readonly columns: number
  /** Of the current trace: its nodes are drawn whole, its pods stand alone. */
  readonly pinned: Pinned
  readonly hosts: readonly OutsideMachine[]
}

const GAP = 16
const POD = { w: 96, h: 44 } as const
const COLUMN = 104
const ROW = 54
const FIRST_ROW = -66

/** Everything's place in whole px, kernels' top at y = 0. Whoever stood in `before` stays where it stood. */
export function layoutTopology(topology: Topology, options: LayoutOptions, before?: TopologyLayout): TopologyLayout {
  const plan = kernelPlan(options.mode)
  const pinnedNodes = nodesOf(topology, options.pinned)
  const { whole, tiled } = visibleNodes(topology.nodes, pinnedNodes, options.columns)
  const slots = new Map<string, Slots>(before?.slots)
  const placed = whole.map((node) => {
    const occupants = occupantsOf(node, topology.podCount, options.pinned.ends)
    const own = assignSlots(occupants, slots.get(node.name) ?? new Map())
    slots.set(node.name, own)
    return { node, occupants, slots: own }
  })
  const rows = Math.max(1, ...placed.flatMap((one) => [...one.slots.values()].map((slot) => rowOf(slot) + 1)))
  const top = FIRST_ROW - (rows - 1) * ROW - 58
  const nodes = placed.map((one, i) => layoutNode(one, i * (NODE_WIDTH + GAP), top, plan))
  const width = Math.max(1, nodes.length) * (NODE_WIDTH + GAP) - GAP
  const above = layoutAbove(tiled, options.hosts, width, top)
  const bottom = KERNEL.h + 24
  const riser = -12
  const busEnd = Math.max(...above.hung.map((rect) => centre(rect).x), riser)
  const lastEth = nodes.at(-1)?.stations.get('eth0')
  const wire = [
    { x: busEnd, y: above.bus },
    { x: riser, y: above.bus },
    { x: riser, y: bottom },
    { x: lastEth ? centre(lastEth).x : riser, y: bottom },
  ]
  return {
    bounds: { x: -20, y: above.top - 22, w: width + 40, h: bottom + 14 - above.top + 22 },
    plan,
    nodes,
    tiles: above.tiles,
    ...(above.more && { moreNodes: above.more }),
    outside: above.outside,
    hung: above.hung,
    lan: { wire, bus: above.bus, bottom, riser },
    slots,
  }
}

function nodesOf(topology: Topology, { ends, nodes }: Pinned): ReadonlySet<string> {
  const names = new Set<string>()
  for (const node of topology.nodes) {
    if (nodes.has(node.name) || node.pods.some((pod) => ends.has(pod.id))) names.add(node.name)
  }
  return names
}

/** Row 0 has two places and kube-proxy; the rows above have three. */
const rowOf = (slot: number): number => (slot < 2 ? 0 : 1 + Math.floor((slot - 2) / 3))
const columnOf = (slot: number): number => (slot < 2 ? slot : (slot - 2) % 3)

function layoutNode(
  { node, occupants, slots }: { node: TopologyNode; occupants: readonly Occupant[]; slots: Slots },
  x: number,
  top: number,
  plan: KernelPlan,
): NodeLayout {
  const origin = { x, y: 0 }
  const boxes = occupants.map((occupant): OccupantBox => {
    const slot = slots.get(occupant.id) ?? 0
    const rect = { x: x + 10 + columnOf(slot) * COLUMN, y: FIRST_ROW - rowOf(slot) * ROW, ...POD }
    return { occupant, rect, veth: hasVeth(occupant) ? vethOf(rect, x, slot) : [] }
  })
  return {
    node,
    box: { x, y: top, w: NODE_WIDTH, h: KERNEL.h + 8 - top },
    kernel: { x: x + KERNEL.x, y: 0, w: KERNEL.w, h: KERNEL.h },
    kubeProxy: { x: x + 10 + 2 * COLUMN, y: FIRST_ROW, ...POD },
    occupants: boxes,
    stations: new Map(
      Object.entries(plan.stations).map(([station, rect]) => [station as Station, moved(rect, origin)]),
    ),
    panel: moved(plan.panel, origin),
    wires: plan.wires.map((points) => shifted(points, origin)),
  }
}

function hasVeth(occupant: Occupant): boolean {
  if (occupant.type === 'pod') return !occupant.pod.hostNetwork
  return occupant.type === 'stack' && occupant.pods.some((pod) => !pod.hostNetwork)
}

/** Down between the boxes to the border, then along it to cni0. */
function vethOf(rect: Rect, nodeX: number, slot: number): readonly Point[] {
  const bottom = { x: centre(rect).x, y: rect.y + rect.h }
  const port = nodeX + 48 + Math.min(slot, 12) * 5
  const end = { x: port, y: 22 }
  if (rowOf(slot) === 0) {
    return bottom.x >= nodeX + 28 && bottom.x <= nodeX + 124
      ? [bottom, { x: bottom.x, y: 22 }]
      : [bottom, { x: bottom.x, y: -9 }, { x: port, y: -9 }, end]
  }
  const gutter = nodeX + 10 + Math.min(columnOf(slot), 1) * COLUMN + POD.w + 4
  const between = bottom.y + 5
  return [bottom, { x: bottom.x, y: between }, { x: gutter, y: between }, { x: gutter, y: -9 }, { x: port, y: -9 }, end]
}
