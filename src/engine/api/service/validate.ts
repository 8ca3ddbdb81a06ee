import { duplicate, forbidden, invalid, invalids, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { goStruct } from '../json.ts'
import type { Service, ServicePort } from '../types.ts'
import { ipFaults, specialIpFaults } from '../validation/addresses.ts'
import { oneOf, validateLabels, validateObjectMeta } from '../validation/meta.ts'
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  portName,
  portNumber,
  qualifiedName,
} from '../validation/names.ts'
import { validateFamilies } from './families.ts'
import { validateLoadBalancer, validateTrafficPolicies } from './validatePolicies.ts'
import { isHeadless } from './service.ts'
import type { ServiceSpec } from './service.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
export const protocols: readonly string[] = ['SCTP', 'TCP', 'UDP']

/** Every fault of a Service that has been defaulted and allocated. Source: pkg/apis/core/validation, ValidateService. */
export function validateService(service: Service, old?: Service): readonly FieldError[] {
  const spec = service.spec
  const ports = spec.ports ?? []
  const names = new Set<string>()
  return [
    ...validateObjectMeta(service.metadata, old ? () => [] : dns1035Label),
    ...validateTopologyAnnotations(service),
    ...(ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...validateType(spec),
    ...ports.flatMap((port, i) => validatePort(port, `spec.ports[${i}]`, ports.length > 1, names)),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateFamilies(spec, old?.spec),
    ...(spec.externalIPs ?? []).flatMap((ip, i) => {
      const field = `spec.externalIPs[${i}]`
      const faults = ipFaults(field, ip, old?.spec.externalIPs)
      return faults.length > 0 ? faults : specialIpFaults(field, ip)
    }),
    ...oneOf('spec.type', spec.type, types),
    ...(spec.type === 'ClusterIP' ? forbiddenNodePorts(ports) : []),
    ...repeatedPorts(ports),
    ...validateLoadBalancer(service, old),
    ...validateTrafficPolicies(spec),
  ]
}

function validateTopologyAnnotations({ metadata }: Service): readonly FieldError[] {
  const [hints, mode] = ['service.kubernetes.io/topology-aware-hints', 'service.kubernetes.io/topology-mode']
  const [old, value] = [metadata.annotations?.[hints], metadata.annotations?.[mode]]
  if (old === undefined || value === undefined || old === value) return []
  const detail = `must match annotations[${hints}] when both are specified`
  return [invalid(`metadata.annotations[${mode}]`, value, detail)]
}

/** What only some types may or must have. */
function validateType(spec: ServiceSpec): readonly FieldError[] {
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    const detail = `may not be set to 'None' for ${spec.type} services`
    return isHeadless(spec) ? [invalid('spec.clusterIPs[0]', 'None', detail)] : []
  }
  if (spec.type !== 'ExternalName') return []
  const refused = 'may not be set for ExternalName services'
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [
    ...((spec.clusterIPs ?? []).length > 0 ? [forbidden('spec.clusterIPs', refused)] : []),
    ...((spec.ipFamilies ?? []).length > 0 ? [forbidden('spec.ipFamilies', refused)] : []),
    ...(spec.ipFamilyPolicy === undefined ? [] : [forbidden('spec.ipFamilyPolicy', refused)]),
    ...(name === '' ? [required('spec.externalName')] : invalids('spec.externalName', name, dns1123Subdomain(name))),
  ]
}

/** `names` collects the names of the ports before. */
function validatePort(port: ServicePort, field: string, named: boolean, names: Set<string>): readonly FieldError[] {
  const faults: FieldError[] = []
  const name = port.name ?? ''
  if (name !== '') {
    faults.push(...invalids(`${field}.name`, name, dns1123Label(name)))
    if (names.has(name)) faults.push(duplicate(`${field}.name`, name))
    names.add(name)
  } else if (named) {
    faults.push(required(`${field}.name`))
  }
  faults.push(...invalids(`${field}.port`, port.port, portNumber(port.port)))
  faults.push(...oneOf(`${field}.protocol`, port.protocol, protocols))
  faults.push(...validatePortReference(`${field}.targetPort`, port.targetPort ?? 0))
  if (port.appProtocol !== undefined) {
    faults.push(...invalids(`${field}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol)))
  }
  return faults
}

/** A port by number or by name. */
export function validatePortReference(field: string, port: number | string): readonly FieldError[] {
  return invalids(field, port, typeof port === 'number' ? portNumber(port) : portName(port))
}

function validateAffinity(spec: ServiceSpec): readonly FieldError[] {
  const faults = oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None'])
  if (spec.sessionAffinity !== 'ClientIP') return faults
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0
  if (seconds > 0 && seconds <= 86400) return faults
  const field = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
  return [...faults, invalid(field, seconds, 'must be greater than 0 and less than 86400')]
}

function forbiddenNodePorts(ports: readonly ServicePort[]): readonly FieldError[] {
  return ports.flatMap(({ nodePort = 0 }, i) =>
    nodePort === 0 ? [] : [forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
  )
}

/** The same (protocol, node port) twice, then the same (protocol, port) twice. */
function repeatedPorts(ports: readonly ServicePort[]): readonly FieldError[] {
  const [nodePorts, numbers] = [new Set<string>(), new Set<string>()]
  const [first, second]: [FieldError[], FieldError[]] = [[], []]
  ports.forEach(({ protocol, port, nodePort = 0 }, i) => {
    if (nodePort !== 0 && nodePorts.has(`${protocol} ${nodePort}`)) {
      first.push(duplicate(`spec.ports[${i}].nodePort`, nodePort))
    }
    if (nodePort !== 0) nodePorts.add(`${protocol} ${nodePort}`)
    if (numbers.has(`${protocol} ${port}`)) second.push(duplicate(`spec.ports[${i}]`, goServicePort(protocol, port)))
    numbers.add(`${protocol} ${port}`)
  })
  return [...first, ...second]
}

/** The key of the duplicate check as Go prints it: the struct's fields in their order, all others zero. */
function goServicePort(protocol: string, port: number): unknown {
  return goStruct({ Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 })
}
