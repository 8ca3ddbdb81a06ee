import type { Condition, Container, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { sameValue } from '../store/sameValue.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { mergedConditions } from './conditions.ts'
import { podCondition } from './podState.ts'
import type { ContainerState } from './containerLife.ts'

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
const isInitialized: Told = { type: 'Initialized', status: 'True' }
const notInitialized: Told = { type: 'Initialized', status: 'False' }
const isReady: Told = { type: 'Ready', status: 'True' }
const behindGates: Told = { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady' }
const containersReady: Told = { type: 'ContainersReady', status: 'True' }

function notReady(type: string, pod: Pod, { containers }: PodFacts): Told {
  const unready = pod.spec.containers.filter((_container, i) => containers[i]?.ready !== true)
  const message = `containers with unready status: [${unready.map(({ name }) => name).join(' ')}]`
  return { type, status: 'False', reason: 'ContainersNotReady', message }
}

/** Whether a readiness gate waits for its condition. */
function gatesClosed(pod: Pod): boolean {
  const gates = (pod.spec['readinessGates'] ?? []) as readonly { readonly conditionType: string }[]
  return gates.some(({ conditionType }) => podCondition(pod, conditionType)?.status !== 'True')
}

/** `status` as the kubelet reports it. Returns the pod's own status when nothing changed. */
export function podStatus(pod: Pod, facts: PodFacts, now: SimTime): NonNullable<Pod['status']> {
  const before = pod.status ?? {}
  const initialized = facts.initContainers.every((one) => one.state === 'terminated' && one.exitCode === 0)
  const ready = initialized && facts.containers.length > 0 && facts.containers.every((one) => one.ready)
  const conditions: readonly Told[] = [
    facts.ips.length > 0 ? readyToStart : notReadyToStart,
    initialized ? isInitialized : notInitialized,
    ...(ready
      ? [gatesClosed(pod) ? behindGates : isReady, containersReady]
      : [notReady('Ready', pod, facts), notReady('ContainersReady', pod, facts)]),
  ]
  const time = formatTimestamp(now)
  const merged = mergedConditions(before.conditions ?? none, conditions, time)
  const status = {
    ...before,
    conditions: merged,
    phase: phaseOf(pod, facts),
    ...(facts.hostIps[0] === undefined
      ? {}
      : { hostIP: facts.hostIps[0], hostIPs: facts.hostIps.map((ip) => ({ ip })) }),
    ...(facts.ips[0] === undefined ? {} : { podIP: facts.ips[0], podIPs: facts.ips.map((ip) => ({ ip })) }),
    startTime: formatTimestamp(facts.startTime),
    containerStatuses: pod.spec.containers.map((container, i) => containerStatus(container, facts.containers[i])),
    ...(facts.initContainers.length === 0
      ? {}
      : {
          initContainerStatuses: (pod.spec.initContainers ?? []).map((container, i) =>
            containerStatus(container, facts.initContainers[i]),
          ),
        }),
  }
  return sameValue(status, before) ? before : status
}

function phaseOf(pod: Pod, facts: PodFacts): NonNullable<NonNullable<Pod['status']>['phase']> {
  const ended = (one: ContainerState): boolean => one.state === 'terminated' && one.looping !== true
  const failedInit = facts.initContainers.some((one) => ended(one) && one.exitCode !== 0)
  if (failedInit && pod.spec['restartPolicy'] === 'Never') return 'Failed'
  if (facts.containers.length > 0 && facts.containers.every(ended)) {
    return facts.containers.every((one) => one.exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  return facts.containers.some((one) => one.startedAt !== undefined || one.last) ? 'Running' : 'Pending'
}

function containerStatus(container: Container, at: ContainerState | undefined): Readonly<Record<string, unknown>> {
  const image = container.image ?? ''
  return {
    name: container.name,
    state: stateOf(at),
    lastState: at?.last ? { terminated: terminated(at.last) } : {},
    ready: at?.ready ?? false,
    started: at?.state === 'running',
    restartCount: at?.restarts ?? 0,
    image,
    imageID: at?.startedAt === undefined ? '' : image,
  }
}

function stateOf(at: ContainerState | undefined): Readonly<Record<string, unknown>> {
  switch (at?.state) {
    case undefined:
      return { waiting: { reason: 'PodInitializing' } }
    case 'running':
      return { running: { startedAt: formatTimestamp(at.startedAt ?? 0) } }
    case 'waiting':
      return { waiting: { reason: at.reason ?? 'ContainerCreating' } }
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
