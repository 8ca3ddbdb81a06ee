import type { EndpointSlice, KubeObject, Node, Service } from '../../../engine/index.ts'
import {
  age,
  at,
  computed as field,
  containerColumns,
  loose,
  looseList,
  name,
  none,
  printLabels,
  selectorText,
  show,
  since,
} from './columnCells.ts'
import type { Column } from './columnCells.ts'
import { storedTables } from './columnsStored.ts'
import { podStatus } from './podStatus.ts'

const statusCount = (head: string, key: string): Column =>
  field(head, (object) => show(loose(object['status'])[key] ?? 0))

const workloadWide: readonly Column[] = [
  ...containerColumns('spec.template.spec.containers'),
  field('SELECTOR', (object) => selectorText(at(object, 'spec.selector')), true),
]

const desired = (object: KubeObject): string => show(loose(object['spec'])['replicas'] ?? 0)

function externalIP({ spec, status }: Service): string {
  const extra = spec.externalIPs ?? []
  if (spec.type === 'ExternalName') return spec.externalName ?? none
  if (spec.type !== 'LoadBalancer') return extra.length === 0 ? none : extra.join(',')
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').sort()
  const all = [...ingress, ...extra]
  return all.length === 0 ? '<pending>' : all.join(',')
}

function servicePorts({ spec }: Service): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort = 0, protocol }) =>
    nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  )
  return ports.length === 0 ? none : ports.join(',')
}

function listed(items: readonly string[], separator = ','): string {
  const shown = items.slice(0, 3).join(separator)
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown
}

function endpointsText(object: KubeObject): string {
  const subsets = looseList(object['subsets'])
  if (subsets.length === 0) return none
  const bracketed = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip)
  const all = subsets.flatMap((subset) => {
    const addresses = looseList(subset['addresses']).map((address) => String(address['ip']))
    const ports = looseList(subset['ports']).map((port) => String(port['port']))
    return ports.length === 0 ? addresses : ports.flatMap((port) => addresses.map((ip) => `${bracketed(ip)}:${port}`))
  })
  return listed(all)
}

function slicePorts({ ports }: EndpointSlice): string {
  const numbers = (ports ?? []).map(({ port }) => (port === undefined ? '*' : String(port)))
  return numbers.length === 0 ? '<unset>' : listed(numbers)
}

function sliceEndpoints({ endpoints }: EndpointSlice): string {
  const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses)
  return addresses.length === 0 ? '<unset>' : listed(addresses)
}

function nodeStatus(node: Node): string {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'
  return node.spec.unschedulable === true ? `${state},SchedulingDisabled` : state
}

function nodeRoles(node: Node): string {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith(prefix))
    .map((label) => label.slice(prefix.length))
    .sort()
  return roles.length === 0 ? none : roles.join(',')
}

const nodeAddress = (type: string) => (object: KubeObject) =>
  (object as Node).status?.addresses?.find((address) => address.type === type)?.address ?? none
const nodeInfo = (key: string) => (object: KubeObject) =>
  show(loose(loose(object['status'])['nodeInfo'])[key] ?? '<unknown>')

function lastSeen(object: KubeObject, now: number): string {
  return since(
    loose(object['series'])['lastObservedTime'] ??
      object['lastTimestamp'] ??
      object['eventTime'] ??
      object.metadata.creationTimestamp,
    now,
    '<unknown>',
  )
}

/** `kubelet, node02`. */
function eventSource(object: KubeObject): string {
  const { component, host } = loose(object['source'])
  const from = show(component ?? object['reportingComponent'] ?? '')
  return host === undefined || host === '' ? from : `${from}, ${show(host)}`
}

const tables: Readonly<Record<string, readonly Column[]>> = {
  Service: [
    name,
    field('TYPE', (object) => (object as Service).spec.type),
    field('CLUSTER-IP', (object) => (object as Service).spec.clusterIPs?.[0] ?? none),
    field('EXTERNAL-IP', (object) => externalIP(object as Service)),
    field('PORT(S)', (object) => servicePorts(object as Service)),
    age,
    field('SELECTOR', (object) => printLabels((object as Service).spec.selector), true),
  ],
  Pod: [
    name,
    { head: 'READY', cell: (object, now) => podStatus(object, now).ready },
    { head: 'STATUS', cell: (object, now) => podStatus(object, now).status },
    { head: 'RESTARTS', cell: (object, now) => podStatus(object, now).restarts },
    age,
    field('IP', (object) => show(loose(object['status'])['podIP'] ?? none), true),
    field('NODE', (object) => show(loose(object['spec'])['nodeName'] ?? none), true),
    field('NOMINATED NODE', () => none, true),
    field('READINESS GATES', () => none, true),
  ],
  Deployment: [
    name,
    field('READY', (object) => `${show(loose(object['status'])['readyReplicas'] ?? 0)}/${desired(object)}`),
    statusCount('UP-TO-DATE', 'updatedReplicas'),
    statusCount('AVAILABLE', 'availableReplicas'),
    age,
    ...workloadWide,
  ],
  ReplicaSet: [
    name,
    field('DESIRED', desired),
    statusCount('CURRENT', 'replicas'),
    statusCount('READY', 'readyReplicas'),
    age,
    ...workloadWide,
  ],
  StatefulSet: [
    name,
    field('READY', (object) => `${show(loose(object['status'])['readyReplicas'] ?? 0)}/${desired(object)}`),
    age,
    ...workloadWide.slice(0, 2),
  ],
  DaemonSet: [
    name,
    statusCount('DESIRED', 'desiredNumberScheduled'),
    statusCount('CURRENT', 'currentNumberScheduled'),
    statusCount('READY', 'numberReady'),
    statusCount('UP-TO-DATE', 'updatedNumberScheduled'),
    statusCount('AVAILABLE', 'numberAvailable'),
    field('NODE SELECTOR', (object) =>
      printLabels(loose(loose(loose(object['spec'])['template'])['spec'])['nodeSelector']),
    ),
    age,
    ...workloadWide,
  ],
  Namespace: [name, field('STATUS', (object) => show(loose(object['status'])['phase'] ?? '')), age],
  Node: [
    name,
    field('STATUS', (object) => nodeStatus(object as Node)),
    field('ROLES', (object) => nodeRoles(object as Node)),
    age,
    field('VERSION', nodeInfo('kubeletVersion')),
    field('INTERNAL-IP', nodeAddress('InternalIP'), true),
    field('EXTERNAL-IP', nodeAddress('ExternalIP'), true),
    field('OS-IMAGE', nodeInfo('osImage'), true),
    field('KERNEL-VERSION', nodeInfo('kernelVersion'), true),
    field('CONTAINER-RUNTIME', nodeInfo('containerRuntimeVersion'), true),
  ],
  Endpoints: [name, field('ENDPOINTS', endpointsText), age],
  EndpointSlice: [
    name,
    field('ADDRESSTYPE', (object) => (object as EndpointSlice).addressType),
    field('PORTS', (object) => slicePorts(object as EndpointSlice)),
    field('ENDPOINTS', (object) => sliceEndpoints(object as EndpointSlice)),
    age,
  ],
  ConfigMap: [
    name,
    field('DATA', (object) =>
      String(Object.keys(loose(object['data'])).length + Object.keys(loose(object['binaryData'])).length),
    ),
    age,
  ],
  IPAddress: [
    name,
    field('PARENTREF', (object) => {
      const { resource, namespace, name: parent } = loose(loose(object['spec'])['parentRef'])
      return [resource, namespace, parent].map(String).join('/')
    }),
    age,
  ],
  ServiceCIDR: [name, field('CIDRS', (object) => looseList(loose(object['spec'])['cidrs']).map(show).join(',')), age],
  Event: [
    field('LAST SEEN', lastSeen),
    field('TYPE', (object) => show(object['type'] ?? '')),
    field('REASON', (object) => show(object['reason'] ?? '')),
    field('OBJECT', (object) => {
      const about = loose(object['involvedObject'])
      return `${show(about['kind'] ?? '').toLowerCase()}/${show(about['name'] ?? '')}`
    }),
    field('SUBOBJECT', (object) => show(at(object, 'involvedObject.fieldPath') ?? ''), true),
    field('SOURCE', eventSource, true),
    field('MESSAGE', (object) => show(object['message'] ?? '').trim()),
    field(
      'FIRST SEEN',
      (object, now) => since(object['firstTimestamp'] ?? object['eventTime'], now, '<unknown>'),
      true,
    ),
    field('COUNT', (object) => show(object['count'] ?? 1), true),
    field('NAME', ({ metadata }) => metadata.name, true),
  ],
}

/** The columns of a kind's table; kinds without one of their own show name and age. */
export function columnsOf(kind: string): readonly Column[] {
  return (Object.hasOwn(tables, kind) ? tables[kind] : storedTables[kind]) ?? [name, age]
}
