import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { LabelSelector } from '../types.ts'
import { validateLabelSelector } from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain } from '../validation/names.ts'
import { choice, missing, part, text, texts } from './fields.ts'
import { asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { isFractional, nanos } from './quantities.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

function source(spec: Loose, field: string, path: string): readonly FieldError[] {
  const from = asLoose(spec[field])
  if (!from) return []
  const at = `${path}.${field}`
  const [group, kind, namespace] = [text(from, 'apiGroup'), text(from, 'kind'), text(from, 'namespace')]
  const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [
    ...missing(from, at, 'name kind'),
    ...(group === '' && kind !== 'PersistentVolumeClaim' ? [invalid(at, kind, detail)] : []),
    ...(group === '' ? [] : invalids(`${at}.apiGroup`, group, dns1123Subdomain(group))),
    ...(namespace === '' ? [] : invalids(`${at}.namespace`, namespace, dns1123Label(namespace))),
  ]
}

/** The spec of a PersistentVolumeClaim at `path`. Source: kubernetes ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(spec: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const modes = texts(spec, 'accessModes')
  const field = `${path}.accessModes`
  if (modes.length === 0) faults.push(required(field, 'at least 1 access mode is required'))
  const selector = asLoose(spec['selector']) as LabelSelector | undefined
  faults.push(...validateLabelSelector(selector, `${path}.selector`))
  for (const mode of modes) if (!accessModes.includes(mode)) faults.push(notSupported(field, mode, accessModes))
  const known = modes.filter((mode) => accessModes.includes(mode))
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    faults.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'))
  }
  const storage = part(part(spec, 'resources'), 'requests')['storage']
  const at = `${path}.resources[storage]`
  if (storage === undefined) faults.push(required(at))
  else if (nanos(storage) <= 0n) faults.push(invalid(at, storage, 'must be greater than zero'))
  const named = (name: string): readonly FieldError[] => {
    const value = text(spec, name)
    return value === '' ? [] : invalids(`${path}.${name}`, value, dns1123Subdomain(value))
  }
  faults.push(...named('storageClassName'), ...choice(spec, 'volumeMode', path, 'Block Filesystem'))
  faults.push(...source(spec, 'dataSource', path), ...source(spec, 'dataSourceRef', path))
  const [from, reference] = [asLoose(spec['dataSource']), asLoose(spec['dataSourceRef'])]
  if (from && reference) {
    const same = ['apiGroup', 'kind', 'name'].every((key) => from[key] === reference[key])
    const detail = text(reference, 'namespace') === '' ? 'must match dataSourceRef' : across
    if (detail === across || !same) faults.push(invalid(path, {}, detail))
  }
  return [...faults, ...named('volumeAttributesClassName')]
}

const across = 'may not be specified when dataSourceRef.namespace is specified'

export function claimWarnings(spec: Loose, path: string): readonly string[] {
  return ['requests', 'limits'].flatMap((list) => {
    const storage = part(part(spec, 'resources'), list)['storage']
    if (!isFractional(storage)) return []
    const value = JSON.stringify(storage)
    return [`${path}.resources.${list}[storage]: fractional byte value ${value} is invalid, must be an integer`]
  })
}
