import { useEffect, useRef } from 'react'
import { useApp } from '../common/useApp.ts'
import css from './TraceText.module.css'
import { traceMessages as say } from './messages.ts'

interface TraceTextProps {
  readonly cursor: number
  readonly onSeek: (event: number) => void
}

/** The trace as the headless command prints it, in step with the canvas: a press on a line goes there. */
export function TraceText({ cursor, onSeek }: TraceTextProps) {
  const lines = useApp((state) => state.trace.printed.get(state.trace.current))
  const printCurrent = useApp((state) => state.printCurrent)
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    if (!lines) printCurrent()
  }, [lines, printCurrent])
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [cursor, lines])
  return (
    <ol ref={list} className={css['text']} aria-label={say.text}>
      {lines?.map(({ text, event }, i) => (
        // A printed trace never changes: a line's place is its name.
        <li
          key={i}
          data-state={event === undefined ? undefined : event < cursor ? 'past' : event > cursor ? 'next' : 'now'}
        >
          {event === undefined ? (
            text
          ) : (
            <button
              type="button"
              tabIndex={event === cursor ? 0 : -1}
              aria-current={event === cursor ? 'step' : undefined}
              onClick={() => {
                onSeek(event)
              }}
            >
              {text}
            </button>
          )}
        </li>
      ))}
    </ol>
  )
}
