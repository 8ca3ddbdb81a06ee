import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { formatElapsed } from '../../view/format.ts'
import type { Step } from '../../view/step.ts'
import css from './StepList.module.css'
import { TagView } from './TagView.tsx'
import { traceMessages as say } from './messages.ts'

interface StepListProps {
  readonly steps: readonly Step[]
  readonly current: number
  readonly cursor: number
  readonly onSeek: (event: number) => void
}

/** The trace as rows: a press goes there. Rows of later packets unfold into their stops. */
export function StepList({ steps, current, cursor, onSeek }: StepListProps) {
  const list = useRef<HTMLOListElement>(null)
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [current])
  const toggle = (index: number): void => {
    setOpen((before) => {
      const after = new Set(before)
      if (!after.delete(index)) after.add(index)
      return after
    })
  }
  return (
    <ol ref={list} className={css['steps']} aria-label={say.steps}>
      {steps.map((step) => (
        <li key={step.index}>
          <Row step={step} state={stateOf(step.index, current)} onSeek={onSeek}>
            {step.stops && (
              <button
                type="button"
                className={css['fold']}
                aria-expanded={open.has(step.index)}
                aria-label={(open.has(step.index) ? say.collapse : say.expand)(titleText(step))}
                onClick={() => {
                  toggle(step.index)
                }}
              >
                <svg viewBox="0 0 16 16" aria-hidden="true">
                  <path d="M6 4l4 4-4 4" />
                </svg>
              </button>
            )}
          </Row>
          {step.stops && open.has(step.index) && (
            <ol className={css['stops']}>
              {step.stops.map((stop) => (
                <li key={stop.from}>
                  <Row
                    step={stop}
                    inner
                    state={cursor > stop.to ? 'past' : cursor >= stop.from ? 'now' : 'next'}
                    onSeek={onSeek}
                  />
                </li>
              ))}
            </ol>
          )}
        </li>
      ))}
    </ol>
  )
}

type RowState = 'past' | 'now' | 'next'

const stateOf = (index: number, current: number): RowState =>
  index < current ? 'past' : index === current ? 'now' : 'next'

interface RowProps {
  readonly step: Step
  readonly state: RowState
  readonly inner?: boolean
  readonly onSeek: (event: number) => void
  readonly children?: ReactNode
}

function Row({ step, state, inner = false, onSeek, children }: RowProps) {
  const { title, tags, direction, verdict } = step
  return (
    <div className={css['row']} data-state={state} data-verdict={verdict && (verdict.ok ? 'ok' : 'bad')}>
      <button
        type="button"
        className={css['go']}
        aria-current={state === 'now' ? 'step' : undefined}
        onClick={() => {
          onSeek(step.to)
        }}
      >
        <i>{inner ? '' : step.index + 1}</i>
        <i className={css['time']}>{formatElapsed(step.elapsed)}</i>
        <span className={css['title']}>
          {direction === 'reply' && !verdict && (
            <span className={css['reply']} title={say.reply}>
              ←<span className="spoken">{say.reply}</span>
            </span>
          )}
          <b>{title.place}</b> {title.action}
          {tags.map((tag) => (
            <TagView key={tag.text} tag={tag} />
          ))}
        </span>
      </button>
      {children}
    </div>
  )
}

export const titleText = ({ title }: Step): string => `${title.place} ${title.action}`.trim()
