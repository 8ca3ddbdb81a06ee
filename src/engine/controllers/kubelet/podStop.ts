import type { Container, Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { keyOf } from '../../store/objects.ts'
import type { Write } from '../../store/store.ts'
import { parseTimestamp } from '../../store/timestamp.ts'
import type { ContainerState } from './containerLife.ts'
import type { EventText } from '../events.ts'
import { isSidecar, podStatus, reportOf } from './podStatus.ts'
import type { ContainerStates, PodFacts } from './podStatus.ts'
import type { PodRuntime } from './runtime.ts'

/** What a kubelet does with a pod at one moment, and when it looks again. */
export interface Step {
  readonly writes: readonly Write[]
  readonly nextAt?: SimTime
  readonly background: boolean
}

/** How the containers of a pod that is being deleted come to their end. */
export interface StopPlan {
  readonly endAt: SimTime
  readonly states: ContainerStates
  /** One for each container that runs. */
  readonly events: readonly EventText[]
}

/** SIGTERM to every container, then to the sidecars, SIGKILL at the end of the grace period. */
export function planStop(runtime: PodRuntime, pod: Pod, states: ContainerStates, now: SimTime): StopPlan {
  const deadline = parseTimestamp(pod.metadata.deletionTimestamp) ?? now
  const asked = deadline - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000
  const begin = Math.max(now, asked)
  const events: EventText[] = []
  const slowest = { containers: 0, initContainers: 0 }
  for (const list of ['initContainers', 'containers'] as const) {
    pod.spec[list]?.forEach((container, i) => {
      if (states[list][i]?.state !== 'running') return
      const [message, fieldPath] = [`Stopping container ${container.name}`, `spec.${list}{${container.name}}`]
      events.push({ type: 'Normal', reason: 'Killing', message, fieldPath })
      const ms = preStopMs(container) + runtime.behaviourOf(pod, container).stopMs
      slowest[list] = Math.max(slowest[list], ms)
    })
  }
  const endAt = Math.min(begin + slowest.containers + slowest.initContainers, Math.max(deadline, now))
  const ended = (list: 'initContainers' | 'containers'): readonly ContainerState[] =>
    (pod.spec[list] ?? []).map((container, i): ContainerState => {
      const at = states[list][i] ?? { state: 'waiting', restarts: 0, ready: false }
      if (at.state !== 'running') return at
      const { stopMs } = runtime.behaviourOf(pod, container)
      const finishedAt = Math.min(endAt, begin + preStopMs(container) + stopMs)
      // Who heeds SIGTERM in time ends well.
      return endedState(at, begin + preStopMs(container) + stopMs <= endAt ? 0 : 137, finishedAt)
    })
  return { endAt, states: { initContainers: ended('initContainers'), containers: ended('containers') }, events }
}

/** Once all have ended: their last words, then the object goes. */
export function stopStep(pod: Pod, plan: StopPlan, facts: PodFacts, now: SimTime): Step {
  // A second, shorter grace period may have come in.
  const deadline = Math.max(parseTimestamp(pod.metadata.deletionTimestamp) ?? now, now)
  const end = Math.min(plan.endAt, deadline)
  if (now < end) return { writes: [], nextAt: end, background: false }
  const key = keyOf(pod)
  const gone: Write = { type: 'delete', kind: 'Pod', key }
  if (plan.events.length === 0) return { writes: [gone], background: false }
  const status = podStatus(pod, reportOf(pod, plan.states), facts, now)
  return { writes: [{ type: 'status', kind: 'Pod', key, status }, gone], background: false }
}

/** Sidecars end once all ordinary containers have ended for good. */
export function withSidecarsStopped(
  runtime: PodRuntime,
  pod: Pod,
  inits: readonly ContainerState[],
  containers: readonly ContainerState[],
  now: SimTime,
): readonly ContainerState[] {
  const specs = pod.spec.initContainers ?? []
  if (!specs.some(isSidecar) || !containers.every(({ state, looping }) => state === 'terminated' && !looping)) {
    return inits
  }
  const doneAt = Math.max(...containers.map(({ finishedAt = 0 }) => finishedAt))
  return inits.map((at, i): ContainerState => {
    const container = specs[i]
    if (!container || !isSidecar(container) || at.state !== 'running') return at
    const graceMs = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
    const { stopMs } = runtime.behaviourOf(pod, container)
    const finishedAt = doneAt + Math.min(stopMs, graceMs)
    if (now < finishedAt) return { ...at, nextAt: finishedAt, stopping: true }
    return { ...endedState(at, stopMs <= graceMs ? 0 : 137, finishedAt), stopping: true }
  })
}

function endedState(at: ContainerState, exitCode: number, finishedAt: SimTime): ContainerState {
  return {
    state: 'terminated',
    reason: exitCode === 0 ? 'Completed' : 'Error',
    exitCode,
    startedAt: at.startedAt ?? finishedAt,
    finishedAt,
    ...(at.last ? { last: at.last } : {}),
    restarts: at.restarts,
    ready: false,
  }
}

interface Hook {
  readonly sleep?: { readonly seconds?: number }
  readonly exec?: { readonly command?: readonly string[] }
}

/** How long the preStop hook takes, before which SIGTERM is not sent. Of commands only `sleep` takes time. */
export function preStopMs(container: Container): number {
  const { sleep, exec } = (container['lifecycle'] as { readonly preStop?: Hook } | undefined)?.preStop ?? {}
  if (sleep) return (sleep.seconds ?? 0) * 1000
  const words = (exec?.command ?? []).join(' ')
  const seconds = /\bsleep +([0-9]+(?:\.[0-9]+)?)/.exec(words)?.[1]
  return seconds === undefined ? 0 : Number(seconds) * 1000
}
