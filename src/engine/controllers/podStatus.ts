import type { Condition, Container, Node, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { sameValue } from '../store/sameValue.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { mergedConditions } from './conditions.ts'
import type { ContainerState } from './containerLife.ts'
import { waitingMessage } from './kubeletTexts.ts'

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

export function reportOf(
  pod: Pod,
  initContainers: readonly ContainerState[],
  containers: readonly ContainerState[],
): PodReport {
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
  const [podIP] = facts.ips
  const startTime = formatTimestamp(facts.startTime)
  const conditions = mergedReport(before.conditions ?? none, report, podIP !== undefined, formatTimestamp(now))
  const same =
    conditions === before.conditions &&
    phase === before.phase &&
    startTime === before['startTime'] &&
    (podIP === undefined || before.podIPs?.map(({ ip }) => ip).join() === facts.ips.join()) &&
    (hostIP === undefined || sameValue(hostIPs, before['hostIPs'])) &&
    sameValue(containerStatuses, before['containerStatuses']) &&
    sameValue(initContainerStatuses, before['initContainerStatuses'])
  if (same) return before
  // Whole literals: this runs for every pod, time and again.
  const reported = { conditions, phase, startTime, containerStatuses }
  const status =
    hostIP === undefined
      ? { ...before, ...reported }
      : podIP === undefined
        ? { ...before, conditions, phase, startTime, containerStatuses, hostIP, hostIPs }
        : {
            ...before,
            conditions,
            phase,
            startTime,
            containerStatuses,
            hostIP,
            hostIPs,
            podIP,
            podIPs: facts.ips.map((ip) => ({ ip })),
          }
  return initContainerStatuses ? { ...status, initContainerStatuses } : status
}

/** The last merge with a list of conditions: pods that stood alike and report alike go on sharing their conditions. */
const merges = new WeakMap<
  readonly Condition[],
  {
    readonly report: PodReport
    readonly hasSandbox: boolean
    readonly time: string
    readonly merged: readonly Condition[]
  }
>()

function mergedReport(
  before: readonly Condition[],
  report: PodReport,
  hasSandbox: boolean,
  time: string,
): readonly Condition[] {
  const known = merges.get(before)
  if (known?.report === report && known.hasSandbox === hasSandbox && known.time === time) return known.merged
  const sandbox = hasSandbox && !isOver(report.phase) ? readyToStart : notReadyToStart
  const merged = mergedConditions(before, [sandbox, ...report.conditions], time)
  merges.set(before, { report, hasSandbox, time, merged })
  return merged
}

// What most pods report, made once.
const readyToStart: Told = { type: 'PodReadyToStartContainers', status: 'True' }
const notReadyToStart: Told = { type: 'PodReadyToStartContainers', status: 'False' }
const allInitialized: Told = { type: 'Initialized', status: 'True' }
const isReady: Told = { type: 'Ready', status: 'True' }
const containersReady: Told = { type: 'ContainersReady', status: 'True' }

/** An init container is done once it has ended well, a sidecar once it runs. */
export function isInitialized(container: Container, at: ContainerState | undefined): boolean {
  if (container['restartPolicy'] === 'Always') return at?.state === 'running'
  return at?.state === 'terminated' && at.exitCode === 0
}

/** Source: kubernetes pkg/kubelet/status/generate.go. */
function conditionsOf(
  pod: Pod,
  initContainers: readonly ContainerState[],
  containers: readonly ContainerState[],
  phase: Phase,
): readonly Told[] {
  const names = (some: readonly Container[]): string => `[${some.map(({ name }) => name).join(' ')}]`
  if (isOver(phase)) {
    const reason = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed'
    const initialized = phase === 'Succeeded' ? { reason } : {}
    return [
      { type: 'Initialized', status: 'True', ...initialized },
      { type: 'Ready', status: 'False', reason },
      { type: 'ContainersReady', status: 'False', reason },
    ]
  }
  const specs = pod.spec.initContainers ?? []
  const incomplete = specs.filter((container, i) => !isInitialized(container, initContainers[i]))
  const initialized: Told =
    incomplete.length === 0
      ? allInitialized
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: ${names(incomplete)}`,
        }
  const unready = [
    ...specs.filter((container, i) => container['restartPolicy'] === 'Always' && initContainers[i]?.ready !== true),
    ...pod.spec.containers.filter((_container, i) => containers[i]?.ready !== true),
  ]
  if (incomplete.length > 0 || unready.length > 0) {
    const notReady = {
      status: 'False',
      reason: 'ContainersNotReady',
      message: `containers with unready status: ${names(unready)}`,
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
  if (containers.length > 0 && containers.every(ended)) {
    return containers.every((one) => one.exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  return containers.some((one) => one.startedAt !== undefined || one.last) ? 'Running' : 'Pending'
}

function containerStatus(
  pod: Pod,
  container: Container,
  at: ContainerState | undefined,
): Readonly<Record<string, unknown>> {
  const image = container.image ?? ''
  return {
    name: container.name,
    state: stateOf(pod, container, at),
    lastState: at?.last ? { terminated: terminated(at.last) } : {},
    ready: at?.ready ?? false,
    started: at?.state === 'running',
    restartCount: at?.restarts ?? 0,
    image,
    imageID: at?.startedAt === undefined ? '' : image,
  }
}

function stateOf(pod: Pod, container: Container, at: ContainerState | undefined): Readonly<Record<string, unknown>> {
  switch (at?.state) {
    case undefined:
      return { waiting: { reason: 'PodInitializing' } }
    case 'running':
      return { running: { startedAt: formatTimestamp(at.startedAt ?? 0) } }
    case 'waiting': {
      const message = waitingMessage(pod, container, at)
      const reason = at.reason ?? 'ContainerCreating'
      return { waiting: message === undefined ? { reason } : { message, reason } }
    }
    case 'terminated':
      return {
        terminated: terminated({
          exitCode: at.exitCode ?? 0,
          startedAt: at.startedAt ?? 0,
          finishedAt: at.finishedAt ?? 0,
        }),
      }
  }
}

function terminated(run: NonNullable<ContainerState['last']>): Readonly<Record<string, unknown>> {
  return {
    exitCode: run.exitCode,
    reason: run.exitCode === 0 ? 'Completed' : 'Error',
    startedAt: formatTimestamp(run.startedAt),
    finishedAt: formatTimestamp(run.finishedAt),
  }
}
