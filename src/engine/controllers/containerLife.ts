import type { Container, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import type { ContainerBehaviour, Probe } from './runtime.ts'

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
  readonly last?: { readonly exitCode: number; readonly startedAt: SimTime; readonly finishedAt: SimTime }
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
    const end = runLength(container, behaviour, startedAt)
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
    const run = { exitCode: end.code, startedAt, finishedAt }
    const policy = pod.spec['restartPolicy'] ?? 'Always'
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
        : { state: 'waiting', reason: 'CrashLoopBackOff', ...ended }
    }
    if (restarts > 0) backOff = Math.min(backOff * 2, longestBackOff)
    last = run
    startedAt = restartAt
  }
}

/** How long one run lasts: until the program ends or the kubelet kills it for a failing liveness or startup probe. */
function runLength(
  container: Container,
  behaviour: ContainerBehaviour,
  startedAt: SimTime,
): ContainerBehaviour['exit'] {
  const kills = [container.startupProbe, container.livenessProbe].flatMap((probe) => {
    const one = probe as Probe | undefined
    if (!one || behaviour.passesAfterMs(one) !== undefined) return []
    const checks = (one.failureThreshold ?? 3) - 1
    return (one.initialDelaySeconds ?? 0) * 1000 + checks * periodMs(one) + behaviour.stopMs
  })
  const killed = kills.length > 0 ? { code: 137, afterMs: Math.min(...kills) } : undefined
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
