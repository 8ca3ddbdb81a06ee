import type { KubeObject, Trace } from '../engine/index.ts'
import { buildSteps } from './steps.ts'
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
