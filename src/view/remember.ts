import type { KubeObject, Trace } from '../engine/index.ts'
import { hopAt, hopsOf } from './hops.ts'
import { buildSteps, stepUntil } from './steps.ts'
import type { Step } from './step.ts'
import { buildTopology } from './topology.ts'
import type { Topology } from './topology.ts'

const topologies = new WeakMap<ReadonlyMap<string, KubeObject>, Topology>()
const steps = new WeakMap<Trace, { readonly topology: Topology; readonly steps: readonly Step[] }>()

/** The topology of `objects`, built once per map: several views ask for the same one. */
export function topologyOf(objects: ReadonlyMap<string, KubeObject>): Topology {
  const known = topologies.get(objects) ?? buildTopology(objects.values())
  topologies.set(objects, known)
  return known
}

/** The steps of `trace` with the names of `topology`; built again only when the topology is another one. */
export function stepsOf(trace: Trace, topology: Topology): readonly Step[] {
  const known = steps.get(trace)
  if (known?.topology === topology) return known.steps
  const built = buildSteps(trace, topology.names)
  steps.set(trace, { topology, steps: built })
  return built
}

/** What is on show: the steps, the one that holds the cursor as it stands at it, and its index (-1 without a trace). */
export interface Moment {
  readonly steps: readonly Step[]
  readonly current: number
}

const NOTHING: Moment = { steps: [], current: -1 }
let newest:
  { readonly trace: Trace; readonly topology: Topology; readonly cursor: number; readonly moment: Moment } | undefined

export function momentOf(trace: Trace | undefined, topology: Topology, cursor: number): Moment {
  if (!trace) return NOTHING
  if (newest?.trace === trace && newest.topology === topology && newest.cursor === cursor) return newest.moment
  const whole = stepsOf(trace, topology)
  const current = hopAt(hopsOf(trace), cursor)
  const step = whole[current]
  const now = step && stepUntil(step, trace, cursor, topology.names)
  const moment = { steps: now === step || !now ? whole : whole.with(current, now), current }
  newest = { trace, topology, cursor, moment }
  return moment
}
