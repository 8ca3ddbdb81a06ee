import { duplicate, forbidden, invalid, invalids, notFound, notSupported, required, tooLong } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { protocols } from '../service/validate.ts'
import { oneOf } from '../validation/meta.ts'
import { portName, portNumber } from '../validation/names.ts'
import { choice, count, each, labelName, missing, part, text, unwanted } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { validateDevices, validateMounts } from './validateMounts.ts'
import { validateLifecycle, validateProbes } from './validateProbes.ts'
import { validateResources } from './validateResources.ts'
import { validateSecurityContext } from './validateSecurity.ts'
import { validateEnvFrom, validateVariable } from './validateSources.ts'

/** What containers are looked at with. Source: kubernetes pkg/apis/core/validation, validateContainers. */
export interface ContainerSurroundings {
  readonly spec: Loose
  readonly path: string
  /** Volumes that can be mounted. */
  readonly volumes: ReadonlyMap<string, Loose>
  /** Names of the pod's resource claims. */
  readonly claims: readonly string[]
}

export function validateContainers(around: ContainerSurroundings): readonly FieldError[] {
  const { spec, path } = around
  const containers = asList(spec['containers'])
  const field = `${path}.containers`
  if (containers.length === 0) return [required(field)]
  const names = new Set<string>()
  return [
    ...each(spec, 'containers', path, (container, at) => [
      ...validateCommon(container, at, around),
      ...uniqueName(container, at, names),
      ...validateLifecycle(container, at, spec),
      ...validateProbes(container, at),
      ...validateRestarts(container, at),
    ]),
    ...validateHostPorts(containers, field),
  ]
}

function uniqueName(container: Loose, path: string, names: Set<string>): readonly FieldError[] {
  const name = text(container, 'name')
  if (names.has(name)) return [duplicate(`${path}.name`, name)]
  names.add(name)
  return []
}

const sidecarsOnly = 'may not be set for init containers without restartPolicy=Always'

export function validateInitContainers(around: ContainerSurroundings): readonly FieldError[] {
  const { spec, path } = around
  const names = new Set(asList(spec['containers']).map((container) => text(container, 'name')))
  return each(spec, 'initContainers', path, (container, at) => {
    const isSidecar = container['restartPolicy'] === 'Always'
    const rules = asList(container['restartPolicyRules'])
    const ruled = forbidden(
      `${at}.restartPolicyRules`,
      'restartPolicyRules are not allowed for init containers with restart policy Always',
    )
    return [
      ...validateCommon(container, at, around),
      ...(container['restartPolicy'] === undefined
        ? noPolicy(rules, at)
        : isSidecar
          ? rules.map(() => ruled).slice(0, 1)
          : validateRestarts(container, at)),
      ...(text(container, 'name') === '' ? [] : uniqueName(container, at, names)),
      ...validateHostPorts([container], `${path}.initContainers`),
      ...(isSidecar
        ? [...validateLifecycle(container, at, spec), ...validateProbes(container, at)]
        : unwanted(container, at, 'lifecycle livenessProbe readinessProbe startupProbe', sidecarsOnly)),
    ]
  })
}

const notEphemeral =
  'ports resources resizePolicy restartPolicy restartPolicyRules livenessProbe readinessProbe startupProbe lifecycle'
const noEphemeral = 'cannot be set for an Ephemeral Container'

export function validateEphemeralContainers(around: ContainerSurroundings): readonly FieldError[] {
  const { spec, path } = around
  const others = [...asList(spec['containers']), ...asList(spec['initContainers'])].map((other) => text(other, 'name'))
  const names = new Set(others)
  return each(spec, 'ephemeralContainers', path, (container, at) => {
    const target = text(container, 'targetContainerName')
    const own =
      Object.keys(part(container, 'resources')).length > 0 ? container : { ...container, resources: undefined }
    return [
      ...validateCommon(container, at, around),
      ...blankImage(container, at),
      ...uniqueName(container, at, names),
      ...(target === '' || others.includes(target) ? [] : [notFound(`${at}.targetContainerName`, target)]),
      ...unwanted(own, at, notEphemeral, noEphemeral),
      ...each(container, 'volumeMounts', at, (mount, field) =>
        unwanted(mount, field, 'subPath subPathExpr', noEphemeral),
      ),
    ]
  })
}

/** Only pods themselves are asked for images without blanks around them; templates are not. */
export function blankImage(container: Loose, path: string): readonly FieldError[] {
  const image = text(container, 'image')
  const detail = 'must not have leading or trailing whitespace'
  return image.trim() === image ? [] : [invalid(`${path}.image`, image, detail)]
}

function validateCommon(container: Loose, path: string, around: ContainerSurroundings): readonly FieldError[] {
  return [
    ...labelName(container, 'name', path),
    ...missing(container, path, 'image'),
    ...oneOf(`${path}.terminationMessagePolicy`, text(container, 'terminationMessagePolicy'), [
      'File',
      'FallbackToLogsOnError',
    ]),
    ...validatePorts(container, path),
    ...each(container, 'env', path, validateVariable),
    ...validateEnvFrom(container, path),
    ...validateMounts(container, path, around.volumes),
    ...validateDevices(container, path, around.volumes),
    ...oneOf(`${path}.imagePullPolicy`, text(container, 'imagePullPolicy'), ['Always', 'IfNotPresent', 'Never']),
    ...validateResources(part(container, 'resources'), `${path}.resources`, around.claims),
    ...validateResizePolicy(container, path, around.spec),
    ...validateSecurityContext(container, path, around.spec['hostUsers'] !== false),
  ]
}

function validatePorts(container: Loose, path: string): readonly FieldError[] {
  const names = new Set<string>()
  return each(container, 'ports', path, (port, at) => {
    const name = text(port, 'name')
    const faults: FieldError[] = []
    if (name !== '') {
      const wrong = invalids(`${at}.name`, name, portName(name))
      faults.push(...wrong)
      if (wrong.length === 0 && names.has(name)) faults.push(duplicate(`${at}.name`, name))
      if (wrong.length === 0) names.add(name)
    }
    const number = count(port, 'containerPort') ?? 0
    if (number === 0) faults.push(required(`${at}.containerPort`))
    else faults.push(...invalids(`${at}.containerPort`, number, portNumber(number)))
    const hostPort = count(port, 'hostPort') ?? 0
    if (hostPort !== 0) faults.push(...invalids(`${at}.hostPort`, hostPort, portNumber(hostPort)))
    faults.push(...oneOf(`${at}.protocol`, text(port, 'protocol'), protocols))
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

function validateResizePolicy(container: Loose, path: string, spec: Loose): readonly FieldError[] {
  const field = `${path}.resizePolicy`
  const seen = new Set<string>()
  return each(container, 'resizePolicy', path, (policy, at) => {
    const [name, restarts] = [text(policy, 'resourceName'), text(policy, 'restartPolicy')]
    const faults: FieldError[] = seen.has(name) ? [duplicate(at, name)] : []
    seen.add(name)
    faults.push(
      ...oneOf(field, name, ['cpu', 'memory']),
      ...oneOf(field, restarts, ['NotRequired', 'RestartContainer']),
    )
    if (spec['restartPolicy'] === 'Never' && restarts !== 'NotRequired') {
      faults.push(invalid(field, restarts, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    }
    return faults
  })
}

function noPolicy(rules: readonly Loose[], path: string): readonly FieldError[] {
  if (rules.length === 0) return []
  return [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
}

/** A container's own restart policy. */
function validateRestarts(container: Loose, path: string): readonly FieldError[] {
  const rules = asList(container['restartPolicyRules'])
  if (container['restartPolicy'] === undefined && rules.length === 0) return []
  const list = `${path}.restartPolicyRules`
  return [
    ...(container['restartPolicy'] === undefined ? noPolicy(rules, path) : []),
    ...choice(container, 'restartPolicy', path, 'Always Never OnFailure'),
    ...(rules.length > 20 ? [tooLong(list, 20)] : []),
    ...each(container, 'restartPolicyRules', path, (rule, at) => {
      const action = text(rule, 'action')
      const codes = asLoose(rule['exitCodes'])
      const faults = action === 'Restart' ? [] : [notSupported(`${at}.action`, action, ['Restart'])]
      if (!codes) return [...faults, required(`${at}.exitCodes`, 'must be specified')]
      const operator = text(codes, 'operator')
      const operators = ['In', 'NotIn']
      if (!operators.includes(operator)) faults.push(notSupported(`${at}.exitCodes.operator`, operator, operators))
      if (asList(codes['values']).length > 255) faults.push(tooLong(`${at}.exitCodes.values`, 255))
      return faults
    }),
  ]
}
