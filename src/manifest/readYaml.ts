import { err, ok } from '../engine/base/result.ts'
import type { Result } from '../engine/base/result.ts'
import { parseManifests } from './parseManifests.ts'
import type { JsonValue } from './parseManifests.ts'

export interface YamlText {
  readonly value: JsonValue
  /** Keys that a map has twice, with their lines from 1. The later one counts. */
  readonly repeated: readonly { readonly key: string; readonly line: number }[]
}

/** The first YAML document. The error is the reader's: `yaml: line 3: mapping values are not allowed in this context`. */
export function readYaml(text: string): Result<YamlText, string> {
  const { documents, faults } = parseManifests(text, '')
  const own = faults.filter(({ document }) => document === 0)
  const fault = own.find(({ severity }) => severity === 'error')
  if (fault) return err(fault.message.replace(/^error parsing : error converting YAML to JSON: /, ''))
  const repeated = own.map(({ from, to }) => ({
    key: text.slice(from, to).replace(/^(["'])(.*)\1$/, '$2'),
    line: text.slice(0, from).split('\n').length,
  }))
  const first = documents.find(({ index }) => index === 0)
  return ok({ value: first?.object ?? null, repeated })
}
