import type { EndpointSlice, Labels, SliceEndpoint, SlicePort } from '../../api/types.ts'
import { sameValue } from '../../store/sameValue.ts'
import { slicePortsId, sortSlicePorts } from './portOrder.ts'

/** The endpoints that serve the same ports. */
export interface PortGroup {
  readonly ports: readonly SlicePort[]
  readonly endpoints: readonly SliceEndpoint[]
}

/** One slice as it shall be; `existing` is the one that it changes. */
export interface PlannedSlice {
  readonly existing?: EndpointSlice
  readonly ports: readonly SlicePort[]
  readonly endpoints: SliceEndpoint[]
  /** It is written, be it for its labels only. */
  touched: boolean
  /** It gets the labels of the frame; otherwise those that it has. Filling a slice up does not relabel it. */
  readonly relabelled: boolean
}

/** What all slices of a Service have in common, as far as the plan needs it. */
export interface SlicePlanOptions {
  readonly max: number
  /** Whether the labels of a slice differ from its Service's. */
  readonly labelsDiffer: (slice: EndpointSlice) => boolean
}

/**
 * Distributes the endpoints over slices of at most `max` with as few changed slices as possible: those that change anyway
 * are filled first, then the one that fits best, then new ones. Slices are never merged. Existing slices that the plan
 * does not name are to go. Source: reconciler.go reconcileByPortMapping.
 */
export function planSlices(
  groups: readonly PortGroup[],
  existing: readonly EndpointSlice[],
  options: SlicePlanOptions,
): readonly PlannedSlice[] {
  return groups.flatMap((group) => {
    const id = slicePortsId(group.ports)
    // A slice without ports is read back with no list at all, which upstream takes for another set of ports than an empty
    // one: it is always replaced.
    const own = id === '' ? [] : existing.filter(({ ports }) => slicePortsId(ports ?? []) === id)
    return planGroup(group, own, options)
  })
}

/** Which endpoint it is, whatever its state. Source: endpointset.go hashEndpoint. */
export function endpointId(endpoint: SliceEndpoint): string {
  const known = ids.get(endpoint)
  if (known !== undefined) return known
  const { addresses, hostname = '', targetRef } = endpoint
  const sorted = addresses.length < 2 ? (addresses[0] ?? '') : [...addresses].sort().join()
  const id = `${sorted} ${hostname} ${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''}`
  ids.set(endpoint, id)
  return id
}

const ids = new WeakMap<SliceEndpoint, string>()

/** Whether two endpoints of one id agree; hints come later and do not count. Source: endpointset.go EndpointsEqualBeyondHash. */
export function sameEndpoint(a: SliceEndpoint, b: SliceEndpoint): boolean {
  if (a === b) return true
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    sameValue(a.conditions ?? {}, b.conditions ?? {}) &&
    sameValue(comparableTarget(a), comparableTarget(b))
  )
}

function comparableTarget({ targetRef }: SliceEndpoint): unknown {
  return targetRef ? { ...targetRef, resourceVersion: undefined } : undefined
}

function planGroup(
  group: PortGroup,
  existing: readonly EndpointSlice[],
  { max, labelsDiffer }: SlicePlanOptions,
): readonly PlannedSlice[] {
  const missing = new Map(group.endpoints.map((endpoint) => [endpointId(endpoint), endpoint]))
  const planned: PlannedSlice[] = []
  for (const slice of existing) {
    const present = slice.endpoints ?? []
    const endpoints: SliceEndpoint[] = []
    let updated = false
    for (const endpoint of present) {
      const id = endpointId(endpoint)
      const wanted = missing.get(id)
      if (!wanted) continue
      missing.delete(id)
      updated ||= !sameEndpoint(wanted, endpoint)
      endpoints.push(wanted)
    }
    updated ||= endpoints.length !== present.length
    if (updated && endpoints.length === 0) continue
    const relabelled = updated || labelsDiffer(slice)
    // A slice whose labels alone change keeps its endpoints with their hints.
    const kept = updated ? endpoints : [...present]
    planned.push({
      existing: slice,
      ports: sortSlicePorts(slice.ports ?? []),
      endpoints: kept,
      touched: relabelled,
      relabelled,
    })
  }
  const rest = [...missing.values()]
  const fill = (slice: PlannedSlice): void => {
    const room = max - slice.endpoints.length
    if (room <= 0 || rest.length === 0) return
    slice.endpoints.push(...rest.splice(0, room))
    slice.touched = true
  }
  for (const slice of planned.filter(({ touched }) => touched).sort(fullestFirst)) fill(slice)
  while (rest.length > 0) {
    const fitting = rest.length < max ? bestFit(planned, rest.length, max) : undefined
    const slice = fitting ?? { ports: group.ports, endpoints: [], touched: true, relabelled: true }
    if (!fitting) planned.push(slice)
    fill(slice)
  }
  return planned
}

function fullestFirst(a: PlannedSlice, b: PlannedSlice): number {
  return b.endpoints.length - a.endpoints.length
}

/** The untouched slice that `count` more endpoints bring closest to `max`. Source: utils.go getSliceToFill. */
function bestFit(planned: readonly PlannedSlice[], count: number, max: number): PlannedSlice | undefined {
  let best: PlannedSlice | undefined
  for (const slice of planned) {
    if (slice.touched || slice.endpoints.length + count > max) continue
    if (!best || slice.endpoints.length > best.endpoints.length) best = slice
  }
  return best
}

/**
 * The empty slice that a Service without any endpoint keeps. `existing`: all its slices of the family, which are to go; one
 * that is just this placeholder stays. Source: reconciler.go placeholderSliceCompare.
 */
export function placeholder(existing: readonly EndpointSlice[], labels: Labels): PlannedSlice {
  const [only] = existing
  const stays =
    only !== undefined &&
    existing.length === 1 &&
    (only.endpoints ?? []).length === 0 &&
    (only.ports ?? []).length === 0 &&
    sameLabels(only.metadata.labels ?? {}, labels)
  return { ...(stays ? { existing: only } : {}), ports: [], endpoints: [], touched: !stays, relabelled: !stays }
}

/** Upstream compares values only: a label that is missing equals an empty one. */
function sameLabels(a: Labels, b: Labels): boolean {
  return [...Object.keys(a), ...Object.keys(b)].every((key) => (a[key] ?? '') === (b[key] ?? ''))
}
