import type { StateCreator } from 'zustand/vanilla'
import type { LinkError } from '../share/moment.ts'
import type { AppState } from './store.ts'

export type { LinkError } from '../share/moment.ts'

export interface ShareState {
  /** How the page came to what it shows. */
  readonly origin: 'default' | 'kept' | 'link'
  /** Something was applied, sent or switched since. */
  readonly edited: boolean
  /** Why the link of the address could not be opened; the default scenario runs instead. */
  readonly error: LinkError | undefined
  /** Work of the reader's own, put aside when a link was opened: a link as `encodeLink` makes it. */
  readonly putAside: string | undefined
  /** The link that was made last, with what it holds. */
  readonly made: MadeLink | undefined
}

export interface MadeLink {
  readonly url: string
  /** False when the clipboard refused: the address is then shown to be copied by hand. */
  readonly copied: boolean
  readonly files: number
  readonly requests: number
  /** Step and steps of the request on show, from 1; absent without one. */
  readonly step?: { readonly at: number; readonly of: number }
}

export interface ShareSlice {
  readonly share: ShareState
  readonly noteShare: (change: Partial<ShareState>) => void
}

export const createShareSlice: StateCreator<AppState, [], [], ShareSlice> = (set) => ({
  share: { origin: 'default', edited: false, error: undefined, putAside: undefined, made: undefined },
  noteShare: (change) => {
    set(({ share }) => ({ share: { ...share, ...change } }))
  },
})
