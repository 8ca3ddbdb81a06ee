import type { Node, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Change, Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { withCondition } from './conditions.ts'
import type { Context, Controller, Reconciled } from './controller.ts'
import { recordEvent } from './events.ts'
import { omit } from './omit.ts'
import { isFinished, isReady } from './podState.ts'
import { createTaintEviction } from './taintEviction.ts'
import type { TaintEviction } from './taintEviction.ts'

const component = 'node-controller'
const unreachable = 'node.kubernetes.io/unreachable'
/** --node-monitor-grace-period since v1.32. */
const gracePeriodMs = 50_000

const bootMs = 60_000

/** Which nodes' kubelets are dead, and since when. */
export interface NodeHealth {
  readonly downSince: (node: string) => SimTime | undefined
}

/**
 * Marks nodes whose kubelet is silent, taints them, takes their pods out of service and evicts them once their tolerations
 * end; undoes it when the kubelet is back. Source: kubernetes pkg/controller/nodelifecycle, tainteviction.
 */
export function createNodeLifecycle(health: NodeHealth): Controller {
  const memory: Memory = { eviction: createTaintEviction(), known: new Map() }
  return {
    name: 'nodelifecycle',
    kinds: ['Node', 'Pod'],
    delay: 10,
    wakes: (change, snapshot) => {
      if (change.kind === 'Pod') return taintedNodeOf(change, snapshot)
      return [change.key]
    },
    reconcile: (context, keys) => {
      const results = keys.map((key) => reconcileNode(context, health, memory, key))
      return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
    },
  }
}

interface Memory {
  readonly eviction: TaintEviction
  /** The nodes that the controller has heard of, by name. */
  readonly known: Map<string, Node>
}

const nobody: readonly string[] = []

/** A pod that comes to a node may have to leave at once. */
function taintedNodeOf({ type, object, previous }: Change, snapshot: Snapshot): readonly string[] {
  const { nodeName } = (object as Pod).spec
  if (type === 'DELETED' || nodeName === undefined || (previous as Pod | undefined)?.spec === (object as Pod).spec) {
    return nobody
  }
  const taints = snapshot.get('Node', nodeName)?.spec.taints
  return taints?.some(({ effect }) => effect === 'NoExecute') === true ? [nodeName] : nobody
}

function aboutNode(context: Context, node: Node, reason: string, what: string): Write {
  const message = `Node ${node.metadata.name} event: ${what}`
  return recordEvent(context, node, component, { type: 'Normal', reason, message })
}

function reconcileNode(context: Context, health: NodeHealth, { eviction, known }: Memory, key: string): Reconciled {
  const { snapshot, now } = context
  const node = snapshot.get('Node', key)
  const gone = known.get(key)
  if (!node) {
    known.delete(key)
    return { writes: gone ? [aboutNode(context, gone, 'RemovingNode', `Removing Node ${key} from Controller`)] : [] }
  }
  if (gone?.metadata.uid !== node.metadata.uid) {
    known.set(key, node)
    // Of what was told while the cluster came up nothing is left.
    if (now < bootMs) return { writes: [], again: [{ key, at: now + 1 }] }
    const text = `Registered Node ${key} in Controller`
    return { writes: [aboutNode(context, node, 'RegisteredNode', text)], again: [{ key, at: now + 1 }] }
  }
  const cordoned = cordonWrites(context, node)
  if (cordoned.length > 0) return { writes: cordoned }
  const since = health.downSince(key)
  if (since === undefined) {
    const revived = revive(context, node)
    return revived.length > 0 ? { writes: revived } : evictFrom(context, eviction, node)
  }
  const due = since + gracePeriodMs
  if (now < due) return { writes: [], again: [{ key, at: due }] }
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status !== 'Unknown') return { writes: markUnknown(context, node) }
  return evictFrom(context, eviction, node)
}

function evictFrom(context: Context, eviction: TaintEviction, node: Node): Reconciled {
  const { writes, next } = eviction.evict(context, node)
  return next === undefined ? { writes } : { writes, again: [{ key: node.metadata.name, at: next }] }
}

const cordon = 'node.kubernetes.io/unschedulable'

/** The taint that goes with `spec.unschedulable`. Differs: the kubelet tells of it at once, not at its next report. */
function cordonWrites(context: Context, node: Node): readonly Write[] {
  const { taints = [], unschedulable = false } = node.spec
  const others = taints.filter(({ key }) => key !== cordon)
  if (unschedulable === others.length < taints.length) return []
  const timeAdded = formatTimestamp(context.now)
  const next = unschedulable ? [...taints, { key: cordon, effect: 'NoSchedule', timeAdded }] : others
  const spec = omit(node.spec, 'taints')
  const reason = unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable'
  const message = `Node ${node.metadata.name} status is now: ${reason}`
  return [
    { type: 'update', object: { ...node, spec: next.length > 0 ? { ...spec, taints: next } : spec } },
    recordEvent(context, node, 'kubelet', { type: 'Normal', reason, message }, node.metadata.name),
  ]
}

const healthTypes = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'] as const

const silent = {
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
} as const

const posting = {
  MemoryPressure: {
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  DiskPressure: { status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  PIDPressure: { status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
  Ready: { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
} as const

function markUnknown(context: Context, node: Node): readonly Write[] {
  const { snapshot, now } = context
  const time = formatTimestamp(now)
  const taints = (['NoSchedule', 'NoExecute'] as const).map((effect) => ({ key: unreachable, effect, timeAdded: time }))
  const marked: Node = {
    ...node,
    spec: { ...node.spec, taints: [...(node.spec.taints ?? []), ...taints] },
    status: healthTypes.reduce((status, type) => withCondition(status, { type, ...silent }, time), node.status ?? {}),
  }
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`
  return [
    { type: 'update', object: marked },
    recordEvent(context, node, component, { type: 'Normal', reason: 'NodeNotReady', message }),
    ...podsOn(snapshot, node)
      .filter(isReady)
      .flatMap((pod): readonly Write[] => [
        { type: 'update', object: notReady(pod, time) },
        recordEvent(context, pod, component, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' }),
      ]),
  ]
}

function notReady(pod: Pod, time: string): Pod {
  return { ...pod, status: withCondition(pod.status ?? {}, { type: 'Ready', status: 'False' }, time) }
}

function podsOn(snapshot: Snapshot, node: Node): readonly Pod[] {
  return [...snapshot.indexed('Pod', 'node', node.metadata.name)].filter((pod) => !isFinished(pod))
}

function revive(context: Context, node: Node): readonly Write[] {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status !== 'Unknown') return []
  const taints = (node.spec.taints ?? []).filter(({ key }) => key !== unreachable)
  const spec = omit(node.spec, 'taints')
  const message = `Node ${node.metadata.name} status is now: NodeReady`
  return [
    {
      type: 'update',
      object: {
        ...node,
        spec: taints.length > 0 ? { ...spec, taints } : spec,
        status: healthTypes.reduce(
          (status, type) => withCondition(status, { type, ...posting[type] }, formatTimestamp(context.now)),
          node.status ?? {},
        ),
      },
    },
    recordEvent(context, node, 'kubelet', { type: 'Normal', reason: 'NodeReady', message }, node.metadata.name),
  ]
}
