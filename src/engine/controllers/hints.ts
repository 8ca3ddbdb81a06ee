import type { IpFamily } from '../base/ip.ts'
import type { Service, SliceEndpoint } from '../api/types.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Write } from '../store/store.ts'
import type { Context } from './controller.ts'
import { recordEvent } from './events.ts'
import { omit } from './omit.ts'
import type { PlannedSlice } from './slicePlan.ts'
import { zoneHints } from './zoneAllocation.ts'

type Hints = NonNullable<SliceEndpoint['hints']>

/** Lays topology hints on the endpoints that are ready, as the Service asks. `event` tells of topology-mode Auto. */
export function addHints(
  context: Context,
  service: Service,
  family: IpFamily,
  slices: readonly PlannedSlice[],
): { readonly slices: readonly PlannedSlice[]; readonly event?: Write } {
  const { annotations = {} } = service.metadata
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode']
  if (mode !== 'Auto' && mode !== 'auto')
    return { slices: withHints(slices, (endpoint) => preference(service, endpoint)) }
  const nodes = [...context.snapshot.list('Node')]
  const endpoints = slices.flatMap((slice) => slice.endpoints)
  const allocated = zoneHints(nodes, endpoints)
  const text = allocated.ok
    ? ({
        type: 'Normal',
        reason: 'TopologyAwareHintsEnabled',
        message: 'Topology Aware Hints has been enabled',
      } as const)
    : ({ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: allocated.error } as const)
  const message = `${text.message}, addressType: ${family}`
  return {
    slices: withHints(slices, (endpoint) => {
      const zone = allocated.ok ? allocated.value.get(endpoint) : undefined
      return zone === undefined ? undefined : { forZones: [{ name: zone }] }
    }),
    event: recordEvent(context, service, 'endpoint-slice-controller', { ...text, message }),
  }
}

function preference(service: Service, endpoint: SliceEndpoint): Hints | undefined {
  const { trafficDistribution } = service.spec
  if (endpoint.conditions?.ready !== true) return undefined
  const sameNode = trafficDistribution === 'PreferSameNode'
  if (!sameNode && trafficDistribution !== 'PreferClose' && trafficDistribution !== 'PreferSameZone') return undefined
  const { zone, nodeName } = endpoint
  const hints = {
    ...(zone === undefined || zone === '' ? {} : { forZones: [{ name: zone }] }),
    ...(sameNode && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {}),
  }
  return Object.keys(hints).length > 0 ? hints : undefined
}

/** Endpoints whose hints are right already stay the same objects. */
function withHints(
  slices: readonly PlannedSlice[],
  hintsOf: (endpoint: SliceEndpoint) => Hints | undefined,
): readonly PlannedSlice[] {
  return slices.map((slice) => ({
    ...slice,
    endpoints: slice.endpoints.map((endpoint) => {
      const hints = hintsOf(endpoint)
      if (sameValue(hints, endpoint.hints)) return endpoint
      const bare = omit(endpoint, 'hints')
      return hints ? { ...bare, hints } : bare
    }),
  }))
}
