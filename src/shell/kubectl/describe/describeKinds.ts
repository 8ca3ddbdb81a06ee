import type { ApiServer, Endpoints, EndpointSlice, Service } from '../../../engine/index.ts'
import { at, loose, looseList, none, printLabels, show } from '../print/columnCells.ts'
import { eventsOf, head, line, listOf, meta, optional } from './describeObject.ts'
import type { Describer } from './describeObject.ts'
import { annotationLines, labelLines } from './describeParts.ts'
import {
  describeDaemonSet,
  describeDeployment,
  describePod,
  describeReplicaSet,
  describeStatefulSet,
} from './describeWorkloads.ts'

/** The ready addresses of a Service's slices at the port of a name. */
function sliceAddresses(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return none
  const all = slices.flatMap((slice) => {
    const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
    const addresses = ready.map((endpoint) => endpoint.addresses[0] ?? '')
    const ports = slice.ports ?? []
    if (ports.length === 0) return addresses
    return ports
      .filter((port) => (port.name ?? '') === portName)
      .flatMap(({ port = 0 }) => addresses.map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`))
  })
  const shown = all.slice(0, 3).join(',')
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown
}

function slicesOf(api: ApiServer, namespace: string, service: string): readonly EndpointSlice[] {
  const all = listOf(api, 'discovery.k8s.io/v1', 'EndpointSlice', namespace) as readonly EndpointSlice[]
  return all.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service)
}

const describeService: Describer = (object, context) => {
  const { spec, status, metadata } = object as Service
  const slices = slicesOf(context.api, metadata.namespace ?? '', metadata.name)
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname, ipMode }) =>
    ip === undefined ? (hostname ?? '') : `${ip}${ipMode === undefined ? '' : ` (${ipMode})`}`,
  )
  const ports = (spec.ports ?? []).map(({ name, port, protocol, targetPort, nodePort }) => {
    const shown = name === undefined || name === '' ? '<unset>' : name
    const node = nodePort === undefined || nodePort === 0 ? '' : `NodePort:\t${shown}\t${nodePort}/${protocol}\n`
    const endpoints = sliceAddresses(slices, name ?? '')
    return `Port:\t${shown}\t${port}/${protocol}\nTargetPort:\t${targetPort ?? port}/${protocol}\n${node}Endpoints:\t${endpoints}\n`
  })
  const families = spec.ipFamilies ?? []
  const ips = spec.clusterIPs ?? []
  return [
    head(object),
    meta(object),
    line('Selector', printLabels(spec.selector)),
    line('Type', spec.type),
    optional('IP Family Policy', spec.ipFamilyPolicy),
    line('IP Families', families.length > 0 ? families.join(',') : none),
    line('IP', spec.clusterIP ?? ''),
    line('IPs', ips.length > 0 ? ips.join(',') : none),
    optional('External IPs', spec.externalIPs?.join(',')),
    optional('Desired LoadBalancer IP', spec.loadBalancerIP),
    optional('External Name', spec.externalName),
    optional('LoadBalancer Ingress', ingress.join(', ')),
    ...ports,
    line('Session Affinity', spec.sessionAffinity ?? ''),
    optional('External Traffic Policy', spec.externalTrafficPolicy),
    optional('Internal Traffic Policy', spec.internalTrafficPolicy),
    optional('HealthCheck NodePort', spec.healthCheckNodePort),
    optional('LoadBalancer Source Ranges', spec.loadBalancerSourceRanges?.join(',')),
    optional('Traffic Distribution', spec.trafficDistribution),
    eventsOf(object, context),
  ].join('')
}

const describeEndpoints: Describer = (object, context) => {
  const subsets = ((object as Endpoints).subsets ?? []).map((subset) => {
    const addresses = (list: typeof subset.addresses): string => (list ?? []).map(({ ip }) => ip).join(',') || none
    const ports = (subset.ports ?? []).map(
      ({ name, port, protocol }) =>
        `    ${name === undefined || name === '' ? '<unset>' : name}\t${port ?? 0}\t${protocol ?? 'TCP'}\n`,
    )
    const table =
      ports.length === 0 ? '' : `  Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------\n${ports.join('')}`
    return `  Addresses:\t${addresses(subset.addresses)}\n  NotReadyAddresses:\t${addresses(subset.notReadyAddresses)}\n${table}\n`
  })
  return `${head(object)}${meta(object)}Subsets:\n${subsets.join('')}${eventsOf(object, context)}`
}

const describeSlice: Describer = (object, context) => {
  const { addressType, endpoints, ports } = object as EndpointSlice
  const unset = '<unset>'
  const portRows = (ports ?? []).map(
    ({ name, port, protocol = 'TCP' }) =>
      `  ${name === undefined || name === '' ? unset : name}\t${port ?? unset}\t${protocol}\n`,
  )
  const rows = (endpoints ?? []).map(({ addresses, conditions, hostname, targetRef, nodeName, zone }) =>
    [
      `  - Addresses:\t${addresses.join(', ') || none}\n`,
      '    Conditions:\n',
      `      Ready:\t${conditions?.ready ?? unset}\n`,
      `    Hostname:\t${hostname ?? unset}\n`,
      targetRef ? `    TargetRef:\t${targetRef.kind ?? ''}/${targetRef.name ?? ''}\n` : '',
      `    NodeName:\t${nodeName ?? unset}\n`,
      `    Zone:\t${zone ?? unset}\n`,
    ].join(''),
  )
  return [
    head(object),
    meta(object),
    line('AddressType', addressType),
    portRows.length === 0
      ? 'Ports: <unset>\n'
      : `Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------\n${portRows.join('')}`,
    rows.length === 0 ? 'Endpoints: <none>\n' : `Endpoints:\n${rows.join('')}`,
    eventsOf(object, context),
  ].join('')
}

const bytes = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4)

function entries(map: unknown): readonly (readonly [string, string])[] {
  return Object.entries(loose(map))
    .map(([key, value]) => [key, show(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

const describeConfigMap: Describer = (object, context) => {
  const data = entries(object['data']).map(([key, value]) => `${key}:\n----\n${value}\n\n`)
  const binary = entries(object['binaryData']).map(([key, value]) => `${key}: ${bytes(value)} bytes\n`)
  return `${head(object)}${meta(object)}\nData\n====\n${data.join('')}\nBinaryData\n====\n${binary.join('')}\n${eventsOf(object, context)}`
}

const describeSecret: Describer = (object) => {
  const data = entries(object['data']).map(([key, value]) => `${key}:\t${bytes(value)} bytes\n`)
  return `${head(object)}${meta(object)}\n${line('Type', object['type'] ?? '')}\nData\n====\n${data.join('')}`
}

const describeNamespace: Describer = (object, { api }) => {
  const { name } = object.metadata
  const none = (kind: string, text: string): string => (listOf(api, 'v1', kind, name).length === 0 ? `\n${text}\n` : '')
  return [
    head(object),
    meta(object),
    line('Status', at(object, 'status.phase') ?? ''),
    none('ResourceQuota', 'No resource quota.'),
    none('LimitRange', 'No LimitRange resource.'),
  ].join('')
}

const describeServiceAccount: Describer = (object, context) => {
  const secrets = looseList(object['imagePullSecrets']).map(({ name }) => show(name))
  const rows = secrets.length === 0 ? [none] : secrets
  const lines = rows.map((name, i) => `${i === 0 ? 'Image pull secrets:' : ' '.repeat(19)}\t${name}\n`)
  return `${head(object)}${meta(object)}${lines.join('')}${eventsOf(object, context)}`
}

const describeIngress: Describer = (object, context) => {
  const { namespace = '' } = object.metadata
  const backend = (value: unknown): string => {
    const { service, resource } = loose(value)
    if (service === undefined) {
      const { apiGroup = none, kind, name } = loose(resource)
      return `APIGroup: ${show(apiGroup)}, Kind: ${show(kind)}, Name: ${show(name)}`
    }
    const name = show(loose(service)['name'])
    const { number: port, name: portName } = loose(loose(service)['port'])
    const text = `${name}:${show(portName ?? port)}`
    const found = listOf(context.api, 'v1', 'Service', namespace).find(({ metadata }) => metadata.name === name)
    if (!found) return `${text} (<error: services ${JSON.stringify(name)} not found>)`
    const match = looseList(at(found, 'spec.ports')).find((item) =>
      portName === undefined ? item['port'] === port : item['name'] === portName,
    )
    return `${text} (${sliceAddresses(slicesOf(context.api, namespace, name), show(match?.['name'] ?? ''))})`
  }
  const fallback = at(object, 'spec.defaultBackend')
  const main = fallback === undefined ? '<default>' : backend(fallback)
  const rules = looseList(at(object, 'spec.rules')).filter((rule) => rule['http'] !== undefined)
  const rows = rules.map((rule) => {
    const paths = looseList(loose(rule['http'])['paths'])
    const lines = paths.map((path) => `    \t${show(path['path'] ?? '')} \t${backend(path['backend'])}\n`)
    return `  ${show(rule['host'] ?? '*')}\t\n${lines.join('')}`
  })
  const tls = looseList(at(object, 'spec.tls')).map(({ secretName, hosts }) => {
    const names = looseList(hosts).map(show).join(',')
    return secretName === undefined ? `  SNI routes ${names}\n` : `  ${show(secretName)} terminates ${names}\n`
  })
  return [
    `Name:\t${object.metadata.name}\n`,
    labelLines('Labels', object.metadata.labels),
    `Namespace:\t${namespace}\n`,
    line(
      'Address',
      looseList(at(object, 'status.loadBalancer.ingress'))
        .map(({ ip, hostname }) => show(ip ?? hostname))
        .join(','),
    ),
    line('Ingress Class', at(object, 'spec.ingressClassName') ?? none),
    line('Default backend', main),
    tls.length === 0 ? '' : `TLS:\n${tls.join('')}`,
    'Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------\n',
    rows.length === 0 ? `  *\t*\t${main}\n` : rows.join(''),
    annotationLines('Annotations', object.metadata.annotations),
    eventsOf(object, context),
  ].join('')
}

export const describers: Readonly<Record<string, Describer>> = {
  Service: describeService,
  Endpoints: describeEndpoints,
  EndpointSlice: describeSlice,
  Pod: describePod,
  Deployment: describeDeployment,
  ReplicaSet: describeReplicaSet,
  StatefulSet: describeStatefulSet,
  DaemonSet: describeDaemonSet,
  ConfigMap: describeConfigMap,
  Secret: describeSecret,
  Namespace: describeNamespace,
  ServiceAccount: describeServiceAccount,
  Ingress: describeIngress,
}
