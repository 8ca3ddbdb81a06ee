import { printStatusError } from '../../engine/index.ts'
import { dryRunOf } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { objectName } from './messages.ts'
import { fetchNamed, readTargets } from './resources.ts'

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

/** `kubectl scale --replicas=N KIND NAME`. */
export function runScale({ args, cluster, flags, namespace, output }: CommandContext): void {
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
  const targets = readTargets(args)
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
