import { invalid } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { asLoose } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'

const exponents: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }

/** A canonical quantity as a number: near enough for comparing a request with its limit. */
export function quantityNumber(text: string): number {
  const match = /^([+-]?[\d.]+)([a-zA-Z]*)([+-]?\d*)$/.exec(text)
  if (!match) return 0
  const [, digits = '0', suffix = '', exponent = ''] = match
  const value = Number(digits)
  if (suffix.endsWith('i')) return value * 1024 ** (1 + 'KMGTPE'.indexOf(suffix.charAt(0)))
  if (exponent !== '') return value * 10 ** Number(exponent)
  return value * 10 ** (exponents[suffix] ?? 0)
}

/** Requests and limits: none negative, no request above its limit. */
export function validateResources(resources: Loose, field: string): readonly FieldError[] {
  const limits = asLoose(resources['limits']) ?? {}
  const requests = asLoose(resources['requests']) ?? {}
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
  const negative = (map: Loose, path: string): readonly FieldError[] =>
    Object.entries(map).flatMap(([name, quantity]) =>
      quantityNumber(text(quantity)) < 0
        ? [invalid(`${path}[${name}]`, quantity, 'must be greater than or equal to 0')]
        : [],
    )
  return [
    ...negative(limits, `${field}.limits`),
    ...Object.entries(requests).flatMap(([name, request]) => {
      const limit = limits[name]
      const above = limit !== undefined && quantityNumber(text(request)) > quantityNumber(text(limit))
      const detail = `must be less than or equal to ${name} limit of ${text(limit)}`
      return [
        ...negative({ [name]: request }, `${field}.requests`),
        ...(above ? [invalid(`${field}.requests`, request, detail)] : []),
      ]
    }),
  ]
}
