import { memo } from 'react'
import type { Selection } from '../../state/traceSlice.ts'
import { pathData } from '../../view/geometry.ts'
import type { NodeLayout } from '../../view/topologyLayout.ts'
import { GraphButton } from './GraphButton.tsx'
import css from './Topology.module.css'
import { topologyMessages as say } from './messages.ts'

interface NodeGroundProps {
  readonly layout: NodeLayout
  readonly selection: Selection | undefined
  readonly select: (selection: Selection) => void
}

/** One node's box, the border between user space and kernel, and its wires: what packets are drawn upon. */
export const NodeGround = memo(function NodeGround({ layout, selection, select }: NodeGroundProps) {
  const { node, box, kernel } = layout
  const key = `Node/${node.name}`
  return (
    <g>
      <GraphButton
        id={key}
        name={say.names.node(node.name, node.ip, node.ready)}
        selected={selection?.type === 'object' && selection.key === key}
        onSelect={() => {
          select({ type: 'object', key })
        }}
        className={css['node']}
        data-ready={node.ready}
      >
        <rect x={box.x} y={box.y} width={box.w} height={box.h} rx={12} className={css['nodeBox']} />
        <text x={box.x + 14} y={box.y + 24} className={css['nodeName']}>
          {node.name}
        </text>
        <text x={box.x + box.w - 14} y={box.y + 24} textAnchor="end" className={css['nodeIp']}>
          {node.ip}
        </text>
      </GraphButton>
      <text x={box.x + 14} y={box.y + 46} className={css['caps']}>
        {say.userSpace}
      </text>
      <rect x={kernel.x} y={kernel.y} width={kernel.w} height={kernel.h} rx={10} className={css['kernel']} />
      <text x={kernel.x + 10} y={kernel.y + kernel.h - 8} className={css['caps']}>
        {say.kernel}
      </text>
      {layout.wires.map((points) => (
        <path key={pathData(points)} d={pathData(points)} className={css['wire']} />
      ))}
      {layout.occupants.map(
        ({ occupant, veth }) =>
          veth.length > 0 && <path key={occupant.id} d={pathData(veth, 3)} className={css['veth']} />,
      )}
    </g>
  )
})
