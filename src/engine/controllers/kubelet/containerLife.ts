import type { Container, Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import type { ContainerBehaviour, Probe } from './runtime.ts'

export type KillingProbe = 'liveness' | 'startup'

/** A run that has ended. */
interface Run {
  readonly exitCode: number
  readonly startedAt: SimTime
  readonly finishedAt: SimTime
  readonly killedBy?: KillingProbe
}

/** One container at one moment. */
export interface ContainerState {
  readonly state: 'waiting' | 'running' | 'terminated'
  /** Why it waits or ended: `ContainerCreating`, `CrashLoopBackOff`, `ErrImagePull`, `Completed`, `Error`. */
  readonly reason?: string
  readonly exitCode?: number
  /** Start of the present run, or of the last one. */
  readonly startedAt?: SimTime
  readonly finishedAt?: SimTime
  /** The run before this one, where there was one. */
  readonly last?: Run
  /** The probe for whose failing the kubelet ends this run. */
  readonly killedBy?: KillingProbe
  /** How often its image was asked for in vain. */
  readonly pulls?: number
  /** How long the present wait for a restart is. */
  readonly backOffMs?: number
  readonly restarts: number
  readonly ready: boolean
  /** It runs, but its startup probe has not passed yet. */
  readonly starting?: boolean
  /** A sidecar that the kubelet stops, as the others have ended. */
  readonly stopping?: boolean
  /** When it will change next by itself. */
  readonly nextAt?: SimTime
  /** The next change is one more turn of a loop without end. */
  readonly looping?: boolean
}

const firstBackOff = 10_000
const longestBackOff = 300_000
/** A run this long makes the next back-off start anew. */
const healthyRun = 600_000

/**
 * The state at `now` of a container that was first started at `firstStart`: runs, ends, restarts with back-off by the
 * pod's restartPolicy, and readiness by its probes.
 */
export function containerAt(
  pod: Pod,
  container: Container,
  behaviour: ContainerBehaviour,
  firstStart: SimTime,
  now: SimTime,
): ContainerState {
  const waiting = { state: 'waiting', restarts: 0, ready: false } as const
  if (now < firstStart) return { ...waiting, reason: 'ContainerCreating', nextAt: firstStart }
  if (behaviour.image === 'InvalidImageName') return { ...waiting, reason: 'InvalidImageName' }
  if (behaviour.image === 'ErrImagePull') {
    if (container['imagePullPolicy'] === 'Never') return { ...waiting, reason: 'ErrImageNeverPull' }
    return { ...waiting, ...pullState(firstStart, now) }
  }
  let startedAt = firstStart
  /** Undefined until the first restart that the kubelet counts. */
  let backOff: number | undefined
  let last: Run | undefined
  for (let restarts = 0; ; restarts++) {
    const end = runLength(pod, container, behaviour, startedAt)
    if (end === undefined || now < startedAt + end.afterMs) {
      return runningState(container, behaviour, { startedAt, restarts, last, end }, now)
    }
    const finishedAt = startedAt + end.afterMs
    const killedBy = end.killedBy === undefined ? {} : { killedBy: end.killedBy }
    const run: Run = { exitCode: end.code, startedAt, finishedAt, ...killedBy }
    // A sidecar has a policy of its own.
    const policy = container['restartPolicy'] ?? pod.spec['restartPolicy'] ?? 'Always'
    if (policy === 'Never' || (policy === 'OnFailure' && end.code === 0)) {
      const reason = end.code === 0 ? 'Completed' : 'Error'
      return { state: 'terminated', reason, ...run, ...(last ? { last } : {}), restarts, ready: false }
    }
    if (end.afterMs >= healthyRun) backOff = undefined
    // A container that the kubelet killed itself it starts again at once, by what it knows of the run before.
    const seenEnd = end.killedBy === undefined ? finishedAt : last?.finishedAt
    const waits = backOff !== undefined && seenEnd !== undefined && finishedAt - seenEnd < backOff
    // Of a program that ended by itself one sees the end for a moment.
    const restartAt = finishedAt + (waits ? (backOff ?? 0) : end.killedBy === undefined ? 1000 : 0)
    if (now < restartAt) {
      return waits
        ? {
            state: 'waiting',
            reason: 'CrashLoopBackOff',
            backOffMs: backOff ?? 0,
            last: run,
            restarts,
            ready: false,
            nextAt: restartAt,
            looping: true,
          }
        : {
            state: 'terminated',
            reason: end.code === 0 ? 'Completed' : 'Error',
            ...run,
            ...(last ? { last } : {}),
            restarts,
            ready: false,
            nextAt: restartAt,
            looping: true,
          }
    }
    if (seenEnd !== undefined) backOff = backOff === undefined ? firstBackOff : Math.min(backOff * 2, longestBackOff)
    last = run
    startedAt = restartAt
  }
}

interface Present {
  readonly startedAt: SimTime
  readonly restarts: number
  readonly last: Run | undefined
  readonly end: End | undefined
}

function runningState(
  container: Container,
  behaviour: ContainerBehaviour,
  { startedAt, restarts, last, end }: Present,
  now: SimTime,
): ContainerState {
  const begunAt = beginTime(container, behaviour, startedAt)
  const starting = begunAt === undefined || now < begunAt
  const readyAt = begunAt === undefined ? undefined : readyTime(container, behaviour, startedAt, begunAt)
  const ready = readyAt !== undefined && now >= readyAt
  const failedAt = end?.failedMs === undefined ? undefined : startedAt + end.failedMs
  const failing = failedAt !== undefined && now >= failedAt
  const next = [
    starting ? begunAt : ready ? undefined : readyAt,
    failing ? undefined : failedAt,
    end && startedAt + end.afterMs,
  ].filter((at) => at !== undefined)
  return {
    state: 'running',
    startedAt,
    restarts,
    ready,
    ...(starting ? { starting } : {}),
    ...(failing && end?.killedBy !== undefined ? { killedBy: end.killedBy } : {}),
    ...(last ? { last } : {}),
    ...(next.length > 0 ? { nextAt: Math.min(...next) } : {}),
    ...(restarts > 0 && end ? { looping: true } : {}),
  }
}

/**
 * Where the vain pulls of an image stand: after each, ErrImagePull for a moment, then ImagePullBackOff until the next.
 * Differs: a kubelet looks at such a pod every 10 to 15 s and tells the back-off each time.
 */
function pullState(firstStart: SimTime, now: SimTime): Pick<ContainerState, 'reason' | 'pulls' | 'nextAt' | 'looping'> {
  let [pulledAt, backOff] = [firstStart, firstBackOff]
  for (let pulls = 1; ; pulls++) {
    const told = pulledAt + 1000
    if (now < told) return { reason: 'ErrImagePull', pulls, nextAt: told, ...(pulls > 1 ? { looping: true } : {}) }
    const next = pulledAt + backOff
    if (now < next) return { reason: 'ImagePullBackOff', pulls, nextAt: next, looping: true }
    pulledAt = next
    backOff = Math.min(backOff * 2, longestBackOff)
  }
}

interface End {
  readonly code: number
  readonly afterMs: number
  readonly killedBy?: KillingProbe
  /** When the probe has failed once too often; what follows is the program's way down. */
  readonly failedMs?: number
}

/** How long one run lasts: until the program ends or the kubelet kills it for a failing liveness or startup probe. */
function runLength(pod: Pod, container: Container, behaviour: ContainerBehaviour, startedAt: SimTime): End | undefined {
  const graceMs = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
  const kills = (['startup', 'liveness'] as const).flatMap((kind): readonly End[] => {
    const probe = container[`${kind}Probe`] as Probe | undefined
    if (!probe || behaviour.passesAfterMs(probe) !== undefined) return []
    const checks = (probe.failureThreshold ?? 3) - 1
    const failedMs = (probe.initialDelaySeconds ?? 0) * 1000 + checks * periodMs(probe)
    // Who heeds SIGTERM ends by itself; the others are killed at the end of the grace period.
    const heeds = behaviour.stopMs <= graceMs
    return [
      { code: heeds ? 0 : 137, afterMs: failedMs + (heeds ? behaviour.stopMs : graceMs), killedBy: kind, failedMs },
    ]
  })
  const killed = kills.sort((a, b) => a.afterMs - b.afterMs)[0]
  const exit = behaviour.exitOf ? behaviour.exitOf(startedAt) : behaviour.exit
  if (!exit) return killed
  return killed && killed.afterMs < exit.afterMs ? killed : exit
}

function periodMs(probe: Probe): number {
  return (probe.periodSeconds ?? 10) * 1000
}

/** When the startup probe of a run that began at `startedAt` has passed; undefined: never. */
function beginTime(container: Container, behaviour: ContainerBehaviour, startedAt: SimTime): SimTime | undefined {
  const { startupProbe } = container
  return startupProbe === undefined || startupProbe === null
    ? startedAt
    : firstPass(startupProbe, behaviour, startedAt, startedAt)
}

/** When the run is ready, its startup probe having passed at `from`; undefined: never. */
function readyTime(
  container: Container,
  behaviour: ContainerBehaviour,
  startedAt: SimTime,
  from: SimTime,
): SimTime | undefined {
  const { readinessProbe } = container
  return readinessProbe === undefined || readinessProbe === null
    ? from
    : firstPass(readinessProbe, behaviour, startedAt, from)
}

/** When `probe`, asked from `from` on at its period, has succeeded often enough. */
function firstPass(
  probe: Probe,
  behaviour: ContainerBehaviour,
  startedAt: SimTime,
  from: SimTime,
): SimTime | undefined {
  const after = behaviour.passesAfterMs(probe)
  if (after === undefined) return undefined
  const first = Math.max(from, startedAt + (probe.initialDelaySeconds ?? 0) * 1000)
  const period = periodMs(probe)
  const checks = Math.max(0, Math.ceil((startedAt + after - first) / period)) + (probe.successThreshold ?? 1) - 1
  return first + checks * period
}
