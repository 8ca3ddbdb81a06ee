import type { IpFamily } from '../base/ip.ts'
import type { EndpointSlice, Node, Pod, Service, SliceEndpoint, SlicePort } from '../api/types.ts'
import { byKey } from '../store/objects.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
import type { Context, Controller } from './controller.ts'
import {
  createServiceWaker,
  endpointHostname,
  endpointPorts,
  familiesOf,
  ipOfFamily,
  isEndpoint,
  isHeadless,
  selectedPods,
} from './endpointPods.ts'
import { addHints } from './hints.ts'
import { omit } from './omit.ts'
import { isReady, isTerminating } from './podState.ts'
import { placeholder, planSlices } from './slicePlan.ts'
import type { PortGroup } from './slicePlan.ts'
import { isOwnWrite, sliceWrites } from './sliceWrites.ts'

const managedBy = 'endpointslice-controller.k8s.io'
/** Differs: upstream's default of --max-endpoints-per-slice is a flag; here it is fixed. */
const maxEndpointsPerSlice = 100
const headlessLabel = 'service.kubernetes.io/headless'

/** Keeps the EndpointSlices of Services with a selector. Source: kubernetes staging endpointslice/reconciler.go. */
export function createEndpointSliceController(): Controller {
  const wake = createServiceWaker()
  return {
    name: 'endpointslice',
    kinds: ['Service', 'Pod', 'Node', 'EndpointSlice'],
    delay: 20,
    wakes: (change, snapshot) => {
      if (change.kind === 'Node')
        return hintedServices(snapshot, change.object as Node, change.previous as Node | undefined)
      if (change.kind === 'EndpointSlice') {
        const slice = change.object as EndpointSlice
        const news = change.type === 'DELETED' || (change.type === 'MODIFIED' && !isOwnWrite(slice))
        return news ? serviceOf(slice) : []
      }
      return wake(change)
    },
    reconcile: (context, keys) => ({ writes: keys.flatMap((key) => reconcileEndpointSlices(context, key)) }),
  }
}

/** Topology hints follow the CPUs and zones of the nodes; a node that comes or goes concerns every Service. */
function hintedServices(snapshot: Snapshot, node: Node, previous: Node | undefined): readonly string[] {
  const fresh = previous === undefined || snapshot.get('Node', node.metadata.name) === undefined
  const zone = (one: Node | undefined): string | undefined => one?.metadata.labels?.['topology.kubernetes.io/zone']
  if (!fresh && zone(node) === zone(previous)) return []
  return [...snapshot.list('Service')].map((service) => `${service.metadata.namespace ?? ''}/${service.metadata.name}`)
}

/** A generated slice that somebody changed or deleted is put right again. */
function serviceOf(slice: EndpointSlice): readonly string[] {
  const { labels = {}, namespace = '' } = slice.metadata
  const name = labels['kubernetes.io/service-name']
  return labels['endpointslice.kubernetes.io/managed-by'] === managedBy && name !== undefined
    ? [`${namespace}/${name}`]
    : []
}

/** The writes that bring the EndpointSlices of the Service at `key` in line with its pods. */
export function reconcileEndpointSlices(context: Context, key: string): readonly Write[] {
  const { snapshot } = context
  const service = snapshot.get('Service', key)
  // Upstream never takes slices away from a Service that lost its selector or became an ExternalName.
  if (!service || service.spec.type === 'ExternalName' || !service.spec.selector) return []
  if (service.metadata.deletionTimestamp !== undefined) return []
  const mine = [...snapshot.indexed('EndpointSlice', 'service', key)]
    .filter(({ metadata }) => metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === managedBy)
    .sort(byKey)
  const families = familiesOf(service)
  const pods = selectedPods(snapshot, service)
  const stale = mine.filter(({ addressType }) => !families.includes(addressType as IpFamily))
  return [
    ...stale.map((slice): Write => ({ type: 'delete', kind: 'EndpointSlice', key: keyIn(slice) })),
    ...families.flatMap((family) =>
      reconcileFamily(
        context,
        service,
        pods,
        family,
        mine.filter(({ addressType }) => addressType === family),
      ),
    ),
  ]
}

function keyIn(slice: EndpointSlice): string {
  return `${slice.metadata.namespace ?? ''}/${slice.metadata.name}`
}

function reconcileFamily(
  context: Context,
  service: Service,
  pods: readonly Pod[],
  family: IpFamily,
  existing: readonly EndpointSlice[],
): readonly Write[] {
  const labels = sliceLabels(service)
  const groups = groupByPorts(context.snapshot, service, pods, family)
  const owned = existing.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid),
  )
  const foreign = existing.filter((slice) => !owned.includes(slice))
  const plan = planSlices(groups, owned, maxEndpointsPerSlice)
  const planned = plan.length > 0 ? plan : [placeholder(owned)]
  const { slices, event } = addHints(context, service, family, planned)
  const writes = sliceWrites(context, service, slices, [...owned, ...foreign], { family, labels, owner: service })
  return event && writes.length > 0 ? [...writes, event] : writes
}

/** Source: reconciler.go setEndpointSliceLabels. */
function sliceLabels(service: Service): Readonly<Record<string, string>> {
  return {
    ...omit(service.metadata.labels ?? {}, headlessLabel),
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    'endpointslice.kubernetes.io/managed-by': managedBy,
    'kubernetes.io/service-name': service.metadata.name,
  }
}

/** Pods with the same resolved ports share slices. */
function groupByPorts(
  snapshot: Snapshot,
  service: Service,
  pods: readonly Pod[],
  family: IpFamily,
): readonly PortGroup[] {
  const groups = new Map<string, { readonly ports: readonly SlicePort[]; readonly endpoints: SliceEndpoint[] }>()
  const nodes = new Map<string, Node | undefined>()
  const named = (service.spec.ports ?? []).some(({ targetPort }) => typeof targetPort === 'string')
  let common: readonly SlicePort[] | undefined
  for (const pod of pods) {
    if (!isEndpoint(pod, true)) continue
    const ip = ipOfFamily(pod, family)
    if (ip === undefined) continue
    const nodeName = pod.spec.nodeName ?? ''
    if (!nodes.has(nodeName)) nodes.set(nodeName, snapshot.get('Node', nodeName))
    const node = nodes.get(nodeName)
    if (!node && service.spec.publishNotReadyAddresses !== true) continue
    // Only a named targetPort makes pods differ.
    const ports = named ? endpointPorts(service, pod) : (common ??= endpointPorts(service, pod))
    const id = named ? JSON.stringify(ports) : ''
    const group = groups.get(id)
    const endpoint = rememberedEndpoint(service, pod, ip, node)
    if (group) group.endpoints.push(endpoint)
    else groups.set(id, { ports, endpoints: [endpoint] })
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

interface Remembered {
  readonly service: Service
  readonly node: Node | undefined
  readonly ip: string
  readonly endpoint: SliceEndpoint
}

const remembered = new WeakMap<Pod, Remembered>()

/** An unchanged pod gives the very same endpoint, so that comparing ten thousand of them is cheap. */
function rememberedEndpoint(service: Service, pod: Pod, ip: string, node: Node | undefined): SliceEndpoint {
  const known = remembered.get(pod)
  if (known?.service === service && known.node === node && known.ip === ip) return known.endpoint
  const endpoint = toEndpoint(service, pod, ip, node)
  remembered.set(pod, { service, node, ip, endpoint })
  return endpoint
}

function toEndpoint(service: Service, pod: Pod, ip: string, node: Node | undefined): SliceEndpoint {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const { namespace, name, uid } = pod.metadata
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone']
  const hostname = endpointHostname(service, pod)
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: {
      kind: 'Pod',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...(pod.spec.nodeName === undefined || pod.spec.nodeName === '' ? {} : { nodeName: pod.spec.nodeName }),
    ...(zone === undefined ? {} : { zone }),
  }
}
