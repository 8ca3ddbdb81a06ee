import type { IpFamily } from '../../base/ip.ts'
import type { EndpointSlice, KubeObject, Labels } from '../../api/types.ts'
import { keyOf, objectKey } from '../../store/objects.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Write } from '../../store/store.ts'
import type { Context } from '../controller.ts'
import { generateName } from '../names.ts'
import { omit } from '../omit.ts'
import { controllerReference } from '../workload/podTemplate.ts'
import type { PlannedSlice } from './slicePlan.ts'

/** What a slice has of whom it belongs to. */
export interface SliceFrame {
  readonly family: IpFamily
  readonly labels: Labels
  readonly owner: KubeObject
  /** Put on every slice that is written; those whose value is undefined are taken away. */
  readonly annotations: Readonly<Record<string, string | undefined>>
  /** Nothing is created any more: the owner is being deleted. */
  readonly frozen?: boolean
  /** New slices that take the place of a certain old one. */
  readonly replaced?: ReadonlyMap<PlannedSlice, EndpointSlice>
  /** Whether a new slice may take the place of one that is to go; absent: when it is the owner's. */
  readonly mayReuse?: (slice: EndpointSlice) => boolean
}

/**
 * The writes from `existing` to `planned`. A slice to create takes the place and name of one of the owner's that is to go.
 * Source: reconciler.go finalize.
 */
export function sliceWrites(
  context: Context,
  planned: readonly PlannedSlice[],
  existing: readonly EndpointSlice[],
  frame: SliceFrame,
): readonly Write[] {
  const { replaced = new Map<PlannedSlice, EndpointSlice>() } = frame
  const mayReuse = frame.mayReuse ?? ((slice: EndpointSlice): boolean => isOwnedBy(slice, frame.owner))
  const kept = new Set([...planned.flatMap((slice) => slice.existing ?? []), ...replaced.values()])
  const surplus = existing.filter((slice) => !kept.has(slice))
  const fresh: PlannedSlice[] = []
  const updates: Write[] = []
  for (const slice of planned) {
    const old = replaced.get(slice)
    if (slice.existing) {
      if (slice.touched) updates.push({ type: 'update', object: changed(slice.existing, slice, frame) })
    } else if (old) {
      const metadata = { ...omit(freshMeta(frame), 'generateName'), name: old.metadata.name }
      updates.push({ type: 'update', object: contentOf(slice, frame, metadata) })
    } else fresh.push(slice)
  }
  const gone = surplus.filter((old) => {
    const slice = mayReuse(old) ? fresh.pop() : undefined
    if (!slice) return true
    const object = contentOf(slice, frame, { ...freshMeta(frame), name: old.metadata.name })
    if (!isSameContent(old, object)) updates.push({ type: 'update', object })
    return false
  })
  const creates = frame.frozen === true ? [] : created(context, fresh, frame)
  return [
    ...creates,
    ...updates,
    ...gone.map((slice): Write => ({ type: 'delete', kind: 'EndpointSlice', key: keyOf(slice) })),
  ]
}

/** Whether the API server would find nothing to change. */
function isSameContent(old: EndpointSlice, object: EndpointSlice): boolean {
  const { metadata, endpoints = null, ports = null } = old
  const { labels, annotations, ownerReferences, generateName } = metadata
  return sameValue(
    { labels, annotations, ownerReferences, generateName, endpoints, ports },
    {
      labels: object.metadata.labels,
      annotations: object.metadata.annotations,
      ownerReferences: object.metadata.ownerReferences,
      generateName: object.metadata.generateName,
      endpoints: object.endpoints,
      ports: object.ports,
    },
  )
}

/** Source: endpointslice utils.go ownedBy. */
export function isOwnedBy(slice: EndpointSlice, owner: KubeObject): boolean {
  return (slice.metadata.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === owner.metadata.uid && kind === owner.kind && apiVersion === 'v1',
  )
}

function changed(slice: EndpointSlice, planned: PlannedSlice, frame: SliceFrame): EndpointSlice {
  const annotations = withAnnotations(slice.metadata.annotations, frame.annotations)
  const metadata = {
    ...omit(slice.metadata, 'annotations'),
    ...(planned.relabelled ? { labels: frame.labels } : {}),
    ...annotations,
  }
  return { ...slice, ...contentOf(planned, frame, metadata) }
}

function withAnnotations(
  present: Labels | undefined,
  more: SliceFrame['annotations'],
): { readonly annotations?: Labels } {
  const all: Record<string, string> = {}
  for (const [key, value] of Object.entries({ ...present, ...more })) if (value !== undefined) all[key] = value
  return Object.keys(all).length > 0 ? { annotations: all } : {}
}

function freshMeta(frame: SliceFrame): Omit<EndpointSlice['metadata'], 'name'> {
  const { name, namespace = 'default' } = frame.owner.metadata
  return {
    generateName: `${name}-`,
    namespace,
    labels: frame.labels,
    ...withAnnotations(undefined, frame.annotations),
    ownerReferences: [controllerReference(frame.owner)],
  }
}

function created(context: Context, fresh: readonly PlannedSlice[], frame: SliceFrame): readonly Write[] {
  if (fresh.length === 0) return []
  const meta = freshMeta(frame)
  const names = context.random.fork(
    `slice names ${keyOf(frame.owner)} ${frame.family} ${frame.labels['endpointslice.kubernetes.io/managed-by'] ?? ''} ${context.now}`,
  )
  const taken = new Set<string>()
  return fresh.map((slice) => {
    const used = (name: string): boolean =>
      taken.has(name) || context.snapshot.get('EndpointSlice', objectKey(meta.namespace, name)) !== undefined
    const name = generateName(meta.generateName ?? '', names, used)
    taken.add(name)
    return { type: 'create', object: contentOf(slice, frame, { ...meta, name }) }
  })
}

const written = new WeakMap<Labels, EndpointSlice['endpoints']>()

/** Whether a controller wrote `slice` just so: its own write comes back on the watch and is no news. */
export function isOwnWrite({ metadata: { labels }, endpoints }: EndpointSlice): boolean {
  return labels !== undefined && written.has(labels) && written.get(labels) === endpoints
}

/** Go's nil lists are stored as null. */
function contentOf(planned: PlannedSlice, frame: SliceFrame, metadata: EndpointSlice['metadata']): EndpointSlice {
  const endpoints = planned.endpoints.length > 0 ? planned.endpoints : null
  const labels = { ...metadata.labels }
  written.set(labels, endpoints)
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels },
    addressType: frame.family,
    endpoints,
    ports: planned.ports.length > 0 ? planned.ports : null,
  }
}
