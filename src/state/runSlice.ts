import type { StateCreator } from 'zustand/vanilla'
import type { ProxyMode, Request } from '../engine/index.ts'
import type { Input, SimPort } from '../bridge/protocol.ts'
import { draftOf } from './requestSlice.ts'
import type { AppState } from './store.ts'

export type { Input } from '../bridge/protocol.ts'

/** What replays everything on screen: same seed and inputs, same bytes. */
export interface Run {
  readonly seed: number
  readonly inputs: readonly Input[]
  readonly mode: ProxyMode
  /** From `boot` to the `booted` notice. */
  readonly booting: boolean
}

export interface RunSlice {
  readonly run: Run
  /** Starts over with the lab and replays `inputs`; the editor then holds the files of the last apply. */
  readonly boot: (start: BootOptions) => void
  readonly setMode: (mode: ProxyMode) => void
  /** Sends a request; its trace comes back, becomes the current one and plays. */
  readonly send: (request: Request) => void
  /** Notes an input that was sent. */
  readonly remember: (input: Input) => void
}

export interface BootOptions {
  readonly seed: number
  readonly inputs: readonly Input[]
  /** The moment to show when the replay is done; without it the first step of the newest trace. */
  readonly moment?: { readonly trace: number; readonly cursor: number }
}

export const createRunSlice =
  (port: SimPort): StateCreator<AppState, [], [], RunSlice> =>
  (set, get) => ({
    run: { seed: 1, inputs: [], mode: 'iptables', booting: true },
    boot: ({ seed, inputs, moment }) => {
      const files = inputs.findLast((input) => input.type === 'apply')?.files ?? []
      set(({ run, trace, tables, manifests, share }) => ({
        share: { ...share, edited: false },
        draft: draftOf(inputs.findLast((input) => input.type === 'send')?.request),
        run: { ...run, seed, inputs, booting: true },
        trace: { ...trace, traces: [], current: -1, cursor: 0, playing: false, ...(moment && { restore: moment }) },
        tables: { ...tables, data: new Map() },
        manifests: { ...manifests, files, active: files[0]?.name ?? '', applied: files, faults: [], messages: [] },
      }))
      port.send({ type: 'boot', seed, inputs })
    },
    setMode: (mode) => {
      if (get().run.mode === mode) return
      const input = { type: 'setMode', mode } as const
      get().remember(input)
      port.send({ type: 'input', input })
    },
    send: (request) => {
      const input = { type: 'send', request } as const
      get().remember(input)
      port.send({ type: 'input', input })
    },
    remember: (input) => {
      set(({ run, share }) => ({
        run: { ...run, inputs: [...run.inputs, input] },
        share: share.edited ? share : { ...share, edited: true },
      }))
    },
  })
