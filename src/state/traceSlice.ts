import type { StateCreator } from 'zustand/vanilla'
import type { NamespaceId, Trace } from '../engine/index.ts'
import { clampCursor, stopsOf } from './stops.ts'
import type { AppState } from './store.ts'

export type Granularity = 'hop' | 'rule'

/** What the inspector is pinned to. */
export type Selection =
  /** An event of the current trace, by its index. */
  | { readonly type: 'event'; readonly index: number }
  /** An object of the cluster, by its key `Kind/namespace/name`. */
  | { readonly type: 'object'; readonly key: string }
  /** A place that is no object: a hook of a node, an outside host. */
  | { readonly type: 'place'; readonly at: NamespaceId; readonly station?: string }

export interface Traces {
  /** One a request of the run, oldest first. */
  readonly traces: readonly Trace[]
  /** Index into `traces`; -1 before the first request. */
  readonly current: number
  /** Index into the current trace's events: this event and all before it have happened. */
  readonly cursor: number
  readonly granularity: Granularity
  readonly playing: boolean
  /** 1 = 600 ms a hop; 0.05..8. */
  readonly speed: number
  readonly selection: Selection | undefined
  /** The moment that a boot has to show once its traces are there. */
  readonly restore?: { readonly trace: number; readonly cursor: number }
}

export interface TraceSlice {
  readonly trace: Traces
  /** Shows another request of the run from its first step. */
  readonly selectTrace: (index: number) => void
  /** Moves to an event, kept inside the trace. Does not pause. */
  readonly seek: (cursor: number) => void
  /** To the next or previous stop of `granularity` (the slice's when absent). Pauses. Never wraps. */
  readonly step: (by: 1 | -1, granularity?: Granularity) => void
  /** To the first stop or the end. Pauses. */
  readonly stepToEdge: (edge: 'start' | 'end') => void
  /** Playing from the end starts over. */
  readonly setPlaying: (playing: boolean) => void
  readonly setSpeed: (speed: number) => void
  readonly setGranularity: (granularity: Granularity) => void
  readonly select: (selection: Selection | undefined) => void
}

export const SPEED_RANGE = { min: 0.05, max: 8 } as const

export const createTraceSlice: StateCreator<AppState, [], [], TraceSlice> = (set, get) => {
  const patch = (change: Partial<Traces>): void => {
    set(({ trace }) => ({ trace: { ...trace, ...change } }))
  }
  const current = (): Trace | undefined => get().trace.traces[get().trace.current]
  return {
    trace: { traces: [], current: -1, cursor: 0, granularity: 'hop', playing: false, speed: 1, selection: undefined },
    selectTrace: (index) => {
      const trace = get().trace.traces[index]
      if (!trace) return
      patch({ current: index, cursor: stopsOf(trace, get().trace.granularity)[0] ?? 0, playing: false })
    },
    seek: (cursor) => {
      const trace = current()
      if (trace) patch({ cursor: clampCursor(trace, cursor) })
    },
    step: (by, granularity) => {
      const trace = current()
      if (!trace) return
      const { cursor, granularity: chosen } = get().trace
      const stops = stopsOf(trace, granularity ?? chosen)
      const next = by > 0 ? stops.find((stop) => stop > cursor) : stops.findLast((stop) => stop < cursor)
      patch({ cursor: next ?? cursor, playing: false })
    },
    stepToEdge: (edge) => {
      const trace = current()
      if (!trace) return
      const stops = stopsOf(trace, get().trace.granularity)
      patch({ cursor: (edge === 'start' ? stops[0] : stops.at(-1)) ?? 0, playing: false })
    },
    setPlaying: (playing) => {
      const trace = current()
      if (!trace) return
      const atEnd = get().trace.cursor >= trace.events.length - 1
      patch(playing && atEnd ? { playing, cursor: stopsOf(trace, get().trace.granularity)[0] ?? 0 } : { playing })
    },
    setSpeed: (speed) => {
      patch({ speed: Math.min(SPEED_RANGE.max, Math.max(SPEED_RANGE.min, speed)) })
    },
    setGranularity: (granularity) => {
      patch({ granularity })
    },
    select: (selection) => {
      patch({ selection })
    },
  }
}
