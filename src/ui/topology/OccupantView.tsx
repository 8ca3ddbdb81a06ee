import type { Selection } from '../../state/traceSlice.ts'
import type { Rect } from '../../view/geometry.ts'
import { shortStem } from '../../view/podName.ts'
import type { Occupant } from '../../view/podSlots.ts'
import type { TopologyPod } from '../../view/topology.ts'
import { GraphButton } from './GraphButton.tsx'
import type { Role } from './lit.ts'
import css from './Topology.module.css'
import { topologyMessages as say } from './messages.ts'

interface OccupantViewProps {
  readonly occupant: Occupant
  readonly rect: Rect
  readonly node: string
  readonly role: Role | undefined
  readonly selection: Selection | undefined
  readonly select: (selection: Selection) => void
}

/** One box of a node's user space. */
export function OccupantView({ occupant, rect, node, role, selection, select }: OccupantViewProps) {
  const { wanted, name } = describe(occupant, node)
  return (
    <GraphButton
      id={occupant.id}
      name={name}
      selected={sameSelection(selection, wanted)}
      onSelect={() => {
        select(wanted)
      }}
      className={css['pod']}
      data-kind={occupant.type}
      data-role={role}
      data-state={occupant.type === 'pod' ? occupant.pod.state : undefined}
    >
      {occupant.type === 'stack' && (
        <>
          <rect x={rect.x + 6} y={rect.y - 5} width={rect.w - 6} height={rect.h} rx={8} className={css['podBox']} />
          <rect x={rect.x + 3} y={rect.y - 2} width={rect.w - 3} height={rect.h} rx={8} className={css['podBox']} />
        </>
      )}
      <rect x={rect.x} y={rect.y} width={rect.w} height={rect.h} rx={8} className={css['podBox']} />
      <Text occupant={occupant} rect={rect} node={node} />
    </GraphButton>
  )
}

function Text({ occupant, rect, node }: Pick<OccupantViewProps, 'occupant' | 'rect' | 'node'>) {
  const [x, first, second] = [rect.x + 10, rect.y + 19, rect.y + 35]
  switch (occupant.type) {
    case 'pod':
      return <PodText pod={occupant.pod} rect={rect} />
    case 'stack': {
      const ready = occupant.pods.filter(({ state }) => state === 'ready').length
      return (
        <>
          <text x={x} y={first} className={css['podName']}>
            {cut(occupant.group.slice(occupant.group.indexOf('/') + 1), 11)}
          </text>
          <text x={x} y={second} className={css['small']}>
            {say.stack(ready, occupant.pods.length)}
          </text>
        </>
      )
    }
    case 'process':
      return (
        <>
          <text x={x} y={first} className={css['podName']}>
            {say.process}
          </text>
          <text x={x} y={second} className={css['small']}>
            {say.processHint(node)}
          </text>
        </>
      )
    case 'more':
      return (
        <text x={x} y={first + 8} className={css['small']}>
          {say.more(occupant.count)}
        </text>
      )
  }
}

function PodText({ pod, rect }: { readonly pod: TopologyPod; readonly rect: Rect }) {
  const suffix = pod.stem === '' ? cut(pod.suffix, 11) : pod.suffix
  return (
    <>
      <text x={rect.x + 10} y={rect.y + 19}>
        <tspan className={css['podStem']}>{shortStem(pod.stem, 10 - suffix.length)}</tspan>
        <tspan className={css['podName']}>{suffix}</tspan>
      </text>
      <text
        x={rect.x + 10}
        y={rect.y + 35}
        className={css['address']}
        textLength={pod.ip.length > 12 ? rect.w - 16 : undefined}
        lengthAdjust="spacingAndGlyphs"
      >
        {pod.ip === '' ? say.states[pod.state] : pod.ip}
      </text>
      <StateMark state={pod.state} x={rect.x + rect.w - 10} y={rect.y + 10} />
    </>
  )
}

/** Ready is a full dot; the others differ in shape too. */
function StateMark({ state, x, y }: { readonly state: TopologyPod['state']; readonly x: number; readonly y: number }) {
  if (state === 'terminating') {
    return <path d={`M${x - 3} ${y - 3}l6 6m0 -6l-6 6`} className={css['stateMark']} data-state={state} />
  }
  return <circle cx={x} cy={y} r={3.5} className={css['stateMark']} data-state={state} />
}

function describe(occupant: Occupant, node: string): { readonly wanted: Selection; readonly name: string } {
  switch (occupant.type) {
    case 'pod':
      return { wanted: { type: 'object', key: occupant.pod.key }, name: say.names.pod(occupant.pod) }
    case 'stack':
      return {
        wanted: { type: 'place', at: `node/${node}`, station: occupant.group },
        name: say.names.stack(occupant.group, occupant.pods.length, node),
      }
    case 'process':
      return { wanted: { type: 'place', at: `node/${node}`, station: 'process' }, name: say.names.process(node) }
    case 'more':
      return { wanted: { type: 'object', key: `Node/${node}` }, name: say.more(occupant.count) }
  }
}

function sameSelection(a: Selection | undefined, b: Selection): boolean {
  if (a?.type === 'object' && b.type === 'object') return a.key === b.key
  return a?.type === 'place' && b.type === 'place' && a.at === b.at && a.station === b.station
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`)
