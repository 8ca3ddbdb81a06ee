import type { Condition, Container, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { sameValue } from '../store/sameValue.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { mergedConditions } from './conditions.ts'
import type { ContainerState } from './containerLife.ts'
import { waitingMessage } from './kubeletTexts.ts'

/** What the kubelet knows of one pod at one moment. */
export interface PodFacts {
  readonly startTime: SimTime
  readonly hostIps: readonly string[]
  /** Empty before the sandbox is up. */
  readonly ips: readonly string[]
  readonly initContainers: readonly ContainerState[]
  readonly containers: readonly ContainerState[]
}

const none: readonly Condition[] = []

type Told = Omit<Condition, 'lastTransitionTime'>

// What most pods report, made once.
const readyToStart: Told = { type: 'PodReadyToStartContainers', status: 'True' }
const notReadyToStart: Told = { type: 'PodReadyToStartContainers', status: 'False' }
const allInitialized: Told = { type: 'Initialized', status: 'True' }
const isReady: Told = { type: 'Ready', status: 'True' }
const containersReady: Told = { type: 'ContainersReady', status: 'True' }

/** `status` as the kubelet reports it. Returns the pod's own status when nothing changed. */
export function podStatus(pod: Pod, facts: PodFacts, now: SimTime): NonNullable<Pod['status']> {
  const before = pod.status ?? {}
  const specs = pod.spec.initContainers ?? []
  const incomplete = specs.filter((container, i) => !isInitialized(container, facts.initContainers[i]))
  const phase = phaseOf(pod, facts)
  const conditions = conditionsOf(pod, facts, phase, incomplete)
  const time = formatTimestamp(now)
  const merged = mergedConditions(before.conditions ?? none, conditions, time)
  const status = {
    ...before,
    conditions: merged,
    phase,
    ...(facts.hostIps[0] === undefined
      ? {}
      : { hostIP: facts.hostIps[0], hostIPs: facts.hostIps.map((ip) => ({ ip })) }),
    ...(facts.ips[0] === undefined ? {} : { podIP: facts.ips[0], podIPs: facts.ips.map((ip) => ({ ip })) }),
    startTime: formatTimestamp(facts.startTime),
    containerStatuses: pod.spec.containers.map((container, i) => containerStatus(pod, container, facts.containers[i])),
    ...(facts.initContainers.length === 0
      ? {}
      : {
          initContainerStatuses: specs.map((container, i) => containerStatus(pod, container, facts.initContainers[i])),
        }),
  }
  return sameValue(status, before) ? before : status
}

/** An init container is done once it has ended well, a sidecar once it runs. */
export function isInitialized(container: Container, at: ContainerState | undefined): boolean {
  if (container['restartPolicy'] === 'Always') return at?.state === 'running'
  return at?.state === 'terminated' && at.exitCode === 0
}

type Phase = NonNullable<NonNullable<Pod['status']>['phase']>
/** Source: kubernetes pkg/kubelet/status/generate.go. */
function conditionsOf(pod: Pod, facts: PodFacts, phase: Phase, incomplete: readonly Container[]): readonly Told[] {
  const sandbox = facts.ips.length > 0 && !isOver(phase) ? readyToStart : notReadyToStart
  const names = (containers: readonly Container[]): string => `[${containers.map(({ name }) => name).join(' ')}]`
  if (isOver(phase)) {
    const reason = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed'
    const initialized = phase === 'Succeeded' ? { reason } : {}
    return [
      sandbox,
      { type: 'Initialized', status: 'True', ...initialized },
      { type: 'Ready', status: 'False', reason },
      { type: 'ContainersReady', status: 'False', reason },
    ]
  }
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
    ...(pod.spec.initContainers ?? []).filter(
      (container, i) => container['restartPolicy'] === 'Always' && facts.initContainers[i]?.ready !== true,
    ),
    ...pod.spec.containers.filter((_container, i) => facts.containers[i]?.ready !== true),
  ]
  if (incomplete.length > 0 || unready.length > 0) {
    const notReady = {
      status: 'False',
      reason: 'ContainersNotReady',
      message: `containers with unready status: ${names(unready)}`,
    } as const
    return [sandbox, initialized, { type: 'Ready', ...notReady }, { type: 'ContainersReady', ...notReady }]
  }
  const closed = closedGates(pod)
  const ready: Told =
    closed.length > 0
      ? { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: closed.join(', ') }
      : isReady
  return [sandbox, initialized, ready, containersReady]
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

function phaseOf(pod: Pod, facts: PodFacts): Phase {
  const ended = (one: ContainerState): boolean => one.state === 'terminated' && one.looping !== true
  const failedInit = facts.initContainers.some((one) => ended(one) && one.exitCode !== 0)
  if (failedInit && pod.spec['restartPolicy'] === 'Never') return 'Failed'
  if (facts.containers.length > 0 && facts.containers.every(ended)) {
    return facts.containers.every((one) => one.exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  return facts.containers.some((one) => one.startedAt !== undefined || one.last) ? 'Running' : 'Pending'
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
