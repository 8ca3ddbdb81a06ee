import { fileFlags, runCreateFiles } from '../fileCommands.ts'
import { generatorFlags, oneName, sendGenerated } from './generate.ts'
import { createAliases, createGenerators } from './generators.ts'
import type { Generator } from './generators.ts'
import type { Subcommand } from '../subcommand.ts'

/** Words that are `create`'s commands in life and are none here. */
const notSimulated =
  'clusterrole clusterrolebinding ingress poddisruptionbudget pdb priorityclass pc quota resourcequota role rolebinding token'.split(
    ' ',
  )

/** Which of `create`'s commands `args` are for, and the arguments left for it. */
export function createCommand(args: readonly string[]): {
  readonly command: Subcommand
  readonly rest: readonly string[]
} {
  const isFlag = (arg: string): boolean => arg.startsWith('-')
  const first = args.findIndex((arg, i) => !isFlag(arg) && !takesNext(args[i - 1]))
  const word = args[first] ?? ''
  const path = (Object.hasOwn(createAliases, word) ? createAliases[word] : undefined) ?? word
  const groups = Object.keys(createGenerators).filter((name) => name.startsWith(`${path} `))
  const without = (i: number, list = args): readonly string[] => list.filter((_, j) => j !== i)
  if (first < 0) return { command: { flags: fileFlags, run: runCreateFiles }, rest: args }
  if (groups.length > 0) {
    const rest = without(first)
    const second = rest.findIndex((arg, i) => !isFlag(arg) && !takesNext(rest[i - 1]))
    const inner = `${path} ${rest[second] ?? ''}`
    const generator = Object.hasOwn(createGenerators, inner) ? createGenerators[inner] : undefined
    if (generator) return { command: commandOf(inner, generator), rest: without(second, rest) }
    return { command: unknown(`create ${path}`, 1), rest: args }
  }
  const generator = Object.hasOwn(createGenerators, path) ? createGenerators[path] : undefined
  if (generator) return { command: commandOf(path, generator), rest: without(first) }
  return { command: { ...unknown('create', 0), flags: fileFlags }, rest: args }
}

/** Whether the word behind this one is its value. */
function takesNext(arg: string | undefined): boolean {
  return arg === '-n' || arg === '--namespace' || arg === '-f' || arg === '--filename' || arg === '-o'
}

function commandOf(path: string, { flags, required = [], build }: Generator): Subcommand {
  return {
    flags: [...generatorFlags, ...flags],
    required,
    path: `create ${path}`,
    run: (context) => {
      const name = oneName(context, `create ${path}`)
      if (name === undefined) return
      const made = build(name, context)
      if (typeof made === 'string') context.output.fail(`error: ${made}`)
      else sendGenerated(context, made)
    },
  }
}

function unknown(path: string, skip: number): Subcommand {
  return {
    flags: fileFlags,
    run: (context) => {
      const { args, flags, output } = context
      if (skip === 0 && flags.has('filename')) {
        runCreateFiles(context)
        return
      }
      const words = args.slice(skip)
      if (notSimulated.includes(words[0] ?? '')) {
        output.fail(
          `error: kubectl create ${words[0] ?? ''} is not simulated (docs/fidelity.md): apply a manifest instead`,
        )
        return
      }
      const help = `See 'kubectl ${path} -h' for help and examples`
      if (skip === 0) {
        output.fail(`error: Unexpected args: [${words.join(' ')}]\n${help}`)
        return
      }
      output.fail(`error: unknown command ${JSON.stringify(words.join(' '))}\n${help}`)
    },
  }
}
