import type { StateCreator } from 'zustand/vanilla'
import type { AppState, ShareSlice } from './appState.ts'

export const createShareSlice: StateCreator<AppState, [], [], ShareSlice> = (set) => ({
  share: { origin: 'default', edited: false, error: undefined, putAside: undefined, made: undefined },
  noteShare: (change) => {
    set(({ share }) => ({ share: { ...share, ...change } }))
  },
})
