import { memo } from 'react'
import type { Selection } from '../../state/traceSlice.ts'
import { pathData } from '../../view/geometry.ts'
import type { TopologyLayout } from '../../view/topologyLayout.ts'
import { GraphButton } from './GraphButton.tsx'
import css from './Topology.module.css'
import { topologyMessages as say } from './messages.ts'

interface OutsideViewProps {
  readonly layout: TopologyLayout
  readonly now: string | undefined
  readonly selection: Selection | undefined
  readonly select: (selection: Selection) => void
}

/** What stands above the nodes: machines outside, nodes that are not drawn whole, and the wire that joins all. */
export const OutsideView = memo(function OutsideView({ layout, now, selection, select }: OutsideViewProps) {
  const { lan, outside, hung, tiles, moreNodes, nodes } = layout
  const caption = Math.min(...outside.map(({ rect }) => rect.y)) - 8
  const [tile] = tiles
  const last = nodes.at(-1)
  return (
    <g>
      <path d={pathData(lan.wire, 8)} className={css['lan']} />
      {hung.map(({ x, y, w, h }) => (
        <path key={x} d={`M${x + w / 2} ${y + h}V${lan.bus}`} className={css['lan']} />
      ))}
      {nodes.map(({ stations, node }) => {
        const eth = stations.get('eth0')
        return (
          eth && (
            <path key={node.name} d={`M${eth.x + eth.w / 2} ${eth.y + eth.h}V${lan.bottom}`} className={css['lan']} />
          )
        )
      })}
      {last && (
        <text x={last.box.x + last.box.w} y={lan.bottom + 4} textAnchor="end" className={css['faint']}>
          {say.lan}
        </text>
      )}
      <text x={0} y={caption} className={css['caps']}>
        {say.outside}
      </text>
      {tile && (
        <text x={tile.rect.x} y={Math.min(...tiles.map(({ rect }) => rect.y)) - 8} className={css['caps']}>
          {say.otherNodes}
        </text>
      )}
      {outside.map(({ machine: { id, name, detail = id.slice(id.indexOf('/') + 1), off = false }, rect }) => (
        <GraphButton
          key={id}
          id={id}
          name={say.names.outside(name, detail)}
          selected={selection?.type === 'place' && selection.at === id}
          onSelect={() => {
            select({ type: 'place', at: id })
          }}
          className={css['pod']}
          data-role={now === id ? 'client' : undefined}
          data-state={off ? 'off' : undefined}
        >
          <rect x={rect.x} y={rect.y} width={rect.w} height={rect.h} rx={8} className={css['podBox']} />
          <text x={rect.x + 12} y={rect.y + 19} className={css['podName']}>
            {name}
          </text>
          <text x={rect.x + 12} y={rect.y + 35} className={css['address']}>
            {detail}
          </text>
        </GraphButton>
      ))}
      {tiles.map(({ node, rect }) => {
        const key = `Node/${node.name}`
        return (
          <GraphButton
            key={key}
            id={key}
            name={say.names.node(node.name, node.ip, node.ready)}
            selected={selection?.type === 'object' && selection.key === key}
            onSelect={() => {
              select({ type: 'object', key })
            }}
            className={css['tile']}
            data-ready={node.ready}
          >
            <rect x={rect.x} y={rect.y} width={rect.w} height={rect.h} rx={8} />
            <text x={rect.x + 12} y={rect.y + 19} className={css['podName']}>
              {node.name}
            </text>
            <text x={rect.x + rect.w - 10} y={rect.y + 19} textAnchor="end" className={css['faint']}>
              {say.podCount(node.pods.length)}
            </text>
            <text x={rect.x + 12} y={rect.y + 35} className={css['address']}>
              {node.ip}
            </text>
          </GraphButton>
        )
      })}
      {moreNodes && (
        <g className={css['tile']}>
          <rect x={moreNodes.rect.x} y={moreNodes.rect.y} width={moreNodes.rect.w} height={moreNodes.rect.h} rx={8} />
          <text x={moreNodes.rect.x + 12} y={moreNodes.rect.y + 27} className={css['small']}>
            {say.moreNodes(moreNodes.count)}
          </text>
        </g>
      )}
    </g>
  )
})
