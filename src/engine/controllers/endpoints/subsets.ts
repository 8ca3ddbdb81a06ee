import type { EndpointAddress, EndpointSubset, SlicePort } from '../../api/types.ts'
import { sortEndpointsPorts, sortSubsets } from './portOrder.ts'

/** One address that serves one port; `port` absent: a headless Service without ports. */
export interface Backend {
  readonly address: EndpointAddress
  readonly port?: SlicePort
  readonly ready: boolean
  /** See `addressId`. */
  id?: string
}

/** What tells addresses apart and orders them, remembered: unchanged pods give the same backends each time. */
function addressId(backend: Backend): string {
  return (backend.id ??= `${backend.address.ip} ${backend.address.targetRef?.uid ?? ''}`)
}

/**
 * Subsets in which every address serves every port: ports with the same addresses share one. Addresses are sorted by IP
 * text, ports and subsets by a hash. Source: api/v1/endpoints RepackSubsets.
 */
export function packSubsets(backends: readonly Backend[]): readonly EndpointSubset[] {
  const byPort = new Map<string, { readonly port: SlicePort | undefined; readonly backends: Backend[] }>()
  let last: string | undefined
  let own: Backend[] = []
  for (const backend of backends) {
    const id = rememberedPortId(backend.port)
    if (id !== last) {
      const known = byPort.get(id)
      own = known?.backends ?? []
      if (!known) byPort.set(id, { port: backend.port, backends: own })
      last = id
    }
    own.push(backend)
  }
  const groups = new Map<string, { readonly ports: SlicePort[]; readonly backends: readonly Backend[] }>()
  for (const [, { port, backends: all }] of [...byPort].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sorted = oncePerAddress(all)
    // Only several ports need to be compared with each other.
    const id = byPort.size === 1 ? '' : addressesId(sorted)
    const group = groups.get(id) ?? { ports: [], backends: sorted }
    groups.set(id, group)
    if (port) group.ports.push(port)
  }
  const subsets = [...groups.values()].map(({ ports, backends: own }) => {
    const ready: EndpointAddress[] = []
    const notReady: EndpointAddress[] = []
    for (const one of own) (one.ready ? ready : notReady).push(one.address)
    return {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ...(ports.length > 0 ? { ports: sortEndpointsPorts(ports) } : {}),
    }
  })
  return sortSubsets(subsets)
}

/** Subsets that somebody wrote, in the form and order of `packSubsets`. */
export function repackSubsets(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  // The first object of an address stands for it in all subsets.
  const known = new Map<string, EndpointAddress>()
  const backends = subsets.flatMap(({ addresses, notReadyAddresses, ports }) => {
    const of = (list: readonly EndpointAddress[] | null | undefined, ready: boolean): readonly Backend[] =>
      (list ?? []).flatMap((one) => {
        const id = `${one.ip} ${one.targetRef?.uid ?? ''}`
        const address = known.get(id) ?? one
        known.set(id, address)
        if (!ports || ports.length === 0) return [{ address, ready }]
        return ports.map((port) => ({ address, ready, port }))
      })
    return [...of(addresses, true), ...of(notReadyAddresses, false)]
  })
  return packSubsets(backends)
}

/** By address. The same address twice: once not ready is not ready. */
function oncePerAddress(backends: Backend[]): readonly Backend[] {
  backends.sort((a, b) => {
    const [x, y] = [addressId(a), addressId(b)]
    return x < y ? -1 : x > y ? 1 : 0
  })
  let last = 0
  for (let i = 1; i < backends.length; i++) {
    const [kept, next] = [backends[last], backends[i]] as [Backend, Backend]
    if (addressId(next) !== addressId(kept)) backends[++last] = next
    else if (kept.ready) backends[last] = next
  }
  return backends.slice(0, last + 1)
}

const portIds = new WeakMap<SlicePort, string>()

function rememberedPortId(port: SlicePort | undefined): string {
  if (!port) return ''
  const known = portIds.get(port)
  if (known !== undefined) return known
  const id = portId(port)
  portIds.set(port, id)
  return id
}

function portId(port: SlicePort | undefined): string {
  return port ? `${port.name ?? ''} ${port.port ?? ''} ${port.protocol ?? ''} ${port.appProtocol ?? ''}` : ''
}

function addressesId(backends: readonly Backend[]): string {
  return backends
    .map(({ address, ready }) => `${address.ip} ${address.targetRef?.uid ?? ''} ${ready ? 'ready' : 'not ready'}`)
    .join()
}

/**
 * At most `max` addresses, ready ones first, taken from each subset in proportion. Subsets stay, be they empty. Source:
 * endpoints_controller.go truncateEndpoints.
 */
export function truncateSubsets(
  subsets: readonly EndpointSubset[],
  max: number,
): { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean } {
  const count = (field: 'addresses' | 'notReadyAddresses'): number =>
    subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0)
  const ready = count('addresses')
  const notReady = count('notReadyAddresses')
  if (ready + notReady <= max) return { subsets, truncated: false }
  const field = ready > max ? 'addresses' : 'notReadyAddresses'
  const room = ready > max ? max : max - ready
  const total = ready > max ? ready : notReady
  let left = room
  const cut = subsets.map((subset): EndpointSubset => {
    const own = subset[field] ?? []
    const kept = own.slice(0, Math.min(left, Math.ceil((own.length / total) * room)))
    left -= kept.length
    const { addresses, ports } = subset
    const first = field === 'addresses' ? kept : (addresses ?? [])
    const second = field === 'addresses' ? [] : kept
    return {
      ...(first.length > 0 ? { addresses: first } : {}),
      ...(second.length > 0 ? { notReadyAddresses: second } : {}),
      ...(ports ? { ports } : {}),
    }
  })
  return { subsets: cut, truncated: true }
}
