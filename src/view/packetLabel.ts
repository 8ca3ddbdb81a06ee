import { formatAddress } from './format.ts'
import type { Point, Rect } from './geometry.ts'
import { NODE_WIDTH } from './kernelPlan.ts'
import type { Leg } from './path.ts'
import { packetWord } from './sentence.ts'
import type { Step } from './step.ts'
import type { TopologyLayout } from './topologyLayout.ts'

export interface PacketLabel {
  readonly text: string
  /** Relative to the packet. */
  readonly rect: Rect
}

const HEIGHT = 18
const LETTER = 6.35
/** Letters that a node's width has room for. */
const LONGEST = Math.floor((NODE_WIDTH - 24) / LETTER)
/** Beside the packet, over nothing but wires. */
const BESIDE: Point = { x: 17, y: -9 }
/** Where the label of a packet at that station stands, y from the kernel's top: in the gaps between the rows. */
const ROWS: Readonly<Record<string, number>> = {
  PREROUTING: 45,
  route: 197,
  FORWARD: 197,
  POSTROUTING: 197,
  service: 197,
}
const ROWS_OF_RULES: Readonly<Record<string, number>> = { ...ROWS, OUTPUT: 45, INPUT: 45 }
const ROWS_OF_IPVS: Readonly<Record<string, number>> = { ...ROWS, OUTPUT: 147, INPUT: 147, ipvs: 147 }

/** What the packet is and where it is bound, and where to write it so that it hides no station. */
export function packetLabel(step: Step, leg: Leg, layout: TopologyLayout): PacketLabel | undefined {
  const { rest, place } = leg
  if (!step.packet || !rest || step.kind === 'end') return undefined
  const to = ` → ${formatAddress(step.packet.destination)}`
  const text = `${elided(packetWord(step.packet), LONGEST - to.length)}${to}`
  const w = Math.round(12 + text.length * LETTER)
  const rows = layout.plan.stations.ipvs ? ROWS_OF_IPVS : ROWS_OF_RULES
  const row = place?.at.startsWith('node/') === true ? rows[place.station] : undefined
  const below =
    place !== undefined && (place.station === 'self' || place.station === 'process' || place.station === 'kubeProxy')
  const y = row !== undefined ? row - rest.y : below ? 3 : BESIDE.y
  const node = layout.nodes.find(({ box }) => rest.x >= box.x && rest.x <= box.x + box.w)
  const right = node ? node.box.x + node.box.w - 6 : layout.bounds.x + layout.bounds.w
  const x =
    rest.x + BESIDE.x + w > right
      ? rest.x - BESIDE.x - w < (node?.box.x ?? -Infinity)
        ? right - rest.x - w
        : -BESIDE.x - w
      : BESIDE.x
  return { text, rect: { x, y, w, h: HEIGHT } }
}

/** A long name gives up its end: it stands whole in the step, an address never does. */
function elided(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(4, room - 1))}…`
}
