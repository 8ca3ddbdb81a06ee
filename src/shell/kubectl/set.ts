import { plainJson, printStatusError } from '../../engine/index.ts'
import type { Json, JsonObject, KubeObject } from '../../engine/index.ts'
import { at, loose, looseList, show } from './print/columnCells.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { dryRunSuffix, generatorFlags } from './generate/generate.ts'
import { dryRunOf } from './fileCommands.ts'
import { objectName } from './messages.ts'
import { printObjects } from './print/printObjects.ts'
import type { Subcommand } from './subcommand.ts'
import { subjectsOf } from './subjects.ts'
import type { Subject } from './subjects.ts'

const flags: readonly FlagSpec[] = [
  ...generatorFlags,
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'recursive', letter: 'R', takes: 'nothing' },
  { name: 'selector', letter: 'l', takes: 'value' },
  { name: 'all', takes: 'nothing' },
  { name: 'local', takes: 'nothing' },
  { name: 'containers', letter: 'c', takes: 'value' },
  { name: 'limits', takes: 'value' },
  { name: 'requests', takes: 'value' },
  { name: 'list', takes: 'nothing' },
  { name: 'env', letter: 'e', takes: 'value' },
  { name: 'overwrite', takes: 'nothing' },
  { name: 'resource-version', takes: 'value' },
]

/** Splits `deploy/web nginx=a:1 A=b` into what names objects and what changes them. */
function splitArgs(args: readonly string[]): {
  readonly names: readonly string[]
  readonly changes: readonly string[]
} {
  const isChange = (arg: string): boolean => arg.includes('=') || (arg.endsWith('-') && arg.length > 1)
  return { names: args.filter((arg) => !isChange(arg)), changes: args.filter(isChange) }
}

/** Where the pod spec of a kind is; undefined: it has none. */
function specPath({ kind }: KubeObject): readonly string[] | undefined {
  if (kind === 'Pod') return ['spec']
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template', 'spec']
  const templated = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController']
  return templated.includes(kind) ? ['spec', 'template', 'spec'] : undefined
}

/** Writes the change; says nothing when there is none. */
function write(context: CommandContext, { kind, object }: Subject, patch: JsonObject, word: string): void {
  const { cluster, flags: given, output } = context
  const dryRun = dryRunOf(given) ?? 'none'
  const { name, namespace = '' } = object.metadata
  let changed = object
  if (dryRun !== 'client') {
    const done = cluster.api.patch(kind, namespace, name, 'strategic', patch, { dryRun: dryRun === 'server' })
    done.warnings.forEach(output.warn)
    if (!done.ok) {
      output.fail(printStatusError(done.status))
      return
    }
    changed = done.object
  }
  const format = given.get('output')
  if (format !== undefined) printObjects([changed], format, output)
  else output.out(`${objectName(kind, name)} ${word}${dryRunSuffix[dryRun]}\n`)
}

function nested(path: readonly string[], value: Json): JsonObject {
  const [first = '', ...rest] = path
  return { [first]: rest.length === 0 ? value : nested(rest, value) }
}

type Edit = (container: JsonObject) => JsonObject

/** Changes the containers that `choose` picks; a fault when an object has no pod spec. */
function editContainers(context: CommandContext, subject: Subject, edit: Edit, word: string): void {
  const path = specPath(subject.object)
  if (!path) {
    const { kind, object } = subject
    const place = `${kind.resource}/${object.metadata.name}`
    context.output.fail(
      `error: ${place}: the object is not a pod or does not have a pod template: *${kind.version}.${kind.kind}`,
    )
    return
  }
  const spec = loose(at(subject.object, path.join('.')))
  const lists = (['containers', 'initContainers'] as const).flatMap((list): readonly (readonly [string, Json])[] => {
    const containers = looseList(spec[list]) as readonly JsonObject[]
    const next = containers.map(edit).filter((container, i) => plainJson(container) !== plainJson(containers[i]))
    return next.length === 0 ? [] : [[list, next]]
  })
  if (lists.length > 0) write(context, subject, nested(path, Object.fromEntries(lists)), word)
}

function setImage(context: CommandContext): void {
  const { output } = context
  const { names, changes } = splitArgs(context.args)
  const images = changes.map(
    (change) => [change.slice(0, change.indexOf('=')), change.slice(change.indexOf('=') + 1)] as const,
  )
  const subjects = subjectsOf(context, names, context.flags.isOn('all'))
  if (output.result().rc !== 0) return
  if (images.length === 0) {
    output.fail('error: one or more image updates is required')
    return
  }
  for (const subject of subjects) {
    const path = specPath(subject.object)
    const spec = loose(at(subject.object, (path ?? []).join('.')))
    const known = [...looseList(spec['containers']), ...looseList(spec['initContainers'])].map(({ name }) => name)
    const missing = path ? images.filter(([name]) => name !== '*' && !known.includes(name)) : []
    for (const [name] of missing) output.fail(`error: unable to find container named ${JSON.stringify(name)}`)
    if (missing.length > 0) continue
    const edit: Edit = (container) => {
      const image = images.filter(([name]) => name === '*' || name === container['name']).at(-1)?.[1]
      return image === undefined ? container : { ...container, image }
    }
    editContainers(context, subject, edit, 'image updated')
  }
}

/** Whether `-c` lets a container through. */
function isChosen({ flags: given }: CommandContext, container: JsonObject): boolean {
  const pattern = given.get('containers') ?? '*'
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${text}$`).test(show(container['name']))
}

function setEnv(context: CommandContext): void {
  const { flags: given, output } = context
  const { names, changes: positional } = splitArgs(context.args)
  const changes = [...positional, ...given.all('env')]
  const subjects = subjectsOf(context, names, context.flags.isOn('all'))
  if (output.result().rc !== 0) return
  if (given.isOn('list')) {
    for (const { kind, object } of subjects) {
      for (const container of looseList(at(object, (specPath(object) ?? []).join('.') + '.containers'))) {
        output.out(`# ${kind.kind} ${object.metadata.name}, container ${show(container['name'])}\n`)
        for (const { name, value = '' } of looseList(container['env'])) output.out(`${show(name)}=${show(value)}\n`)
      }
    }
    return
  }
  if (changes.length === 0) {
    output.fail('error: at least one environment variable must be provided')
    return
  }
  const edit: Edit = (container) => {
    if (!isChosen(context, container)) return container
    let env = looseList(container['env']) as readonly JsonObject[]
    const gone: JsonObject[] = []
    for (const change of changes) {
      const equals = change.indexOf('=')
      const name = equals < 0 ? change.slice(0, -1) : change.slice(0, equals)
      const isThere = env.some((item) => item['name'] === name)
      if (equals < 0) {
        env = env.filter((item) => item['name'] !== name)
        if (isThere) gone.push({ name, $patch: 'delete' })
      } else {
        const item = { name, value: change.slice(equals + 1) }
        env = isThere ? env.map((old) => (old['name'] === name ? item : old)) : [...env, item]
      }
    }
    return { ...container, env: [...env, ...gone] }
  }
  for (const subject of subjects) editContainers(context, subject, edit, 'env updated')
}

function setResources(context: CommandContext): void {
  const { flags: given, output } = context
  const read = (text: string | undefined): JsonObject | undefined =>
    text === undefined
      ? undefined
      : Object.fromEntries(text.split(',').map((pair) => pair.split('=') as [string, string]))
  const [limits, requests] = [read(given.get('limits')), read(given.get('requests'))]
  const subjects = subjectsOf(context, context.args, context.flags.isOn('all'))
  if (output.result().rc !== 0) return
  if (!limits && !requests) {
    output.fail('error: you must specify an update to requests or limits (in the form of --requests/--limits)')
    return
  }
  const edit: Edit = (container) => {
    if (!isChosen(context, container)) return container
    const old = loose(container['resources']) as JsonObject
    const merged = (which: 'limits' | 'requests', more: JsonObject | undefined): JsonObject =>
      more ? { [which]: { ...loose(old[which]), ...more } as JsonObject } : {}
    return { ...container, resources: { ...old, ...merged('limits', limits), ...merged('requests', requests) } }
  }
  for (const subject of subjects) editContainers(context, subject, edit, 'resource requirements updated')
}

function setServiceAccount(context: CommandContext): void {
  const account = context.args.at(-1)
  if (account === undefined || context.args.length < 2) {
    context.output.fail('error: serviceaccount is required')
    return
  }
  for (const subject of subjectsOf(context, context.args.slice(0, -1), context.flags.isOn('all'))) {
    const path = specPath(subject.object)
    if (path) write(context, subject, nested(path, { serviceAccountName: account }), 'serviceaccount updated')
  }
}

function setSelector(context: CommandContext): void {
  const { output } = context
  const text = context.args.at(-1) ?? ''
  if (context.args.length < 2 || (!/[=!]/.test(text) && !/\s(in|notin)\s/.test(text))) {
    output.fail('error: one selector is required')
    return
  }
  const selector: Record<string, Json> = {}
  for (const part of text.split(/,(?![^(]*\))/)) {
    const set = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(part)
    if (set) {
      const [, key = '', operator, list = ''] = set
      const values = list.split(',').map((value) => value.trim())
      const shown = `{${key} ${operator === 'in' ? 'In' : 'NotIn'} [${values.join(' ')}]}`
      output.fail(`error: match expression [${shown}] not supported on this object`)
      return
    }
    const [key = '', value = ''] = part.split(/==?/)
    selector[key.trim()] = value.trim()
  }
  for (const subject of subjectsOf(context, context.args.slice(0, -1), context.flags.isOn('all'))) {
    if (subject.kind.kind !== 'Service') {
      output.fail(`error: setting a selector is only supported for Services`)
      continue
    }
    const gone = Object.keys(loose(at(subject.object, 'spec.selector'))).filter((key) => !Object.hasOwn(selector, key))
    const patch = { ...selector, ...Object.fromEntries(gone.map((key) => [key, null])) }
    write(context, subject, { spec: { selector: patch } }, 'selector updated')
  }
}

const acts: Readonly<Record<string, (context: CommandContext) => void>> = {
  image: setImage,
  env: setEnv,
  resources: setResources,
  selector: setSelector,
  serviceaccount: setServiceAccount,
  sa: setServiceAccount,
}

/** `kubectl set WORD`. */
export const setCommand: Subcommand = {
  flags,
  run: (context) => {
    const [word = '', ...args] = context.args
    const act = Object.hasOwn(acts, word) ? acts[word] : undefined
    if (act) {
      act({ ...context, args })
      return
    }
    const help = "See 'kubectl set -h' for help and examples"
    context.output.fail(`error: unknown command ${JSON.stringify(context.args.join(' '))}\n${help}`)
  },
}
