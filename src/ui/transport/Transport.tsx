import type { ReactNode } from 'react'
import { SPEED_RANGE } from '../../state/traceSlice.ts'
import { selectTrace } from '../../state/select.ts'
import { formatElapsed } from '../../view/format.ts'
import { hopAt, hopsOf } from '../../view/hops.ts'
import { stepsOf, topologyOf } from '../../view/remember.ts'
import type { Step } from '../../view/step.ts'
import { useApp } from '../common/useApp.ts'
import { PHONE, useMedia } from '../common/useMedia.ts'
import { Clock } from './Clock.tsx'
import { Timeline } from './Timeline.tsx'
import css from './Transport.module.css'
import { transportMessages as say } from './messages.ts'
import { usePlayer } from './usePlayer.ts'

const NO_STEPS: readonly Step[] = []

/** Play, step, speed and the timeline. */
export function Transport() {
  usePlayer()
  const trace = useApp(selectTrace)
  const objects = useApp((state) => state.cluster.objects)
  const cursor = useApp((state) => state.trace.cursor)
  const { seek, setPlaying, step: go, stepToEdge } = useActions()
  const playing = useApp((state) => state.trace.playing)
  const steps = trace ? stepsOf(trace, topologyOf(objects)) : NO_STEPS
  const current = trace ? hopAt(hopsOf(trace), cursor) : -1
  const off = steps.length === 0
  const phone = useMedia(PHONE)
  const onSeek = (to: number): void => {
    const wanted = steps[to]
    if (wanted) seek(wanted.to)
  }
  return (
    <div className={css['transport']}>
      <div className={css['buttons']} role="group" aria-label={say.play}>
        <Tool
          label={say.first}
          path="M3.5 3v10M13 3.5L6 8l7 4.5z"
          off={off}
          wide
          onPress={() => {
            stepToEdge('start')
          }}
        />
        <Tool
          label={say.back}
          path="M11.5 3.5L4.5 8l7 4.5z"
          off={off}
          onPress={() => {
            go(-1)
          }}
        />
        <Tool
          label={playing ? say.pause : say.play}
          path={playing ? 'M5 3.5v9M11 3.5v9' : 'M5 3l8 5-8 5z'}
          off={off}
          main
          onPress={() => {
            setPlaying(!playing)
          }}
        />
        <Tool
          label={say.next}
          path="M4.5 3.5L11.5 8l-7 4.5z"
          off={off}
          onPress={() => {
            go(1)
          }}
        />
        <Tool
          label={say.last}
          path="M12.5 3v10M3 3.5L10 8l-7 4.5z"
          off={off}
          wide
          onPress={() => {
            stepToEdge('end')
          }}
        />
      </div>
      <Speed />
      <Granularity />
      {off ? (
        <p className={css['nothing']}>{say.nothing}</p>
      ) : (
        <Timeline steps={steps} current={current} onSeek={onSeek} />
      )}
      {!off && (
        <span className={css['position']}>
          <span>{say.position(current + 1, steps.length)}</span>
          <span className={css['time']}>{formatElapsed(steps[current]?.elapsed ?? 0)}</span>
        </span>
      )}
      {!phone && <Clock />}
    </div>
  )
}

function useActions() {
  return {
    seek: useApp((state) => state.seek),
    setPlaying: useApp((state) => state.setPlaying),
    step: useApp((state) => state.step),
    stepToEdge: useApp((state) => state.stepToEdge),
  }
}

interface ToolProps {
  readonly label: string
  readonly path: string
  readonly off: boolean
  readonly main?: boolean
  /** Left out where there is little room. */
  readonly wide?: boolean
  readonly onPress: () => void
}

function Tool({ label, path, off, main = false, wide = false, onPress }: ToolProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={off}
      className={css['tool']}
      data-main={main}
      data-wide={wide}
      onClick={onPress}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  )
}

/** Logarithmic, so that slow and fast have equal room. */
function Speed() {
  const speed = useApp((state) => state.trace.speed)
  const setSpeed = useApp((state) => state.setSpeed)
  return (
    <label className={css['speed']}>
      <span className="spoken">{say.speed}</span>
      <input
        type="range"
        min={Math.log2(SPEED_RANGE.min)}
        max={Math.log2(SPEED_RANGE.max)}
        step={0.01}
        value={Math.log2(speed)}
        aria-valuetext={say.speedValue(speed)}
        onChange={(event) => {
          const wanted = 2 ** Number(event.target.value)
          // A small pull towards the natural speed.
          setSpeed(Math.abs(wanted - 1) < 0.08 ? 1 : wanted)
        }}
      />
      <output>{say.speedValue(speed)}</output>
    </label>
  )
}

function Granularity() {
  const granularity = useApp((state) => state.trace.granularity)
  const setGranularity = useApp((state) => state.setGranularity)
  return (
    <label className={css['granularity']} title={say.rulesHint}>
      <input
        type="checkbox"
        checked={granularity === 'rule'}
        onChange={(event) => {
          setGranularity(event.target.checked ? 'rule' : 'hop')
        }}
      />
      {say.rules}
    </label>
  )
}
