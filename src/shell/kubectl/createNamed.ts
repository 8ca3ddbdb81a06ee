import { findKind, printStatusError } from '../../engine/index.ts'
import { dryRunOf } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import { printObjects } from './printObjects.ts'

/** `kubectl create namespace NAME`. */
export function runCreateNamespace(context: CommandContext): void {
  const { args, cluster, flags, output } = context
  const [, name] = args
  if (args.length !== 2 || name === undefined) {
    output.fail(
      `error: exactly one NAME is required, got ${args.length - 1}\nSee 'kubectl create namespace -h' for help and examples`,
    )
    return
  }
  const kind = findKind('v1', 'Namespace')
  if (!kind) return
  const dryRun = dryRunOf(flags) ?? 'none'
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
  const made =
    dryRun === 'client'
      ? { ok: true as const, object: { ...body, spec: {}, status: {} }, warnings: [] }
      : cluster.api.create(kind, '', body, { dryRun: dryRun === 'server' })
  made.warnings.forEach(output.warn)
  if (!made.ok) {
    output.fail(printStatusError(made.status))
    return
  }
  const format = flags.get('output')
  if (format === undefined) output.out(`namespace/${name} created${suffix}\n`)
  else printObjects([made.object], format, output)
}
