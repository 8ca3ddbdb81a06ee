import { apiVersionOf } from '../../engine/index.ts'
import type { Kind } from '../../engine/index.ts'
import type { CommandContext } from './fileCommands.ts'
import { parseFieldSelector, parseSelector } from './selectorMatch.ts'
import type { LabelTest } from './selectorMatch.ts'

/** What `-l` and `--field-selector` let through of a kind; undefined when they make no sense, which is reported. */
export function selectionOf({ flags, output }: CommandContext, kind: Kind): LabelTest | undefined {
  const [labels, fields] = [flags.get('selector') ?? '', flags.get('field-selector') ?? '']
  const byLabel = parseSelector(labels)
  const byField = parseFieldSelector(fields, kind.kind)
  const problem = typeof byLabel === 'string' ? byLabel : typeof byField === 'string' ? byField : undefined
  if (problem !== undefined) {
    const group = kind.group === '' ? `/${kind.version}` : apiVersionOf(kind)
    const what = `"${group}, Resource=${kind.resource}"`
    const asked = `label selector ${JSON.stringify(labels)}, field selector ${JSON.stringify(fields)}`
    output.fail(`Error from server (BadRequest): Unable to find ${what} that match ${asked}: ${problem}`)
  }
  if (typeof byLabel === 'string' || typeof byField === 'string') return undefined
  return (object) => byLabel(object) && byField(object)
}
