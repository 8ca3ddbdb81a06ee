import type { IpFamily } from '../../base/ip.ts'
import type { EndpointAddress, Endpoints, EndpointSlice, Labels, SliceEndpoint } from '../../api/types.ts'
import { keyOf } from '../../store/objects.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Write } from '../../store/store.ts'
import { eachKey } from '../controller.ts'
import type { Context, Controller } from '../controller.ts'
import { canonicalIp } from './endpointPods.ts'
import { recordEvent } from '../events.ts'
import { omit } from '../omit.ts'
import { slicePortsId, sortSlicePorts } from './portOrder.ts'
import { endpointId, sameEndpoint } from './slicePlan.ts'
import type { PlannedSlice, PortGroup } from './slicePlan.ts'
import { createSliceWatch, managedByLabel, serviceNameLabel, slicesManagedBy } from './sliceWatch.ts'
import { sliceWrites } from './sliceWrites.ts'
import { repackSubsets } from './subsets.ts'
import { triggerTimeAnnotation } from './triggerTime.ts'

const managedBy = 'endpointslicemirroring-controller.k8s.io'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
const maxPerSubset = 1000
/** Annotations that say something about the Endpoints object only. */
const ownAnnotations = ['kubectl.kubernetes.io/last-applied-configuration', triggerTimeAnnotation] as const

/** Copies hand-made Endpoints of Services without a selector into EndpointSlices. Source: kubernetes pkg/controller/endpointslicemirroring. */
export function createEndpointSliceMirroringController(): Controller {
  const slices = createSliceWatch(managedBy)
  return {
    name: 'endpointslicemirroring',
    kinds: ['Endpoints', 'Service', 'EndpointSlice'],
    delay: 30,
    wakes: (change) => (change.kind === 'EndpointSlice' ? slices.wakes(change) : [change.key]),
    reconcile: eachKey((context, key) => slices.expect(reconcileMirror(context, key))),
  }
}

/** The writes that bring the mirrored slices in line with the Endpoints at `key`. */
function reconcileMirror(context: Context, key: string): readonly Write[] {
  const { snapshot } = context
  const endpoints = snapshot.get('Endpoints', key)
  const service = snapshot.get('Service', key)
  const mine = slicesManagedBy(snapshot, key, managedBy)
  if (!endpoints || !service || service.spec.selector || isSkipped(endpoints)) {
    return mine.map((slice) => ({ type: 'delete', kind: 'EndpointSlice', key: keyOf(slice) }))
  }
  const { groups, skipped } = groupsOf(endpoints)
  const families = (['IPv4', 'IPv6'] as const).flatMap((family) =>
    mirrorFamily(
      context,
      endpoints,
      family,
      groups[family],
      mine.filter(({ addressType }) => addressType === family),
    ),
  )
  return skipped > 0 ? [...families, tooMany(context, endpoints, skipped)] : families
}

function isSkipped({ metadata }: Endpoints): boolean {
  return metadata.labels?.[skipLabel] === 'true' || metadata.annotations?.[leaderAnnotation] !== undefined
}

function tooMany(context: Context, endpoints: Endpoints, skipped: number): Write {
  return recordEvent(context, endpoints, 'endpoint-slice-mirroring-controller', {
    type: 'Warning',
    reason: 'TooManyAddressesToMirror',
    message: `A max of ${maxPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`,
  })
}

/** One slice for each set of ports: it is kept, rewritten whole, or made. */
function mirrorFamily(
  context: Context,
  endpoints: Endpoints,
  family: IpFamily,
  groups: readonly PortGroup[],
  existing: readonly EndpointSlice[],
): readonly Write[] {
  const { labels = {}, annotations = {}, name } = endpoints.metadata
  const copied = omit(annotations, ...ownAnnotations)
  const planned: PlannedSlice[] = []
  const replaced = new Map<PlannedSlice, EndpointSlice>()
  for (const { ports, endpoints: wanted } of groups) {
    const id = slicePortsId(ports)
    const slice = existing.find((one) => slicePortsId(one.ports ?? []) === id)
    if (slice && isMirror(slice, endpoints, wanted, copied)) {
      const kept = [...(slice.endpoints ?? [])]
      planned.push({ existing: slice, ports: slice.ports ?? [], endpoints: kept, touched: false, relabelled: false })
      continue
    }
    const fresh = { ports, endpoints: [...wanted], touched: true, relabelled: true }
    planned.push(fresh)
    if (slice) replaced.set(fresh, slice)
  }
  return sliceWrites(context, planned, existing, {
    family,
    labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: managedBy },
    owner: endpoints,
    annotations: copied,
    frozen: endpoints.metadata.deletionTimestamp !== undefined,
    replaced,
    mayReuse: () => true,
  })
}

/** Source: reconciler.go reconcileByPortMapping, needRebuildExistingSlices. */
function isMirror(
  slice: EndpointSlice,
  endpoints: Endpoints,
  wanted: readonly SliceEndpoint[],
  annotations: Labels,
): boolean {
  const { metadata } = slice
  const byId = new Map(wanted.map((endpoint) => [endpointId(endpoint), endpoint]))
  const present = slice.endpoints ?? []
  const same = present.every((endpoint) => {
    const other = byId.get(endpointId(endpoint))
    return other !== undefined && sameEndpoint(other, endpoint)
  })
  const stranger = (metadata.ownerReferences ?? []).some(
    ({ kind, name, uid }) => kind === 'Endpoints' && name === endpoints.metadata.name && uid !== endpoints.metadata.uid,
  )
  return (
    same &&
    present.length === byId.size &&
    !stranger &&
    sameValue(omit(metadata.labels ?? {}, managedByLabel, serviceNameLabel), endpoints.metadata.labels ?? {}) &&
    sameValue(metadata.annotations ?? {}, annotations)
  )
}

function groupsOf(endpoints: Endpoints): {
  readonly groups: Readonly<Record<IpFamily, readonly PortGroup[]>>
  readonly skipped: number
} {
  const groups: Record<IpFamily, PortGroup[]> = { IPv4: [], IPv6: [] }
  let skipped = 0
  for (const { addresses, notReadyAddresses, ports } of repackSubsets(endpoints.subsets ?? [])) {
    const all = [
      ...(addresses ?? []).map((address) => mirrored(address, true)),
      ...(notReadyAddresses ?? []).map((address) => mirrored(address, false)),
    ]
    skipped += Math.max(0, all.length - maxPerSubset)
    const slicePorts = sortSlicePorts((ports ?? []).map((port) => ({ name: '', protocol: 'TCP' as const, ...port })))
    for (const family of ['IPv4', 'IPv6'] as const) {
      const own = all.slice(0, maxPerSubset).filter((one) => one.addresses[0]?.includes(':') === (family === 'IPv6'))
      const distinct = [...new Map(own.map((one) => [endpointId(one), one])).values()]
      addTo(groups[family], { ports: slicePorts, endpoints: distinct })
    }
  }
  return { groups, skipped }
}

/** Subsets of the same ports make one group; what does not fit into its one slice is left out. */
function addTo(groups: PortGroup[], group: PortGroup): void {
  if (group.endpoints.length === 0) return
  const id = slicePortsId(group.ports)
  const at = groups.findIndex(({ ports }) => slicePortsId(ports) === id)
  const known = groups[at]
  if (!known) {
    groups.push(group)
    return
  }
  const all = new Map([...known.endpoints, ...group.endpoints].map((one) => [endpointId(one), one]))
  groups[at] = { ports: known.ports, endpoints: [...all.values()].slice(0, maxPerSubset) }
}

function mirrored({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): SliceEndpoint {
  return {
    addresses: [canonicalIp(ip)],
    conditions: { ready },
    ...(hostname === undefined || hostname === '' ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  }
}
