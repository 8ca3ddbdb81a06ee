import type { Rect } from './geometry.ts'
import type { OutsideMachine } from './outsideHosts.ts'
import type { TopologyNode } from './topology.ts'

/** A node that is not drawn whole. */
export interface NodeTile {
  readonly node: TopologyNode
  readonly rect: Rect
}

export interface OutsideHost {
  readonly machine: OutsideMachine
  readonly rect: Rect
  /** In the lowest row, right above the wire. */
  readonly hung: boolean
}

/** What stands above the nodes. */
export interface Above {
  readonly outside: readonly OutsideHost[]
  readonly tiles: readonly NodeTile[]
  /** Nodes that are neither drawn nor tiled. */
  readonly more?: { readonly rect: Rect; readonly count: number }
  /** Boxes that a wire joins to the bus. */
  readonly hung: readonly Rect[]
  /** y of the wire. */
  readonly bus: number
  readonly top: number
}

/** Five fit above two nodes. */
const BOX = { w: 126, h: 44 } as const
const COLUMN = BOX.w + 8
const ROW = BOX.h + 8
const TILE_ROWS = 4

/** Machines outside from the left, tiles of nodes from the right, in rows of as many boxes as `width` has room for. */
export function layoutAbove(
  tiled: readonly TopologyNode[],
  machines: readonly OutsideMachine[],
  width: number,
  nodesTop: number,
): Above {
  const bus = nodesTop - 14
  const y = bus - 12 - BOX.h
  const perRow = Math.max(2, Math.floor((width + 8) / COLUMN))
  const columns = Math.max(1, perRow - (tiled.length > 0 ? 1 : 0))
  const outside = placeMachines(machines, columns).map(({ machine, column, row }): OutsideHost => {
    return { machine, rect: { x: column * COLUMN, y: y - row * ROW, ...BOX }, hung: row === 0 }
  })
  const free = Math.max(1, perRow - Math.min(machines.length, columns))
  const room = free * TILE_ROWS
  const shown = tiled.length > room ? tiled.slice(0, room - 1) : tiled
  const count = tiled.length - shown.length
  const boxes = Array.from({ length: shown.length + (count > 0 ? 1 : 0) }, (_, i): Rect => {
    const inRow = Math.min(free, shown.length + (count > 0 ? 1 : 0))
    const right = Math.max(width, perRow * COLUMN - 8)
    return { x: right + 8 - (inRow - (i % free)) * COLUMN, y: y - Math.floor(i / free) * ROW, ...BOX }
  })
  const tiles = shown.flatMap((node, i): NodeTile[] => {
    const rect = boxes[i]
    return rect ? [{ node, rect }] : []
  })
  const more = boxes[shown.length]
  const all = [...outside.map(({ rect }) => rect), ...boxes]
  return {
    outside,
    tiles,
    ...(more && count > 0 && { more: { rect: more, count } }),
    hung: all.filter((rect) => rect.y === y),
    bus,
    top: Math.min(y, ...all.map((rect) => rect.y)) - 20,
  }
}

/** The lowest row has the wire: whoever the trace passes stands there, the others go up when it is full. Order is kept. */
function placeMachines(
  machines: readonly OutsideMachine[],
  columns: number,
): readonly { readonly machine: OutsideMachine; readonly column: number; readonly row: number }[] {
  const [laptop, ...others] = machines
  const first = new Set([laptop, ...others.filter(({ busy }) => busy), ...others].slice(0, columns))
  const rows = [machines.filter((machine) => first.has(machine))]
  const rest = machines.filter((machine) => !first.has(machine))
  for (let i = 0; i < rest.length; i += columns) rows.push(rest.slice(i, i + columns))
  return rows.flatMap((inRow, row) => inRow.map((machine, column) => ({ machine, column, row })))
}
