import type { SimTime } from '../engine/base/time.ts'
import type { ApiServer } from '../engine/index.ts'

/** What commands act on. */
export interface ShellCluster {
  readonly api: ApiServer
  readonly now: () => SimTime
  /** The text of a file in the working directory; undefined: there is none. */
  readonly readFile: (path: string) => string | undefined
  /** The namespace of commands without `-n`. */
  readonly namespace: string
}
