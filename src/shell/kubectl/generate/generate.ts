import { findKind, isObject, messageOf } from '../../../engine/index.ts'
import type { JsonObject, KubeObject } from '../../../engine/index.ts'
import { withLastApplied } from '../apply.ts'
import { dryRunOf } from '../fileCommands.ts'
import type { CommandContext } from '../fileCommands.ts'
import type { FlagSpec } from '../flags.ts'
import { failStatus, objectName } from '../messages.ts'
import { isPrintable, printObjects } from '../print/printObjects.ts'

/** The flags that every command has that makes an object out of flags. */
export const generatorFlags: readonly FlagSpec[] = [
  { name: 'dry-run', takes: 'optional', bare: 'unchanged' },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'save-config', takes: 'nothing' },
  { name: 'field-manager', takes: 'value' },
  { name: 'validate', takes: 'optional', bare: 'strict' },
  { name: 'show-managed-fields', takes: 'nothing' },
  { name: 'template', takes: 'value' },
  { name: 'allow-missing-template-keys', takes: 'nothing' },
]

export interface Generated {
  readonly body: JsonObject
  /** What stands in the client's own printout and is not sent: `status: {}` of kinds that have one. */
  readonly extra?: JsonObject
  /** `failed to create ClusterIP service`, where the server's refusal is told inside such a sentence. */
  readonly doing?: string
  /** `created`, `exposed`. */
  readonly word?: string
}

export const dryRunSuffix = { none: '', client: ' (dry run)', server: ' (server dry run)' } as const

/** Sends a made object, or prints it; gives whether all went well. */
export function sendGenerated(
  context: CommandContext,
  { body, extra = {}, doing, word = 'created' }: Generated,
): boolean {
  const { cluster, flags, output } = context
  const kind = findKind(body['apiVersion'] as string, body['kind'] as string)
  const dryRun = dryRunOf(flags)
  if (!kind) return false
  if (!dryRun) {
    const value = flags.get('dry-run') ?? ''
    output.fail(`error: Invalid dry-run value (${value}). Must be "none", "server", or "client".`)
    return false
  }
  const format = flags.get('output')
  if (format !== undefined && !isPrintable(format, output)) return false
  const { name = '', ...meta } = isObject(body['metadata']) ? body['metadata'] : {}
  const namespace = kind.namespaced ? context.namespace : ''
  const place = kind.namespaced && (dryRun !== 'client' || flags.has('namespace')) ? { namespace } : {}
  const metadata = { ...meta, name, ...(word === 'exposed' && dryRun === 'client' ? { namespace } : place) }
  const shown = { ...body, ...extra, metadata } as JsonObject
  const sent = flags.isOn('save-config') ? withLastApplied(shown) : { ...body, metadata }
  let object = (flags.isOn('save-config') ? sent : shown) as unknown as KubeObject
  if (dryRun !== 'client') {
    const made = cluster.api.create(kind, namespace, sent, { dryRun: dryRun === 'server' })
    made.warnings.forEach(output.warn)
    if (!made.ok) {
      if (doing === undefined) failStatus(output, made.status)
      else output.fail(`error: ${doing}: ${messageOf(made.status)}`)
      return false
    }
    object = made.object
  }
  if (format !== undefined) printObjects([object], format, output)
  else output.out(`${objectName(kind, object.metadata.name)} ${word}${dryRunSuffix[dryRun]}\n`)
  return true
}

/** The one NAME that a command takes; undefined: the refusal has been told. `command`: `create job`. */
export function oneName({ args, output }: CommandContext, command: string): string | undefined {
  const [name] = args
  if (args.length === 1 && name !== undefined) return name
  output.fail(
    `error: exactly one NAME is required, got ${args.length}\nSee 'kubectl ${command} -h' for help and examples`,
  )
  return undefined
}
