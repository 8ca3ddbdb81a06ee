import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { AppState } from './appState.ts'
import type { SimPort } from '../bridge/protocol.ts'
import { createClusterSlice } from './clusterSlice.ts'
import { createLayoutSlice } from './layoutSlice.ts'
import { createManifestsSlice } from './manifestsSlice.ts'
import { afterNotice } from './notices.ts'
import { createRequestSlice } from './requestSlice.ts'
import { createRunSlice } from './runSlice.ts'
import { selectTablesNode } from './select.ts'
import { createShareSlice } from './shareSlice.ts'
import { createTablesSlice } from './tablesSlice.ts'
import { createTraceSlice } from './traceSlice.ts'

export type AppStore = StoreApi<AppState>

/**
 * The application's state over an engine behind `port`. Only notices write engine data; only actions send commands.
 * Nothing runs until `boot` is called.
 */
export function createAppStore(port: SimPort): AppStore {
  const store = createStore<AppState>()((...api) => ({
    ...createClusterSlice(port)(...api),
    ...createManifestsSlice(port)(...api),
    ...createRunSlice(port)(...api),
    ...createTraceSlice(port)(...api),
    ...createTablesSlice(...api),
    ...createLayoutSlice(...api),
    ...createShareSlice(...api),
    ...createRequestSlice(...api),
  }))
  port.subscribe((notice) => {
    store.setState((state) => afterNotice(state, notice))
  })
  readTablesOnShow(store, port)
  return store
}

/** Keeps the tables on show fresh: asks once for a node that is shown and whose data is missing or old. */
function readTablesOnShow(store: AppStore, port: SimPort): void {
  let askedFor: string | undefined
  let askedAt: AppState['tables'] | undefined
  store.subscribe((state) => {
    if (state.run.booting) return
    const node = selectTablesNode(state)
    if (node === undefined) return
    const { data, stale } = state.tables
    if (data.has(node) && !stale.has(node)) return
    // One question in flight: the answer makes a new `tables`, and so does whatever makes it old again.
    if (askedFor === node && askedAt?.data === data && askedAt.stale === stale) return
    askedFor = node
    askedAt = state.tables
    port.send({ type: 'readTables', node })
  })
}
