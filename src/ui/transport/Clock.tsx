import { useRef } from 'react'
import { formatClock } from '../../view/format.ts'
import { placePopover } from '../common/placePopover.ts'
import { useApp } from '../common/useApp.ts'
import css from './Clock.module.css'
import { transportMessages as say } from './messages.ts'

const ID = 'clock'
const SPANS: readonly number[] = [100, 1_000, 10_000, 60_000, 600_000]

/** The cluster's virtual time. It runs by itself until all is quiet, unless it is held: then it passes as one lets it. */
export function Clock() {
  const now = useApp((state) => state.cluster.now)
  const held = useApp((state) => state.cluster.held)
  const quiet = useApp((state) => state.cluster.quiet)
  const booting = useApp((state) => state.run.booting)
  const holdClock = useApp((state) => state.holdClock)
  const letTimePass = useApp((state) => state.letTimePass)
  const button = useRef<HTMLButtonElement>(null)
  return (
    <>
      <button
        ref={button}
        type="button"
        className={css['clock']}
        data-held={held}
        title={say.clockHint}
        disabled={booting}
        popoverTarget={ID}
      >
        <span>
          <span className="spoken">{say.clockName} </span>
          {say.clock(formatClock(now))}
        </span>
        {held && <span className={css['state']}>{quiet ? say.quiet : say.underWay}</span>}
      </button>
      <div
        id={ID}
        popover="auto"
        className={css['menu']}
        onToggle={(event) => {
          placePopover(event, button.current, 'above')
        }}
      >
        <label>
          <input
            type="checkbox"
            checked={held}
            onChange={(event) => {
              holdClock(event.target.checked)
            }}
          />
          {say.hold}
        </label>
        <p>{held ? say.heldHint : say.runsHint}</p>
        <div role="group" aria-label={say.passes}>
          {SPANS.map((ms) => (
            <button
              key={ms}
              type="button"
              onClick={() => {
                letTimePass(ms)
              }}
            >
              {say.span(ms)}
            </button>
          ))}
          <button
            type="button"
            disabled={quiet}
            onClick={() => {
              letTimePass()
            }}
          >
            {say.untilQuiet}
          </button>
        </div>
      </div>
    </>
  )
}
