import type { CommandResult } from './commandResult.ts'

/** The switches of a node's kernel that a packet's walk depends on, as `sysctl` names them. */
export interface SysctlStore {
  readonly read: (key: string) => number | undefined
  /** False: there is no such key. */
  readonly write: (key: string, value: number) => boolean
}

/** `sysctl KEY`, `sysctl [-w] KEY=VALUE`, `-n`, as procps 4.0 prints it. */
export function sysctl(words: readonly string[], store: SysctlStore): CommandResult {
  const bare = words.includes('-n')
  const unknown = words.find((word) => word.startsWith('-') && !['-n', '-w'].includes(word))
  if (unknown !== undefined) return { stdout: '', stderr: `sysctl: invalid option -- '${unknown.slice(1)}'\n`, rc: 1 }
  const terms = words.filter((word) => !word.startsWith('-'))
  if (terms.length === 0) return { stdout: '', stderr: 'sysctl: no variables specified\n', rc: 1 }
  const missing = (key: string): string =>
    `sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory\n`
  const result = { stdout: '', stderr: '', rc: 0 }
  const fail = (text: string): void => {
    result.stderr += text
    result.rc = 1
  }
  for (const term of terms) {
    const equals = term.indexOf('=')
    const key = (equals < 0 ? term : term.slice(0, equals)).replaceAll('/', '.')
    if (equals < 0) {
      if (words.includes('-w')) fail(`sysctl: "${term}" must be of the form name=value\n`)
      else {
        const value = store.read(key)
        if (value === undefined) fail(missing(key))
        else result.stdout += bare ? `${value}\n` : `${key} = ${value}\n`
      }
      continue
    }
    const text = term.slice(equals + 1)
    if (store.read(key) === undefined) fail(missing(key))
    else if (!/^\d{1,9}$/.test(text)) fail(`sysctl: setting key "${key}": Invalid argument\n`)
    else {
      store.write(key, Number(text))
      result.stdout += bare ? `${text}\n` : `${key} = ${text}\n`
    }
  }
  return result
}
