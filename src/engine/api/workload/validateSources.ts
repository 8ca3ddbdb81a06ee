import { invalid, invalids, notFound, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { configMapKey, dns1123Subdomain } from '../validation/names.ts'
import { asList, asLoose } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'

/** What containers take from elsewhere: variables, mounts, devices. Source: kubernetes pkg/apis/core/validation. */

const tooMany = 'may not have more than one field specified at a time'

function textOf(object: Loose, field: string): string {
  const value = object[field]
  return typeof value === 'string' ? value : ''
}

const podFields = [
  ...['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName'],
  ...['status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'],
]

/** `valueFrom` of a variable. */
export function validateValueFrom(from: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const field = asLoose(from['fieldRef'])
  if (field) faults.push(...validateFieldRef(field, `${path}.fieldRef`))
  const resource = asLoose(from['resourceFieldRef'])
  if (resource && textOf(resource, 'resource') === '') faults.push(required(`${path}.resourceFieldRef.resource`))
  for (const name of ['configMapKeyRef', 'secretKeyRef']) {
    const key = asLoose(from[name])
    if (!key) continue
    const text = textOf(key, 'key')
    if (text === '') faults.push(required(`${path}.${name}.key`))
    else faults.push(...invalids(`${path}.${name}.key`, text, configMapKey(text)))
  }
  if (Object.keys(from).length > 1) faults.push(invalid(path, '', tooMany))
  return faults
}

function validateFieldRef(ref: Loose, path: string): readonly FieldError[] {
  const fieldPath = textOf(ref, 'fieldPath')
  if (textOf(ref, 'apiVersion') === '') return [required(`${path}.apiVersion`)]
  if (fieldPath === '') return [required(`${path}.fieldPath`)]
  const version = textOf(ref, 'apiVersion')
  const refuse = (why: string): readonly FieldError[] => [
    invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (version !== 'v1') return refuse(`unsupported pod version: ${version}`)
  const subscript = /^metadata\.(?:labels|annotations)\['(.*)'\]$/.exec(fieldPath)
  return subscript || podFields.includes(fieldPath) ? [] : refuse(`field label not supported: ${fieldPath}`)
}

export function validateEnvFrom(sources: readonly Loose[], path: string): readonly FieldError[] {
  return sources.flatMap((source, i) => {
    const faults: FieldError[] = []
    const present = ['configMapRef', 'secretRef'].filter((name) => asLoose(source[name]))
    for (const kind of present) {
      const name = textOf(asLoose(source[kind]) ?? {}, 'name')
      const field = `${path}[${i}].${kind}.name`
      if (name === '') faults.push(required(field))
      else faults.push(...invalids(field, name, dns1123Subdomain(name)))
    }
    if (present.length === 0) faults.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (present.length > 1) faults.push(invalid(path, '', tooMany))
    return faults
  })
}

/** The part of a mount's rules that concerns paths within the volume. */
export function validateSubPaths(mount: Loose, field: string, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const [plain, expression] = [textOf(mount, 'subPath'), textOf(mount, 'subPathExpr')]
  if (plain !== '') faults.push(...localPathFaults(`${field}.subPath`, plain))
  if (expression !== '') {
    if (plain !== '') {
      faults.push(invalid(`${path}.subPathExpr`, expression, 'subPathExpr and subPath are mutually exclusive'))
    }
    faults.push(...localPathFaults(`${field}.subPathExpr`, expression))
  }
  const recursive = mount['recursiveReadOnly']
  const values = ['Disabled', 'Enabled', 'IfPossible']
  if (typeof recursive === 'string' && !values.includes(recursive)) {
    faults.push(notSupported(`${field}.recursiveReadOnly`, recursive, values))
  }
  return faults
}

/** A path that must stay below where it starts. */
export function localPathFaults(field: string, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  if (path.startsWith('/')) faults.push(invalid(field, path, 'must be a relative path'))
  if (path.split('/').includes('..')) faults.push(invalid(field, path, "must not contain '..'"))
  return faults
}

export function validateDevices(container: Loose, path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  return asList(container['volumeDevices']).flatMap((device, i) => {
    const [name, place] = [textOf(device, 'name'), textOf(device, 'devicePath')]
    const field = `${path}.volumeDevices[${i}]`
    const faults: FieldError[] = []
    if (name === '') faults.push(required(`${field}.name`))
    if (place === '') faults.push(required(`${field}.devicePath`))
    if (name !== '' && !volumes.has(name)) faults.push(notFound(`${field}.name`, name))
    return faults
  })
}

/** What a volume is made of. */
export function validateVolumeSource(volume: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const names: readonly (readonly [string, string])[] = [
    ['configMap', 'name'],
    ['secret', 'secretName'],
    ['persistentVolumeClaim', 'claimName'],
    ['hostPath', 'path'],
  ]
  for (const [source, field] of names) {
    const value = asLoose(volume[source])
    if (!value) continue
    const text = textOf(value, field)
    if (text === '') faults.push(required(`${path}.${source}.${field}`))
    else if (source === 'hostPath' && text.split('/').includes('..')) {
      faults.push(invalid(`${path}.${source}.${field}`, text, "must not contain '..'"))
    }
    const mode = value['defaultMode']
    if (typeof mode === 'number' && (mode < 0 || mode > 0o777)) {
      const detail = 'must be a number between 0 and 0777 (octal), both inclusive'
      faults.push(invalid(`${path}.${source}.defaultMode`, mode, detail))
    }
  }
  return faults
}
