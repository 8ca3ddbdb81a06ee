/** Command line flags by long name. A switch without a value is 'true'. */
export interface Flags {
  readonly has: (name: string) => boolean
  /** The last value. */
  readonly get: (name: string) => string | undefined
  readonly all: (name: string) => readonly string[]
  readonly isOn: (name: string) => boolean
}

export interface ParsedLine {
  readonly args: readonly string[]
  /** What stands behind `--`; undefined: there is none. */
  readonly afterDash?: readonly string[]
  readonly flags: Flags
}

/** A flag: its name, its letter, and what it takes. `optional` has the value that it means when given without one. */
export interface FlagSpec {
  readonly name: string
  readonly letter?: string
  readonly takes: 'value' | 'nothing' | 'optional'
  readonly bare?: string
  /** The value is a whole number. */
  readonly integer?: boolean
}

export const commonFlags: readonly FlagSpec[] = [
  { name: 'namespace', letter: 'n', takes: 'value' },
  { name: 'context', takes: 'value' },
  { name: 'kubeconfig', takes: 'value' },
  { name: 'request-timeout', takes: 'value' },
  { name: 'v', letter: 'v', takes: 'value' },
  { name: 'warnings-as-errors', takes: 'nothing' },
]

/** Reads `args` as pflag does: flags anywhere, `--name=value` or `--name value`, letters joined. */
export function parseFlags(
  args: readonly string[],
  specs: readonly FlagSpec[],
  command: string,
): ParsedLine | { readonly problem: string } {
  const known = [...specs, ...commonFlags]
  const values = new Map<string, string[]>()
  const rest: string[] = []
  let afterDash: readonly string[] | undefined
  const usage = `See 'kubectl ${command} --help' for usage.`
  let problem: string | undefined
  const set = (spec: FlagSpec, value: string): void => {
    if (spec.integer === true && !/^[-+]?\d+$/.test(value)) {
      const flag = spec.letter === undefined ? `--${spec.name}` : `-${spec.letter}, --${spec.name}`
      problem ??= `error: invalid argument ${JSON.stringify(value)} for "${flag}" flag: strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax\n${usage}`
    }
    values.set(spec.name, [...(values.get(spec.name) ?? []), value])
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--') {
      afterDash = args.slice(i + 1)
      break
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=')
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
      const spec = known.find((flag) => flag.name === name)
      if (!spec) return { problem: `error: unknown flag: --${name}\n${usage}` }
      if (equals >= 0) set(spec, arg.slice(equals + 1))
      else if (spec.takes !== 'value') set(spec, spec.bare ?? 'true')
      else {
        const value = args[++i]
        if (value === undefined) return { problem: `error: flag needs an argument: --${name}\n${usage}` }
        set(spec, value)
      }
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let j = 1; j < arg.length; j++) {
        const letter = arg.charAt(j)
        const spec = known.find((flag) => flag.letter === letter)
        if (!spec) return { problem: `error: unknown shorthand flag: '${letter}' in ${arg}\n${usage}` }
        if (spec.takes !== 'value') {
          set(spec, spec.bare ?? 'true')
          continue
        }
        const joined = arg.slice(j + 1).replace(/^=/, '')
        const value = joined === '' ? args[++i] : joined
        if (value === undefined) {
          return { problem: `error: flag needs an argument: '${letter}' in ${arg}\n${usage}` }
        }
        set(spec, value)
        break
      }
    } else {
      rest.push(arg)
    }
  }
  if (problem !== undefined) return { problem }
  return {
    args: rest,
    ...(afterDash ? { afterDash } : {}),
    flags: {
      has: (name) => values.has(name),
      get: (name) => values.get(name)?.at(-1),
      all: (name) => values.get(name) ?? [],
      isOn: (name) => /^(true|1|t|T|TRUE|True)$/.test(values.get(name)?.at(-1) ?? 'false'),
    },
  }
}
