import { memo } from 'react'
import type { ProxyMode } from '../../engine/index.ts'
import type { Selection } from '../../state/traceSlice.ts'
import type { Station } from '../../view/places.ts'
import type { NodeLayout } from '../../view/topologyLayout.ts'
import type { ServicePanel } from '../../view/servicePanel.ts'
import { GraphButton } from './GraphButton.tsx'
import type { Lit, Role } from './lit.ts'
import { OccupantView } from './OccupantView.tsx'
import { PanelView } from './PanelView.tsx'
import css from './Topology.module.css'
import { topologyMessages as say } from './messages.ts'

interface NodeViewProps {
  readonly layout: NodeLayout
  readonly mode: ProxyMode
  readonly lit: Lit
  readonly panel: ServicePanel | undefined
  readonly chain: string | undefined
  /** Namespaces: who sends, who may answer, who answered. */
  readonly roles: ReadonlyMap<string, Role>
  readonly selection: Selection | undefined
  readonly select: (selection: Selection) => void
}

const ROUND: readonly Station[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING', 'route']

/** What stands on a node's ground: pods above, stations and the Service's rules in the kernel. */
export const NodeView = memo(function NodeView(props: NodeViewProps) {
  const { layout, mode, lit, panel, chain, roles, selection, select } = props
  const { node } = layout
  return (
    <g data-node={node.name}>
      {panel && (
        <PanelView
          rect={layout.panel}
          panel={panel}
          mode={mode}
          node={node.name}
          chain={chain}
          lit={lit.stations.includes(mode === 'ipvs' ? 'ipvs' : 'service')}
          selected={selection?.type === 'object' && selection.key === panel.service.key}
          onSelect={() => {
            select({ type: 'object', key: panel.service.key })
          }}
        />
      )}
      {[...layout.stations].map(
        ([station, rect]) =>
          station !== 'service' &&
          station !== 'ipvs' && (
            <GraphButton
              key={station}
              id={`node/${node.name} ${station}`}
              name={say.names.station(node.name, station)}
              selected={
                selection?.type === 'place' && selection.at === `node/${node.name}` && selection.station === station
              }
              onSelect={() => {
                select({ type: 'place', at: `node/${node.name}`, station })
              }}
              className={css['station']}
              data-lit={lit.now === station ? 'now' : lit.stations.includes(station) ? 'passed' : undefined}
              data-kind={ROUND.includes(station) ? 'hook' : 'interface'}
            >
              <rect
                x={rect.x}
                y={rect.y}
                width={rect.w}
                height={rect.h}
                rx={ROUND.includes(station) ? rect.h / 2 : 4}
              />
              <text x={rect.x + rect.w / 2} y={rect.y + rect.h / 2 + 4} textAnchor="middle">
                {station}
              </text>
            </GraphButton>
          ),
      )}
      <KubeProxy {...props} />
      {layout.occupants.map(({ occupant, rect }) => (
        <OccupantView
          key={occupant.id}
          occupant={occupant}
          rect={rect}
          node={node.name}
          role={roleOf(occupant, roles)}
          selection={selection}
          select={select}
        />
      ))}
    </g>
  )
})

function KubeProxy({ layout, mode, lit, panel, selection, select }: NodeViewProps) {
  const { node, kubeProxy: rect } = layout
  const at = `node/${node.name}`
  const key = node.kubeProxy
  const wanted: Selection = key === undefined ? { type: 'place', at, station: 'kubeProxy' } : { type: 'object', key }
  const picked = lit.stations.includes('kubeProxy') ? panel?.dice.find(({ state }) => state === 'won') : undefined
  const selected =
    selection?.type === 'place'
      ? selection.at === at && selection.station === 'kubeProxy'
      : selection?.type === 'object' && selection.key === key
  return (
    <GraphButton
      id={`${at} kube-proxy`}
      name={say.names.kubeProxy(node.name, mode)}
      selected={selected}
      onSelect={() => {
        select(wanted)
      }}
      className={css['kubeProxy']}
      data-solid={mode === 'userspace'}
      data-lit={lit.now === 'kubeProxy' ? 'now' : lit.stations.includes('kubeProxy') ? 'passed' : undefined}
    >
      <rect x={rect.x} y={rect.y} width={rect.w} height={rect.h} rx={8} />
      <text x={rect.x + 10} y={rect.y + 19} className={css['kubeProxyName']}>
        kube-proxy
      </text>
      <text x={rect.x + 10} y={rect.y + 35} className={css['small']}>
        {mode !== 'userspace' ? say.wroteRules : picked ? say.picked(picked.text) : say.carries}
      </text>
    </GraphButton>
  )
}

function roleOf(
  occupant: NodeLayout['occupants'][number]['occupant'],
  roles: ReadonlyMap<string, Role>,
): Role | undefined {
  if (occupant.type === 'stack') {
    return occupant.pods.map(({ id }) => roles.get(id)).find((role) => role !== undefined)
  }
  return occupant.type === 'process' ? 'client' : roles.get(occupant.id)
}
