import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { plainJson } from '../json.ts'
import type { KubeObject } from '../types.ts'
import { immutable } from '../validation/meta.ts'
import { dns1123Subdomain, qualifiedName } from '../validation/names.ts'
import { asList, asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'
import { text } from '../workload/fields.ts'
import { validateClaimSpec } from '../workload/validateClaim.ts'
import { validateVolumeSource } from '../workload/validateVolumes.ts'
import { amount, choice, mapAt, namedBy, textsOf } from './rules.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']

function modeFaults(spec: Loose, detail: string): readonly FieldError[] {
  const modes = textsOf(spec['accessModes'])
  const field = 'spec.accessModes'
  const isMixed = modes.includes('ReadWriteOncePod') && modes.some((mode) => accessModes.slice(0, 3).includes(mode))
  return [
    ...(modes.length === 0 ? [required(field, detail)] : []),
    ...modes.flatMap((mode) => choice(field, mode, accessModes)),
    ...(isMixed ? [forbidden(field, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

function className(spec: Loose): readonly FieldError[] {
  const name = text(spec, 'storageClassName')
  return name === '' ? [] : invalids('spec.storageClassName', name, dns1123Subdomain(name))
}

export function validateClaim(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const faults = [...validateClaimSpec(spec, 'spec')]
  if (!old) return faults
  const before = mapAt(old, 'spec')
  const bare = (value: Loose): string =>
    plainJson({ ...value, volumeName: before['volumeName'] ?? value['volumeName'] })
  if (bare(spec) !== bare({ ...before, volumeName: before['volumeName'] ?? spec['volumeName'] })) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    faults.push(forbidden('spec', detail))
  }
  const size = (value: Loose): number => amount(mapAt(mapAt(value, 'resources'), 'requests')['storage'])
  if (size(spec) < size(before) && size(spec) <= 0) {
    faults.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  }
  return [...faults, ...immutable('volumeMode', spec['volumeMode'], before['volumeMode'])]
}

/** The sources that a pod's volume can have as well come first. */
const volumeSources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]

/** Source: kubernetes pkg/apis/core/validation, ValidatePersistentVolumeSpec. Differs: of sources only the first kinds' fields. */
export function validateVolume(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const capacity = mapAt(spec, 'capacity')
  const policy = text(spec, 'persistentVolumeReclaimPolicy')
  const faults: FieldError[] = [...modeFaults(spec, '')]
  const field = 'spec.capacity'
  if (Object.keys(capacity).length === 0) faults.push(required(field))
  if (!Object.hasOwn(capacity, 'storage') || Object.keys(capacity).length > 1) {
    faults.push(notSupported(field, spec['capacity'] ?? null, ['storage']))
  }
  for (const [name, quantity] of Object.entries(capacity)) {
    const value = amount(quantity)
    if (value < 0) faults.push(invalid(`${field}[${name}]`, value, 'must be a valid resource quantity'))
    if (value <= 0) faults.push(invalid(`${field}[${name}]`, quantity, 'must be greater than zero'))
  }
  if (policy !== '')
    faults.push(...choice('spec.persistentVolumeReclaimPolicy', policy, ['Delete', 'Recycle', 'Retain']))
  const affinity = asLoose(spec['nodeAffinity'])
  if (affinity && !asLoose(affinity['required'])) {
    faults.push(required('spec.nodeAffinity.required', 'must specify required node constraints'))
  }
  const given = volumeSources.filter((name) => asLoose(spec[name]))
  const [first, ...others] = given
  if (first === undefined) faults.push(required('spec', 'must specify a volume type'))
  else faults.push(...volumeFaults(first, mapAt(spec, first), affinity))
  faults.push(...others.map((name) => forbidden(`spec.${name}`, 'may not specify more than 1 volume type')))
  const path = text(mapAt(spec, 'hostPath'), 'path')
  if (/^\/+$/.test(path) && policy === 'Recycle') {
    faults.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"))
  }
  faults.push(...className(spec), ...choice('spec.volumeMode', spec['volumeMode'], volumeModes))
  if (!old) return faults
  const before = mapAt(old, 'spec')
  const source = (value: Loose): string =>
    plainJson(Object.fromEntries(volumeSources.map((name) => [name, value[name]])))
  if (source(spec) !== source(before)) {
    faults.push(forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'))
  }
  return [...faults, ...immutable('volumeMode', spec['volumeMode'], before['volumeMode'])]
}

function volumeFaults(name: string, source: Loose, affinity: Loose | undefined): readonly FieldError[] {
  const field = `spec.${name}`
  const need = (...keys: readonly string[]): readonly FieldError[] =>
    keys.filter((key) => text(source, key) === '').map((key) => required(`${field}.${key}`))
  switch (name) {
    case 'hostPath':
    case 'nfs':
      return validateVolumeSource({ [name]: source }, 'spec')
    case 'local': {
      const detail = 'Local volume requires node affinity'
      return [...need('path'), ...(affinity ? [] : [required('spec.nodeAffinity', detail)])]
    }
    case 'csi': {
      const driver = text(source, 'driver')
      return [...namedBy(`${field}.driver`, driver, dns1123Subdomain), ...need('volumeHandle')]
    }
    default:
      return []
  }
}

/** Source: kubernetes pkg/apis/storage/validation. */
export function validateStorageClass(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const faults: FieldError[] = []
  const provisioner = text(object, 'provisioner')
  if (old) {
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy']) {
      if (plainJson(object[field]) !== plainJson(old[field])) {
        faults.push(forbidden(field, `updates to ${field} are forbidden.`))
      }
    }
    faults.push(...immutable('volumeBindingMode', object['volumeBindingMode'], old['volumeBindingMode']))
  }
  if (provisioner === '') faults.push(required('provisioner'))
  else faults.push(...invalids('provisioner', provisioner, qualifiedName(provisioner.toLowerCase())))
  if (Object.hasOwn(mapAt(object, 'parameters'), '')) {
    faults.push(invalid('parameters', '', 'field can not be empty.'))
  }
  const policy = text(object, 'reclaimPolicy')
  if (policy !== '') faults.push(...choice('reclaimPolicy', policy, ['Delete', 'Retain']))
  const modes = ['Immediate', 'WaitForFirstConsumer']
  faults.push(...choice('volumeBindingMode', object['volumeBindingMode'], modes))
  asList(object['allowedTopologies']).forEach((term, i) => {
    asList(term['matchLabelExpressions']).forEach((expression, j) => {
      const field = `allowedTopologies[${i}].matchLabelExpressions[${j}]`
      const key = text(expression, 'key')
      if (textsOf(expression['values']).length === 0) faults.push(required(`${field}.values`))
      faults.push(...invalids(`${field}.key`, key, qualifiedName(key)))
    })
  })
  return faults
}
