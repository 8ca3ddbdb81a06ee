import { createOutput } from '../commandResult.ts'
import type { CommandResult } from '../commandResult.ts'
import type { ShellCluster } from '../shellCluster.ts'
import { createCommand } from './generate/create.ts'
import { describeFlags, runDescribe } from './describe/describe.ts'
import { runExec } from './exec.ts'
import { exposeFlags, runExpose } from './generate/expose.ts'
import { fileFlags, runApply, runReplace } from './fileCommands.ts'
import { parseFlags } from './flags.ts'
import type { Flags, FlagSpec } from './flags.ts'
import { getFlags, runGet } from './get.ts'
import { metaFlags, runAnnotate, runLabel } from './labels.ts'
import { otherCommands } from './otherCommands.ts'
import { patchFlags, runPatch } from './patch.ts'
import { runDelete } from './remove.ts'
import { rolloutCommand } from './rollout.ts'
import { runFlags, runRun } from './generate/run.ts'
import { runScale, scaleFlags } from './scale.ts'
import { setCommand } from './set.ts'
import { isCommand, suggestionsFor } from './suggestions.ts'
import type { Subcommand } from './subcommand.ts'

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
  expose: { flags: exposeFlags, run: runExpose },
  run: { flags: runFlags, required: ['image'], run: runRun },
  delete: { flags: deleteFlags, run: runDelete },
  describe: { flags: describeFlags, run: runDescribe },
  get: { flags: getFlags, run: runGet },
  label: { flags: metaFlags, run: runLabel },
  ...otherCommands,
  patch: { flags: patchFlags, run: runPatch },
  replace: { flags: fileFlags, run: runReplace },
  rollout: rolloutCommand,
  set: setCommand,
  scale: { flags: scaleFlags, run: runScale },
}

/** Runs `kubectl ARGS`. */
export function runKubectl(cluster: ShellCluster, args: readonly string[]): CommandResult {
  const output = createOutput()
  const { name, rest } = findSubcommand(args)
  if (name === 'exec') return runExec(cluster, rest)
  const chosen = name === 'create' ? createCommand(rest) : undefined
  const subcommand = chosen?.command ?? (Object.hasOwn(subcommands, name) ? subcommands[name] : undefined)
  if (!subcommand) {
    const unknown = `error: unknown command ${JSON.stringify(name)} for "kubectl"${suggestionsFor(name)}`
    output.fail(isCommand(name) ? `error: kubectl ${name} is not simulated (docs/fidelity.md)` : unknown)
    return output.result()
  }
  const parsed = parseFlags(chosen?.rest ?? rest, subcommand.flags, subcommand.path ?? name)
  if ('problem' in parsed) {
    output.fail(parsed.problem)
    return output.result()
  }
  const missing = (subcommand.required ?? []).filter((flag) => !parsed.flags.has(flag))
  if (missing.length > 0) {
    output.fail(`error: required flag(s) ${missing.map((flag) => JSON.stringify(flag)).join(', ')} not set`)
    return output.result()
  }
  const config = configFault(cluster, parsed.flags)
  if (config !== undefined) {
    output.fail(config)
    return output.result()
  }
  const namespace = parsed.flags.get('namespace') ?? cluster.namespace
  subcommand.run({ cluster, ...parsed, output, namespace })
  return output.result()
}

/** A kubeconfig or a context that there is not. */
function configFault({ readFile }: ShellCluster, flags: Flags): string | undefined {
  const [file, context] = [flags.get('kubeconfig'), flags.get('context')]
  if (file !== undefined && readFile(file) === undefined) return `error: stat ${file}: no such file or directory`
  if (context === undefined || context === 'kubernetes-admin@kubernetes') return undefined
  return `Error in configuration: context was not found for specified context: ${context}`
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
