import { createOutput } from '../commandResult.ts'
import type { CommandResult } from '../commandResult.ts'
import type { ShellCluster } from '../shellCluster.ts'
import { runCreateNamespace } from './createNamed.ts'
import { runExec } from './exec.ts'
import { fileFlags, runApply, runCreateFiles, runReplace } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import { parseFlags } from './flags.ts'
import type { FlagSpec } from './flags.ts'
import { getFlags, runGet } from './get.ts'
import { metaFlags, runAnnotate, runLabel } from './labels.ts'
import { patchFlags, runPatch } from './patch.ts'
import { runDelete } from './remove.ts'
import { runScale, scaleFlags } from './scale.ts'

interface Subcommand {
  readonly flags: readonly FlagSpec[]
  readonly run: (context: CommandContext) => void
}

const deleteFlags: readonly FlagSpec[] = [
  ...fileFlags,
  { name: 'all-namespaces', letter: 'A', takes: 'nothing' },
  { name: 'ignore-not-found', takes: 'nothing' },
  { name: 'now', takes: 'nothing' },
  { name: 'field-selector', takes: 'value' },
]

const subcommands: Readonly<Record<string, Subcommand>> = {
  annotate: { flags: metaFlags, run: runAnnotate },
  apply: { flags: fileFlags, run: runApply },
  create: { flags: fileFlags, run: runCreate },
  delete: { flags: deleteFlags, run: runDelete },
  get: { flags: getFlags, run: runGet },
  label: { flags: metaFlags, run: runLabel },
  patch: { flags: patchFlags, run: runPatch },
  replace: { flags: fileFlags, run: runReplace },
  scale: { flags: scaleFlags, run: runScale },
}

function runCreate(context: CommandContext): void {
  const [what] = context.args
  if (what === 'namespace' || what === 'ns') runCreateNamespace(context)
  else if (what === undefined || context.flags.has('filename')) runCreateFiles(context)
  else
    context.output.fail(
      `error: unknown command ${JSON.stringify(context.args.join(' '))}\nSee 'kubectl create -h' for help and examples`,
    )
}

/** Runs `kubectl ARGS`. */
export function runKubectl(cluster: ShellCluster, args: readonly string[]): CommandResult {
  const output = createOutput()
  const { name, rest } = findSubcommand(args)
  if (name === 'exec') return runExec(cluster, rest)
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined
  if (!subcommand) {
    output.fail(`error: unknown command ${JSON.stringify(name)} for "kubectl"`)
    return output.result()
  }
  const parsed = parseFlags(rest, subcommand.flags, name)
  if ('problem' in parsed) {
    output.fail(parsed.problem)
    return output.result()
  }
  const namespace = parsed.flags.get('namespace') ?? cluster.namespace
  subcommand.run({ cluster, args: parsed.args, flags: parsed.flags, output, namespace })
  return output.result()
}

/** The first word that is no flag; `-n dev` may stand before it. */
function findSubcommand(args: readonly string[]): { readonly name: string; readonly rest: readonly string[] } {
  const takesValue = new Set(['-n', '--namespace', '--context', '--kubeconfig', '-v'])
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (takesValue.has(arg)) i++
    else if (!arg.startsWith('-')) return { name: arg, rest: [...args.slice(0, i), ...args.slice(i + 1)] }
  }
  return { name: '', rest: args }
}
