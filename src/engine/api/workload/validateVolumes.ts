import { duplicate, forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { Labels } from '../types.ts'
import { validateAnnotations, validateLabels } from '../validation/meta.ts'
import { byteLength, dns1123Label, dns1123Subdomain } from '../validation/names.ts'
import { choice, count, descending, each, fileMode, labelName, missing, noBacksteps } from './fields.ts'
import { part, text, unwanted } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { nanos } from './quantities.ts'
import {
  reservedOptions,
  validateAzureDisk,
  validateCsi,
  validateFibreChannel,
  validateFlocker,
  validateIscsi,
  validateQuobyte,
} from './validateVolumeKinds.ts'
import { validateClaimSpec } from './validateClaim.ts'
import { validateKeyToPath, validateProjected, validateVolumeFile } from './validateProjected.ts'

/** Volumes and what they are made of. Source: kubernetes pkg/apis/core/validation, validateVolumeSource. */

// In the order in which they are looked at: what comes behind the first is one too many.
const kinds = `emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker
  persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile vsphereVolume
  photonPersistentDisk portworxVolume azureDisk storageos projected scaleIO csi ephemeral image`.split(/\s+/)

/** Fields of a kind that may not be empty. */
const needed: Readonly<Record<string, string>> = {
  gitRepo: 'repository',
  gcePersistentDisk: 'pdName',
  awsElasticBlockStore: 'volumeID',
  secret: 'secretName',
  nfs: 'server path',
  iscsi: 'targetPortal iqn',
  glusterfs: 'endpoints path',
  persistentVolumeClaim: 'claimName',
  rbd: 'monitors image',
  cinder: 'volumeID',
  cephfs: 'monitors',
  flexVolume: 'driver',
  configMap: 'name',
  azureFile: 'secretName shareName',
  vsphereVolume: 'volumePath',
  photonPersistentDisk: 'pdID',
  portworxVolume: 'volumeID',
  azureDisk: 'diskName diskURI',
  scaleIO: 'gateway system volumeName',
}

// The real ones' slips of the pen.
const spelled: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }

/** The pod that the volumes are in; a template has none. */
export interface VolumeOwner {
  readonly name: string
}

/** Faults of the volumes, and the volumes that can be mounted: those without any. */
export function validateVolumes(
  spec: Loose,
  path: string,
  owner: VolumeOwner | undefined,
): { readonly faults: readonly FieldError[]; readonly usable: ReadonlyMap<string, Loose> } {
  const usable = new Map<string, Loose>()
  const volumes = asList(spec['volumes'])
  const made = volumes
    .filter((volume) => owner && volume['ephemeral'] !== undefined)
    .map((volume) => `${owner?.name ?? ''}-${text(volume, 'name')}`)
  const faults = volumes.flatMap((volume, i) => {
    const field = `${path}.volumes[${i}]`
    const name = text(volume, 'name')
    const own = [...validateSource(volume, field, owner), ...labelName(volume, 'name', field)]
    if (usable.has(name)) own.push(duplicate(`${field}.name`, name))
    if (own.length === 0) usable.set(name, volume)
    const claim = text(part(volume, 'persistentVolumeClaim'), 'claimName')
    if (volume['persistentVolumeClaim'] !== undefined && made.includes(claim)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume'
      own.push(invalid(`${field}.persistentVolumeClaim.claimName`, claim, detail))
    }
    return own
  })
  return { faults, usable }
}

function validateSource(volume: Loose, field: string, owner: VolumeOwner | undefined): FieldError[] {
  const present = kinds.filter((kind) => volume[kind] !== undefined)
  if (present.length === 0) return [required(field, 'must specify a volume type')]
  const faults: FieldError[] = []
  present.forEach((kind, i) => {
    const source = part(volume, kind)
    if (i > 0) faults.push(forbidden(`${field}.${spelled[kind] ?? kind}`, 'may not specify more than 1 volume type'))
    else
      faults.push(
        ...validateKind(kind, source, `${field}.${kind === 'gcePersistentDisk' ? 'persistentDisk' : kind}`, owner),
      )
    const name = text(volume, 'name')
    if (kind === 'iscsi' && source['initiatorName'] !== undefined) {
      if (byteLength(`${name}:${text(source, 'targetPortal')}`) > 64) {
        const detail =
          'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
        faults.push(invalid(`${field}.name`, name, detail))
      }
    }
    if (kind === 'ephemeral' && i === 0 && owner && owner.name !== '' && name !== '') {
      const claim = `${owner.name}-${name}`
      for (const wrong of dns1123Subdomain(claim)) {
        faults.push(invalid(`${field}.name`, name, `PVC name ${JSON.stringify(claim)}: ${wrong}`))
      }
    }
  })
  return faults
}

/** The one source of a volume that stands in `volume`, as a PersistentVolume has it. */
export function validateVolumeSource(volume: Loose, path: string): readonly FieldError[] {
  return Object.keys(volume).flatMap((kind) => validateKind(kind, part(volume, kind), `${path}.${kind}`, undefined))
}

function validateKind(
  kind: string,
  source: Loose,
  field: string,
  owner: VolumeOwner | undefined,
): readonly FieldError[] {
  const lacks = needed[kind] === undefined ? [] : missing(source, field, needed[kind])
  switch (kind) {
    case 'emptyDir':
      return source['sizeLimit'] !== undefined && nanos(source['sizeLimit']) < 0n
        ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
        : []
    case 'hostPath': {
      const path = text(source, 'path')
      if (path === '') return [required(`${field}.path`)]
      return [
        ...noBacksteps(`${field}.path`, path),
        ...choice(
          source,
          'type',
          field,
          ' BlockDevice CharDevice Directory DirectoryOrCreate File FileOrCreate Socket',
        ),
      ]
    }
    case 'gitRepo':
      return [...lacks, ...descending(`${field}.directory`, text(source, 'directory'))]
    case 'gcePersistentDisk':
    case 'awsElasticBlockStore': {
      const partition = count(source, 'partition') ?? 0
      if (partition >= 0 && partition <= 255) return lacks
      return [...lacks, invalid(`${field}.partition`, partition, 'must be between 1 and 255, inclusive')]
    }
    case 'secret':
    case 'configMap':
      return [...lacks, ...fileMode(source, 'defaultMode', field), ...each(source, 'items', field, validateKeyToPath)]
    case 'nfs': {
      const path = text(source, 'path')
      return path.startsWith('/') ? lacks : [...lacks, invalid(`${field}.path`, path, 'must be an absolute path')]
    }
    case 'iscsi':
      return [...lacks, ...validateIscsi(source, field)]
    case 'flocker':
      return validateFlocker(source, field)
    case 'cinder':
      return [...lacks, ...secretName(source, 'secretRef', field)]
    case 'quobyte':
      return validateQuobyte(source, field)
    case 'downwardAPI':
      return [
        ...fileMode(source, 'defaultMode', field),
        // Their places in the list are not told.
        ...asList(source['items']).flatMap((file) => validateVolumeFile(file, field)),
      ]
    case 'fc':
      return validateFibreChannel(source, field)
    case 'flexVolume':
      return [...lacks, ...reservedOptions(source, field)]
    case 'azureDisk':
      return [...lacks, ...validateAzureDisk(source, field)]
    case 'storageos': {
      const namespace = text(source, 'volumeNamespace')
      return [
        ...labelName(source, 'volumeName', field),
        ...(namespace === '' ? [] : invalids(`${field}.volumeNamespace`, namespace, dns1123Label(namespace))),
        ...secretName(source, 'secretRef', field),
      ]
    }
    case 'projected':
      return [...fileMode(source, 'defaultMode', field), ...validateProjected(source, field)]
    case 'csi':
      return validateCsi(source, field)
    case 'ephemeral':
      return validateEphemeral(source, field)
    case 'image': {
      const policy = text(source, 'pullPolicy')
      const policies = ['Always', 'IfNotPresent', 'Never']
      return [
        ...(owner && text(source, 'reference') === '' ? [required(`${field}.reference`)] : []),
        ...(policies.includes(policy) ? [] : [notSupported(`${field}.pullPolicy`, policy, policies)]),
      ]
    }
    default:
      return lacks
  }
}

function secretName(source: Loose, name: string, field: string): readonly FieldError[] {
  const secret = asLoose(source[name])
  return secret ? missing(secret, `${field}.${name}`, 'name') : []
}

const metaFields =
  `name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp
  deletionGracePeriodSeconds ownerReferences finalizers managedFields`.replace(/\s+/g, ' ')

function validateEphemeral(source: Loose, field: string): readonly FieldError[] {
  const template = asLoose(source['volumeClaimTemplate'])
  if (!template) return [required(`${field}.volumeClaimTemplate`)]
  const meta = part(template, 'metadata')
  const at = `${field}.volumeClaimTemplate`
  return [
    ...validateAnnotations(meta['annotations'] as Labels | undefined, `${at}.metadata.annotations`),
    ...validateLabels(meta['labels'] as Labels | undefined, `${at}.metadata.labels`),
    ...unwanted(meta, `${at}.metadata`, metaFields, 'cannot be set'),
    ...validateClaimSpec(part(template, 'spec'), `${at}.spec`),
  ]
}
