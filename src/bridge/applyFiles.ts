import type { ApplyResult, Sim } from '../engine/index.ts'
import { parseManifests } from '../manifest/parseManifests.ts'
import type { JsonValue, ManifestDocument } from '../manifest/parseManifests.ts'
import type { Fault, ManifestFile } from './protocol.ts'

/** One object to apply and where it was written. */
interface Placed {
  readonly file: string
  readonly document: ManifestDocument
  readonly object: JsonValue
  /** Before every field path: `items[2].` for an item of a List. */
  readonly prefix: string
}

/**
 * Applies all files as one set. Faults stand at the range of their field. While some document cannot be read nothing is
 * pruned: what it described stays as it was.
 */
export function applyFiles(
  sim: Sim,
  files: readonly ManifestFile[],
  options: { readonly prune: boolean } = { prune: true },
): { readonly faults: readonly Fault[]; readonly messages: readonly string[] } {
  const faults: Fault[] = []
  const placed: Placed[] = []
  for (const { name, text } of files) {
    const content = parseManifests(text, name)
    for (const { severity, message, from, to } of content.faults)
      faults.push({ file: name, severity, message, from, to })
    for (const document of content.documents) placed.push(...objectsOf(name, document))
  }
  const readable = !faults.some(({ severity }) => severity === 'error')
  const results = sim.apply(
    placed.map(({ object }) => object),
    { prune: options.prune && readable },
  )
  for (const result of results) {
    const place = placed[result.document]
    if (place) faults.push(...faultsOf(place, result))
  }
  const order = new Map(files.map(({ name }, i) => [name, i]))
  faults.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.from - b.from)
  return { faults, messages: results.map(({ message }) => message) }
}

/** The document's object, or the items when it is a List. */
function objectsOf(file: string, document: ManifestDocument): readonly Placed[] {
  const { object } = document
  const items = isList(object) ? object['items'] : undefined
  if (!Array.isArray(items)) return [{ file, document, object, prefix: '' }]
  return items.map((item: JsonValue, i) => ({ file, document, object: item, prefix: `items[${i}].` }))
}

function isList(object: JsonValue): object is { readonly [key: string]: JsonValue } {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return false
  const { kind } = object as { readonly kind?: JsonValue }
  return typeof kind === 'string' && kind.endsWith('List')
}

function faultsOf({ file, document, object, prefix }: Placed, result: ApplyResult): readonly Fault[] {
  if (result.ok) return []
  const name = nameOf(object)
  const whole = { file, severity: 'error', ...(name === undefined ? {} : { object: name }) } as const
  if (result.causes.length === 0) {
    const { from, to } = document.ranges.at(`${prefix}kind`)
    return [{ ...whole, message: result.message, from, to }]
  }
  return result.causes.map(({ field, message }) => {
    const { from, to } = document.ranges.at(`${prefix}${field}`)
    return { ...whole, message: field === '' ? message : `${field}: ${message}`, from, to }
  })
}

/** `Service/dev/web`, as far as the document says. */
function nameOf(object: JsonValue): string | undefined {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined
  const { kind, metadata } = object as { readonly kind?: unknown; readonly metadata?: unknown }
  const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown }
  if (typeof kind !== 'string' || typeof name !== 'string') return undefined
  return typeof namespace === 'string' ? `${kind}/${namespace}/${name}` : `${kind}/${name}`
}
