import { invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { configMapKey, dns1123Subdomain, environmentName, qualifiedName } from '../validation/names.ts'
import { each, labelName, noBacksteps, text } from './fields.ts'
import { asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { nanos, quantityOf } from './quantities.ts'

/** Variables of a container, and what they are taken from. Source: kubernetes pkg/apis/core/validation, ValidateEnv. */

const severalFields = 'may not have more than one field specified at a time'

const meta = ['metadata.name', 'metadata.namespace', 'metadata.uid']
const environmentFields = [...meta, 'spec.nodeName', 'spec.serviceAccountName'].concat(
  ['hostIP', 'hostIPs', 'podIP', 'podIPs'].map((name) => `status.${name}`),
)
export const volumeFields = ['metadata.annotations', 'metadata.labels', ...meta]
const known = [...environmentFields, ...volumeFields, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase']

/** A field of the pod. `fields`: those that may be taken here. */
export function validateFieldRef(ref: Loose, path: string, fields: readonly string[]): readonly FieldError[] {
  const [version, fieldPath] = [text(ref, 'apiVersion'), text(ref, 'fieldPath')]
  const field = `${path}.fieldPath`
  if (version === '') return [required(`${path}.apiVersion`)]
  if (fieldPath === '') return [required(field)]
  const refuse = (why: string): readonly FieldError[] => [
    invalid(field, fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (version !== 'v1') return refuse(`unsupported pod version: ${version}`)
  const [, map, key = ''] = /^(.+?)\['(.*)'\]$/s.exec(fieldPath) ?? []
  if (map === 'metadata.annotations') return invalids(path, key.toLowerCase(), qualifiedName(key.toLowerCase()))
  if (map === 'metadata.labels') return invalids(path, key, qualifiedName(key))
  if (map !== undefined) return refuse(`field label does not support subscript: ${fieldPath}`)
  // An old name of it.
  const plain = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (!known.includes(plain)) return refuse(`field label not supported: ${fieldPath}`)
  return fields.includes(plain) ? [] : [notSupported(field, plain, fields)]
}

const kinds = ['limits', 'requests'] as const
const resources = kinds.flatMap((kind) => ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${kind}.${name}`))
const sizes = [
  '1',
  ...['', 'i'].flatMap((i) => ['K', 'M', 'G', 'T', 'P', 'E'].map((c) => `1${i ? c : c.replace('K', 'k')}${i}`)),
]

/** A container's request or limit. In volumes it has to be said whose. */
export function validateResourceFieldRef(ref: Loose, path: string, isVolume: boolean): readonly FieldError[] {
  const resource = text(ref, 'resource')
  const faults: FieldError[] = []
  const isHugePages = /^(requests|limits)\.hugepages-/.test(resource)
  if (isVolume && text(ref, 'containerName') === '') faults.push(required(`${path}.containerName`))
  else if (resource === '') faults.push(required(`${path}.resource`))
  else if (!resources.includes(resource) && !isHugePages) {
    faults.push(notSupported(`${path}.resource`, resource, resources))
  }
  const divisor = ref['divisor']
  if (divisor === undefined || nanos(divisor) === 0n) return faults
  const name = resource.replace(/^(requests|limits)\./, '')
  const [what, allowed] =
    name === 'cpu'
      ? ['cpu', ['1m', '1']]
      : [{ memory: 'memory', 'ephemeral-storage': 'local ephemeral storage' }[name], sizes]
  const subject = isHugePages ? 'hugepages' : resources.includes(resource) ? what : undefined
  if (subject === undefined || allowed.includes(quantityOf(divisor))) return faults
  const list = name === 'cpu' ? '1m and 1' : allowed.join(', ')
  const detail = `only divisor's values ${list} are supported with the ${subject} resource`
  return [...faults, invalid(`${path}.divisor`, resource, detail)]
}

function validateKeyRef(ref: Loose, path: string): readonly FieldError[] {
  const [name, key] = [text(ref, 'name'), text(ref, 'key')]
  return [
    ...invalids(`${path}.name`, name, dns1123Subdomain(name)),
    ...(key === '' ? [required(`${path}.key`)] : invalids(`${path}.key`, key, configMapKey(key))),
  ]
}

function validateFileRef(ref: Loose, path: string): readonly FieldError[] {
  const [key, file] = [text(ref, 'key'), text(ref, 'path')]
  return [
    ...(key === '' ? [required(`${path}.key`)] : invalids(`${path}.key`, key, environmentName(key))),
    ...labelName(ref, 'volumeName', path),
    ...(file === '' ? [required(`${path}.path`)] : noBacksteps(`${path}.path`, file)),
  ]
}

const noSource =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'

function validateValueFrom(variable: Loose, path: string): readonly FieldError[] {
  const from = asLoose(variable['valueFrom'])
  if (!from) return []
  const faults: FieldError[] = []
  const take = (name: string, rule: (ref: Loose, path: string) => readonly FieldError[]): number => {
    const ref = asLoose(from[name])
    if (ref) faults.push(...rule(ref, `${path}.${name}`))
    return ref ? 1 : 0
  }
  const found =
    take('fieldRef', (ref, at) => validateFieldRef(ref, at, environmentFields)) +
    take('resourceFieldRef', (ref, at) => validateResourceFieldRef(ref, at, false)) +
    take('configMapKeyRef', validateKeyRef) +
    take('secretKeyRef', validateKeyRef) +
    take('fileKeyRef', validateFileRef)
  if (found === 0) faults.push(invalid(path, '', noSource))
  else if (text(variable, 'value') !== '') {
    faults.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  } else if (found > 1) faults.push(invalid(path, '', severalFields))
  return faults
}

export function validateVariable(variable: Loose, path: string): readonly FieldError[] {
  const name = text(variable, 'name')
  return [
    ...(name === '' ? [required(`${path}.name`)] : invalids(`${path}.name`, name, environmentName(name))),
    ...validateValueFrom(variable, `${path}.valueFrom`),
  ]
}

export function validateEnvFrom(container: Loose, path: string): readonly FieldError[] {
  const list = `${path}.envFrom`
  return each(container, 'envFrom', path, (source, at) => {
    const prefix = text(source, 'prefix')
    const faults = prefix === '' ? [] : [...invalids(`${at}.prefix`, prefix, environmentName(prefix))]
    const present = ['configMapRef', 'secretRef'].filter((name) => asLoose(source[name]))
    for (const kind of present) {
      const name = text(asLoose(source[kind]), 'name')
      const field = `${at}.${kind}.name`
      // A dash at the end is taken, as in the beginning of a generated name.
      const stem = name.endsWith('-') ? `${name.slice(0, -1)}a` : name
      faults.push(...(name === '' ? [required(field)] : invalids(field, name, dns1123Subdomain(stem))))
    }
    if (present.length === 0) faults.push(invalid(list, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (present.length > 1) faults.push(invalid(list, '', severalFields))
    return faults
  })
}
