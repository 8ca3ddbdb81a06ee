import type { ReactNode } from 'react'
import type { PaneName } from '../../state/appState.ts'
import { useApp } from '../common/useApp.ts'
import css from './Pane.module.css'
import { appMessages } from './messages.ts'

/** A part of the frame that can be folded away to a strip with its name. */
export function Pane({ name, children }: { readonly name: PaneName; readonly children: ReactNode }) {
  const { collapsed } = useApp((state) => state.layout.panes[name])
  const togglePane = useApp((state) => state.togglePane)
  const title = collapsed ? appMessages.expand(name) : appMessages.collapse(name)
  return (
    <section className={css['pane']} data-pane={name} data-collapsed={collapsed} aria-label={appMessages.panes[name]}>
      <button
        type="button"
        className={css['toggle']}
        aria-expanded={!collapsed}
        aria-label={title}
        title={title}
        onClick={() => {
          togglePane(name)
        }}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M10 3.5L5.5 8l4.5 4.5" />
        </svg>
        {collapsed && <span>{appMessages.panes[name]}</span>}
      </button>
      {!collapsed && children}
    </section>
  )
}
