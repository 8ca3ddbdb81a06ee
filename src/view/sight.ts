import type { Point, Rect } from './geometry.ts'
import { nodeNameOf } from './places.ts'
import type { Leg } from './path.ts'
import type { Step } from './step.ts'
import type { TopologyLayout } from './topologyLayout.ts'

const MARGIN = 4
/** At least this much of a node's height is in sight, in px of the drawing. */
const LEAST = 300
/** Packets above this line are watched from the top of the node, others from its bottom. */
const MIDDLE = 100

/**
 * What a canvas too narrow for two nodes shows: the node where the packet is (else the first), and of it the upper or
 * lower part when the canvas is too low for all of it. Two views a node, so that the picture moves seldom.
 */
export function sightOf(
  layout: TopologyLayout,
  steps: readonly Step[],
  legs: readonly Leg[],
  current: number,
  size: { readonly width: number; readonly height: number },
): Rect {
  const box = boxInSight(layout, steps, current)
  if (!box) return layout.bounds
  const whole = { x: box.x - MARGIN, y: box.y - MARGIN, w: box.w + 2 * MARGIN, h: box.h + 2 * MARGIN }
  const h = Math.min(whole.h, Math.max(LEAST, Math.round((whole.w * size.height) / Math.max(1, size.width))))
  const rest: Point | undefined = legs[current]?.rest
  const y = rest && rest.y > MIDDLE ? whole.y + whole.h - h : whole.y
  return { ...whole, y, h }
}

function boxInSight(layout: TopologyLayout, steps: readonly Step[], current: number): Rect | undefined {
  for (let i = current; i >= 0; i -= 1) {
    const at = steps[i]?.at ?? ''
    const name = nodeNameOf(at)
    const node = layout.nodes.find(
      (one) => one.node.name === name || one.occupants.some(({ occupant }) => occupant.id === at),
    )
    if (node) return node.box
  }
  return layout.nodes[0]?.box
}
