import { err, ok } from '../engine/base/result.ts'
import type { Result } from '../engine/base/result.ts'
import { parseManifests } from './parseManifests.ts'
import type { JsonValue } from './parseManifests.ts'

/** One YAML document. The error is the reader's: `yaml: line 3: mapping values are not allowed in this context`. */
export function readYaml(text: string): Result<JsonValue, string> {
  const { documents, faults } = parseManifests(text, '')
  const fault = faults.find(({ severity }) => severity === 'error')
  if (fault) return err(fault.message.replace(/^error parsing : error converting YAML to JSON: /, ''))
  return ok(documents[0]?.object ?? null)
}
