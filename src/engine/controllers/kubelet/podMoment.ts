import type { Container, Pod, PodSpecFields } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { containerAt } from './containerLife.ts'
import type { ContainerState } from './containerLife.ts'
import { containerEvents, failedProbe } from './kubeletTexts.ts'
import type { RunEvent } from './kubeletTexts.ts'
import { isInitialized, isSidecar, reportOf } from './podStatus.ts'
import type { ContainerStates, PodReport } from './podStatus.ts'
import { withSidecarsStopped } from './podStop.ts'
import type { PodRuntime, Probe } from './runtime.ts'

/** What the containers of a pod are at one moment, and what the kubelet has to say of it. */
export interface PodMoment {
  readonly report: PodReport
  readonly events: readonly RunEvent[]
  /** When it will change next by itself. */
  readonly nextAt?: SimTime
  /** Nothing is left but loops without end. */
  readonly background: boolean
}

/** `startAt`: when the first container of `pod` starts; Infinity: not before it has an address, which `ip` is. */
export type Moments = (pod: Pod, startAt: SimTime, now: SimTime, ip?: string) => PodMoment

/** From the start of an init container to that of the next one. */
const initMs = 500

/** The moments of all pods whose specs have the same containers, at one time. */
interface Remembered {
  readonly now: SimTime
  readonly spec: PodSpecFields
  readonly byStart: Map<SimTime, PodMoment>
}

/** Pods of one template that start together stand alike at every moment: one object for thousands of them. */
export function createMoments(runtime: PodRuntime): Moments {
  const known = new WeakMap<readonly Container[], Remembered>()
  return (pod, startAt, now, ip) => {
    const { spec } = pod
    const last = known.get(spec.containers)
    const remembered = last?.now === now && livesLike(last.spec, spec) ? last : undefined
    const found = remembered?.byStart.get(startAt)
    if (found) return found
    const states = containersOf(runtime, startAt, pod, now)
    const moment = momentOf(runtime, pod, states, { now, ip })
    const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
    const alike =
      spec['readinessGates'] === undefined &&
      [...states.initContainers, ...states.containers].every(isImpersonal) &&
      all.every((container) => runtime.behaviourOf(pod, container).exitOf === undefined)
    if (!alike) return moment
    if (remembered) remembered.byStart.set(startAt, moment)
    else known.set(spec.containers, { now, spec, byStart: new Map([[startAt, moment]]) })
    return moment
  }
}

/** Whether all else that the life of the containers rests on is the same; replicas on several nodes differ in nothing of it. */
function livesLike(a: PodSpecFields, b: PodSpecFields): boolean {
  return (
    a === b ||
    (a.initContainers === b.initContainers &&
      a['restartPolicy'] === b['restartPolicy'] &&
      a.terminationGracePeriodSeconds === b.terminationGracePeriodSeconds &&
      b['readinessGates'] === undefined)
  )
}

/** Whether what is said of it names no pod: neither in its status nor in events about probes and restarts. */
function isImpersonal({ restarts, killedBy, state, ready, nextAt }: ContainerState): boolean {
  return restarts === 0 && killedBy === undefined && (state !== 'running' || ready || nextAt !== undefined)
}

function momentOf(
  runtime: PodRuntime,
  pod: Pod,
  states: ContainerStates,
  { now, ip }: { readonly now: SimTime; readonly ip: string | undefined },
): PodMoment {
  const events: RunEvent[] = []
  let nextAt = Infinity
  let background = true
  for (const list of ['initContainers', 'containers'] as const) {
    pod.spec[list]?.forEach((container, i) => {
      const at = states[list][i]
      if (!at) return
      const refusalOf = (probe: Probe): string =>
        runtime.behaviourOf(pod, container).refusalOf?.(probe) ?? failedProbe(ip ?? '', container, probe)
      events.push(...containerEvents(pod, list, container, at, refusalOf))
      if (at.nextAt === undefined) return
      if (at.nextAt > now) nextAt = Math.min(nextAt, at.nextAt)
      if (at.looping !== true) background = false
    })
  }
  return { report: reportOf(pod, states), events, background, ...(nextAt === Infinity ? {} : { nextAt }) }
}

/**
 * The states of init and ordinary containers. Init containers run one after the other, each once the one before is done;
 * sidecars among them go on running.
 */
export function containersOf(runtime: PodRuntime, startAt: SimTime, pod: Pod, now: SimTime): ContainerStates {
  const specs = pod.spec.initContainers ?? []
  const blocked = { state: 'waiting', reason: 'PodInitializing', restarts: 0, ready: false } as const
  // `undefined`: something before it is not done yet.
  let start: SimTime | undefined = startAt
  const inits = specs.map((container): ContainerState => {
    if (start === undefined || now < start) {
      const nextAt = start === undefined || start === Infinity ? {} : { nextAt: start }
      start = undefined
      return { ...blocked, ...nextAt }
    }
    const at = initAt(runtime, pod, container, start, now)
    const done = at.state === 'running' ? start + initMs : at.finishedAt
    start = isInitialized(container, at) && done !== undefined ? done : undefined
    return at
  })
  const containers = pod.spec.containers.map((container): ContainerState => {
    if (start === undefined) return blocked
    const at = containerAt(pod, container, runtime.behaviourOf(pod, container), start, now)
    // With init containers nothing is ever `ContainerCreating`.
    return specs.length > 0 && at.reason === 'ContainerCreating' ? { ...at, reason: 'PodInitializing' } : at
  })
  return { initContainers: withSidecarsStopped(runtime, pod, inits, containers, now), containers }
}

/** A program that ends by itself takes at least a moment; a server of an unknown image is taken for one that ends well. */
function initAt(runtime: PodRuntime, pod: Pod, container: Container, start: SimTime, now: SimTime): ContainerState {
  const behaviour = runtime.behaviourOf(pod, container)
  if (isSidecar(container)) return containerAt(pod, container, behaviour, start, now)
  const exit = { code: behaviour.exit?.code ?? 0, afterMs: Math.max(initMs, behaviour.exit?.afterMs ?? 0) }
  const endless = behaviour.exit === undefined && behaviour.stopMs === Infinity
  const policy = pod.spec['restartPolicy'] === 'Never' ? 'Never' : 'OnFailure'
  const once: Pod = { ...pod, spec: { ...pod.spec, restartPolicy: policy } }
  const at = containerAt(once, container, endless ? behaviour : { ...behaviour, exit }, start, now)
  return at.state === 'terminated' && at.exitCode === 0 ? { ...at, ready: true } : { ...at, ready: false }
}
