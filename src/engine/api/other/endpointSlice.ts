import { parseIp, familyOf } from '../../base/ip.ts'
import { duplicate, invalid, invalids, notSupported, required, tooMany } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { protocols } from '../service/validate.ts'
import type { EndpointSlice, SliceEndpoint, SlicePort } from '../types.ts'
import { ipFaults, ipWarnings, specialIpFaults, strictIpFaults } from '../validation/addresses.ts'
import { immutable, oneOf, validateObjectMeta, validateObjectMetaUpdate } from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain, labelValueFaults, qualifiedName } from '../validation/names.ts'

export function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  if (!slice.ports) return slice
  const ports = slice.ports.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol ?? 'TCP' }))
  return { ...slice, ports }
}

/** `deprecatedTopology` is not stored any more. */
export function prepareEndpointSlice(slice: EndpointSlice): EndpointSlice {
  if (!slice.endpoints?.some((endpoint) => 'deprecatedTopology' in endpoint)) return slice
  const endpoints = slice.endpoints.map((endpoint) => {
    const next: Record<string, unknown> = { ...endpoint }
    Reflect.deleteProperty(next, 'deprecatedTopology')
    return next as unknown as SliceEndpoint
  })
  return { ...slice, endpoints }
}

/** Source: kubernetes pkg/apis/discovery/validation. Port numbers are not looked at. */
export function validateEndpointSlice(slice: EndpointSlice, old?: EndpointSlice): readonly FieldError[] {
  const meta = old
    ? validateObjectMetaUpdate(slice.metadata, old.metadata)
    : validateObjectMeta(slice.metadata, dns1123Subdomain)
  return [
    ...meta,
    ...oneOf('addressType', slice.addressType, ['FQDN', 'IPv4', 'IPv6']),
    ...validateEndpointList(slice.endpoints ?? [], slice.addressType),
    ...validatePorts(slice.ports ?? []),
    ...(old ? immutable('addressType', slice.addressType, old.addressType) : []),
  ]
}

function validateEndpointList(endpoints: readonly SliceEndpoint[], type: string): readonly FieldError[] {
  if (endpoints.length > 1000) return [tooMany('endpoints', endpoints.length, 1000)]
  return endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, `endpoints[${i}]`, type))
}

function validateEndpoint(endpoint: SliceEndpoint, field: string, type: string): readonly FieldError[] {
  const addresses = (endpoint.addresses as readonly string[] | null) ?? []
  const path = `${field}.addresses`
  const faults: FieldError[] = []
  if (addresses.length === 0) faults.push(required(path, 'must contain at least 1 address'))
  else if (addresses.length > 100) faults.push(tooMany(path, addresses.length, 100))
  addresses.forEach((address, i) => faults.push(...validateAddress(address, path, i, type)))
  const { nodeName, hostname } = endpoint
  if (nodeName !== undefined) faults.push(...invalids(`${field}.nodeName`, nodeName, dns1123Subdomain(nodeName)))
  if (hostname !== undefined) faults.push(...invalids(`${field}.hostname`, hostname, dns1123Label(hostname)))
  for (const hint of ['forZones', 'forNodes'] as const) {
    faults.push(...validateHint(endpoint.hints?.[hint] ?? [], `${field}.hints.${hint}`, hint))
  }
  return faults
}

function validateAddress(address: string, field: string, i: number, type: string): readonly FieldError[] {
  const path = `${field}[${i}]`
  if (type === 'FQDN') return domainFaults(path, address)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const faults = type === 'IPv6' ? strictIpFaults(path, address) : ipFaults(path, address)
  if (faults.length > 0) return faults
  const parsed = parseIp(address)
  const family = parsed.ok ? familyOf(parsed.value) : type
  return [
    ...(family === type ? [] : [invalid(field, address, `must be an ${type} address`)]),
    ...specialIpFaults(path, address),
  ]
}

/** A name of at least two parts; a final dot is no fault. */
function domainFaults(path: string, name: string): readonly FieldError[] {
  if (name === '') return [required(path)]
  const plain = name.replace(/\.$/, '')
  const faults = dns1123Subdomain(plain)
  if (faults.length > 0) return invalids(path, plain, faults)
  return plain.includes('.')
    ? []
    : [invalid(path, plain, 'should be a domain with at least two segments separated by dots')]
}

function validateHint(
  hints: readonly { readonly name: string }[],
  field: string,
  kind: 'forZones' | 'forNodes',
): readonly FieldError[] {
  if (hints.length > 8) return [tooMany(field, hints.length, 8)]
  const seen = new Set<string>()
  return hints.flatMap(({ name }, i) => {
    const path = `${field}[${i}].name`
    if (seen.has(name)) return [duplicate(path, name)]
    seen.add(name)
    return invalids(path, name, kind === 'forZones' ? labelValueFaults(name) : dns1123Subdomain(name))
  })
}

function validatePorts(ports: readonly SlicePort[]): readonly FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, i) => {
    const path = `ports[${i}]`
    const name = port.name ?? ''
    const faults: FieldError[] = []
    if (name !== '') faults.push(...invalids(`${path}.name`, name, dns1123Label(name)))
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
    names.add(name)
    if (!protocols.includes(port.protocol ?? ''))
      faults.push(notSupported(`${path}.protocol`, port.protocol, protocols))
    if (port.appProtocol !== undefined) {
      faults.push(...invalids(`${path}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol)))
    }
    return faults
  })
}

export function endpointSliceWarnings(slice: EndpointSlice): readonly string[] {
  if (slice.addressType === 'FQDN') return ['spec.addressType: FQDN endpoints are deprecated']
  return (slice.endpoints ?? []).flatMap((endpoint, i) =>
    endpoint.addresses.flatMap((address, j) => ipWarnings(`endpoints[${i}].addresses[${j}]`, address)),
  )
}
