import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import css from './Tabs.module.css'
import { useSize } from './useSize.ts'

export interface TabItem<Id extends string> {
  readonly id: Id
  readonly label: ReactNode
  /** Said instead of the label, when the label alone does not say it. */
  readonly name?: string
}

interface TabsProps<Id extends string> {
  readonly items: readonly TabItem<Id>[]
  readonly active: Id
  readonly onSelect: (id: Id) => void
  readonly label: string
  /** Id of the element that shows the active tab's content. */
  readonly panel: string
  readonly onDoubleClick?: (id: Id) => void
  readonly look?: 'line' | 'bar'
}

/** Of the select beside the tabs, as the style sheet has it. */
const MORE_WIDTH = 26

/** A tab list: arrow keys, Home and End move and select. The panel belongs to the caller. */
export function Tabs<Id extends string>({
  items,
  active,
  onSelect,
  label,
  panel,
  onDoubleClick,
  look = 'line',
}: TabsProps<Id>) {
  const bar = useRef<HTMLDivElement>(null)
  const { width } = useSize(bar)
  const [hidden, setHidden] = useState(false)
  useEffect(() => {
    const measure = (): void => {
      const { scrollWidth = 0, clientWidth = 0 } = bar.current ?? {}
      setHidden((shown) => scrollWidth > clientWidth + (shown ? MORE_WIDTH : 0) + 1)
    }
    measure()
    // The first measure may have met a stand-in for the font.
    document.fonts.addEventListener('loadingdone', measure)
    return () => {
      document.fonts.removeEventListener('loadingdone', measure)
    }
  }, [width, items])
  useEffect(() => {
    bar.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [active, items.length, hidden])
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = items.findIndex((item) => item.id === active)
    const target = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key]
    const next = target === undefined ? undefined : items[(target + items.length) % items.length]
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    onSelect(next.id)
    const list = event.currentTarget
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus())
  }
  const tabs = (
    <div
      ref={bar}
      role="tablist"
      tabIndex={-1}
      aria-label={label}
      className={css['tabs']}
      data-look={look}
      onKeyDown={move}
    >
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          role="tab"
          aria-selected={item.id === active}
          aria-controls={panel}
          aria-label={item.name}
          tabIndex={item.id === active ? 0 : -1}
          onClick={() => {
            onSelect(item.id)
          }}
          onDoubleClick={() => onDoubleClick?.(item.id)}
        >
          {item.label}
        </button>
      ))}
    </div>
  )
  if (look === 'bar') return tabs
  return (
    <div className={css['frame']} data-hidden={hidden}>
      {tabs}
      {hidden && (
        // All of them, where not all have room.
        <select
          className={css['more']}
          aria-label={label}
          value={active}
          onChange={(event) => {
            onSelect(event.target.value as Id)
          }}
        >
          {items.map(({ id, label: text, name }) => (
            <option key={id} value={id}>
              {name ?? (typeof text === 'string' ? text : id)}
            </option>
          ))}
        </select>
      )}
    </div>
  )
}
