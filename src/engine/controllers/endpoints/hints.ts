import type { IpFamily } from '../../base/ip.ts'
import type { Node, Service, SliceEndpoint } from '../../api/types.ts'
import type { EventText } from '../events.ts'
import { omit } from '../omit.ts'
import type { PlannedSlice } from './slicePlan.ts'
import { allocateZones, cpuRatios, moves } from './zoneAllocation.ts'
import type { ZoneShare } from './zoneAllocation.ts'

type Hints = NonNullable<SliceEndpoint['hints']>

/** Endpoints per zone that hints were last given to, per Service and family. Source: endpointslice/topologycache. */
export interface TopologyCache {
  readonly zones: Map<string, Map<IpFamily, ReadonlyMap<string, number>>>
  /** Services whose last sync laid hints; the event about it comes once. */
  readonly populated: Set<string>
}

export function createTopologyCache(): TopologyCache {
  return { zones: new Map(), populated: new Set() }
}

/**
 * Lays topology hints on the endpoints that are ready, as the Service asks. Slices that get or lose hints by it become
 * touched. The events tell of topology-mode Auto. Source: reconciler.go, topologycache.go AddHints, trafficdist.go.
 */
export function addHints(
  cache: TopologyCache,
  key: string,
  service: Service,
  family: IpFamily,
  slices: readonly PlannedSlice[],
  nodes: () => Iterable<Node>,
): { readonly slices: readonly PlannedSlice[]; readonly events: readonly EventText[] } {
  const say = (type: EventText['type'], message: string): readonly EventText[] => [
    {
      type,
      reason: type === 'Normal' ? 'TopologyAwareHintsEnabled' : 'TopologyAwareHintsDisabled',
      message: `${message}, addressType: ${family}`,
    },
  ]
  if (wantsZoneShares(service)) {
    const laid = shareZones(slices, nodes())
    if (!laid.ok) {
      forgetHints(cache, key, family)
      return { slices: slices.map(withoutHints), events: say('Warning', laid.error) }
    }
    const events = cache.populated.has(key) ? [] : say('Normal', 'Topology Aware Hints has been enabled')
    const families = cache.zones.get(key) ?? new Map<IpFamily, ReadonlyMap<string, number>>()
    cache.zones.set(key, families.set(family, laid.zones))
    cache.populated.add(key)
    return { slices: laid.slices, events }
  }
  const events = cache.populated.has(key) ? say('Warning', 'Topology Aware Hints has been disabled') : []
  forgetHints(cache, key, family)
  const { trafficDistribution = '' } = service.spec
  if (!closeDistributions.includes(trafficDistribution)) return { slices: slices.map(withoutHints), events }
  const sameNode = trafficDistribution === 'PreferSameNode'
  return { slices: slices.map((slice) => withCloseHints(slice, sameNode)), events }
}

const closeDistributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

/** Both annotations mean the same; the older one wins. */
function wantsZoneShares({ metadata: { annotations = {} } }: Service): boolean {
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode']
  return mode === 'Auto' || mode === 'auto'
}

export function forgetHints({ zones, populated }: TopologyCache, key: string, family: IpFamily): void {
  const families = zones.get(key)
  families?.delete(family)
  if (families?.size === 0) zones.delete(key)
  // Upstream forgets it for both families at once.
  populated.delete(key)
}

function isReady(endpoint: SliceEndpoint): boolean {
  return endpoint.conditions?.ready === true
}

function hinted(endpoint: SliceEndpoint, hints: Hints | undefined): SliceEndpoint {
  if (!hints) return endpoint.hints === undefined ? endpoint : omit(endpoint, 'hints')
  return { ...endpoint, hints }
}

function withoutHints(slice: PlannedSlice): PlannedSlice {
  if (slice.endpoints.every(({ hints }) => hints === undefined)) return slice
  return { ...slice, touched: true, endpoints: slice.endpoints.map((endpoint) => hinted(endpoint, undefined)) }
}

/** Endpoints that are not ready keep whatever hints they have. */
function withCloseHints(slice: PlannedSlice, sameNode: boolean): PlannedSlice {
  if (!slice.touched && slice.endpoints.every((one) => !isReady(one) || hasCloseHints(one, sameNode))) return slice
  const endpoints = slice.endpoints.map((endpoint) => {
    if (!isReady(endpoint) || (endpoint.hints && hasCloseHints(endpoint, sameNode))) return endpoint
    return hinted(endpoint, closeHints(endpoint, sameNode))
  })
  return { ...slice, touched: true, endpoints }
}

function closeHints({ zone, nodeName }: SliceEndpoint, sameNode: boolean): Hints | undefined {
  const hints = {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(sameNode && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {}),
  }
  return Object.keys(hints).length > 0 ? hints : undefined
}

function hasCloseHints({ zone, nodeName, hints }: SliceEndpoint, sameNode: boolean): boolean {
  const holds = (present: readonly { readonly name: string }[] | undefined, wanted: string | undefined): boolean =>
    wanted === undefined ? (present ?? []).length === 0 : present?.length === 1 && present[0]?.name === wanted
  return holds(hints?.forZones, zone) && holds(hints?.forNodes, sameNode ? nodeName : undefined)
}

type Laid =
  | { readonly ok: true; readonly slices: readonly PlannedSlice[]; readonly zones: ReadonlyMap<string, number> }
  | { readonly ok: false; readonly error: string }

/** Gives each zone its share of the endpoints, in proportion to its CPUs. Slices that are right already stay untouched. */
function shareZones(slices: readonly PlannedSlice[], nodes: Iterable<Node>): Laid {
  const ratios = cpuRatios(nodes)
  if (!ratios.ok) return ratios
  const ready = slices.reduce((sum, { endpoints }) => sum + endpoints.filter(isReady).length, 0)
  const shares = allocateZones(ratios.value, ready)
  if (!shares.ok) return shares
  const zones = new Map<string, number>()
  const open = slices.filter((slice) => slice.touched || !keepsShares(slice, zones, shares.value))
  // Same zone first.
  for (const endpoint of open.flatMap(({ endpoints }) => endpoints.filter(isReady))) {
    const { zone } = endpoint
    if (zone === undefined || zone === '') {
      return { ok: false, error: 'One or more endpoints do not have a zone specified' }
    }
    zones.set(zone, (zones.get(zone) ?? 0) + 1)
  }
  const { giving, receiving } = moves(shares.value, zones)
  const zoneOf = (endpoint: SliceEndpoint): string => {
    const from = endpoint.zone ?? ''
    const give = giving.get(from) ?? 0
    const to = [...receiving].find(([, n]) => n > 0)
    if (give <= 0 || !to) return from
    giving.set(from, give - 1)
    receiving.set(to[0], to[1] - 1)
    zones.set(from, (zones.get(from) ?? 0) - 1)
    zones.set(to[0], (zones.get(to[0]) ?? 0) + 1)
    return to[0]
  }
  const laid = slices.map((slice) => {
    if (!open.includes(slice)) return slice
    const endpoints = slice.endpoints.map((endpoint) =>
      isReady(endpoint) ? hinted(endpoint, { forZones: [{ name: zoneOf(endpoint) }] }) : endpoint,
    )
    return { ...slice, touched: true, endpoints }
  })
  if (zones.size === 0) return { ok: false, error: 'No hints allocated for zones' }
  return { ok: true, slices: laid, zones }
}

/**
 * Whether the hints that an unchanged slice has can stay; they are then counted in `zones`. Source: topologycache/utils.go
 * getHintsByZone.
 */
function keepsShares(slice: PlannedSlice, zones: Map<string, number>, shares: ReadonlyMap<string, ZoneShare>): boolean {
  const own = new Map<string, number>()
  for (const endpoint of slice.endpoints) {
    if (!isReady(endpoint)) continue
    const hints = endpoint.hints?.forZones ?? []
    if (hints.length === 0) return false
    for (const { name } of hints) {
      if (!shares.has(name)) return false
      own.set(name, (own.get(name) ?? 0) + 1)
    }
  }
  for (const [zone, count] of own) {
    if (count + (zones.get(zone) ?? 0) > (shares.get(zone)?.maximum ?? 0)) return false
  }
  for (const [zone, count] of own) zones.set(zone, (zones.get(zone) ?? 0) + count)
  return true
}
