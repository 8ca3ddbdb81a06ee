import { goQuote, plainJson } from './json.ts'

export type FieldErrorType =
  | 'Required value'
  | 'Invalid value'
  | 'Unsupported value'
  | 'Duplicate value'
  | 'Forbidden'
  | 'Not found'
  | 'Too long'
  | 'Too many'

/** One fault at one field. Source: apimachinery util/validation/field. */
export interface FieldError {
  /** As messages spell it: `spec.ports[0].port`. */
  readonly field: string
  readonly type: FieldErrorType
  /** Absent where messages print none (Required, Forbidden, Too long). */
  readonly badValue?: unknown
  readonly detail: string
}

export function required(field: string, detail = ''): FieldError {
  return { field, type: 'Required value', detail }
}

export function invalid(field: string, badValue: unknown, detail: string): FieldError {
  return { field, type: 'Invalid value', badValue, detail }
}

/** `supported` in the order in which the message lists it. */
export function notSupported(field: string, badValue: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((value) => JSON.stringify(value)).join(', ')
  return { field, type: 'Unsupported value', badValue, detail: `supported values: ${list}` }
}

export function duplicate(field: string, badValue: unknown): FieldError {
  return { field, type: 'Duplicate value', badValue, detail: '' }
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, type: 'Forbidden', detail }
}

export function notFound(field: string, badValue: unknown): FieldError {
  return { field, type: 'Not found', badValue, detail: '' }
}

export function tooLong(field: string, bytes: number): FieldError {
  return { field, type: 'Too long', detail: `may not be more than ${bytes} bytes` }
}

export function tooMany(field: string, count: number, most: number): FieldError {
  return { field, type: 'Too many', badValue: count, detail: `must have at most ${most} items` }
}

/** One `invalid` for each of `details`. */
export function invalids(field: string, badValue: unknown, details: readonly string[]): readonly FieldError[] {
  return details.map((detail) => invalid(field, badValue, detail))
}

/** The part of a message behind the field: `Invalid value: 70000: must be between 1 and 65535, inclusive`. */
export function fieldErrorMessage(error: FieldError): string {
  const { badValue } = error
  const shown = typeof badValue === 'string' ? goQuote(badValue) : plainJson(badValue)
  const value = 'badValue' in error ? `: ${shown}` : ''
  return `${error.type}${value}${error.detail === '' ? '' : `: ${error.detail}`}`
}

export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${fieldErrorMessage(error)}`
}
