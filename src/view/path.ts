import { centre, shifted, simplified } from './geometry.ts'
import type { Point, Rect } from './geometry.ts'
import { wayBetween } from './kernelPlan.ts'
import type { KernelPlan } from './kernelPlan.ts'
import type { Place, Station } from './places.ts'
import type { Step } from './step.ts'
import type { NodeLayout, OccupantBox, TopologyLayout } from './topologyLayout.ts'

/** One step's way on the canvas: from where the packet rested before to where it rests after. */
export interface Leg {
  readonly step: number
  readonly packetId: number
  readonly direction: Step['direction']
  readonly points: readonly Point[]
  /** Where the packet rests after the step; undefined before it has been anywhere that is drawn. */
  readonly rest?: Point
  /** The place that `rest` belongs to. */
  readonly place?: Place
}

/** The leg of every step, in order. A step that moves nothing has no points. */
export function legsOf(steps: readonly Step[], layout: TopologyLayout): readonly Leg[] {
  const travel: Travel = {}
  return steps.map((step) => legOf(step, layout, travel))
}

interface Travel {
  place?: Place
  before?: Place
  rest?: Point
  /** Where the station at which it rests begins. */
  door?: Point
  packetId?: number
}

function legOf(step: Step, layout: TopologyLayout, travel: Travel): Leg {
  const points: Point[] = []
  if (step.kind === 'end') {
    // The end is told where the request began: nothing travels there.
    const place: Place = { at: step.at, station: step.at.startsWith('node/') ? 'process' : 'self' }
    const spot = spotOf(layout, place)
    if (spot) Object.assign(travel, { rest: below(bottomOf(spot.rect)), place })
  }
  for (const place of step.visits) {
    const spot = spotOf(layout, place)
    if (!spot) continue
    // A socket that sends is where its packet begins; nothing travels to it.
    const begins = points.length === 0 && travel.packetId !== step.packetId
    if (!begins && points.length === 0 && travel.rest) points.push(travel.rest, ...(travel.door ? [travel.door] : []))
    if (begins || !travel.place) points.push(...birthOf(spot, place, layout, travel))
    else points.push(...wayOf(layout, travel.place, place), ...throughOf(layout, travel.place, place))
    if (travel.place) travel.before = travel.place
    travel.place = place
  }
  travel.packetId = step.packetId
  if (points.length > 0) {
    const door = points.at(-1)
    if (door) travel.door = door
    standOff(points, travel.place)
  }
  const rest = points.at(-1) ?? travel.rest
  if (rest) travel.rest = rest
  return {
    step: step.index,
    packetId: step.packetId,
    direction: step.direction,
    points: simplified(points),
    ...(rest && { rest }),
    ...(travel.place && { place: travel.place }),
  }
}

const STAND_OFF = 7
/** Clear of a box whose last line is an address. */
const BELOW_BOX = 11

const isSocket = ({ station }: Place): boolean => station === 'self' || station === 'process'

function below({ x, y }: Point): Point {
  return { x, y: y + BELOW_BOX }
}

/** At a hook the packet stands just before the door, at a socket below its box: what is written there can be read. */
function standOff(points: Point[], place: Place | undefined): void {
  const [before, last] = [points.at(-2), points.at(-1)]
  if (!last || !place) return
  if (isSocket(place)) {
    points[points.length - 1] = below(last)
    return
  }
  if (!before || !(isHook(place.station) || place.station === 'route')) return
  const length = Math.abs(last.x - before.x) + Math.abs(last.y - before.y)
  if (length <= STAND_OFF) return
  points[points.length - 1] = {
    x: last.x - Math.round(((last.x - before.x) / length) * STAND_OFF),
    y: last.y - Math.round(((last.y - before.y) / length) * STAND_OFF),
  }
}

/** A packet appears at its sender's box, or where the kernel that answers was when it decided to. */
function birthOf(spot: Spot, place: Place, layout: TopologyLayout, travel: Travel): readonly Point[] {
  const from = travel.place
  const kernelAnswers = from && from.at === place.at && place.at.startsWith('node/') && isHook(place.station)
  if (kernelAnswers) return wayOf(layout, from, place)
  return [bottomOf(spot.rect)]
}

const isHook = (station: Station): boolean => station === station.toUpperCase()

/** Across the panel, so that the packet rests at its way out. */
function throughOf(layout: TopologyLayout, from: Place, to: Place): readonly Point[] {
  if (to.station !== 'service' && to.station !== 'ipvs') return []
  const node = layout.nodes.find((one) => `node/${one.node.name}` === to.at)
  return node ? shifted(layout.plan.through[from.station] ?? [], originOf(node)) : []
}

interface Spot {
  readonly rect: Rect
  readonly node?: NodeLayout
  readonly box?: OccupantBox
  /** Hangs on the bus above the nodes. */
  readonly above?: boolean
}

/** Where `place` is drawn; undefined when it is not. */
export function spotOf(layout: TopologyLayout, place: Place): Spot | undefined {
  const { at } = place
  if (at.startsWith('host/')) {
    const host = layout.outside.find(({ machine }) => machine.id === at)
    return host && { rect: host.rect, above: true }
  }
  if (at === 'lan') {
    const { riser, bus, bottom } = layout.lan
    return { rect: { x: riser, y: Math.round((bus + bottom) / 2), w: 0, h: 0 } }
  }
  if (at.startsWith('pod/')) return boxSpot(layout, at)
  const node = layout.nodes.find((one) => `node/${one.node.name}` === at)
  if (!node) {
    const tile = layout.tiles.find((one) => `node/${one.node.name}` === at)
    return tile && { rect: tile.rect, above: true }
  }
  if (place.station === 'kubeProxy') return { rect: node.kubeProxy, node }
  if (place.station === 'process') {
    const box = node.occupants.find(({ occupant }) => holds(occupant, place.pod ?? `process/${node.node.name}`))
    return box ? { rect: box.rect, node, box } : { rect: node.kubeProxy, node }
  }
  const rect = node.stations.get(place.station)
  return rect && { rect, node }
}

function boxSpot(layout: TopologyLayout, pod: string): Spot | undefined {
  for (const node of layout.nodes) {
    const box = node.occupants.find(({ occupant }) => holds(occupant, pod))
    if (box) return { rect: box.rect, node, box }
  }
  const tile = layout.tiles.find(({ node }) => node.pods.some(({ id }) => id === pod))
  return tile && { rect: tile.rect, above: true }
}

function holds(occupant: OccupantBox['occupant'], id: string): boolean {
  return occupant.id === id || (occupant.type === 'stack' && occupant.pods.some((pod) => pod.id === id))
}

function wayOf(layout: TopologyLayout, from: Place, to: Place): readonly Point[] {
  const [a, b] = [spotOf(layout, from), spotOf(layout, to)]
  if (!a || !b) return []
  if (a.node && a.node === b.node) return localWay(layout, a.node, end(layout, a, from), end(layout, b, to))
  const [up, down] = [toLan(layout, a, from), toLan(layout, b, to)]
  return [...up.points, ...alongLan(layout, up, down), ...down.points.toReversed()]
}

/** One end of a way inside a node: its kernel station, and how its box is joined to that. */
interface End {
  readonly station: Station
  /** From the box to the station's first point; empty for stations. */
  readonly lead: readonly Point[]
  readonly rect: Rect
}

function end({ plan }: TopologyLayout, { rect, node, box }: Spot, place: Place): End {
  if (box && box.veth.length > 0) return { station: 'cni0', lead: box.veth, rect }
  if (node && (place.station === 'process' || box))
    return { station: 'process', lead: processLead(rect, node, plan), rect }
  if (place.station === 'kubeProxy') return { station: 'kubeProxy', lead: [], rect }
  return { station: place.station, lead: [], rect }
}

/** A host process has no interface: its line goes straight into its kernel's sockets. */
function processLead(rect: Rect, node: NodeLayout, plan: KernelPlan): readonly Point[] {
  const bottom = bottomOf(rect)
  const x = originOf(node).x + (plan.ways.get('process>OUTPUT')?.[0]?.x ?? 0)
  return rect.y < node.kubeProxy.y
    ? [
        bottom,
        { x: bottom.x, y: bottom.y + 5 },
        { x: rect.x + rect.w + 4, y: bottom.y + 5 },
        { x: rect.x + rect.w + 4, y: -9 },
        { x, y: -9 },
        { x, y: 0 },
      ]
    : [bottom, { x: bottom.x, y: -9 }, { x, y: -9 }, { x, y: 0 }]
}

function localWay(layout: TopologyLayout, node: NodeLayout, from: End, to: End): readonly Point[] {
  const middle = shifted(wayBetween(layout.plan, from.station, to.station), originOf(node))
  const straight = middle.length === 0 && from.station !== to.station
  const proxyX = (station: Station, points: readonly Point[], last: boolean): readonly Point[] => {
    if (station !== 'kubeProxy') return []
    const border = last ? points.at(-1) : points[0]
    return border ? [{ x: border.x, y: node.kubeProxy.y + node.kubeProxy.h }] : []
  }
  return [
    ...from.lead,
    ...proxyX(from.station, middle, false),
    ...(straight ? [centre(from.rect), centre(to.rect)] : middle),
    ...proxyX(to.station, middle, true),
    ...to.lead.toReversed(),
  ]
}

interface LanEnd {
  readonly points: readonly Point[]
  readonly side: 'above' | 'below' | 'riser'
}

/** From `spot` to the wire it hangs on. */
function toLan(layout: TopologyLayout, spot: Spot, place: Place): LanEnd {
  const { lan } = layout
  if (spot.above) {
    const bottom = bottomOf(spot.rect)
    return { points: [bottom, { x: bottom.x, y: lan.bus }], side: 'above' }
  }
  const { node } = spot
  const eth = node?.stations.get('eth0')
  if (!node || !eth) return { points: [{ x: spot.rect.x, y: spot.rect.y }], side: 'riser' }
  const out = bottomOf(eth)
  const own =
    place.station === 'eth0'
      ? []
      : localWay(layout, node, end(layout, spot, place), { station: 'eth0', lead: [], rect: eth })
  return { points: [...own, out, { x: out.x, y: lan.bottom }], side: 'below' }
}

function alongLan({ lan }: TopologyLayout, from: LanEnd, to: LanEnd): readonly Point[] {
  if (from.side === to.side) return []
  const corner = (side: LanEnd['side']): readonly Point[] =>
    side === 'riser' ? [] : [{ x: lan.riser, y: side === 'above' ? lan.bus : lan.bottom }]
  return [...corner(from.side), ...corner(to.side)]
}

const bottomOf = (rect: Rect): Point => ({ x: centre(rect).x, y: rect.y + rect.h })
const originOf = (node: NodeLayout): Point => ({ x: node.box.x, y: 0 })
