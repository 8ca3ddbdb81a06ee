import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { emptyShell } from '../testing/emptyCluster.ts'

/**
 * Sessions of `get` with its flags and output formats, `label`, `annotate`, `patch`, `delete`, `scale`, `apply` and
 * `replace`, recorded from kubectl v1.35.4 on a v1.35.4 API server. A command without a record is run for what it does.
 */
interface Recorded {
  readonly files: Readonly<Record<string, string>>
  readonly sessions: readonly (readonly (readonly [string] | readonly [string, string, string, number])[])[]
}

const { files, sessions } = JSON.parse(
  readFileSync(new URL('../testdata/kubectl-commands.json', import.meta.url), 'utf8'),
) as Recorded

/** Ages, uids and times are each cluster's own. */
function comparable(text: string): string {
  return text
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/(resourceVersion"?: )"\d+"/g, '$1"RV"')
    .replace(/ \d+s( *)$/gm, ' AGE')
    .replace(/ \d+s {2,}/g, ' AGE  ')
    .replace(/ {2,}/g, '  ')
}

describe.each(sessions.map((steps, i) => ({ steps, i })))('session $i', ({ steps }) => {
  it('answers like the real kubectl', () => {
    const shell = emptyShell({ files, namespaces: ['dev'] })
    for (const [command, stdout, stderr = '', rc = 0] of steps) {
      const result = shell.run(command)
      if (stdout === undefined) continue
      const want = { stdout: comparable(stdout), stderr: comparable(stderr), rc }
      expect({ stdout: comparable(result.stdout), stderr: comparable(result.stderr), rc: result.rc }, command).toEqual(
        want,
      )
    }
  })
})
