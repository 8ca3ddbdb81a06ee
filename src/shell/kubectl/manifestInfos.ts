import { apiVersionOf, decodeFault, findKind, goJson, goQuote as quote, isObject, kinds } from '../../engine/index.ts'
import type { Json, JsonObject, Kind } from '../../engine/index.ts'
import { clientFaults } from './clientSchema.ts'
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
    const list = flatten(object)
    if (typeof list === 'string') errors.push(`error: unable to decode ${quote(source)}: ${list}`)
    else
      for (const item of list) {
        const info = item === object ? infoOf(item, source, options) : infoOf(item, source, options, true)
        if (typeof info === 'string') errors.push(info)
        else infos.push(info)
      }
  }
  if (broken) errors.push(`error: ${broken.message}`)
  return { infos, errors }
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

/** A list's items are looked at before any of them is sent, each by kubectl itself. */
function itemsFault(object: Json): string | undefined {
  if (!isObject(object) || object['kind'] !== 'List' || object['apiVersion'] !== 'v1') return undefined
  if (!Array.isArray(object['items'])) return 'invalid object to validate'
  const faults = (object['items'] as readonly Json[]).flatMap((item) => {
    const fault = shapeFault(item)
    if (fault !== undefined || !isObject(item)) return fault === undefined ? [] : [fault]
    const kind = findKind(item['apiVersion'] as string, item['kind'] as string)
    return kind ? clientFaults(item, kind) : []
  })
  const different = [...new Set(faults)]
  return different.length > 1 ? `[${different.join(', ')}]` : different[0]
}

/** `kind: List`, which every version of every group has, and the lists of a kind stand for their items. */
function flatten(object: Json): readonly Json[] | string {
  if (!isObject(object) || typeof object['kind'] !== 'string' || !object['kind'].endsWith('List')) return [object]
  const { items } = object
  const isPlain = object['kind'] === 'List'
  if (isPlain && !kinds.some((kind) => apiVersionOf(kind) === object['apiVersion'])) return [object]
  if (!Array.isArray(items)) {
    if (!isPlain) return [object]
    const word = isObject(items) ? 'object' : typeof items === 'boolean' ? 'bool' : typeof items
    if (items === null || items === undefined) return []
    return `json: cannot unmarshal ${word} into Go struct field decodeList.items of type []json.RawMessage`
  }
  return (items as readonly Json[]).flatMap((item) => flatten(item))
}

const untyped = 'unable to get type info from the object "*unstructured.Unstructured"'

/** The object with its place in the API, or the error line. */
export function infoOf(object: Json, source: string, options: InfoOptions, isItem = false): Info | string {
  const decode = (problem: string): string => `error: unable to decode ${quote(source)}: ${problem}`
  if (!isObject(object)) {
    const word = Array.isArray(object) ? 'array' : typeof object === 'boolean' ? 'bool' : typeof object
    return decode(`json: cannot unmarshal ${word} into Go value of type unstructured.detector`)
  }
  const apiVersion = typeof object['apiVersion'] === 'string' ? object['apiVersion'] : ''
  const kindName = typeof object['kind'] === 'string' ? object['kind'] : ''
  if (isItem && kindName === '') return `${untyped}: Object 'Kind' is missing in 'object has no kind field '`
  if (isItem && apiVersion === '')
    return `${untyped}: Object 'apiVersion' is missing in 'object has no apiVersion field'`
  if (kindName === '') return decode(`Object 'Kind' is missing in '${goJson(object)}'`)
  // A list's items are taken apart without a look at their metadata.
  const metaFault = isItem ? undefined : decodeFault({ metadata: object['metadata'] ?? null }, 'metadataOnlyObject')
  if (metaFault !== undefined) return decode(metaFault)
  const metadata = isObject(object['metadata']) ? object['metadata'] : {}
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : ''
  const given = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : ''
  const kind = apiVersion === '' ? kindWithoutVersion(kindName) : findKind(apiVersion, kindName)
  if (!kind) {
    if (isItem) return `unable to recognize no matches for kind ${quote(kindName)} in version ${quote(apiVersion)}`
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
