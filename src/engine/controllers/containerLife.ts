import type { Container, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
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
  /** The probe for whose failing the kubelet ended this run. */
  readonly killedBy?: KillingProbe
  /** How long the present wait for a restart is. */
  readonly backOffMs?: number
  readonly restarts: number
  readonly ready: boolean
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
  if (behaviour.image === 'InvalidImageName') return { ...waiting, reason: 'InvalidImageName' }
  if (now < firstStart) return { ...waiting, reason: 'ContainerCreating', nextAt: firstStart }
  if (behaviour.image === 'ErrImagePull') {
    // ErrImagePull and ImagePullBackOff alternate; the longer of the two stands for both after the first try.
    const tried = firstStart + 1000
    return now < tried
      ? { ...waiting, reason: 'ErrImagePull', nextAt: tried }
      : { ...waiting, reason: 'ImagePullBackOff' }
  }
  let startedAt = firstStart
  let backOff = firstBackOff
  let last: ContainerState['last']
  for (let restarts = 0; ; restarts++) {
    const end = runLength(pod, container, behaviour, startedAt)
    if (end === undefined || now < startedAt + end.afterMs) {
      const readyAt = readyTime(container, behaviour, startedAt)
      const ready = readyAt !== undefined && now >= readyAt
      const next = [ready ? undefined : readyAt, end && startedAt + end.afterMs].filter((at) => at !== undefined)
      return {
        state: 'running',
        startedAt,
        restarts,
        ready,
        ...(last ? { last } : {}),
        ...(next.length > 0 ? { nextAt: Math.min(...next) } : {}),
        ...(restarts > 0 && end ? { looping: true } : {}),
      }
    }
    const finishedAt = startedAt + end.afterMs
    const killedBy = end.killedBy === undefined ? {} : { killedBy: end.killedBy }
    const run = { exitCode: end.code, startedAt, finishedAt, ...killedBy }
    // A sidecar has a policy of its own.
    const policy = container['restartPolicy'] ?? pod.spec['restartPolicy'] ?? 'Always'
    if (policy === 'Never' || (policy === 'OnFailure' && end.code === 0)) {
      const reason = end.code === 0 ? 'Completed' : 'Error'
      return { state: 'terminated', reason, ...run, ...(last ? { last } : {}), restarts, ready: false }
    }
    if (end.afterMs >= healthyRun) backOff = firstBackOff
    // The first restart is immediate but for a breath in which the end can be seen.
    const restartAt = finishedAt + (restarts === 0 ? 1000 : backOff)
    if (now < restartAt) {
      const ended = { last: run, restarts, ready: false, nextAt: restartAt, looping: true }
      return restarts === 0
        ? { state: 'terminated', reason: end.code === 0 ? 'Completed' : 'Error', ...run, ...ended }
        : { state: 'waiting', reason: 'CrashLoopBackOff', backOffMs: backOff, ...ended }
    }
    if (restarts > 0) backOff = Math.min(backOff * 2, longestBackOff)
    last = run
    startedAt = restartAt
  }
}

interface End {
  readonly code: number
  readonly afterMs: number
  readonly killedBy?: KillingProbe
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
    return [{ code: heeds ? 0 : 137, afterMs: failedMs + (heeds ? behaviour.stopMs : graceMs), killedBy: kind }]
  })
  const killed = kills.sort((a, b) => a.afterMs - b.afterMs)[0]
  const exit = behaviour.exitOf ? behaviour.exitOf(startedAt) : behaviour.exit
  if (!exit) return killed
  return killed && killed.afterMs < exit.afterMs ? killed : exit
}

function periodMs(probe: Probe): number {
  return (probe.periodSeconds ?? 10) * 1000
}

/** When a run that began at `startedAt` is ready; undefined: never. */
function readyTime(container: Container, behaviour: ContainerBehaviour, startedAt: SimTime): SimTime | undefined {
  let from = startedAt
  for (const probe of [container.startupProbe, container.readinessProbe]) {
    if (probe === undefined || probe === null) continue
    const passed = firstPass(probe, behaviour, startedAt, from)
    if (passed === undefined) return undefined
    from = passed
  }
  return from
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
