import { forbidden, invalid, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { count, each, fileMode, localPath, missing, part, text } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './validateSources.ts'

/** A key of a ConfigMap or Secret as a file. */
export function validateKeyToPath(item: Loose, field: string): readonly FieldError[] {
  return [
    ...missing(item, field, 'key path'),
    ...localPath(`${field}.path`, text(item, 'path')),
    ...fileMode(item, 'mode', field),
  ]
}

/** A file of the downward API in a volume. */
export function validateVolumeFile(file: Loose, field: string): readonly FieldError[] {
  const [reference, resource] = [asLoose(file['fieldRef']), asLoose(file['resourceFieldRef'])]
  const faults = [...missing(file, field, 'path'), ...localPath(`${field}.path`, text(file, 'path'))]
  if (reference) {
    faults.push(...validateFieldRef(reference, `${field}.fieldRef`, volumeFields))
    const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously'
    if (resource) faults.push(invalid(field, 'resource', detail))
  } else if (resource) faults.push(...validateResourceFieldRef(resource, `${field}.resourceFieldRef`, true))
  else faults.push(required(field, 'one of fieldRef and resourceFieldRef is required'))
  return [...faults, ...fileMode(file, 'mode', field)]
}

const kinds = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken']

/** Several sources in one volume: no two files of the same path. Source: kubernetes validateProjectionSources. */
export function validateProjected(projected: Loose, field: string): readonly FieldError[] {
  const paths = new Set<string>()
  const taken = (path: string, shown: string): readonly FieldError[] => {
    if (path === '') return []
    const clash = paths.has(path) ? [invalid(field, shown, 'conflicting duplicate paths')] : []
    paths.add(path)
    return clash
  }
  return each(projected, 'sources', field, (source, at) => {
    const faults: FieldError[] = []
    for (const kind of ['secret', 'configMap']) {
      const inner = asLoose(source[kind])
      if (!inner) continue
      faults.push(...missing(inner, `${at}.${kind}`, 'name'))
      faults.push(
        ...each(inner, 'items', `${at}.${kind}`, (item, place) => [
          ...validateKeyToPath(item, place),
          ...taken(text(item, 'path'), text(inner, 'name')),
        ]),
      )
    }
    for (const file of asList(part(source, 'downwardAPI')['items'])) {
      const path = text(file, 'path')
      faults.push(...validateVolumeFile(file, `${at}.downwardAPI`), ...taken(path, path))
    }
    const token = asLoose(source['serviceAccountToken'])
    if (token) faults.push(...validateToken(token, field, `${at}.serviceAccountToken`))
    const several = kinds.filter((kind) => source[kind] !== undefined).length > 1
    return several ? [...faults, forbidden(at, 'may not specify more than 1 volume type per source')] : faults
  })
}

function validateToken(token: Loose, field: string, at: string): readonly FieldError[] {
  const seconds = count(token, 'expirationSeconds') ?? 0
  const path = text(token, 'path')
  const faults: FieldError[] = []
  const wrong = (detail: string): number => faults.push(invalid(`${at}.expirationSeconds`, seconds, detail))
  if (seconds < 600) wrong('may not specify a duration less than 10 minutes')
  if (seconds > 2 ** 32) wrong('may not specify a duration larger than 2^32 seconds')
  return [...faults, ...(path === '' ? [required(`${field}.path`)] : localPath(`${field}.path`, path))]
}
