import { decodeFault, findKind, goJson, isObject, kinds } from '../../engine/index.ts'
import type { Json, JsonObject, Kind } from '../../engine/index.ts'
import { parseManifests } from '../../manifest/parseManifests.ts'

/** One object of a manifest, ready to be sent. */
export interface Info {
  readonly kind: Kind
  readonly body: JsonObject
  readonly name: string
  /** '' for cluster-scoped objects. */
  readonly namespace: string
  readonly source: string
}

export interface Infos {
  readonly infos: readonly Info[]
  /** Complete error lines. */
  readonly errors: readonly string[]
}

export interface InfoOptions {
  /** `--validate`: whether the client looks at the object first. */
  readonly validate: boolean
  readonly namespace: string
  /** `-n` was given: objects of other namespaces are refused. */
  readonly enforceNamespace: boolean
}

/** Reads one file as kubectl's resource builder does. An unreadable document ends the file, a wrong one does not. */
export function readInfos(text: string, source: string, options: InfoOptions): Infos {
  const infos: Info[] = []
  const errors: string[] = []
  const { documents, faults } = parseManifests(text, source)
  const broken = faults.find(({ severity }) => severity === 'error')
  for (const { object, index } of documents) {
    if (broken && index > broken.document) break
    const refusal = options.validate ? (shapeFault(object) ?? itemsFault(object)) : undefined
    if (refusal !== undefined) {
      const advice = 'if you choose to ignore these errors, turn validation off with --validate=false'
      errors.push(`error: error validating ${quote(source)}: error validating data: ${refusal}; ${advice}`)
      return { infos, errors }
    }
    for (const item of flatten(object)) {
      const info = infoOf(item, source, options)
      if (typeof info === 'string') errors.push(info)
      else infos.push(info)
    }
  }
  if (broken) errors.push(`error: ${broken.message}`)
  return { infos, errors }
}

function quote(text: string): string {
  return JSON.stringify(text)
}

/** What the client itself asks of an object before it sends it. */
export function shapeFault(object: Json): string | undefined {
  if (!isObject(object)) return 'invalid object to validate'
  const faults: string[] = []
  const { apiVersion, kind } = object
  if (apiVersion === null || apiVersion === undefined) faults.push('apiVersion not set')
  else if (typeof apiVersion !== 'string') faults.push("apiVersion isn't string type")
  else if (apiVersion.split('/').length > 2) faults.push(`unexpected GroupVersion string: ${apiVersion}`)
  if (kind === null || kind === undefined) faults.push('kind not set')
  else if (typeof kind !== 'string') faults.push("kind isn't string type")
  if (faults.length === 0) return undefined
  return faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`
}

/** A list's items are looked at before any of them is sent. */
function itemsFault(object: Json): string | undefined {
  if (!isObject(object) || object['kind'] !== 'List' || !Array.isArray(object['items'])) return undefined
  const faults = (object['items'] as readonly Json[]).map(shapeFault).filter((fault) => fault !== undefined)
  return faults.length > 1 ? `[${faults.join(', ')}]` : faults[0]
}

/** `kind: List` and the lists of a kind stand for their items. */
function flatten(object: Json): readonly Json[] {
  if (!isObject(object) || typeof object['kind'] !== 'string' || !object['kind'].endsWith('List')) return [object]
  const { items } = object
  if (!Array.isArray(items)) return object['kind'] === 'List' ? [] : [object]
  return (items as readonly Json[]).flatMap(flatten)
}

/** The object with its place in the API, or the error line. */
export function infoOf(object: Json, source: string, options: InfoOptions): Info | string {
  const decode = (problem: string): string => `error: unable to decode ${quote(source)}: ${problem}`
  if (!isObject(object)) {
    const word = Array.isArray(object) ? 'array' : typeof object === 'boolean' ? 'bool' : typeof object
    return decode(`json: cannot unmarshal ${word} into Go value of type unstructured.detector`)
  }
  const apiVersion = typeof object['apiVersion'] === 'string' ? object['apiVersion'] : ''
  const kindName = typeof object['kind'] === 'string' ? object['kind'] : ''
  if (kindName === '') return decode(`Object 'Kind' is missing in '${goJson(object)}'`)
  const metaFault = decodeFault({ metadata: object['metadata'] ?? null }, 'metadataOnlyObject')
  if (metaFault !== undefined) return decode(metaFault)
  const metadata = isObject(object['metadata']) ? object['metadata'] : {}
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : ''
  const given = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : ''
  const kind = apiVersion === '' ? kindWithoutVersion(kindName) : findKind(apiVersion, kindName)
  if (!kind) {
    const subject = `resource mapping not found for name: ${quote(name)} namespace: ${quote(given)} from ${quote(source)}`
    const match = `no matches for kind ${quote(kindName)} in version ${quote(apiVersion)}`
    return `error: ${subject}: ${match}\nensure CRDs are installed first`
  }
  if (!kind.namespaced) return { kind, body: object, name, namespace: '', source }
  const namespace = given === '' ? options.namespace : given
  if (options.enforceNamespace && namespace !== options.namespace) {
    const mismatch = `the namespace from the provided object ${quote(namespace)} does not match the namespace ${quote(options.namespace)}`
    return `error: ${mismatch}. You must pass '--namespace=${namespace}' to perform this operation.`
  }
  const body = { ...object, metadata: { ...metadata, namespace } }
  return { kind, body, name, namespace, source }
}

function kindWithoutVersion(kind: string): Kind | undefined {
  return kinds.find((known) => known.group === '' && known.kind === kind)
}
