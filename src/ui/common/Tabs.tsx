import { useEffect, useRef } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import css from './Tabs.module.css'

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
  useEffect(() => {
    bar.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [active, items.length])
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
  return (
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
}
