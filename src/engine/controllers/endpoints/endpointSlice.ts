import type { IpFamily } from '../../base/ip.ts'
import type { EndpointSlice, Labels, Pod, Service } from '../../api/types.ts'
import { keyOf } from '../../store/objects.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Write } from '../../store/store.ts'
import { eachKeyInTurn } from './busyKeys.ts'
import type { Context, Controller } from '../controller.ts'
import { createServiceWaker, familiesOf, isHeadless, selectedPods } from './endpointPods.ts'
import { recordEvent } from '../events.ts'
import { addHints, createTopologyCache, forgetHints } from './hints.ts'
import type { TopologyCache } from './hints.ts'
import { omit } from '../omit.ts'
import { groupByPorts } from './sliceEndpoints.ts'
import { placeholder, planSlices } from './slicePlan.ts'
import { createSliceWatch, managedByLabel, serviceNameLabel, slicesManagedBy } from './sliceWatch.ts'
import { isOwnedBy, sliceWrites } from './sliceWrites.ts'
import { wakesForNode } from './topologyNodes.ts'
import { createTriggerTimes, triggerTimeAnnotation } from './triggerTime.ts'

const managedBy = 'endpointslice-controller.k8s.io'
/** Differs: upstream's default of --max-endpoints-per-slice is a flag; here it is fixed. */
const maxEndpointsPerSlice = 100
/** One request to the API server. */
const writeMs = 5
const headlessLabel = 'service.kubernetes.io/headless'
const component = 'endpoint-slice-controller'

/** Keeps the EndpointSlices of Services with a selector. Source: kubernetes staging endpointslice/reconciler.go. */
export function createEndpointSliceController(): Controller {
  const waker = createServiceWaker()
  const topology = createTopologyCache()
  const times = createTriggerTimes()
  const slices = createSliceWatch(managedBy)
  const reconcileOne = (context: Context, key: string): readonly Write[] => {
    const { snapshot } = context
    const service = snapshot.get('Service', key)
    if (!service) times.forget(key)
    // Upstream never takes slices away from a Service that lost its selector or became an ExternalName.
    if (!service || service.spec.type === 'ExternalName' || !service.spec.selector) return []
    const pods = selectedPods(snapshot, service)
    return reconcileService(context, topology, service, pods, times.at(key, service, pods))
  }
  return {
    name: 'endpointslice',
    kinds: ['Service', 'Pod', 'Node', 'EndpointSlice'],
    delay: 20,
    wakes: (change, snapshot) => {
      if (change.kind === 'Node') return wakesForNode(change, snapshot, topology, waker.servicesOf)
      return change.kind === 'EndpointSlice' ? slices.wakes(change) : waker.wakes(change)
    },
    reconcile: eachKeyInTurn((context, key) => {
      const writes = slices.expect(reconcileOne(context, key))
      return { writes, busyMs: writes.length * writeMs }
    }),
  }
}

function reconcileService(
  context: Context,
  topology: TopologyCache,
  service: Service,
  pods: readonly Pod[],
  triggerTime: string | undefined,
): readonly Write[] {
  const key = keyOf(service)
  const mine = slicesManagedBy(context.snapshot, key, managedBy)
  const families = familiesOf(service)
  const stale = mine.filter(({ addressType }) => !families.includes(addressType as IpFamily))
  for (const { addressType } of stale) if (addressType !== 'FQDN') forgetHints(topology, key, addressType)
  const done = families.map((family) => {
    const existing = mine.filter(({ addressType }) => addressType === family)
    return reconcileFamily(context, topology, service, pods, family, existing, triggerTime)
  })
  const faults = new Set(done.flatMap(({ errors }) => errors))
  return [
    ...done.flatMap(({ writes }) => writes),
    ...stale.map((slice): Write => ({ type: 'delete', kind: 'EndpointSlice', key: keyOf(slice) })),
    ...(faults.size > 0 ? [failed(context, service, [...faults])] : []),
  ]
}

function failed(context: Context, service: Service, faults: readonly string[]): Write {
  const text = faults.length > 1 ? `[${faults.join(', ')}]` : (faults[0] ?? '')
  return recordEvent(context, service, component, {
    type: 'Warning',
    reason: 'FailedToUpdateEndpointSlices',
    message: `Error updating Endpoint Slices for Service ${keyOf(service)}: ${text}`,
  })
}

function reconcileFamily(
  context: Context,
  topology: TopologyCache,
  service: Service,
  pods: readonly Pod[],
  family: IpFamily,
  existing: readonly EndpointSlice[],
  triggerTime: string | undefined,
): { readonly writes: readonly Write[]; readonly errors: readonly string[] } {
  const { snapshot } = context
  const labels = sliceLabels(service)
  const { groups, errors } = groupByPorts(snapshot, service, pods, family)
  const owned = existing.filter((slice) => isOwnedBy(slice, service))
  const own = omitReserved(service.metadata.labels ?? {})
  const plan = planSlices(groups, owned, {
    max: maxEndpointsPerSlice,
    labelsDiffer: ({ metadata }) => !sameValue(omitReserved(metadata.labels ?? {}), own),
  })
  const planned = plan.length > 0 ? plan : [placeholder(existing, labels)]
  const { slices, events } = addHints(topology, keyOf(service), service, family, planned, () => snapshot.list('Node'))
  const writes = sliceWrites(context, slices, existing, {
    family,
    labels,
    owner: service,
    annotations: { [triggerTimeAnnotation]: triggerTime },
    frozen: service.metadata.deletionTimestamp !== undefined,
  })
  return { writes: [...writes, ...events.map((event) => recordEvent(context, service, component, event))], errors }
}

function omitReserved(labels: Labels): Labels {
  return omit(labels, headlessLabel, managedByLabel, serviceNameLabel)
}

/** Source: utils.go setEndpointSliceLabels. */
function sliceLabels(service: Service): Labels {
  return {
    ...omit(service.metadata.labels ?? {}, headlessLabel),
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: managedBy,
    [serviceNameLabel]: service.metadata.name,
  }
}
