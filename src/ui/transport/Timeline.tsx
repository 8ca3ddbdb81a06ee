import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'
import type { Step } from '../../view/step.ts'
import { useAppStore } from '../common/useApp.ts'
import css from './Timeline.module.css'
import { transportMessages as say } from './messages.ts'

interface TimelineProps {
  readonly steps: readonly Step[]
  readonly current: number
  readonly onSeek: (step: number) => void
}

/** The trace as a track: one place a step, request solid and reply hollow, changes and failures marked. Drag to seek. */
export function Timeline({ steps, current, onSeek }: TimelineProps) {
  const track = useRef<HTMLDivElement>(null)
  const wasPlaying = useRef(false)
  const store = useAppStore()
  const last = Math.max(1, steps.length - 1)
  const share = (step: number): string => `${(Math.max(0, step) / last) * 100}%`
  const seekTo = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect()
    if (!box || box.width === 0) return
    onSeek(Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * last))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = {
      ArrowRight: current + 1,
      ArrowUp: current + 1,
      ArrowLeft: current - 1,
      ArrowDown: current - 1,
      PageUp: current + 5,
      PageDown: current - 5,
      Home: 0,
      End: last,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    store.getState().setPlaying(false)
    onSeek(Math.min(last, Math.max(0, to)))
  }
  const step = steps[current]
  return (
    <div
      ref={track}
      className={css['timeline']}
      role="slider"
      tabIndex={0}
      aria-label={say.timeline}
      aria-valuemin={1}
      aria-valuemax={Math.max(1, steps.length)}
      aria-valuenow={current + 1}
      aria-valuetext={
        step ? say.spoken(current + 1, steps.length, `${step.title.place} ${step.title.action}`) : say.nothing
      }
      aria-disabled={steps.length === 0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (steps.length === 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const { trace, setPlaying } = store.getState()
        wasPlaying.current = trace.playing
        setPlaying(false)
        seekTo(event)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event)
      }}
      onPointerUp={() => {
        if (wasPlaying.current && current < last) store.getState().setPlaying(true)
        wasPlaying.current = false
      }}
    >
      <div className={css['rail']}>
        {spansOf(steps).map(({ from, to, reply }) => (
          <span
            key={from}
            className={css['span']}
            data-reply={reply}
            style={{ insetInlineStart: share(from), inlineSize: `calc(${share(to)} - ${share(from)})` }}
          />
        ))}
        {steps.length > 0 && <span className={css['done']} style={{ inlineSize: share(current) }} />}
        {steps.map(
          ({ index, tags, failed }) =>
            (tags.length > 0 || failed !== undefined) && (
              <span
                key={index}
                className={css['mark']}
                data-tone={failed === undefined ? 'changed' : 'bad'}
                style={{ insetInlineStart: share(index) }}
                title={tags.map(({ text }) => text).join(', ')}
              />
            ),
        )}
        {steps.length > 0 && <span className={css['thumb']} style={{ insetInlineStart: share(current) }} />}
      </div>
    </div>
  )
}

/** Runs of steps in one direction. */
function spansOf(
  steps: readonly Step[],
): readonly { readonly from: number; readonly to: number; readonly reply: boolean }[] {
  const spans: { from: number; to: number; reply: boolean }[] = []
  for (const { index, direction, kind } of steps) {
    const reply = direction === 'reply'
    const last = spans.at(-1)
    if (last && (last.reply === reply || kind === 'end')) last.to = index
    else spans.push({ from: last?.to ?? index, to: index, reply })
  }
  return spans
}
