import type { Node, SliceEndpoint } from '../api/types.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import { parseQuantity } from './quantity.ts'

/** A zone may get at most this much more traffic per endpoint than its share of CPUs. Source: topologycache OverloadThreshold. */
const overloadThreshold = 0.2

/**
 * The zone that each ready endpoint shall serve, in proportion to the zones' CPUs. The error is the event's message.
 * Source: endpointslice/topologycache/topologycache.go.
 */
export function zoneHints(
  nodes: readonly Node[],
  endpoints: readonly SliceEndpoint[],
): Result<ReadonlyMap<SliceEndpoint, string>, string> {
  const ready = endpoints.filter((endpoint) => endpoint.conditions?.ready === true)
  const ratios = cpuRatios(nodes)
  if (!ratios.ok) return ratios
  const allocations = allocate(ratios.value, ready.length)
  if (!allocations.ok) return allocations
  const hints = new Map<SliceEndpoint, string>()
  const given = new Map<string, number>()
  for (const endpoint of ready) {
    const { zone } = endpoint
    if (zone === undefined || zone === '') return err('One or more endpoints do not have a zone specified')
    hints.set(endpoint, zone)
    given.set(zone, (given.get(zone) ?? 0) + 1)
  }
  redistribute(ready, hints, transfers(allocations.value, given))
  return ok(hints)
}

const excludedLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

/** Share of each zone in the CPUs of ready workers. */
function cpuRatios(nodes: readonly Node[]): Result<ReadonlyMap<string, number>, string> {
  const perZone = new Map<string, number>()
  let total = 0
  for (const node of [...nodes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const labels = node.metadata.labels ?? {}
    if (excludedLabels.some((label) => label in labels)) continue
    if (node.status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True') continue
    const allocatable = node.status['allocatable'] as { readonly cpu?: string | number } | undefined
    const cpu = parseQuantity(String(allocatable?.cpu ?? '')) ?? 0
    const zone = labels['topology.kubernetes.io/zone'] ?? ''
    if (zone === '' || cpu === 0) {
      return err('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes')
    }
    perZone.set(zone, (perZone.get(zone) ?? 0) + cpu)
    total += cpu
  }
  if (perZone.size < 2) return err('Nodes only ready in one zone')
  return ok(new Map([...perZone].map(([zone, cpu]) => [zone, cpu / total])))
}

/** Endpoints that each zone shall have, as a fraction. */
function allocate(ratios: ReadonlyMap<string, number>, count: number): Result<ReadonlyMap<string, number>, string> {
  const size = `(${count} endpoints, ${ratios.size} zones)`
  if (ratios.size > count) return err(`Insufficient number of endpoints ${size}`)
  let left = count
  const desired = new Map<string, number>()
  for (const [zone, ratio] of ratios) {
    const share = ratio * count
    const minimum = Math.ceil(share / (1 + overloadThreshold))
    desired.set(zone, Math.max(share, minimum))
    left -= minimum
  }
  return left < 0
    ? err(`Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${size}`)
    : ok(desired)
}

interface Transfers {
  readonly giving: Map<string, number>
  readonly receiving: Map<string, number>
}

/** Whole endpoints to move from zones that have too many to zones that have too few. */
function transfers(desired: ReadonlyMap<string, number>, given: ReadonlyMap<string, number>): Transfers {
  const surplus = new Map<string, number>()
  const lack = new Map<string, number>()
  for (const [zone, target] of desired) {
    const difference = (given.get(zone) ?? 0) - target
    if (difference > 0) surplus.set(zone, difference)
    if (difference < 0) lack.set(zone, -difference)
  }
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [from, give] = most(surplus)
    const [to, receive] = most(lack)
    if (from === undefined || to === undefined) break
    if ((give < 1 && receive < 1) || give < 0.5 || receive < 0.5) break
    giving.set(from, (giving.get(from) ?? 0) + 1)
    surplus.set(from, give - 1)
    receiving.set(to, (receiving.get(to) ?? 0) + 1)
    lack.set(to, receive - 1)
  }
  return { giving, receiving }
}

function most(amounts: ReadonlyMap<string, number>): readonly [string | undefined, number] {
  let best: string | undefined
  let amount = 0
  for (const [zone, n] of amounts) {
    if (n > amount) [best, amount] = [zone, n]
  }
  return [best, amount]
}

function redistribute(
  ready: readonly SliceEndpoint[],
  hints: Map<SliceEndpoint, string>,
  { giving, receiving }: Transfers,
): void {
  for (const endpoint of ready) {
    const from = endpoint.zone ?? ''
    const give = giving.get(from) ?? 0
    const to = [...receiving].find(([, n]) => n > 0)
    if (give <= 0 || !to) continue
    hints.set(endpoint, to[0])
    giving.set(from, give - 1)
    receiving.set(to[0], to[1] - 1)
  }
}
