import { printStatusError } from '../../engine/index.ts'
import type { JsonObject, KubeObject } from '../../engine/index.ts'
import { dryRunOf } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { objectName } from './messages.ts'
import { fetchNamed, readTargets } from './resources.ts'
import type { Target } from './resources.ts'
import { selectionOf } from './selection.ts'

export const metaFlags: readonly FlagSpec[] = [
  { name: 'overwrite', takes: 'nothing' },
  { name: 'all', takes: 'nothing' },
  { name: 'all-namespaces', letter: 'A', takes: 'nothing' },
  { name: 'selector', letter: 'l', takes: 'value' },
  { name: 'field-selector', takes: 'value' },
  { name: 'list', takes: 'nothing' },
  { name: 'dry-run', takes: 'optional', bare: 'unchanged' },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'resource-version', takes: 'value' },
]

interface Changes {
  readonly resources: readonly string[]
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

/** `svc web a=b c-`: what comes before the first change names objects. */
function readChanges(args: readonly string[]): Changes {
  const set = new Map<string, string>()
  const remove: string[] = []
  const resources: string[] = []
  for (const arg of args) {
    const equals = arg.indexOf('=')
    if (equals > 0) set.set(arg.slice(0, equals), arg.slice(equals + 1))
    else if (arg.endsWith('-') && arg.length > 1 && resources.length > 0) remove.push(arg.slice(0, -1))
    else resources.push(arg)
  }
  return { resources, set, remove }
}

export function runLabel(context: CommandContext): void {
  runChanges(context, 'labels')
}

export function runAnnotate(context: CommandContext): void {
  runChanges(context, 'annotations')
}

function runChanges(context: CommandContext, field: 'labels' | 'annotations'): void {
  const { args, output } = context
  const changes = readChanges(args)
  if (changes.resources.length === 0) {
    output.fail('error: one or more resources must be specified as <resource> <name> or <resource>/<name>')
    return
  }
  if (changes.set.size + changes.remove.length === 0) {
    output.fail(`error: at least one ${field.slice(0, -1)} update is required`)
    return
  }
  const targets = readTargets(changes.resources)
  if (typeof targets === 'string') {
    output.fail(targets)
    return
  }
  for (const target of targets) {
    for (const object of objectsOf(context, target)) changeOne(context, target, object, changes, field)
  }
}

function objectsOf(context: CommandContext, target: Target): readonly KubeObject[] {
  const { cluster, flags, namespace, output } = context
  const { kind, name } = target
  if (name !== undefined) {
    const object = fetchNamed(cluster.api, kind, namespace, name, output)
    return object ? [object] : []
  }
  if (!flags.isOn('all') && !flags.has('selector')) {
    output.fail('error: resource(s) were provided, but no name was specified')
    return []
  }
  const test = selectionOf(context, kind)
  return test ? cluster.api.list(kind, kind.namespaced ? namespace : undefined).filter(test) : []
}

function changeOne(
  { cluster, flags, output }: CommandContext,
  { kind }: Target,
  object: KubeObject,
  { set, remove }: Changes,
  field: 'labels' | 'annotations',
): void {
  const current = object.metadata[field] ?? {}
  const conflicts = [...set].filter(
    ([key, value]) => Object.hasOwn(current, key) && (field === 'annotations' || current[key] !== value),
  )
  if (!flags.isOn('overwrite') && conflicts.length > 0) {
    const texts = conflicts.map(([key]) => `'${key}' already has a value (${current[key] ?? ''})`)
    if (field === 'labels') output.fail(`error: ${texts.join(', ')}, and --overwrite is false`)
    else {
      const differing = conflicts.filter(([key, value]) => current[key] !== value)
      if (differing.length > 0) {
        output.fail(`error: --overwrite is false but found the following declared annotation(s): ${texts.join('; ')}`)
      }
    }
    if (field === 'labels' || conflicts.some(([key, value]) => current[key] !== value)) return
  }
  const name = object.metadata.name
  const dryRun = dryRunOf(flags) ?? 'none'
  if (field === 'labels') {
    for (const key of remove) {
      if (!Object.hasOwn(current, key)) output.out(`label ${JSON.stringify(key)} not found.\n`)
    }
  }
  const entries: JsonObject = { ...Object.fromEntries(set), ...Object.fromEntries(remove.map((key) => [key, null])) }
  const changed =
    [...set].some(([key, value]) => current[key] !== value) || remove.some((key) => Object.hasOwn(current, key))
  if (changed && dryRun !== 'client') {
    const patched = cluster.api.patch(
      kind,
      object.metadata.namespace ?? '',
      name,
      'merge',
      { metadata: { [field]: entries } },
      { dryRun: dryRun === 'server' },
    )
    patched.warnings.forEach(output.warn)
    if (!patched.ok) {
      output.fail(printStatusError(patched.status))
      return
    }
  }
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
  output.out(`${objectName(kind, name)} ${wordFor(field, changed, set.size, remove.length)}${suffix}\n`)
}

function wordFor(field: string, changed: boolean, set: number, removed: number): string {
  if (field === 'annotations') return 'annotated'
  if (!changed && removed === 0) return 'not labeled'
  return set === 0 && changed ? 'unlabeled' : 'labeled'
}
