import { forbidden, invalid, notFound, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { choice, descending, each, noBacksteps, part, text } from './fields.ts'
import { asList } from './loose.ts'
import type { Loose } from './loose.ts'

/** Where volumes and devices stand in a container. Source: kubernetes ValidateVolumeMounts, ValidateVolumeDevices. */

const readOnlyModes = 'Disabled Enabled IfPossible'

function pathsOf(container: Loose, list: string, path: string): ReadonlyMap<string, string> {
  return new Map(asList(container[list]).map((item) => [text(item, 'name'), text(item, path)]))
}

export function validateMounts(
  container: Loose,
  path: string,
  volumes: ReadonlyMap<string, Loose>,
): readonly FieldError[] {
  const list = `${path}.volumeMounts`
  const devices = pathsOf(container, 'volumeDevices', 'devicePath')
  const devicePaths = [...devices.values()]
  const paths = new Set<string>()
  const isPrivileged = part(container, 'securityContext')['privileged'] === true
  return each(container, 'volumeMounts', path, (mount, at) => {
    const [name, mountPath] = [text(mount, 'name'), text(mount, 'mountPath')]
    const faults: FieldError[] = []
    if (name === '') faults.push(required(`${at}.name`))
    if (!volumes.has(name)) faults.push(notFound(`${at}.name`, name))
    if (mountPath === '') faults.push(required(`${at}.mountPath`))
    const clash = (field: string, value: string, detail: string): number =>
      faults.push(invalid(`${at}.${field}`, value, detail))
    if (paths.has(mountPath)) clash('mountPath', mountPath, 'must be unique')
    paths.add(mountPath)
    if (devices.has(name)) clash('name', name, 'must not already exist in volumeDevices')
    if (devicePaths.includes(mountPath)) {
      clash('mountPath', mountPath, 'must not already exist as a path in volumeDevices')
    }
    const [plain, expression] = [text(mount, 'subPath'), text(mount, 'subPathExpr')]
    if (plain !== '') faults.push(...descending(`${list}.subPath`, plain))
    if (expression !== '') {
      if (plain !== '') clash('subPathExpr', expression, 'subPathExpr and subPath are mutually exclusive')
      faults.push(...descending(`${list}.subPathExpr`, expression))
    }
    faults.push(...choice(mount, 'mountPropagation', list, 'Bidirectional HostToContainer None'))
    if (mount['mountPropagation'] === 'Bidirectional' && !isPrivileged) {
      const detail = 'Bidirectional mount propagation is available only to privileged containers'
      faults.push(forbidden(`${list}.mountPropagation`, detail))
    }
    return [...faults, ...recursiveReadOnly(mount, list)]
  })
}

function recursiveReadOnly(mount: Loose, list: string): readonly FieldError[] {
  const mode = mount['recursiveReadOnly']
  if (mode !== 'Enabled' && mode !== 'IfPossible') return choice(mount, 'recursiveReadOnly', list, readOnlyModes)
  const propagation = mount['mountPropagation'] ?? 'None'
  const only = (when: string): FieldError =>
    forbidden(`${list}.recursiveReadOnly`, `may only be specified when ${when}`)
  return [
    ...(mount['readOnly'] === true ? [] : [only('readOnly is true')]),
    ...(propagation === 'None' ? [] : [only('mountPropagation is None or not specified')]),
  ]
}

export function validateDevices(
  container: Loose,
  path: string,
  volumes: ReadonlyMap<string, Loose>,
): readonly FieldError[] {
  const mounts = pathsOf(container, 'volumeMounts', 'mountPath')
  const mountPaths = [...mounts.values()]
  const [paths, names] = [new Set<string>(), new Set<string>()]
  return each(container, 'volumeDevices', path, (device, at) => {
    const [name, place] = [text(device, 'name'), text(device, 'devicePath')]
    const volume = volumes.get(name)
    const faults: FieldError[] = []
    const wrong = (field: string, value: string, detail: string): number =>
      faults.push(invalid(`${at}.${field}`, value, detail))
    if (name === '') faults.push(required(`${at}.name`))
    if (names.has(name)) wrong('name', name, 'must be unique')
    if (volume && volume['persistentVolumeClaim'] === undefined && volume['ephemeral'] === undefined) {
      const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      wrong('name', name, detail)
    }
    if (!volume) faults.push(notFound(`${at}.name`, name))
    if (place === '') faults.push(required(`${at}.devicePath`))
    if (paths.has(place)) wrong('devicePath', place, 'must be unique')
    if (noBacksteps(at, place).length > 0) wrong('devicePath', place, "can not contain backsteps ('..')")
    else paths.add(place)
    if (mounts.has(name)) wrong('name', name, 'must not already exist in volumeMounts')
    if (mountPaths.includes(place)) wrong('devicePath', place, 'must not already exist as a path in volumeMounts')
    if (name !== '') names.add(name)
    return faults
  })
}
