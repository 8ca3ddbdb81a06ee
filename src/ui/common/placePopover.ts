import type { ToggleEvent } from 'react'

const GAP = 5
const MARGIN = 8

/** When a popover opens: puts it above or below the button that opened it, their ends in line. */
export function placePopover(
  { newState, currentTarget: { style, offsetWidth } }: ToggleEvent<HTMLElement>,
  button: HTMLElement | null,
  side: 'above' | 'below',
): void {
  const box = button?.getBoundingClientRect()
  if (newState !== 'open' || !box) return
  if (side === 'above') style.insetBlockEnd = `${Math.max(MARGIN, window.innerHeight - box.top + GAP)}px`
  else style.insetBlockStart = `${box.bottom + GAP}px`
  style.insetInlineStart = `${Math.max(MARGIN, box.right - offsetWidth)}px`
}
