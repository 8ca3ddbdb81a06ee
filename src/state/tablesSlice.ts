import type { StateCreator } from 'zustand/vanilla'
import type { NodeTables } from '../engine/index.ts'
import type { AppState } from './store.ts'

export interface Tables {
  /** The node on show; undefined follows the packet. */
  readonly pinned: string | undefined
  /** `TableView.id`; undefined shows the first that the node's mode has. */
  readonly view: string | undefined
  /** By node: what the node said last. */
  readonly data: ReadonlyMap<string, NodeTables>
  /** Nodes whose `data` is older than the newest change. */
  readonly stale: ReadonlySet<string>
}

export interface TablesSlice {
  readonly tables: Tables
  /** undefined = follow the packet again. */
  readonly pinNode: (node: string | undefined) => void
  readonly showTable: (view: string) => void
}

export const createTablesSlice: StateCreator<AppState, [], [], TablesSlice> = (set) => ({
  tables: { pinned: undefined, view: undefined, data: new Map(), stale: new Set() },
  pinNode: (pinned) => {
    set(({ tables }) => ({ tables: { ...tables, pinned } }))
  },
  showTable: (view) => {
    set(({ tables }) => ({ tables: { ...tables, view } }))
  },
})
