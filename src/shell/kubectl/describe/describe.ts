import type { Kind, KubeObject } from '../../../engine/index.ts'
import { describers } from './describeKinds.ts'
import { gatherInfos } from '../fileCommands.ts'
import type { CommandContext } from '../fileCommands.ts'
import type { FlagSpec } from '../flags.ts'
import { fetchNamed, readTargets } from '../resources.ts'
import { selectionOf } from '../selection.ts'
import { layOutTabs } from '../print/tabWriter.ts'

export const describeFlags: readonly FlagSpec[] = [
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'recursive', letter: 'R', takes: 'nothing' },
  { name: 'all-namespaces', letter: 'A', takes: 'nothing' },
  { name: 'selector', letter: 'l', takes: 'value' },
  { name: 'show-events', takes: 'nothing' },
  { name: 'chunk-size', takes: 'value' },
]

const nothingNamed =
  'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.'

interface Found {
  readonly kind: Kind
  readonly object: KubeObject
}

/** `kubectl describe`. Source: kubectl pkg/describe. */
export function runDescribe(context: CommandContext): void {
  const { args, cluster, flags, namespace, output } = context
  const targets = flags.has('filename')
    ? gatherInfos(context)?.infos
    : args.length === 0
      ? nothingNamed
      : readTargets(args)
  if (targets === undefined) return
  if (typeof targets === 'string') {
    output.fail(targets)
    return
  }
  const everywhere = flags.isOn('all-namespaces')
  const found: Found[] = []
  for (const target of targets) {
    const { kind, name } = target
    const place = 'namespace' in target && typeof target.namespace === 'string' ? target.namespace : namespace
    if (name === undefined) {
      const test = selectionOf(context, kind)
      const all = cluster.api.list(kind, kind.namespaced && !everywhere ? namespace : undefined)
      if (test) found.push(...all.filter(test).map((object) => ({ kind, object })))
      continue
    }
    const isThere = cluster.api.get(kind, kind.namespaced ? place : '', name).ok
    // A name that nobody has stands for all that begin with it.
    const like = isThere || args.length !== 2 ? [] : cluster.api.list(kind, kind.namespaced ? place : undefined)
    const similar = like.filter(({ metadata }) => metadata.name.startsWith(name))
    if (similar.length > 0) found.push(...similar.map((object) => ({ kind, object })))
    else {
      const object = fetchNamed(cluster.api, kind, place, name, output)
      if (object) found.push({ kind, object })
    }
  }
  if (targets.some(({ kind }) => kind.kind === 'Endpoints')) {
    output.warn('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice')
  }
  const texts = found.map((item) => describe(context, item)).filter((text) => text !== undefined)
  output.out(texts.join('\n\n'))
  if (found.length > 0 || output.result().rc !== 0) return
  output.err(everywhere ? 'No resources found' : `No resources found in ${namespace} namespace.`)
}

function describe({ cluster, output, flags }: CommandContext, { kind, object }: Found): string | undefined {
  const describer = Object.hasOwn(describers, kind.kind) ? describers[kind.kind] : undefined
  if (!describer) {
    output.fail(`error: describing a ${kind.kind} is not simulated (docs/fidelity.md): use kubectl get -o yaml`)
    return undefined
  }
  const text = layOutTabs(describer(object, { api: cluster.api, now: cluster.now() }))
  return flags.get('show-events') === 'false' ? text.replace(/^Events:[^]*$/m, '') : text
}
