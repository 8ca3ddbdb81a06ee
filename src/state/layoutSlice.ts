import type { StateCreator } from 'zustand/vanilla'
import type { AppState } from './store.ts'

export type Theme = 'system' | 'light' | 'dark'
export type PaneName = 'manifests' | 'tables' | 'trace'
/** The tab on screen below 980 px. */
export type Tab = 'cluster' | 'yaml' | 'trace' | 'tables'

export interface Pane {
  /** px along the splitter's axis. */
  readonly size: number
  readonly collapsed: boolean
}

export interface Layout {
  readonly panes: Readonly<Record<PaneName, Pane>>
  readonly theme: Theme
  readonly tab: Tab
  /** Whether the keyboard sheet is open. */
  readonly keysOpen: boolean
}

export interface LayoutSlice {
  readonly layout: Layout
  readonly resizePane: (pane: PaneName, size: number) => void
  readonly togglePane: (pane: PaneName) => void
  readonly setTheme: (theme: Theme) => void
  readonly showTab: (tab: Tab) => void
  readonly showKeys: (open: boolean) => void
}

export const PANE_LIMITS: Readonly<Record<PaneName, { readonly min: number; readonly max: number }>> = {
  manifests: { min: 220, max: 720 },
  tables: { min: 96, max: 640 },
  trace: { min: 280, max: 720 },
}

export const createLayoutSlice: StateCreator<AppState, [], [], LayoutSlice> = (set) => {
  const patch = (change: Partial<Layout>): void => {
    set(({ layout }) => ({ layout: { ...layout, ...change } }))
  }
  return {
    layout: {
      panes: {
        manifests: { size: 348, collapsed: false },
        tables: { size: 208, collapsed: false },
        trace: { size: 388, collapsed: false },
      },
      theme: 'system',
      tab: 'cluster',
      keysOpen: false,
    },
    resizePane: (pane, size) => {
      const { min, max } = PANE_LIMITS[pane]
      set(({ layout }) => ({
        layout: {
          ...layout,
          panes: {
            ...layout.panes,
            [pane]: { size: Math.round(Math.min(max, Math.max(min, size))), collapsed: false },
          },
        },
      }))
    },
    togglePane: (pane) => {
      set(({ layout }) => {
        const before = layout.panes[pane]
        return {
          layout: { ...layout, panes: { ...layout.panes, [pane]: { ...before, collapsed: !before.collapsed } } },
        }
      })
    },
    setTheme: (theme) => {
      patch({ theme })
    },
    showTab: (tab) => {
      patch({ tab })
    },
    showKeys: (keysOpen) => {
      patch({ keysOpen })
    },
  }
}
