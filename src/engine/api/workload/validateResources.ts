import { duplicate, forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { parseQuantity } from '../schema/quantityText.ts'
import { dns1123Label, qualifiedName } from '../validation/names.ts'
import { each, notFoundAmong, part, text } from './fields.ts'
import { aggregate } from './podResources.ts'
import { asList } from './loose.ts'
import type { Loose } from './loose.ts'
import { isFractional, nanos, quantityOf } from './quantities.ts'

/** Requests and limits. Source: kubernetes pkg/apis/core/validation, validateResourceRequirements. */

const compute = ['cpu', 'memory', 'ephemeral-storage']
const counted =
  'pods resourcequotas services replicationcontrollers secrets configmaps persistentvolumeclaims services.nodeports services.loadbalancers'.split(
    ' ',
  )
const standard = [...compute, ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`])]
  .concat(counted)
  .concat('storage', 'requests.storage')

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)
export const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name)

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
}

function resourceName(name: string, path: string): readonly FieldError[] {
  const faults = invalids(path, name, qualifiedName(name))
  if (faults.length > 0 || name.includes('/')) return faults
  if (standard.includes(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return []
  return [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

function containerResourceName(name: string, path: string): readonly FieldError[] {
  const faults = resourceName(name, path)
  if (!name.includes('/')) {
    if (compute.includes(name) || isHugePages(name)) return faults
    return [...faults, invalid(path, name, 'must be a standard resource for containers')]
  }
  if (isNative(name) || isExtended(name)) return faults
  return [...faults, invalid(path, name, "doesn't follow extended resource name standard")]
}

function podResourceName(name: string, path: string): readonly FieldError[] {
  const faults = resourceName(name, path)
  if (faults.length > 0 || isPodLevel(name)) return faults
  return [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])]
}

/** Not negative, and whole where the resource is counted. */
export function quantityFaults(name: string, quantity: unknown, path: string): readonly FieldError[] {
  return [
    ...(nanos(quantity) < 0n ? [invalid(path, quantity, 'must be greater than or equal to 0')] : []),
    ...((counted.includes(name) || isExtended(name)) && isFractional(quantity)
      ? [invalid(path, quantity, 'must be an integer')]
      : []),
  ]
}

function hugePages(name: string, quantity: unknown, path: string): readonly FieldError[] {
  if (!isHugePages(name)) return []
  const page = parseQuantity(name.slice('hugepages-'.length))
  const size = 'text' in page && !isFractional(page.text) ? nanos(page.text) : 0n
  const up = (value: bigint): bigint => (value + (value < 0n ? -999_999_999n : 999_999_999n)) / 1_000_000_000n
  if (size > 0n && up(nanos(quantity)) % up(size) === 0n) return []
  return [invalid(path, quantity, `${quantityOf(quantity)} is not positive integer multiple of ${name}`)]
}

type NameRule = (name: string, path: string) => readonly FieldError[]

function validateLists(resources: Loose, path: string, nameRule: NameRule): readonly FieldError[] {
  const [limits, requests] = [part(resources, 'limits'), part(resources, 'requests')]
  const faults: FieldError[] = []
  const common = (name: string, quantity: unknown, field: string): void => {
    faults.push(...nameRule(name, field), ...quantityFaults(name, quantity, field))
  }
  for (const [name, quantity] of Object.entries(limits)) {
    const field = `${path}.limits[${name}]`
    common(name, quantity, field)
    faults.push(...hugePages(name, quantity, field))
  }
  for (const [name, quantity] of Object.entries(requests)) {
    const field = `${path}.requests[${name}]`
    common(name, quantity, field)
    const limit = limits[name]
    if (limit !== undefined) {
      const above = nanos(quantity) - nanos(limit)
      const detail = (how: string): string => `must be ${how} ${name} limit of ${quantityOf(limit)}`
      if (above !== 0n && !mayOvercommit(name)) {
        faults.push(invalid(`${path}.requests`, quantity, detail('equal to')))
      } else if (above > 0n) faults.push(invalid(`${path}.requests`, quantity, detail('less than or equal to')))
    } else if (!mayOvercommit(name)) {
      faults.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
    }
    faults.push(...hugePages(name, quantity, field))
  }
  const named = [...Object.keys(limits), ...Object.keys(requests)]
  if (named.some(isHugePages) && !named.some((name) => name === 'cpu' || name === 'memory')) {
    faults.push(forbidden(path, 'HugePages require cpu or memory'))
  }
  return faults
}

function validateClaims(resources: Loose, path: string, claims: readonly string[]): readonly FieldError[] {
  const seen = new Set<string>()
  return each(resources, 'claims', path, (claim, field) => {
    const [name, request] = [text(claim, 'name'), text(claim, 'request')]
    if (name === '') return [required(field)]
    const faults: FieldError[] = []
    if (seen.has(name)) faults.push(duplicate(field, name))
    else {
      if (request !== '') faults.push(...invalids(`${field}.request`, request, dns1123Label(request)))
      const key = request === '' ? name : `${name}/${request}`
      if (seen.has(key)) faults.push(duplicate(field, key))
      else if (request === '') {
        for (const other of seen) if (other.startsWith(`${name}/`)) faults.push(duplicate(field, name))
      }
      seen.add(key)
    }
    return [...faults, ...unknownClaim(field, name, claims)]
  })
}

function unknownClaim(field: string, name: string, claims: readonly string[]): readonly FieldError[] {
  if (claims.includes(name)) return []
  const known = claims.length === 0 ? ' which is empty' : `: ${[...claims].sort().join(', ')}`
  return [notFoundAmong(field, name, `must be one of the names in pod.spec.resourceClaims${known}`)]
}

/** A container's, or a pod's overhead as limits. `claims`: the pod's resource claims by name. */
export function validateResources(resources: Loose, path: string, claims: readonly string[]): readonly FieldError[] {
  return [...validateLists(resources, path, containerResourceName), ...validateClaims(resources, path, claims)]
}

/** The resources of a pod as a whole, which its containers share. */
export function validatePodResources(spec: Loose, path: string, claims: readonly string[]): readonly FieldError[] {
  if (spec['resources'] === undefined) return []
  const field = `${path}.resources`
  if (text(part(spec, 'os'), 'name') === 'windows') return [forbidden(field, 'may not be set for a windows pod')]
  const resources = part(spec, 'resources')
  const [limits, requests] = [part(resources, 'limits'), part(resources, 'requests')]
  const faults: FieldError[] = []
  if (resources['claims'] !== undefined) {
    faults.push(forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level'))
  }
  faults.push(...validateLists(resources, field, podResourceName), ...validateClaims(resources, field, claims))
  const below = (list: Loose, kind: string, own: Loose, take: (name: string) => boolean): void => {
    for (const [name, sum] of Object.entries(list)) {
      if (own[name] === undefined || !take(name) || nanos(sum) <= nanos(own[name])) continue
      const detail = `must be greater than or equal to aggregate container ${kind} of ${quantityOf(sum)}`
      faults.push(invalid(`${field}.${kind}[${name}]`, own[name], detail))
    }
  }
  below(aggregate(spec, 'requests'), 'requests', requests, () => true)
  below(aggregate(spec, 'limits'), 'limits', limits, isHugePages)
  asList(spec['containers']).forEach((container, i) => {
    for (const [name, limit] of Object.entries(part(part(container, 'resources'), 'limits'))) {
      if (limits[name] === undefined || nanos(limit) <= nanos(limits[name])) continue
      const detail = `must be less than or equal to pod limits of ${quantityOf(limits[name])}`
      faults.push(invalid(`${field}.containers[${i}][${name}].limits`, limit, detail))
    }
  })
  return faults
}
