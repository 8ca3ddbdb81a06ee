import type { Container, Node, Pod } from '../api/types.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { isFinished } from './podState.ts'
import { parseQuantity } from './quantity.ts'
import { matchesSelector } from './selector.ts'

/** Why a node cannot take a pod, in the scheduler's words. */
export type Misfit = string

interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

type Taint = NonNullable<Node['spec']['taints']>[number]

export function tolerates(pod: Pod, taint: Taint): boolean {
  const tolerations = (pod.spec['tolerations'] ?? []) as readonly Toleration[]
  return tolerations.some(
    ({ key, operator, value, effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (operator === 'Exists'
        ? key === undefined || key === '' || key === taint.key
        : key === taint.key && (value ?? '') === (taint.value ?? '')),
  )
}

/** The first filter that refuses, in the scheduler's order; undefined when the pod fits. `pods` run on the node already. */
export function filterNode(snapshot: Snapshot, node: Node, pods: number, pod: Pod): Misfit | undefined {
  const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
  if (node.spec.unschedulable === true && !tolerates(pod, unschedulable)) return 'node(s) were unschedulable'
  const refusing = (node.spec.taints ?? []).find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod, taint),
  )
  if (refusing) return 'node(s) had untolerated taint(s)'
  if (!matchesAffinity(node, pod)) return "node(s) didn't match Pod's node affinity/selector"
  return hostPortTaken(snapshot, node, pod) ?? lacks(snapshot, node, pods, pod)
}

interface NodeAffinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms?: readonly {
        readonly matchExpressions?: readonly {
          readonly key: string
          readonly operator: string
          readonly values?: readonly string[]
        }[]
        readonly matchFields?: readonly {
          readonly key: string
          readonly operator: string
          readonly values?: readonly string[]
        }[]
      }[]
    }
  }
}

function matchesAffinity(node: Node, pod: Pod): boolean {
  const labels = node.metadata.labels ?? {}
  const wanted = Object.entries(pod.spec.nodeSelector ?? {})
  if (!wanted.every(([key, value]) => labels[key] === value)) return false
  const affinity = (pod.spec['affinity'] as NodeAffinity | undefined)?.nodeAffinity
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (!terms) return true
  const fields = { 'metadata.name': node.metadata.name }
  return terms.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      matchExpressions.length + matchFields.length > 0 &&
      matchesSelector({ matchExpressions }, labels) &&
      matchesSelector({ matchExpressions: matchFields }, fields),
  )
}

function hostPorts(pod: Pod): readonly string[] {
  return pod.spec.containers.flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostPort, containerPort, protocol }) => {
      const port = hostPort ?? (pod.spec.hostNetwork === true ? containerPort : undefined)
      return port === undefined ? [] : [`${protocol ?? 'TCP'}:${port}`]
    }),
  )
}

function hostPortTaken(snapshot: Snapshot, node: Node, pod: Pod): Misfit | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  for (const other of snapshot.indexed('Pod', 'node', node.metadata.name)) {
    if (isFinished(other)) continue
    if (hostPorts(other).some((port) => wanted.includes(port))) {
      return "node(s) didn't have free ports for the requested pod ports"
    }
  }
  return undefined
}

type Requests = Readonly<Record<string, string | number>>

/** Requests of all containers, as a number per resource: cores, bytes. */
function requestsOf(pod: Pod): ReadonlyMap<string, number> {
  const sum = new Map<string, number>()
  for (const container of pod.spec.containers) {
    for (const [name, text] of Object.entries(containerRequests(container))) {
      const amount = parseQuantity(String(text)) ?? 0
      sum.set(name, (sum.get(name) ?? 0) + amount)
    }
  }
  return sum
}

function containerRequests(container: Container): Requests {
  const resources = container['resources'] as { readonly requests?: Requests; readonly limits?: Requests } | undefined
  return { ...resources?.limits, ...resources?.requests }
}

function lacks(snapshot: Snapshot, node: Node, pods: number, pod: Pod): Misfit | undefined {
  const allocatable = (node.status?.['allocatable'] ?? {}) as Requests
  const room = (name: string): number => parseQuantity(String(allocatable[name] ?? '')) ?? Infinity
  if (pods + 1 > room('pods')) return 'Too many pods'
  const wanted = requestsOf(pod)
  for (const [name, amount] of wanted) {
    if (amount === 0) continue
    let used = 0
    for (const other of snapshot.indexed('Pod', 'node', node.metadata.name)) {
      if (!isFinished(other)) used += requestsOf(other).get(name) ?? 0
    }
    if (used + amount > room(name)) return `Insufficient ${name}`
  }
  return undefined
}

/** `0/3 nodes are available: ...`, as the FailedScheduling event says it. */
export function describeFailure(nodes: number, misfits: readonly Misfit[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const misfit of misfits) counts.set(misfit, (counts.get(misfit) ?? 0) + 1)
  const reasons = [...counts].map(([reason, n]) => `${n} ${reason}`).sort()
  const preemption = `preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`
  return `0/${nodes} nodes are available: ${reasons.join(', ')}. no new claims to deallocate, ${preemption}`
}

/** Whether a daemon pod shall run on `node`: taints and affinity count, resources do not. */
export function fitsDaemon(node: Node, pod: Pod): boolean {
  const taints = (node.spec.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule')
  return taints.every((taint) => tolerates(pod, taint)) && matchesAffinity(node, pod)
}
