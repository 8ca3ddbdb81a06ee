import { formatFieldError, printStatusError } from '../engine/index.ts'
import type { ApiResponse, ApiServer, Kind, KubeObject, Sim, StatusError } from '../engine/index.ts'
import { parseManifests } from '../manifest/parseManifests.ts'
import type { JsonValue, ManifestDocument } from '../manifest/parseManifests.ts'
import { createOutput } from '../shell/commandResult.ts'
import { applyInfo } from '../shell/kubectl/apply.ts'
import { infoOf, shapeFault } from '../shell/kubectl/manifestInfos.ts'
import type { Info } from '../shell/kubectl/manifestInfos.ts'
import { objectName } from '../shell/kubectl/messages.ts'
import type { Fault, ManifestFile } from './protocol.ts'
import { simulationHints } from './simulationHints.ts'

/** One object to apply and where it was written. */
interface Placed {
  readonly file: string
  readonly document: ManifestDocument
  readonly object: JsonValue
  /** Before every field path: `items[2].` for an item of a List. */
  readonly prefix: string
}

export interface Applied {
  /** In the order of the files, then of the text. */
  readonly faults: readonly Fault[]
  /** What kubectl prints, a line an object. */
  readonly messages: readonly string[]
}

/** What each cluster got from its files: the set that is pruned. */
const made = new WeakMap<Sim, ReadonlyMap<string, Pick<Info, 'kind' | 'namespace' | 'name'>>>()

/**
 * `kubectl apply` of all files as one set, namespaces first. Faults stand at the range of their field. With `prune`, what
 * an earlier call made and no document names any more is deleted; not while some document cannot be read, for what that
 * described is to stay.
 */
export function applyFiles(
  sim: Sim,
  files: readonly ManifestFile[],
  options: { readonly prune: boolean } = { prune: true },
): Applied {
  const faults: Fault[] = []
  const placed: Placed[] = []
  for (const { name, text } of files) {
    const content = parseManifests(text, name)
    for (const { severity, message, from, to } of content.faults) {
      faults.push({ file: name, severity, message, from, to })
    }
    for (const document of content.documents) placed.push(...objectsOf(name, document))
  }
  const messages: string[] = []
  const named = new Map<string, Info>()
  let readable = !faults.some(({ severity }) => severity === 'error')
  const infos = placed.flatMap((place) => {
    const info = readInfo(place)
    if (typeof info !== 'string') return [{ place, info }]
    readable = false
    faults.push(faultAt(place, 'error', info, 'kind'))
    return []
  })
  const isNamespace = ({ info }: { readonly info: Info }): number => (info.kind.kind === 'Namespace' ? 0 : 1)
  infos.sort((a, b) => isNamespace(a) - isNamespace(b))
  for (const { place, info } of infos) {
    named.set(idOf(info), info)
    const result = applyOne(sim.api, info)
    if (result.message !== '') messages.push(result.message)
    faults.push(...faultsOf(place, result))
    if (result.object) {
      for (const { field, message } of simulationHints(info.kind, result.object)) {
        faults.push(faultAt(place, 'hint', message, field))
      }
    }
  }
  if (options.prune && readable) messages.push(...pruneOthers(sim, named))
  made.set(sim, options.prune && readable ? named : new Map([...(made.get(sim) ?? []), ...named]))
  const order = new Map(files.map(({ name }, i) => [name, i]))
  // By their ends: what is missing in a map is shown at the map, which begins before the faulty values inside it.
  faults.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.to - b.to)
  return { faults, messages }
}

function idOf({
  kind,
  namespace,
  name,
}: {
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
}): string {
  return `${kind.group}/${kind.kind}/${namespace}/${name}`
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

/** What kubectl sends, or why it sends nothing. */
function readInfo({ object, file }: Placed): Info | string {
  const refusal = shapeFault(object)
  if (refusal !== undefined) return `error validating "${file}": error validating data: ${refusal}`
  const info = infoOf(object, file, { validate: true, namespace: 'default', enforceNamespace: false })
  return typeof info === 'string' ? info.replace(/^error: /, '') : info
}

interface OneResult {
  readonly message: string
  readonly warnings: readonly string[]
  /** kubectl's own words, where the server was not the one to refuse. */
  readonly refusal?: string
  readonly status?: StatusError
  /** As the server has it now; absent when it refused. */
  readonly object?: KubeObject
}

function applyOne(api: ApiServer, info: Info): OneResult {
  const output = createOutput()
  const warnings = new Set<string>()
  let status: StatusError | undefined
  const { kind, namespace, name } = info
  const note = (response: ApiResponse): ApiResponse => {
    response.warnings.forEach((warning) => warnings.add(warning))
    status = response.ok ? undefined : response.status
    return response
  }
  const noting: ApiServer = {
    ...api,
    create: (...request) => note(api.create(...request)),
    patch: (...request) => note(api.patch(...request)),
  }
  applyInfo(noting, info, { suffix: '', clientDryRun: false, serverSide: false, validation: 'Strict' }, output)
  const { stdout, stderr, rc } = output.result()
  const message = stdout.trimEnd()
  if (rc === 0) {
    const found = api.get(kind, namespace, name)
    return { message, warnings: [...warnings], ...(found.ok ? { object: found.object } : {}) }
  }
  return {
    message,
    warnings: [...warnings],
    refusal: stderr.trimEnd().replace(/^error: /, ''),
    ...(status ? { status } : {}),
  }
}

function faultsOf(place: Placed, { warnings, refusal, status }: OneResult): readonly Fault[] {
  const notes = warnings.map((warning) => faultAt(place, 'warning', warning, fieldOf(warning)))
  if (refusal === undefined) return notes
  if (status?.reason === 'Invalid' && status.causes.length > 0) {
    const causes = status.causes.map((cause) => faultAt(place, 'error', formatFieldError(cause), cause.field))
    return [...notes, ...causes]
  }
  if (!status) return [...notes, faultAt(place, 'error', refusal, 'metadata.name')]
  const fields = status.reason === 'Invalid' ? [] : (status.fields ?? [])
  const message = printStatusError(status)
  const where = fields.length > 0 ? fields : [status.reason === 'NotFound' ? 'metadata.namespace' : 'kind']
  return [...notes, ...where.map((field) => faultAt(place, 'error', message, field))]
}

/** The path that a warning begins with: `spec.clusterIPs[0]: non-standard IP address ...`. */
function fieldOf(warning: string): string {
  return /^([a-z][A-Za-z0-9.[\]]*): /.exec(warning)?.[1] ?? 'kind'
}

function faultAt(place: Placed, severity: Fault['severity'], message: string, field: string): Fault {
  const path = `${place.prefix}${field}`
  const { ranges } = place.document
  // A field that should not be there is wrong by its name, not by its value.
  const { from, to } = (message.includes('unknown field') ? ranges.keyAt(path) : undefined) ?? ranges.at(path)
  const object = nameOf(place.object)
  return { file: place.file, severity, message, from, to, ...(object === undefined ? {} : { object }) }
}

/** `Service/dev/web`, as far as the document says. */
function nameOf(object: JsonValue): string | undefined {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined
  const { kind, metadata } = object as { readonly kind?: unknown; readonly metadata?: unknown }
  const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown }
  if (typeof kind !== 'string' || typeof name !== 'string') return undefined
  return typeof namespace === 'string' ? `${kind}/${namespace}/${name}` : `${kind}/${name}`
}

/** Deletes what an earlier call made and `named` does not hold; namespaces last. */
function pruneOthers(sim: Sim, named: ReadonlyMap<string, unknown>): readonly string[] {
  const gone = [...(made.get(sim) ?? [])].filter(([id]) => !named.has(id))
  gone.sort(([a], [b]) => (a < b ? -1 : 1))
  const isNamespace = (kind: Kind): number => (kind.kind === 'Namespace' ? 1 : 0)
  gone.sort(([, a], [, b]) => isNamespace(a.kind) - isNamespace(b.kind))
  return gone.flatMap(([, { kind, namespace, name }]) => {
    const removed = sim.api.remove(kind, namespace, name)
    return removed.ok ? [`${objectName(kind, name)} pruned`] : []
  })
}
