import { err } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import { goQuote } from './json.ts'
import { kinds } from './kinds.ts'
import { formatFieldError } from './fieldError.ts'
import type { FieldError } from './fieldError.ts'

/** Why the API server refused a request. */
export type StatusError =
  | {
      readonly reason: 'Invalid'
      /** Kind and name as the message has them; both empty for a request that is invalid as a whole. */
      readonly kind: string
      readonly name: string
      readonly causes: readonly FieldError[]
    }
  | {
      readonly reason: 'NotFound' | 'AlreadyExists' | 'Conflict' | 'Forbidden' | 'BadRequest' | 'InternalError' | ''
      readonly message: string
      /** The fields that the message speaks of, where there are any: for marking them in the manifest. */
      readonly fields?: readonly string[]
    }

export function invalidStatus(kind: string, name: string, causes: readonly FieldError[]): StatusError {
  return { reason: 'Invalid', kind, name, causes }
}

/** `resource` with its group: `services`, `deployments.apps`. */
export function notFoundStatus(resource: string, name: string): StatusError {
  return { reason: 'NotFound', message: `${resource} ${goQuote(name)} not found` }
}

export function alreadyExistsStatus(resource: string, name: string): StatusError & { readonly message: string } {
  return { reason: 'AlreadyExists', message: `${resource} ${goQuote(name)} already exists` }
}

export function conflictStatus(resource: string, name: string): StatusError {
  const advice = 'the object has been modified; please apply your changes to the latest version and try again'
  return { reason: 'Conflict', message: `Operation cannot be fulfilled on ${resource} "${name}": ${advice}` }
}

/** The writer names another object's uid. `where`: the object's place in etcd. Source: apiserver storage/errors.go. */
export function uidConflictStatus(
  resource: string,
  name: string,
  { where, given, stored }: { readonly where: string; readonly given: string; readonly stored: string },
): StatusError {
  const detail = `Precondition failed: UID in precondition: ${given}, UID in object meta: ${stored}`
  const message = `StorageError: invalid object, Code: 4, Key: ${where}, ResourceVersion: 0, AdditionalErrorMsg: ${detail}`
  return { reason: 'Conflict', message: `Operation cannot be fulfilled on ${resource} "${name}": ${message}` }
}

export function forbiddenStatus(resource: string, name: string, why: string): StatusError {
  return { reason: 'Forbidden', message: `${resource} ${goQuote(name)} is forbidden: ${why}` }
}

export function internalErrorStatus(message: string): StatusError {
  return { reason: 'InternalError', message: `Internal error occurred: ${message}` }
}

/** `causes` as an error of the object, if there are any. */
export function statusOf(
  kind: string,
  name: string,
  causes: readonly FieldError[],
): Result<never, StatusError> | undefined {
  return causes.length === 0 ? undefined : err(invalidStatus(kind, name, causes))
}

/** The status in one line, without what it came from: `services "web" already exists`. */
export function messageOf(status: StatusError): string {
  if (status.reason !== 'Invalid') return status.message
  const causes = [...new Set(status.causes.map(formatFieldError))]
  const group = kinds.find(({ kind }) => kind === status.kind)?.group ?? ''
  const list = causes.length === 1 ? causes.join('') : `[${causes.join(', ')}]`
  return `${status.kind}${group === '' ? '' : `.${group}`} ${goQuote(status.name)} is invalid: ${list}`
}

/** The status as kubectl prints it when it is not the only error. */
export function printStatusAmongOthers(status: StatusError, doing = ''): string {
  if (status.reason !== 'Invalid') return printStatusError(status, doing)
  return `Error from server (Invalid): ${doing === '' ? '' : `${doing}: `}${messageOf(status)}`
}

/**
 * The status as kubectl prints it to stderr. `doing` stands before the message where kubectl says what it was at
 * (`error when creating "f.yaml"`); an Invalid with kind and name goes without. Source: kubectl cmd/util/helpers.go.
 */
export function printStatusError(status: StatusError, doing = ''): string {
  if (status.reason === 'Invalid') {
    const subject =
      status.kind === '' && status.name === ''
        ? 'The request is invalid'
        : `The ${status.kind} ${goQuote(status.name)} is invalid`
    const causes = [...new Set(status.causes.map(formatFieldError))]
    if (causes.length === 0) return subject
    return causes.length === 1 ? `${subject}: ${causes.join('')}` : `${subject}: \n* ${causes.join('\n* ')}`
  }
  const from = status.reason === '' ? 'Error from server' : `Error from server (${status.reason})`
  return `${from}: ${doing === '' ? '' : `${doing}: `}${status.message}`
}
