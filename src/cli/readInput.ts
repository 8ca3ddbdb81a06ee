import { readFileSync } from 'node:fs'
import { parseManifests } from '../manifest/parseManifests.ts'
import { checkProxyConfig } from '../engine/index.ts'
import type { KubeObject } from '../engine/index.ts'
import type { ManifestDocument } from '../manifest/parseManifests.ts'
import type { InputFlags } from './flags.ts'
import { objectFault } from './objectFault.ts'
import { UsageError } from './usageError.ts'

export interface SourceFile {
  readonly name: string
  readonly text: string
}

/** The text of FILE; `-` is stdin. Throws UsageError in the words of cat. */
export function readSource(file: string): SourceFile {
  try {
    return { name: file === '-' ? 'STDIN' : file, text: readFileSync(file === '-' ? 0 : file, 'utf8') }
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`)
  }
}

function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const words: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EISDIR: 'is a directory',
    EACCES: 'permission denied',
  }
  return words[code] ?? String(error)
}

/** The line (from 1) of an offset in `text`. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** `dump.yaml: line 7: ` */
function placeAt({ name, text }: SourceFile, offset: number): string {
  return `${name}: line ${lineOf(text, offset)}: `
}

/** Objects as a live cluster stores them: a `List`, or many documents, in YAML or JSON. */
export function readObjects(file: string): readonly KubeObject[] {
  const source = readSource(file)
  return documentsOf(source).flatMap(({ object, at }) => flatten(object, '', (path) => placeAt(source, at(path))))
}

interface Document {
  readonly object: unknown
  /** The offset of the field at `path`, or of what is nearest around it. */
  readonly at: (path: string) => number
}

function documentsOf(source: SourceFile): readonly Document[] {
  const { name, text } = source
  const whole = wholeJson(text)
  if (whole !== undefined) {
    // Positions are looked for only when there is a fault to be told.
    return [{ object: whole, at: (path) => parseManifests(text, name).documents[0]?.ranges.at(path).from ?? 0 }]
  }
  return readDocuments(source).map(({ object, ranges }) => ({ object, at: (path) => ranges.at(path).from }))
}

/** Throws UsageError when one of them cannot be read. */
function readDocuments(source: SourceFile): readonly ManifestDocument[] {
  const { documents, faults } = parseManifests(source.text, source.name)
  const fault = faults.find(({ severity }) => severity === 'error')
  if (fault) {
    const reason = fault.message.replace(`error parsing ${source.name}: `, '')
    throw new UsageError(`${placeAt(source, fault.from)}${reason}`)
  }
  return documents
}

/** A large dump in JSON needs no positions. */
function wholeJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** `prefix`: where the object stands in its document, `items[3]`. */
function flatten(object: unknown, prefix: string, place: (path: string) => string): readonly KubeObject[] {
  const within = (field: string): string => (prefix === '' || field === '' ? prefix + field : `${prefix}.${field}`)
  if (Array.isArray(object)) return object.flatMap((item: unknown, i) => flatten(item, `${prefix}[${i}]`, place))
  if (!isRecord(object) || typeof object['kind'] !== 'string') {
    throw new UsageError(`${place(prefix)}not a Kubernetes object: it has no kind`)
  }
  const { kind } = object
  if (kind.endsWith('List') && Array.isArray(object['items'])) {
    const own = kind.slice(0, -'List'.length)
    // A typed list (`PodList`) leaves kind and version out of its items.
    return object['items'].flatMap((item: unknown, i) =>
      flatten(
        isRecord(item) && own !== '' ? { apiVersion: object['apiVersion'], kind: own, ...item } : item,
        within(`items[${i}]`),
        place,
      ),
    )
  }
  const metadata = object['metadata']
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string') {
    throw new UsageError(`${place(within('metadata.name'))}${kind} has no metadata.name`)
  }
  const known = object as unknown as KubeObject
  const fault = objectFault(known)
  if (fault) {
    const { namespace } = known.metadata
    const name = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${known.metadata.name}`
    const field = fault.field === '' ? '' : `${fault.field}: `
    throw new UsageError(`${place(within(fault.field))}${name}: ${field}${fault.message}`)
  }
  return [known]
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The KubeProxyConfiguration of `--config`; {} without one. What kube-proxy would refuse is a UsageError in its words. */
export function readConfig(file: string | undefined): Readonly<Record<string, unknown>> {
  if (file === undefined) return {}
  const source = readSource(file)
  const document = readDocuments(source).find(
    ({ object }) => isRecord(object) && object['kind'] === 'KubeProxyConfiguration',
  )
  if (!document) throw new UsageError(`${placeAt(source, 0)}no KubeProxyConfiguration in this file`)
  const { object, ranges } = document
  const checked = checkProxyConfig(object, source.text.slice(document.from, document.to))
  if (!checked.ok) {
    const { path, message } = checked.error
    throw new UsageError(`${placeAt(source, ranges.at(path).from)}${message}`)
  }
  return checked.value
}

/** The sentence that the node of `config` is not in the dump, at the place that names it. */
export function withNamingPlace(error: string, { config, node, dump }: InputFlags): string {
  if (node === undefined && config !== undefined) {
    const source = readSource(config)
    const document = readDocuments(source).find(({ object }) => isRecord(object) && object['hostnameOverride'])
    if (document) return `${placeAt(source, document.ranges.at('hostnameOverride').from)}hostnameOverride: ${error}`
  }
  return node === undefined ? `${dump ?? 'the lab'}: ${error}` : `--node: ${error}`
}

/** The states of `--dump` and every `--then`, or undefined without a dump. */
export function readStates({ dump, then }: InputFlags): readonly (readonly KubeObject[])[] | undefined {
  if (dump === undefined) {
    if (then) throw new UsageError('--then needs --dump: it is the next state of the same dump')
    return undefined
  }
  return [dump, ...(then ?? [])].map(readObjects)
}
