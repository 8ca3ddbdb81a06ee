import type { Node, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { deletionOf } from '../store/deletion.ts'
import { keyOf } from '../store/objects.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp, parseTimestamp } from '../store/timestamp.ts'
import { withCondition } from './conditions.ts'
import type { Context, Controller, Reconciled } from './controller.ts'
import { recordEvent } from './events.ts'
import { omit } from './omit.ts'
import { isFinished, isReady, isTerminating } from './podState.ts'

const component = 'node-controller'
const unreachable = 'node.kubernetes.io/unreachable'
/** --node-monitor-grace-period since v1.32. */
const gracePeriodMs = 50_000

/** Which nodes' kubelets are dead, and since when. */
export interface NodeHealth {
  readonly downSince: (node: string) => SimTime | undefined
}

/**
 * Marks nodes whose kubelet is silent, taints them, takes their pods out of service and evicts them once their tolerations
 * end; undoes it when the kubelet is back. Source: kubernetes pkg/controller/nodelifecycle, tainteviction.
 */
export function createNodeLifecycle(health: NodeHealth): Controller {
  return {
    name: 'nodelifecycle',
    kinds: ['Node'],
    delay: 10,
    wakes: (change) => (change.kind === 'Node' && change.type !== 'DELETED' ? [change.key] : []),
    reconcile: (context, keys) => {
      const results = keys.map((key) => reconcileNode(context, health, key))
      return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
    },
  }
}

function reconcileNode(context: Context, health: NodeHealth, key: string): Reconciled {
  const { snapshot, now } = context
  const node = snapshot.get('Node', key)
  if (!node) return { writes: [] }
  const since = health.downSince(key)
  if (since === undefined) return { writes: revive(context, node) }
  const due = since + gracePeriodMs
  if (now < due) return { writes: [], again: [{ key, at: due }] }
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status !== 'Unknown') return { writes: markUnknown(context, node) }
  return evict(context, node)
}

function markUnknown(context: Context, node: Node): readonly Write[] {
  const { snapshot, now } = context
  const time = formatTimestamp(now)
  const silent = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  } as const
  const taints = (['NoSchedule', 'NoExecute'] as const).map((effect) => ({ key: unreachable, effect, timeAdded: time }))
  const marked: Node = {
    ...node,
    spec: { ...node.spec, taints: [...(node.spec.taints ?? []), ...taints] },
    status: withCondition(node.status ?? {}, silent, time),
  }
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`
  return [
    { type: 'update', object: marked },
    recordEvent(context, node, component, { type: 'Normal', reason: 'NodeNotReady', message }),
    ...podsOn(snapshot, node)
      .filter(isReady)
      .map((pod): Write => ({ type: 'update', object: notReady(pod, time) })),
  ]
}

function notReady(pod: Pod, time: string): Pod {
  return { ...pod, status: withCondition(pod.status ?? {}, { type: 'Ready', status: 'False' }, time) }
}

function podsOn(snapshot: Snapshot, node: Node): readonly Pod[] {
  return [...snapshot.indexed('Pod', 'node', node.metadata.name)].filter((pod) => !isFinished(pod))
}

interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

/** Seconds that `pod` tolerates the unreachable taint; Infinity: for ever. */
function toleranceOf(pod: Pod): number {
  const matching = ((pod.spec['tolerations'] ?? []) as readonly Toleration[]).filter(
    ({ key, effect }) =>
      (key === undefined || key === '' || key === unreachable) && (effect === undefined || effect === 'NoExecute'),
  )
  if (matching.length === 0) return 0
  return Math.min(...matching.map(({ tolerationSeconds }) => tolerationSeconds ?? Infinity))
}

function evict(context: Context, node: Node): Reconciled {
  const { snapshot, now } = context
  const added = node.spec.taints?.find(({ key, effect }) => key === unreachable && effect === 'NoExecute')?.timeAdded
  const tainted = parseTimestamp(added) ?? now
  const writes: Write[] = []
  let next = Infinity
  for (const pod of podsOn(snapshot, node)) {
    if (isTerminating(pod)) continue
    const due = tainted + toleranceOf(pod) * 1000
    if (due > now) {
      next = Math.min(next, due)
      continue
    }
    const write = deletionOf(pod, now)
    const message = `Marking for deletion Pod ${keyOf(pod)}`
    const text = { type: 'Normal', reason: 'TaintManagerEviction', message } as const
    if (write) writes.push(write, recordEvent(context, pod, 'taint-eviction-controller', text))
  }
  return { writes, again: next === Infinity ? [] : [{ key: node.metadata.name, at: next }] }
}

function revive(context: Context, node: Node): readonly Write[] {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status !== 'Unknown') return []
  const posting = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  } as const
  const taints = (node.spec.taints ?? []).filter(({ key }) => key !== unreachable)
  const spec = omit(node.spec, 'taints')
  const message = `Node ${node.metadata.name} status is now: NodeReady`
  return [
    {
      type: 'update',
      object: {
        ...node,
        spec: taints.length > 0 ? { ...spec, taints } : spec,
        status: withCondition(node.status ?? {}, posting, formatTimestamp(context.now)),
      },
    },
    recordEvent(context, node, 'kubelet', { type: 'Normal', reason: 'NodeReady', message }),
  ]
}
