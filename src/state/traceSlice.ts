import type { StateCreator } from 'zustand/vanilla'
import type { SimPort } from '../bridge/protocol.ts'
import type { Trace } from '../engine/index.ts'
import type { AppState, TraceSlice, Traces } from './appState.ts'
import { clampCursor, stopsOf } from './stops.ts'

export type { Granularity, Selection } from './appState.ts'

export const SPEED_RANGE = { min: 0.05, max: 8 } as const

export const createTraceSlice =
  (port: SimPort): StateCreator<AppState, [], [], TraceSlice> =>
  (set, get) => {
    const patch = (change: Partial<Traces>): void => {
      set(({ trace }) => ({ trace: { ...trace, ...change } }))
    }
    const current = (): Trace | undefined => get().trace.traces[get().trace.current]
    return {
      trace: {
        traces: [],
        printed: new Map(),
        current: -1,
        cursor: 0,
        granularity: 'hop',
        playing: false,
        speed: 1,
        selection: undefined,
      },
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
      printCurrent: () => {
        const trace = current()
        const { current: index, printed } = get().trace
        if (trace && !printed.has(index)) port.send({ type: 'printTrace', index, trace })
      },
    }
  }
