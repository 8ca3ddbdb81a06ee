import type { TopologyNode, TopologyPod } from './topology.ts'

/** One box in a node's user space: a pod, a counted stack of replicas, or a process of the node itself. */
export type Occupant =
  | { readonly type: 'pod'; readonly id: string; readonly pod: TopologyPod }
  | { readonly type: 'stack'; readonly id: string; readonly group: string; readonly pods: readonly TopologyPod[] }
  | { readonly type: 'process'; readonly id: string; readonly name: string }
  | { readonly type: 'more'; readonly id: string; readonly count: number }

/** Above this many pods in the cluster, replicas of one workload on one node are drawn as one stack. */
export const STACK_ABOVE = 60
/** A single node's limit: no node is drawn with more boxes than this. */
const BOXES_ON_A_NODE = 14

/** What stands in a node's user space. `pinned` namespaces (the ends of a trace) always stand on their own. */
export function occupantsOf(node: TopologyNode, podCount: number, pinned: ReadonlySet<string>): readonly Occupant[] {
  const stacked = podCount > STACK_ABOVE || node.pods.length > BOXES_ON_A_NODE
  const groups = new Map<string, TopologyPod[]>()
  const out: Occupant[] = []
  if (pinned.has(`node/${node.name}`)) out.push({ type: 'process', id: `process/${node.name}`, name: 'process' })
  for (const pod of node.pods) {
    const alone = pod.system && pod.hostNetwork ? false : !stacked
    if (alone || pinned.has(pod.id)) {
      out.push({ type: 'pod', id: pod.id, pod })
      continue
    }
    // The control plane's own pods take part in few walks: one box for all of them.
    const name = pod.system && pod.hostNetwork ? `${pod.namespace}/${pod.namespace}` : pod.group
    const group = groups.get(name)
    if (group) group.push(pod)
    else groups.set(name, [pod])
  }
  for (const [group, pods] of groups) {
    const [only] = pods
    if (pods.length === 1 && only) out.push({ type: 'pod', id: only.id, pod: only })
    else out.push({ type: 'stack', id: `stack/${node.name}/${group}`, group, pods })
  }
  if (out.length <= BOXES_ON_A_NODE) return out
  const rest = out.slice(BOXES_ON_A_NODE - 1)
  const kept = out.slice(0, BOXES_ON_A_NODE - 1)
  const hidden = rest.reduce((sum, box) => sum + (box.type === 'stack' ? box.pods.length : 1), 0)
  return [...kept, { type: 'more', id: `more/${node.name}`, count: hidden }]
}

/** Slot number of every occupant: 0 is the first place beside kube-proxy, then row by row upwards. */
export type Slots = ReadonlyMap<string, number>

/** Keeps every slot that `before` gave to somebody who is still there; newcomers take the lowest free ones in order. */
export function assignSlots(occupants: readonly Occupant[], before: Slots): Slots {
  const slots = new Map<string, number>()
  const taken = new Set<number>()
  for (const { id } of occupants) {
    const slot = before.get(id)
    if (slot === undefined) continue
    slots.set(id, slot)
    taken.add(slot)
  }
  let free = 0
  for (const { id } of occupants) {
    if (slots.has(id)) continue
    while (taken.has(free)) free += 1
    slots.set(id, free)
    taken.add(free)
  }
  return slots
}
