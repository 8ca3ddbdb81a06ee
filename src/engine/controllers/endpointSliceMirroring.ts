import type { IpFamily } from '../base/ip.ts'
import type { EndpointAddress, Endpoints, EndpointSlice, SliceEndpoint, SlicePort } from '../api/types.ts'
import { byKey, keyOf } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { eachKey } from './controller.ts'
import type { Context, Controller } from './controller.ts'
import { omit } from './omit.ts'
import { planSlices } from './slicePlan.ts'
import type { PortGroup } from './slicePlan.ts'
import { sliceWrites } from './sliceWrites.ts'

const managedBy = 'endpointslicemirroring-controller.k8s.io'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
const maxPerSubset = 1000
/** Annotations that say something about the Endpoints object only. */
const ownAnnotations = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
  'endpoints.kubernetes.io/over-capacity',
] as const

/** Copies hand-made Endpoints of Services without a selector into EndpointSlices. Source: kubernetes pkg/controller/endpointslicemirroring. */
export const endpointSliceMirroringController: Controller = {
  name: 'endpointslicemirroring',
  kinds: ['Endpoints', 'Service', 'EndpointSlice'],
  delay: 30,
  wakes: (change) => {
    if (change.kind === 'Endpoints' || change.kind === 'Service') return [change.key]
    if (change.kind !== 'EndpointSlice' || change.type === 'ADDED') return []
    const { labels = {}, namespace = '' } = change.object.metadata
    return labels['endpointslice.kubernetes.io/managed-by'] === managedBy
      ? [`${namespace}/${labels['kubernetes.io/service-name'] ?? ''}`]
      : []
  },
  reconcile: eachKey(reconcileMirror),
}

/** The writes that bring the mirrored slices in line with the Endpoints at `key`. */
export function reconcileMirror(context: Context, key: string): readonly Write[] {
  const { snapshot } = context
  const endpoints = snapshot.get('Endpoints', key)
  const service = snapshot.get('Service', key)
  const mine = [...snapshot.indexed('EndpointSlice', 'service', key)]
    .filter(({ metadata }) => metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === managedBy)
    .sort(byKey)
  if (!endpoints || !service || service.spec.selector || isSkipped(endpoints)) {
    return mine.map((slice) => ({ type: 'delete', kind: 'EndpointSlice', key: keyOf(slice) }))
  }
  return (['IPv4', 'IPv6'] as const).flatMap((family) => mirrorFamily(context, endpoints, family, mine))
}

function isSkipped({ metadata }: Endpoints): boolean {
  return metadata.labels?.[skipLabel] === 'true' || metadata.annotations?.[leaderAnnotation] !== undefined
}

function mirrorFamily(
  context: Context,
  endpoints: Endpoints,
  family: IpFamily,
  mine: readonly EndpointSlice[],
): readonly Write[] {
  const existing = mine.filter(({ addressType }) => addressType === family)
  const plan = planSlices(groupsOf(endpoints, family), existing, maxPerSubset)
  const { labels = {}, annotations = {}, name } = endpoints.metadata
  return sliceWrites(context, endpoints, plan, existing, {
    family,
    labels: {
      ...omit(labels, skipLabel),
      'kubernetes.io/service-name': name,
      'endpointslice.kubernetes.io/managed-by': managedBy,
    },
    owner: endpoints,
    annotations: omit(annotations, ...ownAnnotations),
  })
}

function groupsOf(endpoints: Endpoints, family: IpFamily): readonly PortGroup[] {
  const groups = new Map<string, { readonly ports: readonly SlicePort[]; readonly endpoints: SliceEndpoint[] }>()
  for (const { addresses, notReadyAddresses, ports } of endpoints.subsets ?? []) {
    const all = [
      ...(addresses ?? []).map((address) => mirrored(address, true)),
      ...(notReadyAddresses ?? []).map((address) => mirrored(address, false)),
    ]
    const own = all
      .slice(0, maxPerSubset)
      .filter((one) => (one.addresses[0]?.includes(':') ?? false) === (family === 'IPv6'))
    if (own.length === 0) continue
    const slicePorts = (ports ?? []).map((port) => ({ name: '', protocol: 'TCP' as const, ...port }))
    const id = JSON.stringify(slicePorts)
    const group = groups.get(id)
    if (group) group.endpoints.push(...own)
    else groups.set(id, { ports: slicePorts, endpoints: own })
  }
  return [...groups.values()]
}

function mirrored({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): SliceEndpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined || hostname === '' ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  }
}
