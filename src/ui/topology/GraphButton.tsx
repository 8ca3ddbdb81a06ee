import { createContext, use } from 'react'
import type { KeyboardEvent, ReactNode, SVGProps } from 'react'

/** Which button of the canvas takes part in the Tab order; the others are reached by arrow keys. */
export interface GraphWalk {
  readonly active: string | undefined
  readonly enter: (id: string) => void
}

export const GraphWalkContext = createContext<GraphWalk>({ active: undefined, enter: () => undefined })

interface GraphButtonProps extends Omit<SVGProps<SVGGElement>, 'id' | 'name' | 'onSelect'> {
  readonly id: string
  /** Says kind, name and state. */
  readonly name: string
  readonly selected?: boolean
  readonly onSelect: () => void
  readonly children: ReactNode
}

/** A thing on the canvas that can be focused and pressed. */
export function GraphButton({ id, name, selected = false, onSelect, children, ...rest }: GraphButtonProps) {
  const { active, enter } = use(GraphWalkContext)
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    event.stopPropagation()
    onSelect()
  }
  return (
    <g
      role="button"
      data-graph={id}
      tabIndex={active === id ? 0 : -1}
      aria-pressed={selected}
      onFocus={() => {
        enter(id)
      }}
      onClick={onSelect}
      onKeyDown={press}
      {...rest}
    >
      <title>{name}</title>
      <g aria-hidden="true">{children}</g>
    </g>
  )
}
