import type { RefObject } from 'react'
import { pathData } from '../../view/geometry.ts'
import type { Leg } from '../../view/path.ts'
import css from './Topology.module.css'

interface CurrentLegProps {
  readonly leg: Leg | undefined
  readonly lines: RefObject<SVGGElement | null>
}

/** The leg that the packet travels now. How much of it is drawn belongs to the player (`PacketLayer`). */
export function CurrentLeg({ leg, lines }: CurrentLegProps) {
  const d = leg ? pathData(leg.points) : ''
  const reply = leg?.direction === 'reply'
  return (
    <g ref={lines} className={css['paths']} aria-hidden="true">
      {d !== '' && (
        <>
          <path d={d} className={css['path']} data-direction={reply ? 'reply' : 'request'} />
          {reply && <path d={d} className={css['hollow']} />}
        </>
      )}
    </g>
  )
}
