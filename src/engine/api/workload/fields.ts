import { forbidden, invalid, invalids, notFound, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { dns1123Label } from '../validation/names.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

/** Reading loose objects, and the rules that stand behind most fields. */

export function text(object: Loose | undefined, field: string): string {
  const value = object?.[field]
  return typeof value === 'string' ? value : ''
}

export function count(object: Loose | undefined, field: string): number | undefined {
  const value = object?.[field]
  return typeof value === 'number' ? value : undefined
}

export function texts(object: Loose | undefined, field: string): readonly string[] {
  const value = object?.[field]
  return Array.isArray(value) ? (value as readonly string[]) : []
}

/** The struct at `field`; without any it is an empty one. */
export function part(object: Loose | undefined, field: string): Loose {
  return asLoose(object?.[field]) ?? {}
}

/** The faults of every entry of the list at `field`. */
export function each(
  object: Loose | undefined,
  field: string,
  path: string,
  rule: (item: Loose, path: string) => readonly FieldError[],
): readonly FieldError[] {
  return asList(object?.[field]).flatMap((item, i) => rule(item, `${path}.${field}[${i}]`))
}

/** Of `fields` (separated by blanks), those that are empty. */
export function missing(object: Loose, path: string, fields: string): readonly FieldError[] {
  return fields.split(' ').flatMap((field) => {
    const value = object[field]
    return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
      ? [required(`${path}.${field}`)]
      : []
  })
}

/** The choice at `field`, where one is made, must be one of `supported` (separated by blanks). */
export function choice(object: Loose, field: string, path: string, supported: string): readonly FieldError[] {
  const value = object[field]
  const values = supported.split(' ')
  return typeof value !== 'string' || values.includes(value) ? [] : [notSupported(`${path}.${field}`, value, values)]
}

/** A name that must be there and be a label. */
export function labelName(object: Loose, field: string, path: string): readonly FieldError[] {
  const name = text(object, field)
  return name === '' ? [required(`${path}.${field}`)] : invalids(`${path}.${field}`, name, dns1123Label(name))
}

export function range(field: string, value: number | undefined, least: number, most: number): readonly FieldError[] {
  if (value === undefined || (value >= least && value <= most)) return []
  return [invalid(field, value, `must be between ${least} and ${most}, inclusive`)]
}

/** Users and groups are numbers of Linux. */
export function identities(context: Loose, path: string, fields: string): readonly FieldError[] {
  return fields.split(' ').flatMap((field) => range(`${path}.${field}`, count(context, field), 0, 2147483647))
}

export function fileMode(object: Loose, field: string, path: string): readonly FieldError[] {
  const mode = count(object, field)
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalid(`${path}.${field}`, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** No step of the path goes up. */
export function noBacksteps(field: string, path: string): readonly FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : []
}

/** A path that must stay below where it starts. */
export function descending(field: string, path: string): readonly FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
    ...noBacksteps(field, path),
  ]
}

/** The same for names of files that the system makes: those that start with two dots are its own. */
export function localPath(field: string, path: string): readonly FieldError[] {
  const reserved = path.startsWith('..') && !path.startsWith('../')
  return [...descending(field, path), ...(reserved ? [invalid(field, path, "must not start with '..'")] : [])]
}

/** `fields` (separated by blanks) that stand there and must not. */
export function unwanted(object: Loose, path: string, fields: string, detail: string): readonly FieldError[] {
  return fields
    .split(' ')
    .flatMap((field) => (object[field] === undefined ? [] : [forbidden(`${path}.${field}`, detail)]))
}

/** `notFound` with an explanation. */
export function notFoundAmong(field: string, value: string, detail: string): FieldError {
  return { ...notFound(field, value), detail }
}
