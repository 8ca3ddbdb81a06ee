import { useMemo, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { sightOf } from '../../view/sight.ts'
import { GraphWalkContext } from './GraphButton.tsx'
import type { GraphWalk } from './GraphButton.tsx'
import { CurrentLeg } from './CurrentLeg.tsx'
import { NodeGround } from './NodeGround.tsx'
import { NodeView } from './NodeView.tsx'
import type { Lit } from './lit.ts'
import { OutsideView } from './OutsideView.tsx'
import { PacketLayer } from './PacketLayer.tsx'
import { PathLayer } from './PathLayer.tsx'
import css from './Topology.module.css'
import { ZoomButtons } from './ZoomButtons.tsx'
import { walkGraph } from './graphWalk.ts'
import { chainAt, litAt, rolesAt } from './lighting.ts'
import { topologyMessages as say } from './messages.ts'
import { useScene } from './useScene.ts'
import type { Scene } from './useScene.ts'
import { useSize } from '../common/useSize.ts'
import { useZoom } from './useZoom.ts'
import { useApp } from '../common/useApp.ts'

/** A node and its gap, in px of the drawing. */
const COLUMN = 340
/** Below this width one node fills the canvas, and the view follows the packet. */
const ONE_NODE = 560
const DARK: Lit = { stations: [], now: undefined }

/** The cluster, and the packet on its way. */
export function Topology() {
  const frame = useRef<HTMLDivElement>(null)
  const size = useSize(frame)
  const columns = Math.max(2, Math.floor((size.width - 24) / COLUMN))
  const scene = useScene(columns)
  const { layout, steps, current, legs, panel, topology } = scene
  const mode = useApp((state) => state.run.mode)
  const speed = useApp((state) => state.trace.speed)
  const selection = useApp((state) => state.trace.selection)
  const select = useApp((state) => state.select)
  const svg = useRef<SVGSVGElement>(null)
  const viewport = useRef<SVGGElement>(null)
  const lines = useRef<SVGGElement>(null)
  const zoom = useZoom(
    svg,
    viewport,
    size.width > 0 && size.width < ONE_NODE ? sightOf(layout, steps, legs, current, size) : layout.bounds,
    size,
  )
  const [active, enter] = useState<string>()
  const walk = useMemo((): GraphWalk => ({ active: active ?? firstOf(scene), enter }), [active, scene])
  const step = steps[current]
  const roles = useMemo(() => rolesAt(steps, current, panel), [steps, current, panel])
  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>): void => {
    if (!(event.target instanceof Element) || !walkGraph(event.currentTarget, event.target, event.key)) return
    event.preventDefault()
  }
  return (
    <div className={css['frame']} ref={frame}>
      <svg
        ref={svg}
        className={css['canvas']}
        data-zoom={zoom.level}
        data-own-keys=""
        role="group"
        aria-label={say.canvas}
        onKeyDown={onKeyDown}
      >
        <g ref={viewport}>
          <GraphWalkContext value={walk}>
            {layout.nodes.length > 0 && (
              <OutsideView layout={layout} now={step?.at} selection={selection} select={select} />
            )}
            {layout.nodes.map((node) => (
              <NodeGround key={node.node.name} layout={node} selection={selection} select={select} />
            ))}
            <PathLayer legs={legs} current={current} />
            <CurrentLeg leg={legs[current]} lines={lines} />
            {layout.nodes.map((node) => (
              <NodeView
                key={node.node.name}
                layout={node}
                mode={mode}
                lit={litAt(steps, current, node.node.name) ?? DARK}
                panel={panel}
                chain={chainAt(steps, current, node.node.name)}
                roles={roles}
                selection={selection}
                select={select}
              />
            ))}
          </GraphWalkContext>
          <PacketLayer step={step} leg={legs[current]} lines={lines} speed={speed} layout={layout} />
        </g>
      </svg>
      {topology.nodes.length === 0 && <p className={css['empty']}>{say.empty}</p>}
      {topology.pending.length > 0 && <p className={css['pending']}>{say.pending(topology.pending.length)}</p>}
      <ZoomButtons zoom={zoom} />
    </div>
  )
}

function firstOf({ layout }: Scene): string | undefined {
  return layout.outside[0]?.machine.id ?? layout.nodes[0]?.node.name
}
