import type { IpFamily } from '../base/ip.ts'
import type { EndpointSlice, KubeObject, Labels } from '../api/types.ts'
import { keyOf, objectKey } from '../store/objects.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import type { Context } from './controller.ts'
import { generateName } from './names.ts'
import { controllerReference } from './podTemplate.ts'
import type { PlannedSlice } from './slicePlan.ts'

const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time'

export interface SliceFrame {
  readonly family: IpFamily
  readonly labels: Labels
  readonly owner: KubeObject
  /** Copied onto every slice, in place of the change time. */
  readonly annotations?: Labels
}

/** The writes from `existing` to `planned`. A slice to create takes over the name of one to delete. Source: reconciler.go finalize. */
export function sliceWrites(
  context: Context,
  service: KubeObject,
  planned: readonly PlannedSlice[],
  existing: readonly EndpointSlice[],
  frame: SliceFrame,
): readonly Write[] {
  const kept = new Set(planned.flatMap((slice) => slice.existing ?? []))
  const surplus = existing.filter((slice) => !kept.has(slice))
  const writes: Write[] = []
  const taken = new Set<string>()
  for (const slice of planned) {
    const reused = slice.existing ?? takeOwned(surplus, frame.owner)
    const object = reused ? changed(context, reused, slice, frame) : created(context, service, slice, frame, taken)
    if (object !== reused) writes.push({ type: reused ? 'update' : 'create', object })
  }
  for (const slice of surplus) writes.push({ type: 'delete', kind: 'EndpointSlice', key: keyOf(slice) })
  return writes
}

/** Takes the first slice that belongs to the owner out of `surplus`. */
function takeOwned(surplus: EndpointSlice[], owner: KubeObject): EndpointSlice | undefined {
  const index = surplus.findIndex(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid),
  )
  return index < 0 ? undefined : surplus.splice(index, 1)[0]
}

function changed(context: Context, slice: EndpointSlice, planned: PlannedSlice, frame: SliceFrame): EndpointSlice {
  const content = contentOf(planned)
  const present = { endpoints: slice.endpoints ?? null, ports: slice.ports ?? null }
  // Endpoint lists that were not touched hold the very same objects, so this compare is by reference mostly.
  if (sameValue(present, content) && sameValue(slice.metadata.labels, frame.labels)) return slice
  const annotations = frame.annotations ?? {
    ...slice.metadata.annotations,
    [triggerTime]: formatTimestamp(context.now),
  }
  return { ...slice, ...content, metadata: { ...slice.metadata, labels: frame.labels, annotations } }
}

function created(
  context: Context,
  service: KubeObject,
  planned: PlannedSlice,
  frame: SliceFrame,
  taken: Set<string>,
): EndpointSlice {
  const namespace = service.metadata.namespace ?? 'default'
  const generated = `${service.metadata.name}-`
  const names = context.random.fork(
    `slice names ${keyOf(service)} ${frame.family} ${frame.labels['endpointslice.kubernetes.io/managed-by'] ?? ''} ${context.now}`,
  )
  const name = generateName(
    generated,
    names,
    (one) => taken.has(one) || context.snapshot.get('EndpointSlice', objectKey(namespace, one)) !== undefined,
  )
  taken.add(name)
  const annotations = frame.annotations ?? { [triggerTime]: formatTimestamp(context.now) }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      generateName: generated,
      namespace,
      labels: frame.labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [controllerReference(frame.owner)],
    },
    addressType: frame.family,
    ...contentOf(planned),
  }
}

const written = new WeakSet()

/** Whether `slice` holds an endpoint list that a controller wrote: its own write comes back on the watch and is no news. */
export function isOwnWrite({ endpoints }: EndpointSlice): boolean {
  return endpoints !== null && endpoints !== undefined && written.has(endpoints)
}

/** Go's nil lists are stored as null. */
function contentOf(planned: PlannedSlice): Pick<EndpointSlice, 'endpoints' | 'ports'> {
  written.add(planned.endpoints)
  return {
    endpoints: planned.endpoints.length > 0 ? planned.endpoints : null,
    ports: planned.ports.length > 0 ? planned.ports : null,
  }
}
