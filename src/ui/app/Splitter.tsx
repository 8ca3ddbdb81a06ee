import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'
import { PANE_LIMITS } from '../../state/layoutSlice.ts'
import type { PaneName } from '../../state/appState.ts'
import { useApp } from '../common/useApp.ts'
import { appMessages } from './messages.ts'
import css from './Splitter.module.css'

interface SplitterProps {
  readonly pane: PaneName
  /** The side of the splitter on which its pane lies. */
  readonly side: 'left' | 'right' | 'below'
}

const STEP = 16

/** Drags the border of a pane; arrow keys move it, Enter collapses the pane. */
export function Splitter({ pane, side }: SplitterProps) {
  const { size } = useApp((state) => state.layout.panes[pane])
  const resizePane = useApp((state) => state.resizePane)
  const togglePane = useApp((state) => state.togglePane)
  const grip = useRef<{ readonly from: number; readonly size: number }>(undefined)
  const { min, max } = PANE_LIMITS[pane]
  const along = (event: PointerEvent): number => (side === 'below' ? event.clientY : event.clientX)
  const sign = side === 'left' ? 1 : -1

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.shiftKey ? 4 * STEP : STEP
    const [less, more] =
      side === 'below'
        ? ['ArrowDown', 'ArrowUp']
        : side === 'left'
          ? ['ArrowLeft', 'ArrowRight']
          : ['ArrowRight', 'ArrowLeft']
    if (event.key === less) resizePane(pane, size - by)
    else if (event.key === more) resizePane(pane, size + by)
    else if (event.key === 'Home') resizePane(pane, min)
    else if (event.key === 'End') resizePane(pane, max)
    else if (event.key === 'Enter') togglePane(pane)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    // A focusable separator is a widget (ARIA 1.2); the plugin knows only the static one.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-orientation={side === 'below' ? 'horizontal' : 'vertical'}
      aria-label={appMessages.resize[pane]}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      className={css['splitter']}
      data-side={side}
      onKeyDown={onKeyDown}
      onDoubleClick={() => {
        togglePane(pane)
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        grip.current = { from: along(event), size }
      }}
      onPointerMove={(event) => {
        if (grip.current) resizePane(pane, grip.current.size + sign * (along(event) - grip.current.from))
      }}
      onPointerUp={() => {
        grip.current = undefined
      }}
    />
  )
}
