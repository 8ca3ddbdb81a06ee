import { createContext, use } from 'react'
import { useStore } from 'zustand'
import type { AppState } from '../../state/appState.ts'
import type { AppStore } from '../../state/store.ts'

/** Gives the store to everything below; a test makes its own. */
export const AppStoreContext = createContext<AppStore | undefined>(undefined)

export function useAppStore(): AppStore {
  const store = use(AppStoreContext)
  if (!store) throw new Error('AppStoreContext is missing above this component')
  return store
}

/** The smallest value a component draws: `useApp((s) => s.trace.cursor)`. `select` must return the same reference for the same state. */
export function useApp<T>(select: (state: AppState) => T): T {
  return useStore(useAppStore(), select)
}
