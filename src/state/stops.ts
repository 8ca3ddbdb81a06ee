import type { Trace, TraceEvent } from '../engine/index.ts'
import { hopsOf } from '../view/hops.ts'
import type { Granularity } from './appState.ts'

/** Events that are no step of their own when stepping rule by rule. */
const SILENT: ReadonlySet<TraceEvent['type']> = new Set(['chainReturned'])

const remembered = new WeakMap<Trace, Map<Granularity, readonly number[]>>()

/** Indices of the last event of each step, ascending; the last one is the trace's last event. Remembered per trace. */
export function stopsOf(trace: Trace, granularity: Granularity): readonly number[] {
  const known = remembered.get(trace) ?? new Map<Granularity, readonly number[]>()
  remembered.set(trace, known)
  const stops = known.get(granularity) ?? computeStops(trace, granularity)
  known.set(granularity, stops)
  return stops
}

function computeStops(trace: Trace, granularity: Granularity): readonly number[] {
  if (granularity === 'hop') return hopsOf(trace).map(({ to }) => to)
  const { events } = trace
  const last = events.length - 1
  return events.flatMap((event, i) => (i < last && SILENT.has(event.type) ? [] : [i]))
}

/** `cursor` as a whole index inside the trace's events; 0 in an empty trace. */
export function clampCursor(trace: Trace, cursor: number): number {
  return Math.max(0, Math.min(Math.round(cursor), trace.events.length - 1))
}
