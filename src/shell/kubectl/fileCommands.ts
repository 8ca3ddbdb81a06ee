import type { FieldValidation, KubeObject } from '../../engine/index.ts'
import type { Output } from '../commandResult.ts'
import type { ShellCluster } from '../shellCluster.ts'
import { applyInfo, withLastApplied } from './apply.ts'
import type { Flags, FlagSpec } from './flags.ts'
import { readInfos } from './manifestInfos.ts'
import type { Info, Infos } from './manifestInfos.ts'
import { failSource, failStatus, namespaceFault, objectName, urlFault } from './messages.ts'
import { printObjects } from './print/printObjects.ts'

export const fileFlags: readonly FlagSpec[] = [
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'recursive', letter: 'R', takes: 'nothing' },
  { name: 'kustomize', letter: 'k', takes: 'value' },
  { name: 'dry-run', takes: 'optional', bare: 'unchanged' },
  { name: 'validate', takes: 'optional', bare: 'strict' },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'save-config', takes: 'nothing' },
  { name: 'field-manager', takes: 'value' },
  { name: 'server-side', takes: 'nothing' },
  { name: 'force-conflicts', takes: 'nothing' },
  { name: 'force', takes: 'nothing' },
  { name: 'overwrite', takes: 'nothing' },
  { name: 'prune', takes: 'nothing' },
  { name: 'all', takes: 'nothing' },
  { name: 'selector', letter: 'l', takes: 'value' },
  { name: 'grace-period', takes: 'value' },
  { name: 'wait', takes: 'nothing' },
  { name: 'timeout', takes: 'value' },
  { name: 'cascade', takes: 'optional', bare: 'background' },
  { name: 'show-managed-fields', takes: 'nothing' },
]

export interface CommandContext {
  readonly cluster: ShellCluster
  readonly flags: Flags
  readonly args: readonly string[]
  /** What stands behind `--`. */
  readonly afterDash?: readonly string[]
  readonly output: Output
  /** The namespace in force. */
  readonly namespace: string
}

/** `--validate`'s values in the API's terms; undefined: not one of them. */
export function validationOf(flags: Flags): FieldValidation | undefined {
  switch (flags.get('validate') ?? 'strict') {
    case 'strict':
    case 'true':
      return 'Strict'
    case 'warn':
      return 'Warn'
    case 'ignore':
    case 'false':
      return 'Ignore'
    default:
      return undefined
  }
}

export type DryRun = 'none' | 'client' | 'server'

export function dryRunOf(flags: Flags): DryRun | undefined {
  const value = flags.get('dry-run') ?? 'none'
  return value === 'none' || value === 'client' || value === 'server' ? value : undefined
}

const suffixes: Readonly<Record<DryRun, string>> = { none: '', client: ' (dry run)', server: ' (server dry run)' }

/** All objects of all `-f` files. A missing file is the only error then. */
export function gatherInfos({ cluster, flags, output, namespace }: CommandContext): Infos | undefined {
  const infos: Info[] = []
  const errors: string[] = []
  for (const path of flags.all('filename')) {
    const text = cluster.readFile(path)
    if (text === undefined) {
      output.fail(`error: the path ${JSON.stringify(path)} does not exist`)
      return undefined
    }
    const source = path === '-' ? 'STDIN' : path
    const validate = validationOf(flags) !== 'Ignore' && validationOf(flags) !== 'Warn'
    const read = readInfos(text, source, { validate, namespace, enforceNamespace: flags.has('namespace') })
    infos.push(...read.infos)
    errors.push(...read.errors)
  }
  return { infos, errors }
}

type Act = (info: Info, dryRun: DryRun, validation: FieldValidation) => KubeObject | undefined

/** Why the flags name no objects, or do not go together. */
function sourceFault(flags: Flags, verb: string): string | undefined {
  if (flags.has('filename') && flags.has('kustomize')) return 'only one of -f or -k can be specified'
  if (flags.has('kustomize')) return 'kustomize is not simulated (docs/fidelity.md): use -f'
  if (!flags.has('filename')) return 'must specify one of -f and -k'
  if (verb === 'replace' && Number(flags.get('grace-period') ?? -1) >= 0 && !flags.isOn('force')) {
    return '--grace-period must have --force specified'
  }
  if (!flags.isOn('prune')) return undefined
  if (flags.isOn('all') || flags.has('selector')) return '--prune is not simulated (docs/fidelity.md)'
  return 'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector'
}

/** Runs `act` on every object of the files. `verb` stands in "no objects passed to ...". */
function forFiles(context: CommandContext, verb: string, act: Act): void {
  const { flags, output } = context
  const problem = sourceFault(flags, verb)
  if (problem !== undefined) {
    output.fail(`error: ${problem}`)
    return
  }
  const [dryRun, validation] = [dryRunOf(flags), validationOf(flags)]
  if (!dryRun) {
    const value = JSON.stringify(flags.get('dry-run'))
    output.fail(`error: Invalid dry-run value (${value.slice(1, -1)}). Must be "none", "server", or "client".`)
    return
  }
  if (!validation) {
    const value = flags.get('validate') ?? ''
    output.fail(
      `error: invalid - validate option "${value}"; must be one of: strict (or true), warn, ignore (or false)`,
    )
    return
  }
  const gathered = gatherInfos(context)
  if (!gathered) return
  if (gathered.infos.length + gathered.errors.length === 0) {
    output.fail(`error: no objects passed to ${verb}`)
    return
  }
  // `apply` reads all files before it begins.
  const isApply = verb === 'apply'
  const tellErrors = (): void => {
    for (const error of gathered.errors) output.fail(error)
  }
  if (isApply) tellErrors()
  const made: KubeObject[] = []
  for (const info of gathered.infos) {
    const object = act(info, dryRun, validation)
    if (object) made.push(object)
  }
  const format = flags.get('output')
  if (format !== undefined && made.length > 0) printObjects(made, format, output)
  if (!isApply) tellErrors()
}

function report(context: CommandContext, info: Info, word: string, dryRun: DryRun, name = info.name): void {
  if (context.flags.has('output')) return
  context.output.out(`${objectName(info.kind, name === '' ? '<unknown>' : name)} ${word}${suffixes[dryRun]}\n`)
}

export function runApply(context: CommandContext): void {
  const { cluster, flags, output } = context
  const silent: Output = flags.has('output') ? { ...output, out: () => undefined } : output
  forFiles(context, 'apply', (info, dryRun, validation) =>
    applyInfo(
      cluster.api,
      info,
      {
        validation,
        dryRun: dryRun === 'server',
        clientDryRun: dryRun === 'client',
        suffix: suffixes[dryRun],
        serverSide: flags.isOn('server-side'),
      },
      silent,
    ),
  )
}

export function runCreateFiles(context: CommandContext): void {
  const { cluster, flags, output } = context
  forFiles(context, 'create', (info, dryRun, validation) => {
    const body = flags.isOn('save-config') ? withLastApplied(info.body) : info.body
    if (dryRun === 'client') {
      report(context, info, 'created', dryRun)
      return body as unknown as KubeObject
    }
    const fault = namespaceFault(info)
    if (fault !== undefined) {
      output.fail(`error: error when creating ${JSON.stringify(info.source)}: ${fault}`)
      return undefined
    }
    const created = cluster.api.create(info.kind, info.namespace, body, { validation, dryRun: dryRun === 'server' })
    created.warnings.forEach(output.warn)
    if (!created.ok) {
      failSource(output, created.status, 'creating', info.source)
      return undefined
    }
    report(context, info, 'created', dryRun, created.object.metadata.name)
    return created.object
  })
}

export function runReplace(context: CommandContext): void {
  const { cluster, flags, output } = context
  // `--force` deletes all of them before it makes the first anew.
  if (flags.isOn('force') && dryRunOf(flags) === 'none' && sourceFault(flags, 'replace') === undefined) {
    for (const info of gatherInfos({ ...context, output: { ...output, fail: () => undefined } })?.infos ?? []) {
      if (urlFault(info) !== undefined) continue
      const removed = cluster.api.remove(info.kind, info.namespace, info.name, { graceSeconds: 0 })
      if (removed.ok) output.out(`${deletedText(info)}\n`)
    }
  }
  forFiles(context, 'replace', (info, dryRun, validation) => {
    const options = { validation, dryRun: dryRun === 'server' }
    if (dryRun === 'client') {
      report(context, info, 'replaced', dryRun)
      return info.body as unknown as KubeObject
    }
    const fault = urlFault(info)
    if (fault !== undefined) {
      output.fail(`error: error when replacing ${JSON.stringify(info.source)}: ${fault}`)
      return undefined
    }
    const send = flags.isOn('force') ? cluster.api.create : cluster.api.replace
    const body = flags.isOn('save-config') ? withLastApplied(info.body) : info.body
    const replaced = send(info.kind, info.namespace, body, options)
    replaced.warnings.forEach(output.warn)
    if (!replaced.ok) {
      // What `--force` creates anew is told of without the file.
      if (flags.isOn('force')) failStatus(output, replaced.status)
      else failSource(output, replaced.status, 'replacing', info.source)
      return undefined
    }
    report(context, info, 'replaced', dryRun)
    return replaced.object
  })
}

/** `service "web" deleted from dev namespace`. */
export function deletedText(
  { kind, name, namespace }: Pick<Info, 'kind' | 'name' | 'namespace'>,
  force = false,
): string {
  const singular = kind.group === '' ? kind.singular : `${kind.singular}.${kind.group}`
  const verb = force ? 'force deleted' : 'deleted'
  return `${singular} ${JSON.stringify(name)} ${verb}${namespace === '' ? '' : ` from ${namespace} namespace`}`
}
