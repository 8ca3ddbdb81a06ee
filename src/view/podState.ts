import type { Pod } from '../engine/index.ts'

/** Why a pod does not serve, or that it does, in kubectl's word for it. */
export interface PodState {
  /** `Running`, `CrashLoopBackOff`, `Init:ErrImagePull`, `Pending` ... */
  readonly word: string
  readonly message?: string
  readonly restarts: number
}

interface Status {
  readonly restartCount?: number
  readonly ready?: boolean
  readonly state?: {
    readonly waiting?: Reason
    readonly terminated?: Reason & { readonly exitCode?: number }
    readonly running?: unknown
  }
}

interface Reason {
  readonly reason?: string
  readonly message?: string
}

/** The first container that is in the way decides; else what the conditions say, else the phase. */
export function podState({ metadata, status = {} }: Pod): PodState {
  const inits = (status['initContainerStatuses'] ?? []) as readonly Status[]
  const mains = (status['containerStatuses'] ?? []) as readonly Status[]
  const restarts = [...inits, ...mains].reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
  if (metadata.deletionTimestamp !== undefined) return { word: 'Terminating', restarts }
  const trouble =
    inits.map((one) => troubleOf(one, true)).find(isFound) ?? mains.map((one) => troubleOf(one, false)).find(isFound)
  if (trouble) return { ...trouble, restarts }
  const closed = status.conditions?.find(({ status: is, message }) => is === 'False' && message !== undefined)
  const word = (status['reason'] as string | undefined) ?? status.phase ?? 'Pending'
  return { word, restarts, ...(closed?.message === undefined ? {} : { message: closed.message }) }
}

function isFound<T>(one: T | undefined): one is T {
  return one !== undefined
}

function troubleOf({ state = {} }: Status, init: boolean): Omit<PodState, 'restarts'> | undefined {
  const { waiting, terminated } = state
  if (init && terminated?.exitCode === 0) return undefined
  const { reason, message } = waiting ?? terminated ?? {}
  if (reason === undefined || reason === 'PodInitializing') return undefined
  return { word: `${init ? 'Init:' : ''}${reason}`, ...(message === undefined ? {} : { message }) }
}
