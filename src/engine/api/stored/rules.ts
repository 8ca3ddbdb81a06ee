import { invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { byteLength, dns1123Subdomain } from '../validation/names.ts'
import { asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'
import { text } from '../workload/fields.ts'
import { nanos } from '../workload/quantities.ts'

/** The map at `field`; an empty one when there is none. */
export function mapAt(object: Loose | undefined, field: string): Loose {
  return asLoose(object?.[field]) ?? {}
}

/** Texts of a list of texts. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** A quantity, which the decoder has made a text. */
export function amount(value: unknown): number {
  return Number(nanos(value)) / 1e9
}

/** Names that stand in a URL: RBAC's, kinds, metrics. Source: apimachinery api/validation/path. */
export function pathSegment(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`)
}

/** A name that has to be there and to keep `rule`. */
export function namedBy(
  field: string,
  value: string,
  rule: (name: string) => readonly string[],
): readonly FieldError[] {
  return value === '' ? [required(field)] : invalids(field, value, rule(value))
}

/** One of `supported`, where there is a value at all; empty is as wrong as any other. */
export function choice(field: string, value: unknown, supported: readonly string[]): readonly FieldError[] {
  return typeof value !== 'string' || supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

const pathFormat = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"

/** `acme.io/foo`. Source: apimachinery util/validation, IsDomainPrefixedPath. */
export function domainPath(field: string, value: string): readonly FieldError[] {
  if (value === '') return [required(field)]
  const slash = value.indexOf('/')
  const [host, path] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash < 1 || path === '') {
    return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  const faults = invalids(field, host, dns1123Subdomain(host))
  if (new RegExp(`^${pathFormat}$`).test(path)) return faults
  return [...faults, invalid(field, path, `Invalid path (regex used for validation is '${pathFormat}')`)]
}

/** A reference by kind and name. */
export function localReference(reference: Loose, field: string, rule = dns1123Subdomain): readonly FieldError[] {
  const group = reference['apiGroup']
  return [
    ...(typeof group === 'string' ? invalids(`${field}.apiGroup`, group, rule(group)) : []),
    ...namedBy(`${field}.kind`, text(reference, 'kind'), pathSegment),
    ...namedBy(`${field}.name`, text(reference, 'name'), pathSegment),
  ]
}

export function longerThan(field: string, value: string, most: number): readonly FieldError[] {
  return byteLength(value) > most ? [{ field, type: 'Too long', detail: `may not be more than ${most} bytes` }] : []
}
