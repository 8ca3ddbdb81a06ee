import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { emptyShell } from './testing/emptyCluster.ts'

/**
 * Kinds that are only stored: what kube-apiserver v1.35.4 makes of them (`create`, `apply`, `replace`) and how kubectl
 * v1.35.4 lists them.
 */
interface Case {
  readonly id: string
  readonly files: Readonly<Record<string, string>>
  readonly commands: readonly string[]
  readonly results: readonly { readonly stdout: string; readonly stderr: string; readonly rc: number }[]
}

const cases = JSON.parse(
  readFileSync(new URL('testdata/stored-kinds.json', import.meta.url), 'utf8'),
) as readonly Case[]

/** Without what no two clusters share. Columns are as wide as their ages and times. */
function comparable(text: string): readonly string[] {
  return text
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/(resourceVersion: )"\d+"/g, '$1"RV"')
    .replace(/^ {2}lastPhaseTransitionTime: .*\n/gm, '')
    .replace(/ \d+s(?=\s)/g, ' AGE')
    .replace(/ {2,}/g, '  ')
    .split('\n')
    .sort()
}

describe.each(cases)('$id', ({ files, commands, results }) => {
  it('answers like the real cluster', () => {
    const shell = emptyShell({ files, namespaces: ['dev'] })
    commands.forEach((command, i) => {
      const { stdout, stderr, rc } = shell.run(command)
      const want = results[i]
      expect({ stderr: comparable(stderr), rc }, command).toEqual({
        stderr: comparable(want?.stderr ?? ''),
        rc: want?.rc,
      })
      expect(comparable(stdout), command).toEqual(comparable(want?.stdout ?? ''))
    })
  })
})
