import type { KubeObject } from '../../engine/index.ts'
import { deletedText, dryRunOf, gatherInfos } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import { failSource, failStatus, urlFault } from './messages.ts'
import { fetchNamed, readTargets } from './resources.ts'
import { selectionOf } from './selection.ts'

const nothingNamed = [
  'error: You must provide one or more resources by argument or filename.',
  'Example resource specifications include:',
  "   '-f rsrc.yaml'",
  "   '--filename=rsrc.json'",
  "   '<resource> <name>'",
  "   '<resource>'",
].join('\n')

export function runDelete(context: CommandContext): void {
  const { args, flags, output } = context
  const problem = flagFault(context)
  if (problem !== undefined) {
    output.fail(`error: ${problem}`)
    return
  }
  if (flags.isOn('force')) {
    output.err(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.',
    )
  }
  if (flags.has('filename')) {
    deleteFiles(context)
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
  const selected = flags.isOn('all') || flags.has('selector')
  const isNamed = targets.some(({ name }) => name !== undefined)
  if (selected && isNamed) {
    output.fail('error: name cannot be provided when a selector is specified')
    return
  }
  if (!selected && !isNamed) {
    output.fail('error: resource(s) were provided, but no name was specified')
    return
  }
  if (flags.has('namespace') && targets.some(({ kind }) => !kind.namespaced)) {
    output.warn('deleting cluster-scoped resources, not scoped to the provided namespace')
  }
  let removed = 0
  for (const { kind, name } of targets) {
    const found =
      name === undefined
        ? context.cluster.api
            .list(kind, kind.namespaced && !flags.isOn('all-namespaces') ? context.namespace : undefined)
            .filter(selectionOf(context, kind) ?? (() => false))
        : [namedObject(context, kind, name)].filter((object) => object !== undefined)
    for (const object of found) {
      removed += 1
      removeOne(context, kind, object.metadata.namespace ?? '', object.metadata.name)
    }
  }
  if (removed === 0 && selected && output.result().rc === 0) output.out('No resources found\n')
}

/** Flags that do not go together. */
function flagFault({ flags }: CommandContext): string | undefined {
  const grace = Number(flags.get('grace-period') ?? -1)
  if (flags.isOn('now') && grace !== -1) return '--now and --grace-period cannot be specified together'
  if (flags.isOn('force') && grace > 0) return '--force and --grace-period greater than 0 cannot be specified together'
  const cascade = flags.get('cascade') ?? 'background'
  if (['background', 'foreground', 'orphan', 'true', 'false'].includes(cascade)) return undefined
  return `invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`
}

function namedObject(
  { cluster, flags, namespace, output }: CommandContext,
  kind: Parameters<typeof fetchNamed>[1],
  name: string,
): KubeObject | undefined {
  if (flags.isOn('ignore-not-found') && !cluster.api.get(kind, kind.namespaced ? namespace : '', name).ok) {
    return undefined
  }
  return fetchNamed(cluster.api, kind, namespace, name, output)
}

function removeOne(
  { cluster, flags, output }: CommandContext,
  kind: Parameters<typeof fetchNamed>[1],
  namespace: string,
  name: string,
  source?: string,
): void {
  const force = flags.isOn('force')
  const grace = flags.isOn('now') ? '1' : (flags.get('grace-period') ?? (force ? '0' : undefined))
  const dryRun = dryRunOf(flags) ?? 'none'
  const fault = urlFault({ kind, namespace, name })
  if (fault !== undefined) {
    output.fail(`error: ${source === undefined ? '' : `error when deleting ${JSON.stringify(source)}: `}${fault}`)
    return
  }
  const removed = cluster.api.remove(kind, namespace, name, {
    dryRun: dryRun !== 'none',
    ...(grace === undefined || grace === '-1' ? {} : { graceSeconds: Number(grace) }),
    propagation: propagationOf(flags.get('cascade')),
  })
  if (!removed.ok) {
    if (flags.isOn('ignore-not-found') && removed.status.reason === 'NotFound') return
    if (source === undefined) failStatus(output, removed.status)
    else failSource(output, removed.status, 'deleting', source)
    return
  }
  removed.warnings.forEach(output.warn)
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'
  if (flags.get('output') === 'name') output.out(`${kind.singular}/${name}\n`)
  else output.out(`${deletedText({ kind, name, namespace }, force)}${suffix}\n`)
}

/** Source: kubectl pkg/cmd/util GetCascadingStrategy. */
function propagationOf(cascade: string | undefined): 'Background' | 'Foreground' | 'Orphan' {
  if (cascade === 'orphan' || cascade === 'false') return 'Orphan'
  return cascade === 'foreground' ? 'Foreground' : 'Background'
}

function deleteFiles(context: CommandContext): void {
  const gathered = gatherInfos(context)
  if (!gathered) return
  if (gathered.infos.length + gathered.errors.length === 0) context.output.out('No resources found\n')
  for (const { kind, namespace, name, source } of gathered.infos) removeOne(context, kind, namespace, name, source)
  for (const error of gathered.errors) context.output.fail(error)
}
