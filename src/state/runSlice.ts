import type { StateCreator } from 'zustand/vanilla'
import type { SimPort } from '../bridge/protocol.ts'
import type { AppState, RunSlice } from './appState.ts'
import { draftOf } from './requestSlice.ts'

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
        trace: {
          ...trace,
          traces: [],
          printed: new Map(),
          current: -1,
          cursor: 0,
          playing: false,
          ...(moment && { restore: moment }),
        },
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
