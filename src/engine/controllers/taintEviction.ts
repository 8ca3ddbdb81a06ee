import type { Condition, Node, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { deletionOf } from '../store/deletion.ts'
import { keyOf } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp, parseTimestamp } from '../store/timestamp.ts'
import { withCondition } from './conditions.ts'
import type { Context } from './controller.ts'
import { recordEvent } from './events.ts'
import { matchingTolerations } from './scheduler/nodeFit.ts'
import { isFinished, isTerminating } from './podState.ts'

const component = 'taint-eviction-controller'

type Taint = NonNullable<Node['spec']['taints']>[number]

/** Evicts pods that do not tolerate the NoExecute taints of their node. Source: kubernetes pkg/controller/tainteviction. */
export interface TaintEviction {
  /** What is due on `node` now, and when to look again. */
  readonly evict: (context: Context, node: Node) => { readonly writes: readonly Write[]; readonly next?: SimTime }
}

export function createTaintEviction(): TaintEviction {
  /** When a taint without a time of its own was first seen, by node and taint. */
  const seen = new Map<string, SimTime>()
  /** Pods whose eviction is set for later, by uid. */
  const waiting = new Set<string>()
  return {
    evict: (context, node) => {
      const { snapshot, now } = context
      const taints = (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
      const { name } = node.metadata
      for (const key of seen.keys()) {
        if (key.startsWith(`${name} `) && !taints.some((taint) => idOf(name, taint) === key)) seen.delete(key)
      }
      const since = Math.min(...taints.map((taint) => sinceOf(seen, name, taint, now)))
      const writes: Write[] = []
      let next = Infinity
      for (const pod of snapshot.indexed('Pod', 'node', name)) {
        if (isFinished(pod) || isTerminating(pod)) continue
        const uid = pod.metadata.uid ?? keyOf(pod)
        const due = taints.length === 0 ? Infinity : since + toleranceMs(pod, taints)
        if (due === Infinity) {
          if (waiting.delete(uid)) writes.push(told(context, pod, 'Cancelling deletion of Pod'))
        } else if (due > now) {
          waiting.add(uid)
          next = Math.min(next, due)
        } else {
          waiting.delete(uid)
          const write = deletionOf(pod, now)
          if (write) {
            const status = withCondition(pod.status ?? {}, disrupted(pod), formatTimestamp(now))
            writes.push(told(context, pod, 'Marking for deletion Pod'))
            writes.push(write.type === 'update' ? { type: 'update', object: { ...write.object, status } } : write)
          }
        }
      }
      return next === Infinity ? { writes } : { writes, next }
    },
  }
}

function disrupted({ metadata: { generation: observedGeneration = 1 } }: Pod): Omit<Condition, 'lastTransitionTime'> {
  return {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    observedGeneration,
    lastProbeTime: null,
  }
}

function idOf(node: string, { key, value = '' }: Taint): string {
  return `${node} ${key}=${value}`
}

function sinceOf(seen: Map<string, SimTime>, node: string, taint: Taint, now: SimTime): SimTime {
  const added = parseTimestamp(taint.timeAdded)
  if (added !== undefined) return added
  const id = idOf(node, taint)
  const first = seen.get(id) ?? now
  seen.set(id, first)
  return first
}

/** How long `pod` may stay; Infinity: for ever. A taint that nothing tolerates: not at all. */
function toleranceMs(pod: Pod, taints: readonly Taint[]): number {
  let shortest = Infinity
  for (const taint of taints) {
    const matching = matchingTolerations(pod, taint)
    if (matching.length === 0) return 0
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds !== undefined) shortest = Math.min(shortest, Math.max(0, tolerationSeconds) * 1000)
    }
  }
  return shortest
}

function told(context: Context, pod: Pod, what: string): Write {
  const text = { type: 'Normal', reason: 'TaintManagerEviction', message: `${what} ${keyOf(pod)}` } as const
  return recordEvent(context, pod, component, text)
}
