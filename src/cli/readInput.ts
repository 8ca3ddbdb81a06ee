import { readFileSync } from 'node:fs'
import { parseManifests } from '../manifest/parseManifests.ts'
import type { KubeObject } from '../engine/index.ts'
import type { InputFlags } from './flags.ts'
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

/** Objects as a live cluster stores them: a `List`, or many documents, in YAML or JSON. */
export function readObjects(file: string): readonly KubeObject[] {
  const { name, text } = readSource(file)
  return documentsOf(name, text).flatMap(({ object, from }) => flatten(object, `${name}: line ${lineOf(text, from)}`))
}

function documentsOf(name: string, text: string): readonly { readonly object: unknown; readonly from: number }[] {
  const whole = wholeJson(text)
  if (whole !== undefined) return [{ object: whole, from: 0 }]
  const { documents, faults } = parseManifests(text, name)
  const fault = faults.find(({ severity }) => severity === 'error')
  if (fault) throw new UsageError(fault.message)
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

function flatten(object: unknown, place: string): readonly KubeObject[] {
  if (Array.isArray(object)) return object.flatMap((item: unknown) => flatten(item, place))
  if (!isRecord(object) || typeof object['kind'] !== 'string') {
    throw new UsageError(`${place}: not a Kubernetes object: it has no kind`)
  }
  if (object['kind'].endsWith('List') && Array.isArray(object['items'])) {
    const kind = object['kind'].slice(0, -'List'.length)
    // A typed list (`PodList`) leaves kind and version out of its items.
    return object['items'].flatMap((item: unknown) =>
      flatten(isRecord(item) && kind !== '' ? { apiVersion: object['apiVersion'], kind, ...item } : item, place),
    )
  }
  if (!isRecord(object['metadata']) || typeof object['metadata']['name'] !== 'string') {
    throw new UsageError(`${place}: ${object['kind']} has no metadata.name`)
  }
  return [object as unknown as KubeObject]
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The KubeProxyConfiguration of `--config`; {} without one. */
export function readConfig(file: string | undefined): Readonly<Record<string, unknown>> {
  if (file === undefined) return {}
  const { name, text } = readSource(file)
  const { documents, faults } = parseManifests(text, name)
  const fault = faults.find(({ severity }) => severity === 'error')
  if (fault) throw new UsageError(fault.message)
  const config = documents
    .map(({ object }) => object)
    .find((object) => isRecord(object) && object['kind'] === 'KubeProxyConfiguration')
  if (!isRecord(config)) throw new UsageError(`${name}: line 1: no KubeProxyConfiguration in this file`)
  return config
}

/** The states of `--dump` and every `--then`, or undefined without a dump. */
export function readStates({ dump, then }: InputFlags): readonly (readonly KubeObject[])[] | undefined {
  if (dump === undefined) {
    if (then) throw new UsageError('--then needs --dump: it is the next state of the same dump')
    return undefined
  }
  return [dump, ...(then ?? [])].map(readObjects)
}
