import { printStatusError } from '../../engine/index.ts'
import { nothingNamed } from './generate/expose.ts'
import { dryRunOf, gatherInfos } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { objectName } from './messages.ts'
import { fetchNamed, readTargets } from './resources.ts'
import type { Target } from './resources.ts'
import { selectionOf } from './selection.ts'

export const scaleFlags: readonly FlagSpec[] = [
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'replicas', takes: 'value', integer: true },
  { name: 'current-replicas', takes: 'value', integer: true },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'resource-version', takes: 'value' },
  { name: 'timeout', takes: 'value' },
  { name: 'all', takes: 'nothing' },
  { name: 'selector', letter: 'l', takes: 'value' },
  { name: 'dry-run', takes: 'optional', bare: 'unchanged' },
]

const scalable = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController']

/** Whole kinds as their objects, with `--all` or `-l`. */
function expanded(context: CommandContext, targets: readonly Target[]): readonly Target[] | string {
  const { cluster, flags, namespace } = context
  if (!flags.isOn('all') && !flags.has('selector')) return targets
  const all = targets.flatMap(({ kind }) => {
    const test = selectionOf(context, kind)
    const objects = test ? cluster.api.list(kind, namespace).filter(test) : []
    return objects.map(({ metadata }) => ({ kind, name: metadata.name }))
  })
  return all.length === 0 ? 'error: no objects passed to scale' : all
}

/** `kubectl scale --replicas=N KIND NAME`. */
export function runScale(context: CommandContext): void {
  const { args, cluster, flags, namespace, output } = context
  const asked = flags.get('replicas')
  if (asked === undefined) {
    output.fail('error: required flag(s) "replicas" not set')
    return
  }
  const replicas = Number(asked)
  if (!/^-?\d+$/.test(asked) || replicas < 0) {
    output.fail('error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
    return
  }
  const chosen = flags.has('filename')
    ? gatherInfos(context)?.infos
    : args.length === 0
      ? nothingNamed
      : readTargets(args)
  if (!chosen) return
  const targets = typeof chosen === 'string' ? chosen : expanded(context, chosen)
  if (typeof targets === 'string') {
    output.fail(targets)
    return
  }
  for (const { kind, name } of targets) {
    if (name === undefined) {
      output.fail('error: resource(s) were provided, but no name was specified')
      return
    }
    const object = fetchNamed(cluster.api, kind, namespace, name, output)
    if (!object) continue
    if (!scalable.includes(kind.kind)) {
      output.fail('Error from server (NotFound): the server could not find the requested resource')
      continue
    }
    const now = (object['spec'] as { readonly replicas?: number } | undefined)?.replicas ?? 0
    const expected = flags.get('current-replicas')
    if (expected !== undefined && expected !== '-1' && Number(expected) !== now) {
      output.fail(`error: Expected replicas to be ${expected}, was ${now}`)
      continue
    }
    const dryRun = dryRunOf(flags) ?? 'none'
    const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
    const scaled = cluster.api.patch(
      kind,
      namespace,
      name,
      'merge',
      { spec: { replicas } },
      { dryRun: dryRun !== 'none' },
    )
    if (scaled.ok) output.out(`${objectName(kind, name)} scaled${suffix}\n`)
    else output.fail(printStatusError(scaled.status))
  }
}
