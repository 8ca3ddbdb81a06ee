import type { Container, Node, Pod } from '../../api/types.ts'
import { parseQuantity } from './quantity.ts'
import { matchesSelector } from '../selector.ts'

/** Why a node cannot take a pod, in the scheduler's words. */
export interface Misfit {
  readonly reasons: readonly string[]
  /** Whether it could if other pods left. Source: scheduler framework, Unschedulable against UnschedulableAndUnresolvable. */
  readonly preemptible: boolean
}

interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

type Taint = NonNullable<Node['spec']['taints']>[number]

/** The tolerations of `pod` that cover `taint`. */
export function matchingTolerations(pod: Pod, taint: Taint): readonly Toleration[] {
  const tolerations = (pod.spec['tolerations'] ?? []) as readonly Toleration[]
  return tolerations.filter(
    ({ key, operator, value, effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (operator === 'Exists'
        ? key === undefined || key === '' || key === taint.key
        : key === taint.key && (value ?? '') === (taint.value ?? '')),
  )
}

export function tolerates(pod: Pod, taint: Taint): boolean {
  return matchingTolerations(pod, taint).length > 0
}

/** A node with what runs there, the pods of this round included. */
export interface Occupied {
  readonly node: Node
  /** How many pods. */
  readonly pods: number
  readonly running: () => readonly Pod[]
  /** Those of them that keep others away by anti-affinity. */
  readonly shy: () => readonly Pod[]
  /** What they have asked for of a resource. */
  readonly used: (resource: string) => number
}

/** The first filter that refuses, in the scheduler's order; undefined when the pod fits. */
export function filterNode(place: Occupied, pod: Pod): Misfit | undefined {
  const { node } = place
  const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
  if (node.spec.unschedulable === true && !tolerates(pod, unschedulable)) return hopeless('node(s) were unschedulable')
  const refusing = (node.spec.taints ?? []).find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod, taint),
  )
  if (refusing) return hopeless('node(s) had untolerated taint(s)')
  if (!matchesAffinity(node, pod)) return hopeless("node(s) didn't match Pod's node affinity/selector")
  return hostPortTaken(place, pod) ?? lacks(place, pod)
}

function hopeless(reason: string): Misfit {
  return { reasons: [reason], preemptible: false }
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

export function matchesAffinity(node: Node, pod: Pod): boolean {
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

function hostPortTaken(place: Occupied, pod: Pod): Misfit | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  const taken = place.running().some((other) => hostPorts(other).some((port) => wanted.includes(port)))
  return taken
    ? { reasons: ["node(s) didn't have free ports for the requested pod ports"], preemptible: true }
    : undefined
}

type Requests = Readonly<Record<string, string | number>>

/** Requests of all containers, as a number per resource: cores, bytes. */
export function requestsOf(pod: Pod): ReadonlyMap<string, number> {
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

function lacks(place: Occupied, pod: Pod): Misfit | undefined {
  const allocatable = (place.node.status?.['allocatable'] ?? {}) as Requests
  const room = (name: string): number => parseQuantity(String(allocatable[name] ?? '')) ?? Infinity
  const reasons: string[] = []
  // What is more than the node has at all, no other pod can make room for.
  let preemptible = true
  if (place.pods + 1 > room('pods')) reasons.push('Too many pods')
  for (const [name, amount] of requestsOf(pod)) {
    if (amount === 0 || place.used(name) + amount <= room(name)) continue
    reasons.push(`Insufficient ${name}`)
    if (amount > room(name)) preemptible = false
  }
  return reasons.length > 0 ? { reasons, preemptible } : undefined
}

/** `0/3 nodes are available: ...`, as the FailedScheduling event says it. */
export function describeFailure(nodes: number, misfits: readonly Misfit[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const help = misfits.map(({ preemptible }) =>
    preemptible ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling',
  )
  const why = counted(misfits.flatMap(({ reasons }) => reasons))
  const available = `0/${nodes} nodes are available`
  return `${available}: ${why}. no new claims to deallocate, preemption: ${available}: ${counted(help)}.`
}

function counted(texts: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts]
    .map(([text, n]) => `${n} ${text}`)
    .sort()
    .join(', ')
}

/**
 * Whether a daemon pod shall run on `node`, and whether one that runs there may stay: taints and affinity count, resources
 * do not; of taints only NoExecute drives it away. Source: daemon_controller.go NodeShouldRunDaemonPod.
 */
export function fitsDaemon(node: Node, pod: Pod): { readonly shouldRun: boolean; readonly shouldContinue: boolean } {
  const elsewhere = pod.spec.nodeName !== undefined && pod.spec.nodeName !== node.metadata.name
  if (elsewhere || !matchesAffinity(node, pod)) return { shouldRun: false, shouldContinue: false }
  const refusing = (node.spec.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod, taint),
  )
  return { shouldRun: refusing.length === 0, shouldContinue: refusing.every(({ effect }) => effect !== 'NoExecute') }
}
