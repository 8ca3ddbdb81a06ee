import type { KubeObject, NodeTables, ProxyMode, Request, Trace, TraceLine } from '../engine/index.ts'

/** A manifest file in the editor. */
export interface ManifestFile {
  readonly name: string
  readonly text: string
}

/**
 * What changes the simulated cluster. A run is its seed and the list of these, in order: replaying them gives the same
 * bytes, so links, reloads and crash reports keep only them.
 */
export type Input =
  /** The whole editor, as `kubectl apply --prune`: what an earlier apply made and no file names any more is deleted. */
  | { readonly type: 'apply'; readonly files: readonly ManifestFile[] }
  | { readonly type: 'setMode'; readonly mode: ProxyMode }
  | { readonly type: 'send'; readonly request: Request }
  /** While the clock is held, what an input sets in motion waits for `advance`; else every input runs until all is quiet. */
  | { readonly type: 'hold'; readonly on: boolean }
  /** Virtual time passes; without `ms` until all is quiet. */
  | { readonly type: 'advance'; readonly ms?: number }

export type Command =
  /** Forget everything, start the lab with `seed` and replay `inputs`. */
  | { readonly type: 'boot'; readonly seed: number; readonly inputs: readonly Input[] }
  | { readonly type: 'input'; readonly input: Input }
  /** Ask for the tables of a node now; answered by a `tables` notice. */
  | { readonly type: 'readTables'; readonly node: string }
  /** Ask for a trace in words; answered by a `tracePrinted` notice. `index` comes back with it. */
  | { readonly type: 'printTrace'; readonly index: number; readonly trace: Trace }

export interface Fault {
  readonly file: string
  readonly severity: 'error' | 'warning' | 'hint'
  /** In the words of the real tool. */
  readonly message: string
  /** UTF-16 offsets in the file's text, end exclusive. */
  readonly from: number
  readonly to: number
  /** `Service/dev/web`, when the fault lies in an object that could be named. */
  readonly object?: string
}

export type Notice =
  /** Boot is done. `labels` of the run follow as the other notices, which came before it. */
  | { readonly type: 'booted'; readonly seed: number; readonly mode: ProxyMode }
  | {
      readonly type: 'objectsChanged'
      readonly changed: readonly KubeObject[]
      readonly deleted: readonly string[]
      readonly now: number
      readonly reset?: boolean
    }
  /** The result of the newest apply: every fault of every file, and one line a document in kubectl's words. */
  | {
      readonly type: 'applied'
      readonly faults: readonly Fault[]
      readonly messages: readonly string[]
      readonly now: number
    }
  | { readonly type: 'modeChanged'; readonly mode: ProxyMode }
  /** `index` counts the requests of the run from 0. */
  | { readonly type: 'traced'; readonly index: number; readonly trace: Trace }
  | { readonly type: 'tables'; readonly tables: NodeTables }
  | { readonly type: 'tracePrinted'; readonly index: number; readonly lines: readonly TraceLine[] }
  /** After every input: the clock, and whether anything is still under way. */
  | { readonly type: 'clock'; readonly now: number; readonly quiet: boolean; readonly held: boolean }
  /** Our bug: the message and what replays it. The worker has been restarted on the inputs before the last one. */
  | { readonly type: 'crashed'; readonly message: string; readonly seed: number; readonly inputs: readonly Input[] }

/** The engine behind a message port. Commands and notices are cloneable plain data. */
export interface SimPort {
  readonly send: (command: Command) => void
  /** Returns the function that ends the subscription. */
  readonly subscribe: (listener: (notice: Notice) => void) => () => void
}
