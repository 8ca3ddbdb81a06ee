import { useMemo, useState } from 'react'
import type { Trace } from '../../engine/index.ts'
import { selectTrace } from '../../state/select.ts'
import { legsOf } from '../../view/path.ts'
import type { Leg } from '../../view/path.ts'
import { outsideHosts } from '../../view/outsideHosts.ts'
import { pinnedBy } from '../../view/pinned.ts'
import { momentOf, topologyOf } from '../../view/remember.ts'
import { servicePanel } from '../../view/servicePanel.ts'
import type { ServicePanel } from '../../view/servicePanel.ts'
import type { Step } from '../../view/step.ts'
import type { Topology } from '../../view/topology.ts'
import { layoutTopology } from '../../view/topologyLayout.ts'
import type { TopologyLayout } from '../../view/topologyLayout.ts'
import { useApp } from '../common/useApp.ts'

/** Everything that the canvas draws at this moment. */
export interface Scene {
  readonly topology: Topology
  readonly layout: TopologyLayout
  readonly trace: Trace | undefined
  readonly steps: readonly Step[]
  /** Index of the step that holds the cursor; -1 without a trace. */
  readonly current: number
  readonly legs: readonly Leg[]
  readonly panel: ServicePanel | undefined
}

/** `columns`: how many whole nodes fit side by side. */
export function useScene(columns: number): Scene {
  const objects = useApp((state) => state.cluster.objects)
  const mode = useApp((state) => state.run.mode)
  const trace = useApp(selectTrace)
  const cursor = useApp((state) => state.trace.cursor)
  const selectedService = useApp(({ trace: { selection } }) =>
    selection?.type === 'object' && selection.key.startsWith('Service/') ? selection.key : undefined,
  )
  const topology = topologyOf(objects)
  const pinned = useMemo(() => pinnedBy(trace), [trace])
  const hosts = useMemo(() => outsideHosts(topology, pinned.ends, trace?.request.to), [topology, pinned, trace])
  const layout = useLayout(
    topology,
    useMemo(() => ({ mode, columns, pinned, hosts }), [mode, columns, pinned, hosts]),
  )
  const { steps, current } = momentOf(trace, topology, cursor)
  const legs = useMemo(() => legsOf(steps, layout), [steps, layout])
  const panel = useMemo(
    () => servicePanel(topology, mode, steps, current, selectedService),
    [topology, mode, steps, current, selectedService],
  )
  return { topology, layout, trace, steps, current, legs, panel }
}

/** A new layout keeps everybody of the one before in place. */
function useLayout(topology: Topology, options: Parameters<typeof layoutTopology>[1]): TopologyLayout {
  const [kept, keep] = useState(() => ({ topology, options, layout: layoutTopology(topology, options) }))
  if (kept.topology === topology && kept.options === options) return kept.layout
  const layout = layoutTopology(topology, options, kept.layout)
  keep({ topology, options, layout })
  return layout
}
