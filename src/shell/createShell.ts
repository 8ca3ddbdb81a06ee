import type { CommandResult } from './commandResult.ts'
import { runKubectl } from './kubectl/kubectl.ts'
import type { ShellCluster } from './shellCluster.ts'
import { splitWords } from './words.ts'

/** A program besides kubectl, by its name on the command line. */
export type Program = (args: readonly string[]) => CommandResult

export interface Shell {
  readonly run: (line: string) => CommandResult
}

/** A shell that knows kubectl and `programs`. One command a line, no expansions, no pipes yet. */
export function createShell(cluster: ShellCluster, programs: Readonly<Record<string, Program>> = {}): Shell {
  let { namespace } = cluster
  const useNamespace = (next: string): void => {
    namespace = next
  }
  return {
    run: (line) => {
      const words = splitWords(line)
      if (!words) return { stdout: '', stderr: 'sh: syntax error: unterminated quoted string\n', rc: 2 }
      const [name, ...args] = words
      if (name === undefined) return { stdout: '', stderr: '', rc: 0 }
      if (name === 'kubectl' || name === 'k') return runKubectl({ ...cluster, namespace, useNamespace }, args)
      const program = Object.hasOwn(programs, name) ? programs[name] : undefined
      return program?.(args) ?? { stdout: '', stderr: `sh: ${name}: not found\n`, rc: 127 }
    },
  }
}
