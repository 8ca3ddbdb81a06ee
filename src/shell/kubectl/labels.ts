import { labelValueFaults, printStatusError } from '../../engine/index.ts'
import type { JsonObject, KubeObject } from '../../engine/index.ts'
import { dryRunOf, gatherInfos } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { objectName } from './messages.ts'
import { printObjects } from './print/printObjects.ts'
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
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'recursive', letter: 'R', takes: 'nothing' },
  { name: 'local', takes: 'nothing' },
  { name: 'field-manager', takes: 'value' },
]

interface Changes {
  readonly resources: readonly string[]
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
}

/** `svc web a=b c-`: what comes before the first change names objects. */
function readChanges(args: readonly string[], fromFiles: boolean): Changes {
  const set = new Map<string, string>()
  const remove: string[] = []
  const resources: string[] = []
  for (const arg of args) {
    const equals = arg.indexOf('=')
    if (equals > 0) set.set(arg.slice(0, equals), arg.slice(equals + 1))
    else if (arg.endsWith('-') && arg.length > 1 && (resources.length > 0 || fromFiles)) remove.push(arg.slice(0, -1))
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
  const { args, flags, output } = context
  const changes = readChanges(args, flags.has('filename'))
  if (changes.resources.length === 0 && !flags.has('filename')) {
    output.fail('error: one or more resources must be specified as <resource> <name> or <resource>/<name>')
    return
  }
  const problem = field === 'labels' ? changeFault(changes) : undefined
  if (problem !== undefined) {
    output.fail(`error: ${problem}`)
    return
  }
  const listing = flags.isOn('list')
  if (changes.set.size + changes.remove.length === 0 && !listing) {
    output.fail(`error: at least one ${field.slice(0, -1)} update is required`)
    return
  }
  const targets = flags.has('filename') ? gatherInfos(context)?.infos : readTargets(changes.resources)
  if (!targets) return
  if (typeof targets === 'string') {
    output.fail(targets)
    return
  }
  for (const target of targets) {
    for (const object of objectsOf(context, target)) {
      if (!listing) changeOne(context, target, object, changes, field)
      else for (const [key, value] of sortedEntries(object.metadata[field])) output.out(`${key}=${value}\n`)
    }
  }
}

function sortedEntries(map: Readonly<Record<string, string>> = {}): readonly (readonly [string, string])[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What kubectl itself refuses. */
function changeFault({ set, remove }: Changes): string | undefined {
  for (const [key, value] of set) {
    if (value.includes('=')) return `invalid label spec: ${key}=${value}`
    const [fault] = labelValueFaults(value)
    if (fault !== undefined) return `invalid label value: ${JSON.stringify(`${key}=${value}`)}: ${fault}`
  }
  return remove.some((key) => set.has(key)) ? 'can not both modify and remove a label in the same command' : undefined
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
  let result = object
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
    result = patched.object
  }
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
  const format = flags.get('output')
  if (format !== undefined) printObjects([result], format, output)
  else output.out(`${objectName(kind, name)} ${wordFor(field, changed, set.size)}${suffix}\n`)
}

function wordFor(field: string, changed: boolean, set: number): string {
  if (field === 'annotations') return 'annotated'
  if (!changed) return 'not labeled'
  return set === 0 ? 'unlabeled' : 'labeled'
}
