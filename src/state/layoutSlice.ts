import type { StateCreator } from 'zustand/vanilla'
import type { AppState, Layout, LayoutSlice, PaneName } from './appState.ts'

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
      telling: 'steps',
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
    tell: (telling) => {
      patch({ telling })
    },
    showKeys: (keysOpen) => {
      patch({ keysOpen })
    },
  }
}
