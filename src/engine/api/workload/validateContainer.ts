import { duplicate, forbidden, invalid, invalids, notFound, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { protocols, validatePortReference } from '../service/validate.ts'
import { nonNegative, oneOf } from '../validation/meta.ts'
import { dns1123Label, environmentName, portName, portNumber } from '../validation/names.ts'
import { asList, asLoose } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'
import { validateDevices, validateEnvFrom, validateSubPaths, validateValueFrom } from './validateSources.ts'
import { validateResources } from './validateResources.ts'

export function text(object: Loose, field: string): string {
  const value = object[field]
  return typeof value === 'string' ? value : ''
}

export function count(object: Loose, field: string): number | undefined {
  const value = object[field]
  return typeof value === 'number' ? value : undefined
}

/** Lists of containers. `kind` decides what a container may have. */
export function validateContainers(
  containers: readonly Loose[],
  field: string,
  kind: 'containers' | 'initContainers',
  volumes: ReadonlySet<string>,
  takenNames: ReadonlySet<string>,
): readonly FieldError[] {
  if (containers.length === 0) return kind === 'containers' ? [required(field)] : []
  const names = new Set(takenNames)
  const faults: FieldError[] = []
  containers.forEach((container, i) => {
    const path = `${field}[${i}]`
    faults.push(...validateCommon(container, path, volumes))
    const name = text(container, 'name')
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name))
    names.add(name)
    const restarts = container['restartPolicy']
    const isSidecar = kind === 'initContainers' && restarts === 'Always'
    if (kind === 'containers' || isSidecar) faults.push(...validateLifecycleAndProbes(container, path))
    else {
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']) {
        const detail = 'may not be set for init containers without restartPolicy=Always'
        if (container[probe] !== undefined) faults.push(forbidden(`${path}.${probe}`, detail))
      }
    }
    const policies = ['Always', 'Never', 'OnFailure']
    if (typeof restarts === 'string' && !policies.includes(restarts)) {
      faults.push(notSupported(`${path}.restartPolicy`, restarts, policies))
    }
  })
  if (kind === 'containers') faults.push(...validateHostPorts(containers, field))
  return faults
}

function validateCommon(container: Loose, path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const name = text(container, 'name')
  return [
    ...(name === '' ? [required(`${path}.name`)] : invalids(`${path}.name`, name, dns1123Label(name))),
    ...(text(container, 'image') === '' ? [required(`${path}.image`)] : []),
    ...oneOf(`${path}.terminationMessagePolicy`, text(container, 'terminationMessagePolicy'), [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...validatePorts(asList(container['ports']), `${path}.ports`),
    ...asList(container['env']).flatMap((variable, i) => validateVariable(variable, `${path}.env[${i}]`)),
    ...validateEnvFrom(asList(container['envFrom']), `${path}.envFrom`),
    ...validateDevices(container, path, volumes),
    ...validateMounts(asList(container['volumeMounts']), `${path}.volumeMounts`, volumes),
    ...oneOf(`${path}.imagePullPolicy`, text(container, 'imagePullPolicy'), ['Always', 'IfNotPresent', 'Never']),
    ...validateResources(asLoose(container['resources']) ?? {}, `${path}.resources`),
    ...identityFaults(asLoose(container['securityContext']) ?? {}, `${path}.securityContext`),
  ]
}

/** Users and groups are numbers of Linux. */
export function identityFaults(context: Loose, path: string): readonly FieldError[] {
  return ['fsGroup', 'runAsUser', 'runAsGroup'].flatMap((field) => {
    const id = count(context, field)
    if (id === undefined || (id >= 0 && id <= 2147483647)) return []
    return [invalid(`${path}.${field}`, id, 'must be between 0 and 2147483647, inclusive')]
  })
}

function validatePorts(ports: readonly Loose[], field: string): readonly FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, i) => {
    const path = `${field}[${i}]`
    const name = text(port, 'name')
    const faults: FieldError[] = []
    if (name !== '') {
      const wrong = invalids(`${path}.name`, name, portName(name))
      faults.push(...wrong)
      if (wrong.length === 0 && names.has(name)) faults.push(duplicate(`${path}.name`, name))
      names.add(name)
    }
    const number = count(port, 'containerPort') ?? 0
    if (number === 0) faults.push(required(`${path}.containerPort`))
    else faults.push(...invalids(`${path}.containerPort`, number, portNumber(number)))
    const hostPort = count(port, 'hostPort') ?? 0
    if (hostPort !== 0) faults.push(...invalids(`${path}.hostPort`, hostPort, portNumber(hostPort)))
    faults.push(...oneOf(`${path}.protocol`, text(port, 'protocol'), protocols))
    return faults
  })
}

/** A host port may be asked for once per protocol and address. */
function validateHostPorts(containers: readonly Loose[], field: string): readonly FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap((container, i) =>
    asList(container['ports']).flatMap((port, j) => {
      const hostPort = count(port, 'hostPort') ?? 0
      if (hostPort === 0) return []
      const key = `${text(port, 'protocol')}/${text(port, 'hostIP')}/${hostPort}`
      if (taken.has(key)) return [duplicate(`${field}[${i}].ports[${j}].hostPort`, key)]
      taken.add(key)
      return []
    }),
  )
}

function validateVariable(variable: Loose, path: string): readonly FieldError[] {
  const name = text(variable, 'name')
  const from = asLoose(variable['valueFrom'])
  return [
    ...(name === '' ? [required(`${path}.name`)] : invalids(`${path}.name`, name, environmentName(name))),
    ...(from && text(variable, 'value') !== ''
      ? [invalid(`${path}.valueFrom`, '', 'may not be specified when `value` is not empty')]
      : []),
    ...(from ? validateValueFrom(from, `${path}.valueFrom`) : []),
    ...(from && Object.keys(from).length === 0
      ? [
          invalid(
            `${path}.valueFrom`,
            '',
            'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
          ),
        ]
      : []),
  ]
}

function validateMounts(mounts: readonly Loose[], field: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const paths = new Set<string>()
  return mounts.flatMap((mount, i) => {
    const path = `${field}[${i}]`
    const [name, mountPath] = [text(mount, 'name'), text(mount, 'mountPath')]
    const faults: FieldError[] = []
    if (name === '') faults.push(required(`${path}.name`))
    if (mountPath === '') faults.push(required(`${path}.mountPath`))
    if (!volumes.has(name)) faults.push(notFound(`${path}.name`, name))
    if (paths.has(mountPath)) faults.push(invalid(`${path}.mountPath`, mountPath, 'must be unique'))
    paths.add(mountPath)
    faults.push(...validateSubPaths(mount, field, path))
    return faults
  })
}

function validateLifecycleAndProbes(container: Loose, path: string): readonly FieldError[] {
  const faults: FieldError[] = []
  const lifecycle = asLoose(container['lifecycle'])
  for (const hook of ['postStart', 'preStop']) {
    const handler = asLoose(lifecycle?.[hook])
    if (handler) faults.push(...validateHandler(handler, `${path}.lifecycle.${hook}`))
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = asLoose(container[name])
    if (!probe) continue
    const field = `${path}.${name}`
    faults.push(...validateProbe(probe, field))
    const threshold = count(probe, 'successThreshold')
    if (name === 'readinessProbe') {
      if (probe['terminationGracePeriodSeconds'] !== undefined) {
        const detail = 'must not be set for readinessProbes'
        faults.push(invalid(`${field}.terminationGracePeriodSeconds`, probe['terminationGracePeriodSeconds'], detail))
      }
    } else if (threshold !== 1) {
      faults.push(invalid(`${field}.successThreshold`, threshold ?? 0, 'must be 1'))
    }
  }
  return faults
}

function validateProbe(probe: Loose, field: string): readonly FieldError[] {
  const grace = count(probe, 'terminationGracePeriodSeconds')
  const durations = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']
  return [
    ...validateHandler(probe, field),
    ...durations.flatMap((name) => nonNegative(`${field}.${name}`, count(probe, name))),
    ...(grace !== undefined && grace <= 0
      ? [invalid(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')]
      : []),
  ]
}

function validateHandler(handler: Loose, field: string): readonly FieldError[] {
  const faults: FieldError[] = []
  let found = 0
  for (const type of ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']) {
    const action = asLoose(handler[type])
    if (!action) continue
    found += 1
    const path = `${field}.${type}`
    if (found > 1) faults.push(forbidden(path, 'may not specify more than 1 handler type'))
    else faults.push(...validateAction(type, action, path))
  }
  return found === 0 ? [required(field, 'must specify a handler type')] : faults
}

function validateAction(type: string, action: Loose, path: string): readonly FieldError[] {
  const port = action['port']
  const portFaults =
    typeof port === 'number' || typeof port === 'string' ? validatePortReference(`${path}.port`, port) : []
  switch (type) {
    case 'exec':
      return Array.isArray(action['command']) && action['command'].length > 0 ? [] : [required(`${path}.command`)]
    case 'httpGet':
      return [
        ...(text(action, 'path') === '' ? [required(`${path}.path`)] : []),
        ...portFaults,
        ...oneOf(`${path}.scheme`, text(action, 'scheme'), ['HTTP', 'HTTPS']),
      ]
    case 'tcpSocket':
    case 'grpc':
      return portFaults
    default:
      return []
  }
}
