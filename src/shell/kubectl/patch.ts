import { isObject, printStatusError } from '../../engine/index.ts'
import type { Json, PatchType } from '../../engine/index.ts'
import { plainJsonError } from './jsonError.ts'
import { dryRunOf, gatherInfos } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { objectName } from './messages.ts'
import { fetchNamed, readTargets } from './resources.ts'
import type { Target } from './resources.ts'
import { printObjects } from './print/printObjects.ts'
import { parseManifests } from '../../manifest/parseManifests.ts'
import { readYaml } from '../../manifest/readYaml.ts'

export const patchFlags: readonly FlagSpec[] = [
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'patch', letter: 'p', takes: 'value' },
  { name: 'patch-file', takes: 'value' },
  { name: 'type', takes: 'value' },
  { name: 'dry-run', takes: 'optional', bare: 'unchanged' },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'subresource', takes: 'value' },
]

const types: Readonly<Record<string, PatchType>> = { strategic: 'strategic', merge: 'merge', json: 'json' }

/** `kubectl patch`. */
export function runPatch(context: CommandContext): void {
  const { args, cluster, flags, output } = context
  const typeName = (flags.get('type') ?? 'strategic').toLowerCase()
  const type = Object.hasOwn(types, typeName) ? types[typeName] : undefined
  if (!type) {
    output.fail(`error: --type must be one of [json merge strategic], not ${JSON.stringify(flags.get('type'))}`)
    return
  }
  const file = flags.get('patch-file')
  const text = flags.get('patch') ?? (file === undefined ? '' : cluster.readFile(file))
  if (text === undefined) {
    output.fail(`error: unable to read patch file: open ${file ?? ''}: no such file or directory`)
    return
  }
  if (text === '') {
    output.fail('error: must specify --patch or --patch-file containing the contents of the patch')
    return
  }
  const patch = parsePatch(text, type)
  if ('problem' in patch) {
    output.fail(patch.problem)
    return
  }
  const targets = targetsOf(context, args)
  if (!targets) return
  for (const target of targets) patchOne(context, target, type, patch.value)
}

type NamedTarget = Target & { readonly namespace?: string }

function targetsOf(context: CommandContext, args: readonly string[]): readonly NamedTarget[] | undefined {
  if (context.flags.has('filename')) return gatherInfos(context)?.infos
  const targets = readTargets(args)
  if (typeof targets !== 'string' && targets.every(({ name }) => name !== undefined)) return targets
  context.output.fail(
    typeof targets === 'string' ? targets : 'error: resource(s) were provided, but no name was specified',
  )
  return undefined
}

/** JSON as it is, or YAML that stands for it. The problem is kubectl's, or the server's about what the patch decodes to. */
function parsePatch(text: string, type: PatchType): { readonly value: Json } | { readonly problem: string } {
  const { documents, faults } = parseManifests(text, 'patch')
  const isBroken = faults.some(({ severity }) => severity === 'error')
  // What looks like JSON goes to the server unread.
  if (isBroken && text.trimStart().startsWith('{')) {
    return { problem: `Error from server (BadRequest): ${plainJsonError(text)}` }
  }
  const read = readYaml(text)
  if (!read.ok) return { problem: `error: unable to parse ${JSON.stringify(text)}: ${read.error}` }
  const value = documents[0]?.object ?? read.value.value
  const wanted = type === 'json' ? Array.isArray(value) : isObject(value)
  if (wanted) return { value }
  if (value === null) return { value: type === 'json' ? [] : {} }
  const [prefix, goType] =
    type === 'json' ? ['error decoding patch: ', '[]handlers.jsonPatchOp'] : ['', 'map[string]interface {}']
  return {
    problem: `Error from server (BadRequest): ${prefix}json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`,
  }
}

/** As Go's JSON decoder names what it met. */
function jsonKind(value: Json): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function patchOne(context: CommandContext, target: NamedTarget, type: PatchType, patch: Json): void {
  const { cluster, flags, output, namespace } = context
  const { kind, name = '' } = target
  const place = kind.namespaced ? (target.namespace ?? namespace) : ''
  const before = fetchNamed(cluster.api, kind, place, name, output)
  if (!before) return
  const dryRun = dryRunOf(flags) ?? 'none'
  const patched = cluster.api.patch(kind, place, name, type, patch, {
    validation: 'Warn',
    dryRun: dryRun !== 'none',
    ...(flags.get('subresource') === 'status' ? { subresource: 'status' } : {}),
  })
  patched.warnings.forEach(output.warn)
  if (!patched.ok) {
    const { status } = patched
    const isWhole = status.reason === 'Invalid' && status.kind === '' && status.causes.length === 0
    const refused = ': the server rejected our request due to an error in our request'
    output.fail(`${printStatusError(status)}${isWhole ? refused : ''}`)
    return
  }
  const format = flags.get('output')
  if (format !== undefined) {
    printObjects([patched.object], format, output)
    return
  }
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
  output.out(`${objectName(kind, name)} patched${patched.changed ? suffix : ' (no change)'}\n`)
}
