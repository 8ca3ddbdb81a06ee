import { base64OfText } from '../../../engine/index.ts'
import type { CommandContext } from '../fileCommands.ts'

type Texts = Readonly<Record<string, string>>

/** What `--from-literal`, `--from-file` and `--from-env-file` gather; or why they do not. */
export function configData({ cluster, flags }: CommandContext, owner: string): Texts | string {
  const data = new Map<string, string>()
  const put = (key: string, text: string): string | undefined => {
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
      const rule =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
      return `${JSON.stringify(key)} is not a valid key name for a ConfigMap: ${rule}`
    }
    if (data.has(key))
      return `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ${owner}`
    data.set(key, text)
    return undefined
  }
  if (flags.has('from-env-file') && (flags.has('from-file') || flags.has('from-literal'))) {
    return 'from-env-file cannot be combined with from-file or from-literal'
  }
  for (const source of flags.all('from-file')) {
    const parts = source.split('=')
    if (parts.length > 2) return "key names or file paths cannot contain '='"
    const [first = '', second] = parts
    if (second !== undefined && first === '') return `key name for file path ${second} missing`
    const path = second ?? first
    const text = cluster.readFile(path)
    if (text === undefined) return `error reading ${path}: no such file or directory`
    const problem = put(second === undefined ? (path.split('/').at(-1) ?? path) : first, text)
    if (problem !== undefined) return problem
  }
  for (const literal of flags.all('from-literal')) {
    const equals = literal.indexOf('=')
    if (equals <= 0) return `invalid literal source ${literal}, expected key=value`
    const text = literal.slice(equals + 1)
    const bare = /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text
    const problem = put(literal.slice(0, equals), bare)
    if (problem !== undefined) return problem
  }
  for (const path of flags.all('from-env-file')) {
    const text = cluster.readFile(path)
    if (text === undefined) return `error reading ${path}: no such file or directory`
    for (const line of text.split('\n')) {
      const trimmed = line.replace(/^\s+/, '')
      if (trimmed === '' || trimmed.startsWith('#')) continue
      const equals = trimmed.indexOf('=')
      // A name alone takes its value from the environment, which is empty here.
      const name = equals < 0 ? trimmed : trimmed.slice(0, equals)
      const problem = put(name, equals < 0 ? '' : trimmed.slice(equals + 1))
      if (problem !== undefined) return problem
    }
  }
  return Object.fromEntries(data)
}

export function secretData(data: Texts): Texts {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64OfText(text)]))
}
