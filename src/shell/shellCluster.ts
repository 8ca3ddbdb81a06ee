import type { SimTime } from '../engine/base/time.ts'
import type { ApiServer } from '../engine/index.ts'
import type { CommandResult } from './commandResult.ts'

/** What commands act on. */
export interface ShellCluster {
  readonly api: ApiServer
  readonly now: () => SimTime
  /** The text of a file in the working directory; undefined: there is none. */
  readonly readFile: (path: string) => string | undefined
  /** The namespace of commands without `-n`. */
  readonly namespace: string
  /** Changes it for the commands that follow. Absent: it stays. */
  readonly useNamespace?: (namespace: string) => void
  /** Runs a program inside a pod. Undefined: the container has no such program. Absent: nothing can be run. */
  readonly exec?: (
    pod: { readonly namespace: string; readonly name: string },
    command: readonly string[],
  ) => CommandResult | undefined
}
