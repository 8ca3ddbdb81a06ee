import { cidrOrUndefined, contains, parseCidr } from '../../base/cidr.ts'
import { parseIp } from '../../base/ip.ts'
import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { KubeObject } from '../types.ts'
import { cidrFaults, cidrWarnings } from '../validation/addresses.ts'
import { immutable, validateLabelSelector } from '../validation/meta.ts'
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  portName,
  portNumber,
  wildcardSubdomain,
} from '../validation/names.ts'
import { asList, asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'
import { count, text } from '../workload/fields.ts'
import { choice, domainPath, localReference, longerThan, mapAt, namedBy, textsOf } from './rules.ts'

/** Source: kubernetes pkg/apis/networking/validation. */
export function validateIngress(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const [rules, backend] = [asList(spec['rules']), asLoose(spec['defaultBackend'])]
  const faults: FieldError[] = []
  if (rules.length === 0 && !backend) {
    const detail = 'either `defaultBackend` or `rules` must be specified'
    faults.push(invalid('spec', spec['rules'] ?? null, detail))
  }
  if (backend) faults.push(...validateBackend(backend, 'spec.defaultBackend'))
  rules.forEach((rule, i) => {
    const field = `spec.rules[${i}]`
    const host = text(rule, 'host')
    if (host !== '') {
      if (parseIp(host).ok) faults.push(invalid(`${field}.host`, host, 'must be a DNS name, not an IP address'))
      faults.push(...hostFaults(`${field}.host`, host))
    }
    const http = asLoose(rule['http'])
    if (http) faults.push(...validatePaths(http, `${field}.http`))
  })
  asList(spec['tls']).forEach((tls, i) => {
    const field = `spec.tls[${i}]`
    textsOf(tls['hosts']).forEach((host, j) => faults.push(...hostFaults(`${field}.hosts[${j}]`, host)))
    const secret = text(tls, 'secretName')
    if (secret !== '') faults.push(...invalids(`${field}.secretName`, secret, dns1123Subdomain(secret)))
  })
  const className = spec['ingressClassName']
  if (typeof className === 'string') {
    faults.push(...invalids('spec.ingressClassName', className, dns1123Subdomain(className)))
    const noted = object.metadata.annotations?.[classAnnotation]
    if (!old && noted !== undefined && noted !== className) {
      const detail = 'must match `ingressClassName` when both are specified'
      faults.push(invalid(`annotations.${classAnnotation}`, noted, detail))
    }
  }
  return faults
}

const classAnnotation = 'kubernetes.io/ingress.class'

export function ingressWarnings({ metadata }: KubeObject, old?: KubeObject): readonly string[] {
  if (old || metadata.annotations?.[classAnnotation] === undefined) return []
  return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
}

function hostFaults(field: string, host: string): readonly FieldError[] {
  return invalids(field, host, host.includes('*') ? wildcardSubdomain(host) : dns1123Subdomain(host))
}

function validatePaths(http: Loose, field: string): readonly FieldError[] {
  const paths = asList(http['paths'])
  if (paths.length === 0) return [required(`${field}.paths`)]
  return paths.flatMap((path, i) => validatePath(path, `${field}.paths[${i}]`))
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

function validatePath(item: Loose, field: string): readonly FieldError[] {
  const type = item['pathType']
  if (typeof type !== 'string') return [required(`${field}.pathType`, 'pathType must be specified')]
  const path = text(item, 'path')
  const details: string[] = []
  const isStrict = type === 'Exact' || type === 'Prefix'
  if (pathTypes.includes(type) && !path.startsWith('/') && (isStrict || path !== '')) {
    details.push('must be an absolute path')
  }
  if (isStrict) {
    const sequences = ['//', '/./', '/../', '%2f', '%2F'].filter((part) => path.includes(part))
    details.push(...sequences.map((part) => `must not contain '${part}'`))
    details.push(...['/..', '/.'].filter((end) => path.endsWith(end)).map((end) => `cannot end with '${end}'`))
  }
  return [
    ...invalids(`${field}.path`, path, details),
    ...(pathTypes.includes(type) ? [] : [notSupported(`${field}.pathType`, type, pathTypes)]),
    ...validateBackend(mapAt(item, 'backend'), `${field}.backend`),
  ]
}

function validateBackend(backend: Loose, field: string): readonly FieldError[] {
  const [resource, service] = [asLoose(backend['resource']), asLoose(backend['service'])]
  if (resource && service) return [invalid(field, '', 'cannot set both resource and service backends')]
  if (resource) return localReference(resource, `${field}.resource`)
  if (!service) return [invalid(field, '', 'resource or service backend is required')]
  const port = mapAt(service, 'port')
  const [name, number] = [text(port, 'name'), count(port, 'number') ?? 0]
  const faults = [...namedBy(`${field}.service.name`, text(service, 'name'), dns1035Label)]
  if (name !== '' && number !== 0) faults.push(invalid(field, '', 'cannot set both port name & port number'))
  else if (name !== '') faults.push(...invalids(`${field}.service.port.name`, name, portName(name)))
  else if (number !== 0) faults.push(...invalids(`${field}.service.port.number`, number, portNumber(number)))
  else faults.push(required(field, 'port name or number is required'))
  return faults
}

export function validateIngressClass(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const controller = text(spec, 'controller')
  const field = 'spec.parameters'
  const parameters = asLoose(spec['parameters'])
  const faults = [
    ...(old ? immutable('spec.controller', controller, text(mapAt(old, 'spec'), 'controller')) : []),
    ...longerThan('spec.controller', controller, 250),
    ...domainPath('spec.controller', controller),
  ]
  if (!parameters) return faults
  faults.push(...localReference(parameters, field))
  const [scope, namespace] = [parameters['scope'], parameters['namespace']]
  faults.push(...choice(`${field}.scope`, scope, ['Cluster', 'Namespace']))
  if (scope === 'Namespace') {
    if (typeof namespace !== 'string') {
      faults.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"))
    } else faults.push(...invalids(`${field}.namespace`, namespace, dns1123Label(namespace)))
  } else if (scope === 'Cluster' && typeof namespace === 'string') {
    faults.push(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  }
  return faults
}

export function validateNetworkPolicy(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const known = old ? cidrsOf(old).map(({ cidr }) => cidr) : []
  const types = textsOf(spec['policyTypes'])
  const faults: FieldError[] = [...selectorFaults(spec['podSelector'] ?? {}, 'spec.podSelector')]
  for (const { rules, peers } of directions) {
    asList(spec[rules]).forEach((rule, i) => {
      const field = `spec.${rules}[${i}]`
      asList(rule['ports']).forEach((port, j) => faults.push(...validatePolicyPort(port, `${field}.ports[${j}]`)))
      asList(rule[peers]).forEach((peer, j) => faults.push(...validatePeer(peer, `${field}.${peers}[${j}]`, known)))
    })
  }
  if (types.length > 2) {
    return [...faults, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  }
  return [...faults, ...types.flatMap((type, i) => choice(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']))]
}

const directions = [
  { rules: 'ingress', peers: 'from' },
  { rules: 'egress', peers: 'to' },
] as const

function selectorFaults(selector: unknown, field: string): readonly FieldError[] {
  return validateLabelSelector(asLoose(selector), field)
}

function validatePolicyPort(item: Loose, field: string): readonly FieldError[] {
  const [port, end] = [item['port'], count(item, 'endPort')]
  const faults: FieldError[] = [...choice(`${field}.protocol`, item['protocol'], ['TCP', 'UDP', 'SCTP'])]
  if (typeof port === 'number') {
    faults.push(...invalids(`${field}.port`, port, portNumber(port)))
    if (end === undefined) return faults
    if (end < port) faults.push(invalid(`${field}.endPort`, port, 'must be greater than or equal to `port`'))
    return [...faults, ...invalids(`${field}.endPort`, end, portNumber(end))]
  }
  if (end !== undefined) {
    const why = typeof port === 'string' ? 'non-numeric' : 'not specified'
    faults.push(invalid(`${field}.endPort`, end, `may not be specified when \`port\` is ${why}`))
  }
  return typeof port === 'string' ? [...faults, ...invalids(`${field}.port`, port, portName(port))] : faults
}

function validatePeer(peer: Loose, field: string, known: readonly string[]): readonly FieldError[] {
  const block = asLoose(peer['ipBlock'])
  const selectors = ['podSelector', 'namespaceSelector'].filter((name) => asLoose(peer[name]))
  const faults = selectors.flatMap((name) => selectorFaults(peer[name], `${field}.${name}`))
  if (block) faults.push(...validateBlock(block, `${field}.ipBlock`, known))
  if (!block && selectors.length === 0) faults.push(required(field, 'must specify a peer'))
  if (block && selectors.length > 0) {
    faults.push(forbidden(field, 'may not specify both ipBlock and another peer'))
  }
  return faults
}

function validateBlock(block: Loose, field: string, known: readonly string[]): readonly FieldError[] {
  const cidr = text(block, 'cidr')
  if (cidr === '') return [required(`${field}.cidr`)]
  const faults = [...cidrFaults(`${field}.cidr`, cidr, known)]
  const outer = cidrOrUndefined(networkOf(cidr))
  if (outer === undefined) return faults
  textsOf(block['except']).forEach((except, i) => {
    const path = `${field}.except[${i}]`
    faults.push(...cidrFaults(path, except, known))
    const inner = networkOf(except)
    const [address = '', bits = ''] = inner.split('/')
    const ip = parseIp(address)
    if (!ip.ok) return
    if (!contains(outer, ip.value) || Number(outer.split('/')[1]) >= Number(bits)) {
      faults.push(invalid(path, except, 'must be a strict subset of `cidr`'))
    }
  })
  return faults
}

function networkOf(cidr: string): string {
  const parsed = parseCidr(cidr)
  return parsed.ok ? parsed.value : ''
}

/** All CIDRs of a policy with their fields. */
function cidrsOf(policy: KubeObject): readonly { readonly field: string; readonly cidr: string }[] {
  const spec = mapAt(policy, 'spec')
  return directions.flatMap(({ rules, peers }) =>
    asList(spec[rules]).flatMap((rule, i) =>
      asList(rule[peers]).flatMap((peer, j) => {
        const field = `spec.${rules}[${i}].${peers}[${j}].ipBlock`
        const block = mapAt(peer, 'ipBlock')
        const except = textsOf(block['except']).map((cidr, k) => ({ field: `${field}.except[${k}]`, cidr }))
        return [{ field: `${field}.cidr`, cidr: text(block, 'cidr') }, ...except]
      }),
    ),
  )
}

export function networkPolicyWarnings(object: KubeObject): readonly string[] {
  return cidrsOf(object).flatMap(({ field, cidr }) => cidrWarnings(field, cidr))
}
