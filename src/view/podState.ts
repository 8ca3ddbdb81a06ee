import type { Pod } from '../engine/index.ts'

/** Why a pod does not serve, or that it does. */
export interface PodState {
  /** kubectl's STATUS: `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating` ... */
  readonly word: string
  readonly message?: string
  readonly restarts: number
}

interface Status {
  readonly restartCount?: number
  readonly ready?: boolean
  readonly started?: boolean
  readonly state?: { readonly waiting?: Reason; readonly terminated?: Reason; readonly running?: unknown }
}

interface Reason {
  readonly reason?: string
  readonly message?: string
  readonly exitCode?: number
}

type Word = Omit<PodState, 'restarts'>

/** Source: kubernetes pkg/printers/internalversion printPod. The shell prints the same word; a test holds them together. */
export function podState({ metadata, spec, status = {} }: Pod): PodState {
  const inits = (status['initContainerStatuses'] ?? []) as readonly Status[]
  const mains = (status['containerStatuses'] ?? []) as readonly Status[]
  const sidecars = (spec.initContainers ?? []).map((container) => container['restartPolicy'] === 'Always')
  const restarts = [...inits.filter((_init, i) => sidecars[i] === true), ...mains].reduce(
    (sum, { restartCount = 0 }) => sum + restartCount,
    0,
  )
  const isOver = status.phase === 'Succeeded' || status.phase === 'Failed'
  if (metadata.deletionTimestamp !== undefined && !isOver) return { word: 'Terminating', restarts }
  const word = initWord(inits, sidecars) ?? mainWord(mains, status) ?? phaseWord(status)
  return { ...word, restarts }
}

/** Undefined: all init containers are done. */
function initWord(inits: readonly Status[], sidecars: readonly boolean[]): Word | undefined {
  for (const [i, { state = {}, started }] of inits.entries()) {
    const { waiting, terminated, running } = state
    if (terminated?.exitCode === 0) continue
    if (sidecars[i] === true && running !== undefined && started !== false) continue
    const cause = terminated ?? (waiting?.reason === 'PodInitializing' ? undefined : waiting)
    return cause?.reason === undefined ? { word: `Init:${i}/${sidecars.length}` } : worded(cause, 'Init:')
  }
  return undefined
}

/** The first container that waits or has ended, unless others go on. */
function mainWord(mains: readonly Status[], status: NonNullable<Pod['status']>): Word | undefined {
  const cause = mains
    .map(({ state = {} }) => state.waiting ?? state.terminated)
    .find((one) => one?.reason !== undefined)
  if (!cause) return undefined
  const runs = mains.some(({ ready, state }) => ready === true && state?.running !== undefined)
  if (cause.reason !== 'Completed' || !runs) return worded(cause, '')
  const isReady = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
  return { word: isReady ? 'Running' : 'NotReady' }
}

function phaseWord(status: NonNullable<Pod['status']>): Word {
  const closed = status.conditions?.find(({ status: is, message }) => is === 'False' && message !== undefined)
  const word = (status['reason'] as string | undefined) ?? status.phase ?? 'Pending'
  return { word, ...(closed?.message === undefined ? {} : { message: closed.message }) }
}

function worded({ reason = '', message }: Reason, prefix: string): Word {
  return { word: `${prefix}${reason}`, ...(message === undefined ? {} : { message }) }
}
