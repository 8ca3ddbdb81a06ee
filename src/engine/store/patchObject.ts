import { decodeObject } from '../api/decodeObject.ts'
import type { DecodedObject, FieldValidation } from '../api/decodeObject.ts'
import { invalid } from '../api/fieldError.ts'
import { isObject } from '../api/json.ts'
import type { Json, JsonObject } from '../api/json.ts'
import type { Kind } from '../api/kinds.ts'
import { applyMergePatch, applyStrategicPatch } from '../api/patch/apply.ts'
import { conversionFault, wrapIntegers } from '../api/patch/fromMap.ts'
import { goFormat } from '../api/patch/goFormat.ts'
import { applyJsonPatch } from '../api/patch/jsonPatch.ts'
import { invalidStatus } from '../api/status.ts'
import type { StatusError } from '../api/status.ts'
import type { KubeObject } from '../api/types.ts'
import { err } from '../base/result.ts'
import type { Result } from '../base/result.ts'

export type PatchType = 'strategic' | 'merge' | 'json'

/** A body that the server could not make sense of. */
const unprocessable: StatusError = {
  reason: 'Invalid',
  kind: '',
  name: '',
  causes: [],
}

/** `old` with `patch` applied, decoded again. */
export function patchObject(
  old: KubeObject,
  patch: Json,
  type: PatchType,
  kind: Kind,
  validation: FieldValidation,
): Result<DecodedObject, StatusError> {
  const current = old as unknown as JsonObject
  if (type === 'json') {
    const patched = applyJsonPatch(current, patch)
    return patched === undefined ? err(unprocessable) : decodePatched(patched, kind, validation)
  }
  if (!isObject(patch)) return err(unprocessable)
  if (type === 'merge') return decodePatched(applyMergePatch(current, patch), kind, validation)
  const { result, rest } = applyStrategicPatch(current, patch, kind.type)
  const refuse = (fault: string): Result<never, StatusError> =>
    err(invalidStatus('', '', [invalid('patch', goFormat(rest), fault)]))
  const fault = kind.type && conversionFault(result, kind.type)
  if (fault !== undefined) return refuse(fault)
  const body = kind.type ? (wrapIntegers(result, kind.type) ?? null) : result
  const decoded = decodeObject(body, kind, validation)
  return decoded.ok ? decoded : refuse(decoded.error.message)
}

function decodePatched(body: Json, kind: Kind, validation: FieldValidation): Result<DecodedObject, StatusError> {
  const decoded = decodeObject(body, kind, validation)
  if (decoded.ok) return decoded
  const subject = `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`
  return err({ reason: 'BadRequest', message: `${subject}: ${decoded.error.message}`, fields: decoded.error.fields })
}
