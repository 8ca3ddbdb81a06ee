import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { emptyShell } from '../../testing/emptyCluster.ts'

/** `kubectl create KIND`, `run` and `expose`, recorded from kubectl v1.35.4 on a v1.35.4 API server. */
interface Recorded {
  readonly files: Readonly<Record<string, string>>
  readonly sessions: readonly {
    readonly commands: readonly string[]
    readonly results: readonly { readonly stdout: string; readonly stderr: string; readonly rc: number }[]
  }[]
}

const { files, sessions } = JSON.parse(
  readFileSync(new URL('../../testdata/generators.json', import.meta.url), 'utf8'),
) as Recorded

/** Causes of one map come in random order; uids and times are each cluster's own. */
function comparable(text: string): readonly string[] {
  return text
    .replace(/(uid|creationTimestamp): \S+/g, '$1')
    .split('\n')
    .sort()
}

it.each(sessions.map(({ commands, results }) => ({ name: commands.at(-1) ?? '', commands, results })))(
  '$name',
  ({ commands, results }) => {
    const shell = emptyShell({ files, namespaces: ['dev'] })
    commands.forEach((command, i) => {
      const { stdout, stderr, rc } = shell.run(command)
      const want = results[i]
      expect({ stdout: comparable(stdout), stderr: comparable(stderr), rc }, command).toEqual({
        stdout: comparable(want?.stdout ?? ''),
        stderr: comparable(want?.stderr ?? ''),
        rc: want?.rc,
      })
    })
  },
)
