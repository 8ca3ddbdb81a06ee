import type { StateCreator } from 'zustand/vanilla'
import type { AppState, TablesSlice } from './appState.ts'

export const createTablesSlice: StateCreator<AppState, [], [], TablesSlice> = (set) => ({
  tables: { pinned: undefined, view: undefined, data: new Map(), stale: new Set() },
  pinNode: (pinned) => {
    set(({ tables }) => ({ tables: { ...tables, pinned, view: pinned === undefined ? undefined : tables.view } }))
  },
  showTable: (view) => {
    set(({ tables }) => ({ tables: { ...tables, view } }))
  },
})
