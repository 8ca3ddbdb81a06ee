import { useEffect, useRef } from 'react'
import type { RefObject } from 'react'
import type { Rect } from '../../view/geometry.ts'
import type { Leg } from '../../view/path.ts'
import { easeInOut, travelMs } from '../../view/playback.ts'
import { packetLabel } from '../../view/packetLabel.ts'
import type { PacketLabel } from '../../view/packetLabel.ts'
import type { Step } from '../../view/step.ts'
import type { TopologyLayout } from '../../view/topologyLayout.ts'
import { useMedia } from '../common/useMedia.ts'
import css from './Topology.module.css'

interface PacketLayerProps {
  readonly step: Step | undefined
  readonly leg: Leg | undefined
  /** Holds the current leg's paths. */
  readonly lines: RefObject<SVGGElement | null>
  readonly speed: number
  readonly layout: TopologyLayout
}

/** The packet. The frame loop below owns its motion and how much of its leg is drawn; React only what they are. */
export function PacketLayer({ step, leg, lines, speed, layout }: PacketLayerProps) {
  const packet = useRef<SVGGElement>(null)
  const shown = useRef<{ leg: Leg | undefined; step: number }>({ leg: undefined, step: -1 })
  const still = useMedia('(prefers-reduced-motion: reduce)')

  useEffect(() => {
    const mark = packet.current
    const paths = lines.current?.querySelectorAll('path') ?? []
    const [path] = paths
    const before = shown.current
    shown.current = { leg, step: step?.index ?? -1 }
    if (!mark || !leg?.rest || !step) return
    const { rest } = leg
    const length = path?.getTotalLength() ?? 0
    const show = (share: number): void => {
      const at = share >= 1 || !path ? rest : path.getPointAtLength(length * share)
      mark.setAttribute('transform', `translate(${at.x} ${at.y})`)
      for (const one of paths) one.setAttribute('stroke-dasharray', `${length * share} ${length + 1}`)
    }
    // Only a step onwards travels; a jump, a step back and a step within the hop stand at once.
    const onwards = before.step === step.index - 1
    if (before.step === step.index || !onwards || still || length === 0) {
      if (before.leg !== leg || before.step !== step.index) show(1)
      return
    }
    let frame = 0
    let start: number | undefined
    const duration = travelMs(step) / speed
    const tick = (now: number): void => {
      start ??= now
      const share = Math.min(1, (now - start) / duration)
      show(easeInOut(share))
      if (share < 1) frame = requestAnimationFrame(tick)
    }
    show(0)
    frame = requestAnimationFrame(tick)
    return () => {
      cancelAnimationFrame(frame)
      show(1)
    }
    // A new speed counts from the next step on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [leg, step, lines, still])

  if (!step || !leg?.rest) return <g data-layer="packets" />
  const reply = leg.direction === 'reply'
  const label = packetLabel(step, leg, layout)
  return (
    <g data-layer="packets" aria-hidden="true">
      <g ref={packet} className={css['packet']} data-reply={reply} data-failed={step.failed !== undefined}>
        <Mark step={step} />
        {label && <Label label={label} />}
      </g>
    </g>
  )
}

/** TCP circle, UDP square, ICMP triangle, DNS diamond; hollow for replies; a cross where it ended. */
function Mark({ step }: { readonly step: Step }) {
  const { packet, failed, verdict } = step
  if (failed !== undefined || verdict?.ok === false) {
    return (
      <>
        <circle r={11} className={css['cross']} />
        <path d="M-5 -5L5 5M5 -5L-5 5" className={css['crossLines']} />
      </>
    )
  }
  if (verdict) {
    return (
      <>
        <circle r={11} className={css['tick']} />
        <path d="M-5 0L-1.5 4L5.5 -4.5" className={css['tickLine']} />
      </>
    )
  }
  const dns = packet?.protocol === 'UDP' && (packet.destination.port === 53 || packet.source.port === 53)
  return (
    <>
      <circle r={14} className={css['halo']} />
      {packet?.protocol === 'ICMP' ? (
        <path d="M0 -10L9 7H-9Z" className={css['mark']} />
      ) : dns ? (
        <path d="M0 -10L10 0L0 10L-10 0Z" className={css['mark']} />
      ) : packet?.protocol === 'UDP' ? (
        <rect x={-8} y={-8} width={16} height={16} className={css['mark']} />
      ) : (
        <circle r={8.5} className={css['mark']} />
      )}
    </>
  )
}

/** The one thing that floats over the canvas. */
function Label({ label: { text, rect } }: { readonly label: PacketLabel }) {
  return (
    <g className={css['label']}>
      <rect {...box(rect)} rx={4} />
      <text x={rect.x + 6} y={rect.y + 13}>
        {text}
      </text>
    </g>
  )
}

const box = ({ x, y, w, h }: Rect) => ({ x, y, width: w, height: h })
