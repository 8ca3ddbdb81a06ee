import { goType } from '../../api/schema/types.ts'
import { goDump } from '../../api/schema/goDump.ts'
import { fnv32, fnv32a } from '../../base/hash.ts'
import type { PodTemplate } from './podTemplate.ts'
import { canonicalJson, safeEncode } from '../names.ts'

// Writes of a workload's status keep its template object: each template is hashed once.
const hashes = new WeakMap<PodTemplate, string>()

/**
 * `pod-template-hash` of ReplicaSets, `controller-revision-hash` of daemon pods. `collisions` counts names that were taken
 * by others. Source: controller_utils.go ComputeHash.
 */
export function podTemplateHash(template: PodTemplate, collisions?: number): string {
  if (collisions !== undefined) return hashOf(template, littleEndian(collisions))
  const known = hashes.get(template)
  if (known !== undefined) return known
  const hash = hashOf(template, '')
  hashes.set(template, hash)
  return hash
}

function hashOf(template: PodTemplate, tail: string): string {
  return safeEncode(String(fnv32a(goDump(template, goType('PodTemplateSpec')) + tail)))
}

/** The 8 bytes that stand behind the dump; counts stay below 128. */
function littleEndian(n: number): string {
  return `${String.fromCharCode(n)}${'\0'.repeat(7)}`
}

const revisions = new WeakMap<PodTemplate, { readonly patch: string; readonly hash: string }>()

/**
 * What a StatefulSet's ControllerRevision keeps of it, and the hash in its name.
 * Source: stateful_set_utils.go getPatch, controller_history.go HashControllerRevision.
 */
export function statefulRevision(template: PodTemplate): { readonly patch: string; readonly hash: string } {
  const known = revisions.get(template)
  if (known) return known
  const patch = escaped(canonicalJson({ spec: { template: { $patch: 'replace', ...template } } }))
  const made = { patch, hash: safeEncode(String(fnv32(`${patch}0`))) }
  revisions.set(template, made)
  return made
}

/** As Go's encoding/json writes texts. */
function escaped(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
