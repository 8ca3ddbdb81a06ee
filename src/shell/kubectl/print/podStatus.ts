import { parseTimestamp } from '../../../engine/index.ts'
import type { KubeObject } from '../../../engine/index.ts'
import { printAge } from './age.ts'

type Loose = Readonly<Record<string, unknown>>

function loose(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {}
}

function looseList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? (value as readonly Loose[]) : []
}

export interface PodCells {
  readonly ready: string
  readonly status: string
  readonly restarts: string
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** READY, STATUS and RESTARTS of a pod. Source: kubernetes pkg/printers/internalversion, printPod. */
export function podStatus(pod: KubeObject, now: number): PodCells {
  const [spec, status] = [loose(pod['spec']), loose(pod['status'])]
  const containers = looseList(spec['containers'])
  const states = looseList(status['containerStatuses'])
  const phase = text(status['phase']) || 'Pending'
  let shown = text(status['reason']) || phase
  const sidecars = sidecarStates(spec, status)
  let ready = sidecars.filter((state) => state['started'] === true && state['ready'] === true).length
  let restarts = sidecars.reduce((sum, state) => sum + Number(state['restartCount'] ?? 0), 0)
  let lastEnd = Math.max(-Infinity, ...sidecars.map(endOf))
  let running = false
  const init = initReason(spec, status)
  if (init !== undefined) shown = init
  for (const state of [...states].reverse()) {
    restarts += Number(state['restartCount'] ?? 0)
    lastEnd = Math.max(lastEnd, endOf(state))
    const { waiting, terminated, running: runs } = loose(state['state'])
    const ended = loose(terminated)
    if (init === undefined) {
      if (text(loose(waiting)['reason']) !== '') shown = text(loose(waiting)['reason'])
      else if (terminated !== undefined) {
        shown =
          text(ended['reason']) ||
          (ended['signal']
            ? `Signal:${JSON.stringify(ended['signal'])}`
            : `ExitCode:${JSON.stringify(ended['exitCode'])}`)
      }
    }
    if (state['ready'] === true && runs !== undefined) {
      running = true
      ready += 1
    }
  }
  if (shown === 'Completed' && running) {
    const isReady = looseList(status['conditions']).some(({ type, status: is }) => type === 'Ready' && is === 'True')
    shown = isReady ? 'Running' : 'NotReady'
  }
  if (pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded' && phase !== 'Failed') {
    shown = text(status['reason']) === 'NodeLost' ? 'Unknown' : 'Terminating'
  }
  const total = containers.length + looseList(spec['initContainers']).filter(isSidecar).length
  const ago = restarts > 0 && lastEnd > -Infinity ? ` (${printAge(now - lastEnd)} ago)` : ''
  return { ready: `${ready}/${total}`, status: shown, restarts: `${restarts}${ago}` }
}

function isSidecar(container: Loose): boolean {
  return container['restartPolicy'] === 'Always'
}

function sidecarStates(spec: Loose, status: Loose): readonly Loose[] {
  const all = looseList(spec['initContainers'])
  return looseList(status['initContainerStatuses']).filter((_state, i) => isSidecar(all[i] ?? {}))
}

/** When the run before this one ended; -Infinity: there was none. */
function endOf(state: Loose): number {
  return parseTimestamp(text(loose(loose(state['lastState'])['terminated'])['finishedAt'])) ?? -Infinity
}

/** The STATUS while init containers run; undefined: they are done, or there are none. */
function initReason(spec: Loose, status: Loose): string | undefined {
  const all = looseList(spec['initContainers'])
  const states = looseList(status['initContainerStatuses'])
  for (const [i, container] of states.entries()) {
    const { waiting, terminated, running } = loose(container['state'])
    const ended = loose(terminated)
    if (terminated !== undefined && ended['exitCode'] === 0) continue
    if (isSidecar(all[i] ?? {}) && running !== undefined && container['started'] !== false) continue
    if (terminated !== undefined) {
      if (text(ended['reason']) !== '') return `Init:${text(ended['reason'])}`
      return ended['signal']
        ? `Init:Signal:${JSON.stringify(ended['signal'])}`
        : `Init:ExitCode:${JSON.stringify(ended['exitCode'])}`
    }
    const reason = text(loose(waiting)['reason'])
    if (reason !== '' && reason !== 'PodInitializing') return `Init:${reason}`
    return `Init:${i}/${all.length}`
  }
  return undefined
}
