import type { Kind, KubeObject } from '../../engine/index.ts'
import { nothingNamed } from './generate/expose.ts'
import { gatherInfos } from './fileCommands.ts'
import type { CommandContext } from './fileCommands.ts'
import { fetchNamed, readTargets } from './resources.ts'
import type { Target } from './resources.ts'
import { selectionOf } from './selection.ts'

/** An object that a command is about. */
export interface Subject {
  readonly kind: Kind
  readonly object: KubeObject
}

/**
 * The objects that `names` or the files of a command name, as far as they exist; what is wrong is told. A type without a
 * name means what the selector takes: with `allowEmpty`, all of them when there is none. Source: cli-runtime
 * resource.Builder.ResourceTypeOrNameArgs.
 */
export function subjectsOf(context: CommandContext, names: readonly string[], allowEmpty: boolean): readonly Subject[] {
  const { cluster, flags, namespace, output } = context
  const targets: readonly Target[] | string | undefined = flags.has('filename')
    ? gatherInfos(context)?.infos
    : names.length === 0
      ? nothingNamed
      : readTargets(names)
  if (targets === undefined) return []
  if (typeof targets === 'string') {
    output.fail(targets)
    return []
  }
  return targets.flatMap(({ kind, name }): readonly Subject[] => {
    if (name !== undefined) {
      const object = fetchNamed(cluster.api, kind, namespace, name, output)
      return object ? [{ kind, object }] : []
    }
    if (!allowEmpty && !flags.has('selector')) {
      output.fail('error: resource(s) were provided, but no name was specified')
      return []
    }
    const test = selectionOf(context, kind)
    if (!test) return []
    return cluster.api
      .list(kind, namespace)
      .filter(test)
      .map((object) => ({ kind, object }))
  })
}
