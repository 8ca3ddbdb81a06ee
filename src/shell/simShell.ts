import type { Sim } from '../engine/index.ts'
import type { CommandResult } from './commandResult.ts'
import { createShell } from './createShell.ts'
import type { Program, Shell } from './createShell.ts'

export interface SimShellOptions {
  /** The text of a file in the working directory; undefined: there is none. */
  readonly readFile: (path: string) => string | undefined
  /** The namespace of commands without `-n`. */
  readonly namespace?: string
  /** Programs besides kubectl. */
  readonly programs?: Readonly<Record<string, Program>>
}

/** A shell on a running cluster. After each command the cluster runs on until nothing changes any more. */
export function createSimShell(sim: Sim, { readFile, namespace = 'default', programs = {} }: SimShellOptions): Shell {
  const shell = createShell({ api: sim.api, now: sim.now, readFile, namespace }, programs)
  return {
    run: (line): CommandResult => {
      const result = shell.run(line)
      sim.settle()
      return result
    },
  }
}
