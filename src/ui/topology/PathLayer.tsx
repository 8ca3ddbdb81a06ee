import { memo } from 'react'
import { pathData } from '../../view/geometry.ts'
import type { Leg } from '../../view/path.ts'
import css from './Topology.module.css'

interface PathLayerProps {
  readonly legs: readonly Leg[]
  /** Legs before this one are past; the current one belongs to the player. */
  readonly current: number
}

/** The way so far: solid for the request, hollow for the reply; earlier packets faint. */
export const PathLayer = memo(function PathLayer({ legs, current }: PathLayerProps) {
  const now = legs[current]
  const past = legs.slice(0, current).filter(({ points }) => points.length > 1)
  return (
    <g className={css['paths']} aria-hidden="true">
      {past
        .filter(({ packetId }) => packetId !== now?.packetId)
        .slice(-24)
        .map((leg) => (
          <path key={leg.step} d={pathData(leg.points)} className={css['path']} data-age="old" />
        ))}
      {past
        .filter(({ packetId }) => packetId === now?.packetId)
        .map((leg) => (
          <Way key={leg.step} d={pathData(leg.points)} reply={leg.direction === 'reply'} />
        ))}
    </g>
  )
})

function Way({ d, reply }: { readonly d: string; readonly reply: boolean }) {
  return (
    <>
      <path d={d} className={css['path']} data-direction={reply ? 'reply' : 'request'} />
      {reply && <path d={d} className={css['hollow']} />}
    </>
  )
}
