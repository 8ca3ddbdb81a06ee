import { singularName } from '../../engine/index.ts'
import type { Kind, KubeObject } from '../../engine/index.ts'
import { printLabels } from './print/columnCells.ts'
import { columnsOf } from './print/columns.ts'
import { gatherInfos } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { isPrintable, printObjects } from './print/printObjects.ts'
import { fetchNamed, readTargets } from './resources.ts'
import type { Target } from './resources.ts'
import { selectionOf } from './selection.ts'
import { findValues, parseJsonPath } from './print/jsonpath.ts'
import { printTable } from './print/table.ts'

export const getFlags: readonly FlagSpec[] = [
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'all-namespaces', letter: 'A', takes: 'nothing' },
  { name: 'selector', letter: 'l', takes: 'value' },
  { name: 'field-selector', takes: 'value' },
  { name: 'show-labels', takes: 'nothing' },
  { name: 'show-kind', takes: 'nothing' },
  { name: 'label-columns', letter: 'L', takes: 'value' },
  { name: 'no-headers', takes: 'nothing' },
  { name: 'ignore-not-found', takes: 'nothing' },
  { name: 'sort-by', takes: 'value' },
  { name: 'show-managed-fields', takes: 'nothing' },
  { name: 'watch', letter: 'w', takes: 'nothing' },
  { name: 'watch-only', takes: 'nothing' },
  { name: 'chunk-size', takes: 'value' },
  { name: 'template', takes: 'value' },
  { name: 'server-print', takes: 'nothing' },
  { name: 'recursive', letter: 'R', takes: 'nothing' },
]

const nothingNamed = [
  'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.',
  '',
  'error: Required resource not specified.',
  'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
  "See 'kubectl get -h' for help and examples",
].join('\n')

interface Found {
  readonly kind: Kind
  readonly objects: readonly KubeObject[]
}

export function runGet(context: CommandContext): void {
  const { args, flags, output } = context
  if (flags.has('filename') && args.length > 0) {
    output.fail(
      'error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    )
    return
  }
  if (flags.has('filename')) {
    const gathered = gatherInfos(context)
    if (!gathered) return
    const targets = gathered.infos.map(({ kind, name, namespace }) => ({ kind, name, namespace }))
    show(context, collect(context, targets), targets.length === 1)
    for (const error of gathered.errors) output.fail(error)
    return
  }
  if (args.length === 0) {
    output.fail(nothingNamed)
    return
  }
  const targets = readTargets(args)
  if (typeof targets === 'string') {
    output.fail(targets)
    return
  }
  if (flags.has('selector') && targets.some(({ name }) => name !== undefined)) {
    output.fail('error: name cannot be provided when a selector is specified')
    return
  }
  const single = targets.length === 1 && targets[0]?.name !== undefined
  if (flags.isOn('all-namespaces') && targets.some(({ name, kind }) => name !== undefined && kind.namespaced)) {
    output.fail('error: a resource cannot be retrieved by name across all namespaces')
    return
  }
  show(context, collect(context, targets), single)
}

/** The objects of each kind, in the order in which the kinds were named. */
function collect(
  context: CommandContext,
  targets: readonly (Target & { readonly namespace?: string })[],
): readonly Found[] {
  const { cluster, flags, namespace, output } = context
  const everywhere = flags.isOn('all-namespaces')
  const found: { kind: Kind; objects: KubeObject[] }[] = []
  for (const target of targets) {
    const { kind, name } = target
    const last = found.at(-1)
    const entry = last?.kind === kind ? last : { kind, objects: [] }
    if (entry !== last) found.push(entry)
    if (name === undefined) {
      if (kind.kind === 'Endpoints')
        output.warn('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice')
      const test = selectionOf(context, kind)
      const all = cluster.api.list(kind, kind.namespaced && !everywhere ? namespace : undefined)
      if (test) entry.objects.push(...all.filter(test))
      continue
    }
    if (flags.isOn('ignore-not-found') && !cluster.api.get(kind, target.namespace ?? namespace, name).ok) continue
    const object = fetchNamed(cluster.api, kind, target.namespace ?? namespace, name, output)
    if (object) entry.objects.push(object)
  }
  return found
}

function show(context: CommandContext, unsorted: readonly Found[], single: boolean): void {
  const found = sortFound(context, unsorted)
  if (!found) return
  const { flags, output, namespace } = context
  const format = flags.get('output') ?? ''
  const all = found.flatMap(({ objects }) => objects)
  if (format !== '' && format !== 'wide') {
    if (!isPrintable(format, output, true)) return
    if (all.length > 0 || (!single && found.length > 0))
      printObjects(all, format, output, { asList: !single, forGet: true, noHeaders: flags.isOn('no-headers') })
    return
  }
  const shown = found.filter(({ objects }) => objects.length > 0)
  if (shown.length === 0) {
    const isNamespaced = found.some(({ kind }) => kind.namespaced) && !flags.isOn('all-namespaces')
    if (!single && output.result().rc === 0) {
      output.err(isNamespaced ? `No resources found in ${namespace} namespace.` : 'No resources found')
    }
    return
  }
  const prefixed = found.length > 1 || flags.isOn('show-kind')
  shown.forEach(({ kind, objects }, i) => {
    if (i > 0) output.out('\n')
    output.out(tableOf(context, kind, objects, prefixed))
  })
}

function tableOf(context: CommandContext, kind: Kind, objects: readonly KubeObject[], prefixed: boolean): string {
  const { flags, cluster } = context
  const columns = columnsOf(kind.kind).filter(({ wide }) => wide !== true || flags.get('output') === 'wide')
  const everywhere = flags.isOn('all-namespaces') && kind.namespaced
  const extra = flags.all('label-columns').flatMap((names) => names.split(','))
  const header = [
    ...(everywhere ? ['NAMESPACE'] : []),
    ...columns.map(({ head }) => head),
    ...extra.map((label) => (label.split('/').at(-1) ?? label).toUpperCase()),
    ...(flags.isOn('show-labels') ? ['LABELS'] : []),
  ]
  const now = cluster.now()
  const rows = objects.map((object) => {
    const cells = columns.map(({ cell, head }) => {
      const text = cell(object, now)
      return prefixed && head === 'NAME' ? `${singularName(kind)}/${text}` : text
    })
    return [
      ...(everywhere ? [object.metadata.namespace ?? ''] : []),
      ...cells,
      ...extra.map((label) => object.metadata.labels?.[label] ?? ''),
      ...(flags.isOn('show-labels') ? [printLabels(object.metadata.labels)] : []),
    ]
  })
  return printTable(header, rows, !flags.isOn('no-headers'))
}

/** `--sort-by`: by the first value at a path; undefined: the path makes no sense, which is told. */
function sortFound({ flags, output }: CommandContext, found: readonly Found[]): readonly Found[] | undefined {
  const path = flags.get('sort-by')
  if (path === undefined) return found
  const bare = /^\{?\.?([^{}]+)\}?$/.exec(path)?.[1] ?? ''
  const template = parseJsonPath(`{.${bare}}`)
  const [node] = typeof template === 'string' ? [] : template
  if (node?.type !== 'path') {
    output.fail(`error: ${typeof template === 'string' ? template : 'unexpected path string'}`)
    return undefined
  }
  const valueOf = (object: KubeObject): unknown => {
    const values = findValues(node.steps, object)
    return typeof values === 'string' ? undefined : values[0]
  }
  return found.map(({ kind, objects }) => {
    const isThere = objects.some((object) => valueOf(object) !== undefined)
    if (!isThere && objects.length > 0 && flags.get('output') === undefined) return { kind, objects: [] }
    return { kind, objects: [...objects].sort((a, b) => compare(valueOf(a), valueOf(b))) }
  })
}

/** What is not there comes first. */
function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  const [x, y] = [a as string, b as string]
  return x < y ? -1 : x > y ? 1 : 0
}
