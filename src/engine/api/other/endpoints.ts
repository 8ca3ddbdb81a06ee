import { invalid, invalids, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { protocols } from '../service/validate.ts'
import type { KubeObject } from '../types.ts'
import { ipFaults, ipWarnings, specialIpFaults } from '../validation/addresses.ts'
import { oneOf, validateObjectMeta, validateObjectMetaUpdate } from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain, portNumber, qualifiedName } from '../validation/names.ts'
import { asList } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'

export const endpointsDeprecated = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'

export function defaultEndpoints(object: KubeObject): KubeObject {
  if (object['subsets'] === undefined) return object
  const subsets = asList(object['subsets']).map((subset) =>
    subset['ports'] === undefined
      ? subset
      : { ...subset, ports: asList(subset['ports']).map((port) => ({ ...port, protocol: port['protocol'] ?? 'TCP' })) },
  )
  return { ...object, subsets }
}

/** Source: kubernetes pkg/apis/core/validation, ValidateEndpoints. */
export function validateEndpoints(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const meta = old
    ? validateObjectMetaUpdate(object.metadata, old.metadata)
    : validateObjectMeta(object.metadata, dns1123Subdomain)
  return [...meta, ...asList(object['subsets']).flatMap((subset, i) => validateSubset(subset, `subsets[${i}]`))]
}

function validateSubset(subset: Loose, field: string): readonly FieldError[] {
  const ready = asList(subset['addresses'])
  const notReady = asList(subset['notReadyAddresses'])
  const ports = asList(subset['ports'])
  const missing = 'must specify `addresses` or `notReadyAddresses`'
  return [
    ...(ready.length + notReady.length === 0 ? [required(field, missing)] : []),
    ...ready.flatMap((address, i) => validateAddress(address, `${field}.addresses[${i}]`)),
    ...notReady.flatMap((address, i) => validateAddress(address, `${field}.notReadyAddresses[${i}]`)),
    ...ports.flatMap((port, i) => validatePort(port, `${field}.ports[${i}]`, ports.length > 1)),
  ]
}

function validateAddress(address: Loose, field: string): readonly FieldError[] {
  const ip = String(address['ip'])
  const hostname = address['hostname']
  const nodeName = address['nodeName']
  return [
    ...ipFaults(`${field}.ip`, ip),
    ...(typeof hostname === 'string' ? invalids(`${field}.hostname`, hostname, dns1123Label(hostname)) : []),
    ...(typeof nodeName === 'string' ? invalids(`${field}.nodeName`, nodeName, dns1123Subdomain(nodeName)) : []),
    ...specialIpFaults(`${field}.ip`, ip),
  ]
}

function validatePort(port: Loose, field: string, named: boolean): readonly FieldError[] {
  const name = typeof port['name'] === 'string' ? port['name'] : ''
  const number = Number(port['port'])
  const appProtocol = port['appProtocol']
  const nameFaults = name === '' ? (named ? [required(`${field}.name`)] : []) : dns1123Label(name)
  return [
    ...nameFaults.map((fault) => (typeof fault === 'string' ? invalid(`${field}.name`, name, fault) : fault)),
    ...invalids(`${field}.port`, number, portNumber(number)),
    ...oneOf(`${field}.protocol`, String(port['protocol']), protocols),
    ...(typeof appProtocol === 'string'
      ? invalids(`${field}.appProtocol`, appProtocol, qualifiedName(appProtocol))
      : []),
  ]
}

export function endpointsWarnings(object: KubeObject): readonly string[] {
  return asList(object['subsets']).flatMap((subset, i) =>
    ['addresses', 'notReadyAddresses'].flatMap((list) =>
      asList(subset[list]).flatMap((address, j) => ipWarnings(`subsets[${i}].${list}[${j}].ip`, String(address['ip']))),
    ),
  )
}
