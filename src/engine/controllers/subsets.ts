import type { EndpointAddress, EndpointSubset, SlicePort } from '../api/types.ts'

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
 * text, subsets by their ports. Source: api/v1/endpoints RepackSubsets. Differs: upstream orders ports and subsets by a hash.
 */
export function packSubsets(backends: readonly Backend[]): readonly EndpointSubset[] {
  const byPort = new Map<string, { readonly port: SlicePort | undefined; readonly backends: Map<string, Backend> }>()
  for (const backend of backends) {
    const id = rememberedPortId(backend.port)
    const entry = byPort.get(id) ?? { port: backend.port, backends: new Map<string, Backend>() }
    byPort.set(id, entry)
    const address = addressId(backend)
    // The same address twice: once ready is ready.
    const known = entry.backends.get(address)
    if (known !== backend && known?.ready !== true) entry.backends.set(address, backend)
  }
  const groups = new Map<string, { readonly ports: SlicePort[]; readonly backends: readonly Backend[] }>()
  for (const [, { port, backends: own }] of [...byPort].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sorted = [...own.values()].sort((a, b) => (addressId(a) < addressId(b) ? -1 : 1))
    // Only several ports need to be compared with each other.
    const id = byPort.size === 1 ? '' : addressesId(sorted)
    const group = groups.get(id) ?? { ports: [], backends: sorted }
    groups.set(id, group)
    if (port) group.ports.push(port)
  }
  return [...groups.values()].map(({ ports, backends: own }) => {
    const ready: EndpointAddress[] = []
    const notReady: EndpointAddress[] = []
    for (const one of own) (one.ready ? ready : notReady).push(one.address)
    return {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }
  })
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

/** At most `max` addresses, ready ones first, taken from each subset in proportion. Source: endpoints_controller.go truncateEndpoints. */
export function truncateSubsets(
  subsets: readonly EndpointSubset[],
  max: number,
): { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean } {
  const count = (field: 'addresses' | 'notReadyAddresses'): number =>
    subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0)
  const ready = count('addresses')
  const notReady = count('notReadyAddresses')
  if (ready + notReady <= max) return { subsets, truncated: false }
  const takeReady = Math.min(ready, max)
  const takeNotReady = max - takeReady
  let readyLeft = takeReady
  let notReadyLeft = takeNotReady
  const cut = subsets.flatMap((subset): readonly EndpointSubset[] => {
    const share = (own: number, all: number, take: number): number => (all === 0 ? 0 : Math.ceil((own * take) / all))
    const { addresses, notReadyAddresses, ...rest } = subset
    const first = (addresses ?? []).slice(0, Math.min(readyLeft, share(addresses?.length ?? 0, ready, takeReady)))
    const second = (notReadyAddresses ?? []).slice(
      0,
      Math.min(notReadyLeft, share(notReadyAddresses?.length ?? 0, notReady, takeNotReady)),
    )
    readyLeft -= first.length
    notReadyLeft -= second.length
    if (first.length + second.length === 0) return []
    return [
      {
        ...(first.length > 0 ? { addresses: first } : {}),
        ...(second.length > 0 ? { notReadyAddresses: second } : {}),
        ...rest,
      },
    ]
  })
  return { subsets: cut, truncated: true }
}
