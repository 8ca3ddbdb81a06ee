import type { Condition, Container, Node, Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { sameValue } from '../../store/sameValue.ts'
import { formatTimestamp } from '../../store/timestamp.ts'
import { kubeletConditions } from '../conditions.ts'
import type { ContainerState } from './containerLife.ts'
import { containerStatus } from './containerStatus.ts'

/** Where the containers of a pod stand, in the order of its spec. */
export interface ContainerStates {
  readonly initContainers: readonly ContainerState[]
  readonly containers: readonly ContainerState[]
}

/** The addresses of a pod's node, as its status has them. */
export interface HostIps {
  readonly hostIP?: string
  readonly hostIPs?: readonly { readonly ip: string }[]
}

/** What the kubelet knows of one pod at one moment beside its containers. */
export interface PodFacts {
  readonly startTime: SimTime
  readonly host: HostIps
  /** Empty before the sandbox is up. */
  readonly ips: readonly string[]
}

/** What the kubelet reports of the containers of a pod. */
export interface PodReport {
  readonly phase: Phase
  /** Conditions, but for the one about the sandbox. */
  readonly conditions: readonly Told[]
  readonly containerStatuses: readonly Readonly<Record<string, unknown>>[]
  readonly initContainerStatuses?: readonly Readonly<Record<string, unknown>>[]
}

type Phase = NonNullable<NonNullable<Pod['status']>['phase']>
type Told = Omit<Condition, 'lastTransitionTime'>

const none: readonly Condition[] = []

const hosts = new WeakMap<Node, HostIps>()

export function hostOf(node: Node): HostIps {
  const known = hosts.get(node)
  if (known) return known
  const ips = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
  const host = ips[0] === undefined ? {} : { hostIP: ips[0], hostIPs: ips.map((ip) => ({ ip })) }
  hosts.set(node, host)
  return host
}

export function reportOf(pod: Pod, { initContainers, containers }: ContainerStates): PodReport {
  const specs = pod.spec.initContainers ?? []
  const phase = phaseOf(pod, initContainers, containers)
  return {
    phase,
    conditions: conditionsOf(pod, initContainers, containers, phase),
    containerStatuses: pod.spec.containers.map((container, i) => containerStatus(pod, container, containers[i])),
    ...(initContainers.length === 0
      ? {}
      : { initContainerStatuses: specs.map((container, i) => containerStatus(pod, container, initContainers[i])) }),
  }
}

/** `status` as the kubelet reports it. Returns the pod's own status when nothing changed. */
export function podStatus(pod: Pod, report: PodReport, facts: PodFacts, now: SimTime): NonNullable<Pod['status']> {
  const before = pod.status ?? {}
  const { phase, containerStatuses, initContainerStatuses } = report
  const { hostIP, hostIPs } = facts.host
  // A pod of the host network knows its address before anything stands.
  const early = facts.ips.length === 0 && pod.spec.hostNetwork === true
  const ips = early ? (hostIPs ?? []).map(({ ip }) => ip) : facts.ips
  const podIP = ips[0]
  const startTime = formatTimestamp(facts.startTime)
  const observedGeneration = pod.metadata.generation ?? 1
  const hasSandbox = facts.ips.length > 0
  const conditions = mergedReport(
    before.conditions ?? none,
    report,
    { hasSandbox, generation: observedGeneration },
    formatTimestamp(now),
  )
  const same =
    conditions === before.conditions &&
    phase === before.phase &&
    observedGeneration === before['observedGeneration'] &&
    startTime === before['startTime'] &&
    (podIP === undefined || before.podIPs?.map(({ ip }) => ip).join() === ips.join()) &&
    (hostIP === undefined || sameValue(hostIPs, before['hostIPs'])) &&
    sameValue(containerStatuses, before['containerStatuses']) &&
    sameValue(initContainerStatuses, before['initContainerStatuses'])
  if (same) return before
  const { qosClass } = before
  if (hostIP === undefined || qosClass === undefined || !isPlain(before)) {
    return {
      ...before,
      conditions,
      containerStatuses,
      phase,
      startTime,
      observedGeneration,
      ...facts.host,
      ...(podIP === undefined ? {} : { podIP, podIPs: ips.map((ip) => ({ ip })) }),
      ...(initContainerStatuses ? { initContainerStatuses } : {}),
    }
  }
  // What most pods report, in one literal each: built up by spreads it takes four times the room.
  const status =
    podIP === undefined
      ? { conditions, containerStatuses, hostIP, hostIPs, observedGeneration, phase, qosClass, startTime }
      : {
          conditions,
          containerStatuses,
          hostIP,
          hostIPs,
          observedGeneration,
          phase,
          podIP,
          podIPs: ips.length === 1 ? [{ ip: podIP }] : ips.map((ip) => ({ ip })),
          qosClass,
          startTime,
        }
  return initContainerStatuses ? { ...status, initContainerStatuses } : status
}

const plain = new Set(
  'conditions containerStatuses hostIP hostIPs initContainerStatuses observedGeneration phase podIP podIPs qosClass startTime'.split(
    ' ',
  ),
)

/** Whether the kubelet's report replaces all of `before`. */
function isPlain(before: NonNullable<Pod['status']>): boolean {
  for (const field in before) if (!plain.has(field)) return false
  return true
}

interface Merge {
  readonly hasSandbox: boolean
  readonly generation: number
}

/** The last merge with a list of conditions: pods that stood alike and report alike go on sharing their conditions. */
const merges = new WeakMap<
  readonly Condition[],
  Merge & { readonly report: PodReport; readonly time: string; readonly merged: readonly Condition[] }
>()

function mergedReport(
  before: readonly Condition[],
  report: PodReport,
  { hasSandbox, generation }: Merge,
  time: string,
): readonly Condition[] {
  const known = merges.get(before)
  const alike = known?.report === report && known.hasSandbox === hasSandbox && known.generation === generation
  if (alike && known.time === time) return known.merged
  const sandbox = hasSandbox && !isOver(report.phase) ? readyToStart : notReadyToStart
  const merged = kubeletConditions(before, [sandbox, ...report.conditions], generation, time)
  merges.set(before, { report, hasSandbox, generation, time, merged })
  return merged
}

// What most pods report, made once.
const readyToStart: Told = { type: 'PodReadyToStartContainers', status: 'True' }
const notReadyToStart: Told = { type: 'PodReadyToStartContainers', status: 'False' }
const allInitialized: Told = { type: 'Initialized', status: 'True' }
const isReady: Told = { type: 'Ready', status: 'True' }
const containersReady: Told = { type: 'ContainersReady', status: 'True' }

/** An init container that goes on running beside the others. */
export function isSidecar(container: Container | undefined): boolean {
  return container?.['restartPolicy'] === 'Always'
}

/** An init container is done once it has ended well, a sidecar once it has started. */
export function isInitialized(container: Container, at: ContainerState | undefined): boolean {
  if (isSidecar(container)) return at?.state === 'running' && at.starting !== true
  return at?.state === 'terminated' && at.exitCode === 0
}

/** Source: kubernetes pkg/kubelet/status/generate.go. */
function conditionsOf(
  pod: Pod,
  initContainers: readonly ContainerState[],
  containers: readonly ContainerState[],
  phase: Phase,
): readonly Told[] {
  const specs = pod.spec.initContainers ?? []
  const incomplete = specs.filter((container, i) => !isInitialized(container, initContainers[i]))
  if (isOver(phase)) {
    const reason = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed'
    return [
      phase === 'Succeeded' ? { ...allInitialized, reason } : initializedOf(incomplete),
      { type: 'Ready', status: 'False', reason },
      { type: 'ContainersReady', status: 'False', reason },
    ]
  }
  const initialized = initializedOf(incomplete)
  const unready = [
    ...specs.filter((container, i) => isSidecar(container) && initContainers[i]?.ready !== true),
    ...pod.spec.containers.filter((_container, i) => containers[i]?.ready !== true),
  ]
  if (incomplete.length > 0 || unready.length > 0) {
    const notReady = {
      status: 'False',
      reason: 'ContainersNotReady',
      message: `containers with unready status: ${namesOf(unready)}`,
    } as const
    return [initialized, { type: 'Ready', ...notReady }, { type: 'ContainersReady', ...notReady }]
  }
  const closed = closedGates(pod)
  const ready: Told =
    closed.length > 0
      ? { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: closed.join(', ') }
      : isReady
  return [initialized, ready, containersReady]
}

function namesOf(containers: readonly Container[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`
}

function initializedOf(incomplete: readonly Container[]): Told {
  if (incomplete.length === 0) return allInitialized
  return {
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${namesOf(incomplete)}`,
  }
}

function isOver(phase: Phase): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

function closedGates(pod: Pod): readonly string[] {
  const gates = (pod.spec['readinessGates'] ?? []) as readonly { readonly conditionType: string }[]
  return gates.flatMap(({ conditionType }) => {
    const found = pod.status?.conditions?.find(({ type }) => type === conditionType)
    if (!found) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    if (found.status === 'True') return []
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`]
  })
}

function phaseOf(pod: Pod, initContainers: readonly ContainerState[], containers: readonly ContainerState[]): Phase {
  const ended = (one: ContainerState): boolean => one.state === 'terminated' && one.looping !== true
  const failedInit = initContainers.some((one) => ended(one) && one.exitCode !== 0)
  if (failedInit && pod.spec['restartPolicy'] === 'Never') return 'Failed'
  const sidecarsRun = initContainers.some(
    ({ state }, i) => state === 'running' && isSidecar(pod.spec.initContainers?.[i]),
  )
  if (containers.length > 0 && containers.every(ended) && !sidecarsRun) {
    return containers.every((one) => one.exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  return containers.some((one) => one.startedAt !== undefined || one.last) ? 'Running' : 'Pending'
}
