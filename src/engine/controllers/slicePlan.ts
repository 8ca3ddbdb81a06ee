import type { EndpointSlice, SliceEndpoint, SlicePort } from '../api/types.ts'
import { sameValue } from '../store/sameValue.ts'

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
  /** An endpoint was changed or removed: such slices are filled up first. */
  touched: boolean
}

/**
 * Distributes the endpoints over slices of at most `max` with as few changed slices as possible: those that change anyway
 * are filled first, then the one that fits best, then new ones. Slices are never merged. Existing slices that the plan
 * does not name are to go. Source: reconciler.go reconcileByPortMapKey.
 */
export function planSlices(
  groups: readonly PortGroup[],
  existing: readonly EndpointSlice[],
  max: number,
): readonly PlannedSlice[] {
  return groups.flatMap((group) => {
    const id = portsId(group.ports)
    return planGroup(
      group,
      existing.filter(({ ports }) => portsId(ports ?? []) === id),
      max,
    )
  })
}

/** The order of ports does not count. */
function portsId(ports: readonly SlicePort[]): string {
  return ports
    .map(
      ({ name = '', port, protocol = 'TCP', appProtocol = '' }) => `${name} ${port ?? ''} ${protocol} ${appProtocol}`,
    )
    .sort()
    .join(', ')
}

/** Which endpoint it is, whatever its state. Source: endpointset.go hashEndpoint. */
function endpointId(endpoint: SliceEndpoint): string {
  const known = ids.get(endpoint)
  if (known !== undefined) return known
  const id = computeId(endpoint)
  ids.set(endpoint, id)
  return id
}

const ids = new WeakMap<SliceEndpoint, string>()

function computeId(endpoint: SliceEndpoint): string {
  const { addresses, hostname = '', targetRef } = endpoint
  const target = targetRef
    ? `${targetRef.kind ?? ''}/${targetRef.namespace ?? ''}/${targetRef.name ?? ''}/${targetRef.uid ?? ''}`
    : ''
  return `${addresses.join()} ${hostname} ${target}`
}

function planGroup(group: PortGroup, existing: readonly EndpointSlice[], max: number): readonly PlannedSlice[] {
  const missing = new Map(group.endpoints.map((endpoint) => [endpointId(endpoint), endpoint]))
  const planned: PlannedSlice[] = []
  for (const slice of existing) {
    const endpoints: SliceEndpoint[] = []
    let touched = false
    for (const endpoint of slice.endpoints ?? []) {
      const id = endpointId(endpoint)
      const wanted = missing.get(id)
      if (!wanted) {
        touched = true
        continue
      }
      missing.delete(id)
      const same = sameBeyondHints(wanted, endpoint)
      touched ||= !same
      endpoints.push(same ? endpoint : wanted)
    }
    if (endpoints.length > 0) planned.push({ existing: slice, ports: slice.ports ?? [], endpoints, touched })
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
    const slice = fitting ?? { ports: group.ports, endpoints: [], touched: true }
    if (!fitting) planned.push(slice)
    fill(slice)
  }
  return planned
}

/** Hints are laid on later; their difference is found then. */
function sameBeyondHints(a: SliceEndpoint, b: SliceEndpoint): boolean {
  if (a === b) return true
  return sameValue({ ...a, hints: undefined }, { ...b, hints: undefined })
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

/** The empty slice that a Service without any endpoint keeps; an existing empty one stays. */
export function placeholder(existing: readonly EndpointSlice[]): PlannedSlice {
  const empty = existing.find(({ endpoints, ports }) => (endpoints ?? []).length === 0 && (ports ?? []).length === 0)
  return { ...(empty ? { existing: empty } : {}), ports: [], endpoints: [], touched: !empty }
}
