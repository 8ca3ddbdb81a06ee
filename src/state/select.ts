import type { KubeObject, NamespaceId, Pod, Trace, TraceEvent } from '../engine/index.ts'
import { sources } from './choices.ts'
import { chosen } from './requestSlice.ts'
import type { AppState } from './appState.ts'

export const selectTrace = (state: AppState): Trace | undefined => state.trace.traces[state.trace.current]

/** The newest event that has happened. */
export const selectEvent = (state: AppState): TraceEvent | undefined => selectTrace(state)?.events[state.trace.cursor]

/** The node that a namespace is on: of a pod its node; undefined outside the cluster. */
export function nodeOf(at: NamespaceId, objects: ReadonlyMap<string, KubeObject>): string | undefined {
  if (at.startsWith('node/')) return at.slice('node/'.length)
  if (!at.startsWith('pod/')) return undefined
  const pod = objects.get(`Pod/${at.slice('pod/'.length)}`) as Pod | undefined
  return pod?.spec.nodeName
}

/** The node where the packet is, or last was. */
export function selectPacketNode(state: AppState): string | undefined {
  const trace = selectTrace(state)
  if (!trace) return undefined
  for (let i = Math.min(state.trace.cursor, trace.events.length - 1); i >= 0; i -= 1) {
    const event = trace.events[i]
    const node = event && nodeOf(event.at, state.cluster.objects)
    if (node !== undefined) return node
  }
  return undefined
}

/** Names of the nodes, in order of name. */
export function nodeNames(objects: ReadonlyMap<string, KubeObject>): readonly string[] {
  const names: string[] = []
  for (const object of objects.values()) if (object.kind === 'Node') names.push(object.metadata.name)
  return names.sort()
}

/** The node whose tables are on show: the pinned one while it exists, else the packet's, else the next request's first. */
export function selectTablesNode(state: AppState): string | undefined {
  const { pinned } = state.tables
  if (pinned !== undefined && state.cluster.objects.has(`Node/${pinned}`)) return pinned
  return selectPacketNode(state) ?? sourceNode(state) ?? nodeNames(state.cluster.objects)[0]
}

/** The node on which the request in the bar would start. */
function sourceNode({ draft, cluster: { objects } }: AppState): string | undefined {
  const from = chosen(draft.from, sources(objects))
  return from === undefined ? undefined : nodeOf(from, objects)
}
