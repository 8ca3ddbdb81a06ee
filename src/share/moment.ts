import type { ProxyMode, Request } from '../engine/index.ts'

/** The same shape as the bridge's `Input`: what a link has to replay. */
export type SharedInput =
  | { readonly type: 'apply'; readonly files: readonly SharedFile[] }
  | { readonly type: 'setMode'; readonly mode: ProxyMode }
  | { readonly type: 'send'; readonly request: Request }
  | { readonly type: 'hold'; readonly on: boolean }
  | { readonly type: 'advance'; readonly ms?: number }

export interface SharedFile {
  readonly name: string
  readonly text: string
}

/** An exact moment of an exact run. Theme and language are the reader's own and left out. */
export interface SharedMoment {
  readonly seed: number
  readonly inputs: readonly SharedInput[]
  /** The request on show, counted from 0, and the event that the cursor stands on. */
  readonly at?: { readonly trace: number; readonly cursor: number }
}

/** Why a link cannot be opened. */
export type LinkError =
  /** No link of ours: another fragment, or none. */
  | { readonly type: 'notALink' }
  /** Made by a newer release. */
  | { readonly type: 'unknownVersion'; readonly version: string }
  /** Cut off or changed on its way. */
  | { readonly type: 'damaged' }
  /** Unpacks to more than we are willing to hold. */
  | { readonly type: 'tooLarge' }
