import type { ProxyMode } from '../../engine/index.ts'
import type { Rect } from '../../view/geometry.ts'
import type { ServicePanel } from '../../view/servicePanel.ts'
import { GraphButton } from './GraphButton.tsx'
import css from './Topology.module.css'
import { topologyMessages as say } from './messages.ts'

interface PanelViewProps {
  readonly rect: Rect
  readonly panel: ServicePanel
  readonly mode: ProxyMode
  readonly node: string
  /** The chain or virtual server that decided, where one has. */
  readonly chain: string | undefined
  readonly lit: boolean
  readonly selected: boolean
  readonly onSelect: () => void
}

const DIE_GAP = 3

/** The Service in one node's kernel: a rule that every node has, with its dice. */
export function PanelView({ rect, panel, mode, node, chain, lit, selected, onSelect }: PanelViewProps) {
  const { service, address, dice, more, method, others } = panel
  const x = rect.x + 10
  const caption = lit
    ? mode === 'ipvs'
      ? `virtual server · ${method}`
      : say.aRule
    : mode === 'ipvs'
      ? say.sameServers
      : say.sameRules
  const room = rect.w - 20 - (more > 0 ? 24 : 0)
  const width = Math.min(36, Math.floor((room + DIE_GAP) / Math.max(1, dice.length)) - DIE_GAP)
  const y = rect.y + rect.h - 31
  return (
    <GraphButton
      id={`node/${node} service`}
      name={say.names.service(service.name, address, node)}
      selected={selected}
      onSelect={onSelect}
      className={css['panel']}
      data-lit={lit}
    >
      <rect x={rect.x} y={rect.y} width={rect.w} height={rect.h} rx={8} className={css['panelBox']} />
      <text x={x} y={rect.y + 17} className={css['panelName']}>
        {service.name.length > 21 ? `${service.name.slice(0, 20)}…` : service.name}
      </text>
      {others > 0 && (
        <text x={rect.x + rect.w - 8} y={rect.y + 16} textAnchor="end" className={css['faint']}>
          {say.others(others)}
          <title>{say.othersName(others)}</title>
        </text>
      )}
      <text x={x} y={rect.y + 32} className={css['panelAddress']}>
        {address}
      </text>
      <text x={x} y={rect.y + 46} className={lit && chain !== undefined ? css['panelChain'] : css['faint']}>
        {lit && chain !== undefined ? (chain.length > 22 ? `${chain.slice(0, 21)}…` : chain) : caption}
      </text>
      {mode === 'userspace' && (
        <text x={x} y={y + 16} className={css['small']}>
          {say.handsOver}
        </text>
      )}
      {mode !== 'userspace' && dice.length === 0 && (
        <text x={x} y={y + 18} className={css['panelEmpty']}>
          {say.noEndpoints}
        </text>
      )}
      {(mode === 'userspace' ? [] : dice).map((die, i) => (
        <g key={die.name} className={css['die']} data-state={lit ? die.state : 'idle'}>
          <rect x={x + i * (width + DIE_GAP)} y={y} width={width} height={23} rx={5} />
          <text
            x={x + i * (width + DIE_GAP) + width / 2}
            y={y + 16}
            textAnchor="middle"
            data-long={die.text.length > 3}
          >
            {die.text}
          </text>
          <title>{die.name}</title>
        </g>
      ))}
      {mode !== 'userspace' && more > 0 && (
        <text x={x + dice.length * (width + DIE_GAP) + 2} y={y + 16} className={css['faint']}>
          {say.moreDice(more)}
        </text>
      )}
    </GraphButton>
  )
}
