import { assertNever } from '../engine/base/assertNever.ts'
import { withChanges } from './clusterSlice.ts'
import { clampCursor, stopsOf } from './stops.ts'
import type { Notice } from '../bridge/protocol.ts'
import type { Traces } from './appState.ts'
import type { AppState } from './appState.ts'

/** What `notice` changes in `state`: the only writer of engine data. */
export function afterNotice(state: AppState, notice: Notice): Partial<AppState> {
  switch (notice.type) {
    case 'objectsChanged':
      return { cluster: withChanges(state.cluster, notice), tables: allStale(state) }
    case 'applied': {
      const { faults, messages, now } = notice
      return {
        manifests: { ...state.manifests, faults, messages, applying: false },
        cluster: { ...state.cluster, now },
        tables: allStale(state),
      }
    }
    case 'modeChanged':
      // The table that the new mode decides by comes up.
      return { run: { ...state.run, mode: notice.mode }, tables: { ...allStale(state), view: undefined } }
    case 'traced': {
      const traces = state.trace.traces.slice()
      traces[notice.index] = notice.trace
      const trace = { ...state.trace, traces }
      if (state.run.booting) return { trace }
      const cursor = stopsOf(notice.trace, trace.granularity)[0] ?? 0
      return {
        trace: { ...trace, selection: undefined, current: notice.index, cursor, playing: true },
        tables: allStale(state),
      }
    }
    case 'booted':
      return {
        run: { ...state.run, seed: notice.seed, mode: notice.mode, booting: false },
        trace: restored(state.trace),
        tables: allStale(state),
      }
    case 'tracePrinted':
      return { trace: { ...state.trace, printed: new Map(state.trace.printed).set(notice.index, notice.lines) } }
    case 'clock': {
      const { now, quiet, held } = notice
      return { cluster: { ...state.cluster, now, quiet, held } }
    }
    case 'tables': {
      const { node } = notice.tables
      const data = new Map(state.tables.data).set(node, notice.tables)
      const stale = new Set(state.tables.stale)
      stale.delete(node)
      return { tables: { ...state.tables, data, stale } }
    }
    case 'crashed':
      // The worker stands again on the inputs before the one that broke it.
      return {
        cluster: { ...state.cluster, crash: notice },
        run: { ...state.run, inputs: notice.inputs.slice(0, -1) },
        manifests: { ...state.manifests, applying: false },
      }
    default:
      return assertNever(notice)
  }
}

/** Marks what every node said as old; nothing changes when it is already. */
function allStale({ tables }: AppState): AppState['tables'] {
  if (tables.stale.size === tables.data.size) return tables
  return { ...tables, stale: new Set(tables.data.keys()) }
}

/** After a replay: the moment that was asked for, else the newest trace at its first step. Never plays by itself. */
function restored({ restore, ...traces }: Traces): Traces {
  const wanted = restore && restore.trace >= 0 ? traces.traces[restore.trace] : undefined
  if (restore && wanted) {
    return { ...traces, current: restore.trace, cursor: clampCursor(wanted, restore.cursor), playing: false }
  }
  const newest = traces.traces.at(-1)
  if (!newest) return { ...traces, current: -1, cursor: 0, playing: false }
  return {
    ...traces,
    current: traces.traces.length - 1,
    cursor: stopsOf(newest, traces.granularity)[0] ?? 0,
    playing: false,
  }
}
