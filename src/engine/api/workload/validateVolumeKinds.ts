import { invalid, invalids, notSupported, required, tooLong } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { byteLength, dns1123Subdomain } from '../validation/names.ts'
import { choice, count, missing, part, range, text, texts } from './fields.ts'
import { asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

/** Storage of the vendors, each with rules of its own. Source: kubernetes pkg/apis/core/validation. */

const initiators: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9.-]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
}

function initiator(field: string, name: string): readonly FieldError[] {
  const pattern = initiators[name.slice(0, 3)]
  if (!pattern) return [invalid(field, name, 'must be valid format starting with iqn, eui, or naa')]
  return pattern.test(name) ? [] : [invalid(field, name, 'must be valid format')]
}

export function validateIscsi(source: Loose, field: string): readonly FieldError[] {
  const [iqn, own] = [text(source, 'iqn'), source['initiatorName']]
  const asks = source['chapAuthDiscovery'] === true || source['chapAuthSession'] === true
  return [
    ...(iqn === '' ? [] : initiator(`${field}.iqn`, iqn)),
    ...range(`${field}.lun`, count(source, 'lun'), 0, 255),
    ...(asks && source['secretRef'] === undefined ? [required(`${field}.secretRef`)] : []),
    ...(typeof own === 'string' ? initiator(`${field}.initiatorname`, own) : []),
  ]
}

export function validateFlocker(source: Loose, field: string): readonly FieldError[] {
  const [name, uuid] = [text(source, 'datasetName'), text(source, 'datasetUUID')]
  const both = 'datasetName and datasetUUID can not be specified simultaneously'
  return [
    ...(name === '' && uuid === '' ? [required(field, 'one of datasetName and datasetUUID is required')] : []),
    ...(name !== '' && uuid !== '' ? [invalid(field, 'resource', both)] : []),
    ...(name.includes('/') ? [invalid(`${field}.datasetName`, name, "must not contain '/'")] : []),
  ]
}

export function validateQuobyte(source: Loose, field: string): readonly FieldError[] {
  const registry = text(source, 'registry')
  const faults: FieldError[] = []
  const detail = 'must be a host:port pair or multiple pairs separated by commas'
  if (registry === '') faults.push(required(`${field}.registry`, detail))
  else if (byteLength(text(source, 'tenant')) >= 65) {
    faults.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
  } else {
    for (const pair of registry.split(',')) {
      if (!/^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair)) faults.push(invalid(`${field}.registry`, registry, detail))
    }
  }
  return [...faults, ...missing(source, field, 'volume')]
}

export function validateFibreChannel(source: Loose, field: string): readonly FieldError[] {
  const [targets, wwids] = [texts(source, 'targetWWNs'), texts(source, 'wwids')]
  const at = `${field}.targetWWNs`
  const faults: FieldError[] = []
  if (targets.length + wwids.length === 0) {
    faults.push(required(at, 'must specify either targetWWNs or wwids, but not both'))
  }
  if (targets.length > 0 && wwids.length > 0) {
    faults.push(invalid(at, targets, 'targetWWNs and wwids can not be specified simultaneously'))
  }
  if (targets.length === 0) return faults
  const lun = count(source, 'lun')
  if (lun === undefined) return [...faults, required(`${field}.lun`, 'lun is required if targetWWNs is specified')]
  return [...faults, ...range(`${field}.lun`, lun, 0, 255)]
}

export function reservedOptions(source: Loose, field: string): readonly FieldError[] {
  return Object.keys(part(source, 'options')).flatMap((key) => {
    const namespace = `.${(key.split('/')[0] ?? key).toLowerCase()}`
    if (!namespace.endsWith('.kubernetes.io') && !namespace.endsWith('.k8s.io')) return []
    return [invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')]
  })
}

export function validateAzureDisk(source: Loose, field: string): readonly FieldError[] {
  const [kind, uri] = [source['kind'], text(source, 'diskURI')]
  const managed = kind === 'Managed'
  const form = managed
    ? '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
    : 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'
  const fits = kind === undefined || uri.startsWith(managed ? '/subscriptions/' : 'https://')
  return [
    ...choice(source, 'cachingMode', field, 'None ReadOnly ReadWrite'),
    ...choice(source, 'kind', field, 'Dedicated Managed Shared'),
    ...(fits ? [] : [notSupported(`${field}.diskURI`, uri, [form])]),
  ]
}

export function validateCsi(source: Loose, field: string): readonly FieldError[] {
  const driver = text(source, 'driver')
  const secret = asLoose(source['nodePublishSecretRef'])
  const name = text(secret, 'name')
  const at = `${field}.driver`
  return [
    ...(driver === ''
      ? [required(at)]
      : [
          ...(byteLength(driver) > 63 ? [tooLong(at, 63)] : []),
          ...invalids(at, driver, dns1123Subdomain(driver.toLowerCase())),
        ]),
    ...(secret && name === '' ? [required(`${field}.nodePublishSecretRef.name`)] : []),
    ...(name === '' ? [] : invalids(`${field}.name`, name, dns1123Subdomain(name))),
  ]
}
