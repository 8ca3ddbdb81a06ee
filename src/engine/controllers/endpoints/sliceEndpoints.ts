import type { IpFamily } from '../../base/ip.ts'
import type { Node, Pod, Service, SliceEndpoint, SlicePort } from '../../api/types.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import { endpointHostname, endpointPorts, ipsOfFamily, isEndpoint } from './endpointPods.ts'
import { isReady, isTerminating } from '../podState.ts'
import { slicePortsId, sortSlicePorts } from './portOrder.ts'
import type { PortGroup } from './slicePlan.ts'

/**
 * The endpoints that `pods` give `service` in `family`; pods with the same resolved ports share slices. A group may be
 * empty: its pods have no address of the family. The errors name pods whose node is unknown: they are left out.
 * Source: reconciler.go reconcileByAddressType.
 */
export function groupByPorts(
  snapshot: Snapshot,
  service: Service,
  pods: readonly Pod[],
  family: IpFamily,
): { readonly groups: readonly PortGroup[]; readonly errors: readonly string[] } {
  const groups = new Map<string, { readonly ports: readonly SlicePort[]; readonly endpoints: SliceEndpoint[] }>()
  const errors: string[] = []
  const nodes = new Map<string, Node | undefined>()
  const named = (service.spec.ports ?? []).some(({ targetPort }) => typeof targetPort === 'string')
  const portsOf = (pod: Pod): readonly SlicePort[] => sortSlicePorts(endpointPorts(service, pod))
  let common: readonly SlicePort[] | undefined
  for (const pod of pods) {
    if (!isEndpoint(pod, true)) continue
    // Only a named targetPort makes pods differ.
    const ports = named ? portsOf(pod) : (common ??= portsOf(pod))
    const id = named ? slicePortsId(ports) : ''
    const group = groups.get(id) ?? { ports, endpoints: [] }
    groups.set(id, group)
    const nodeName = pod.spec.nodeName ?? ''
    if (!nodes.has(nodeName)) nodes.set(nodeName, snapshot.get('Node', nodeName))
    const node = nodes.get(nodeName)
    if (!node && service.spec.publishNotReadyAddresses !== true) {
      const { namespace = '', name } = service.metadata
      errors.push(`skipping Pod ${pod.metadata.name} for Service ${namespace}/${name}: Node ${nodeName} Not Found`)
      continue
    }
    const endpoint = rememberedEndpoint(service, pod, family, node)
    if (endpoint.addresses.length > 0) group.endpoints.push(endpoint)
  }
  return { groups: [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group), errors }
}

interface Remembered {
  readonly service: Service
  readonly node: Node | undefined
  readonly family: IpFamily
  readonly endpoint: SliceEndpoint
}

const remembered = new WeakMap<Pod, Remembered>()

/** An unchanged pod gives the very same endpoint, so that comparing ten thousand of them is cheap. */
function rememberedEndpoint(service: Service, pod: Pod, family: IpFamily, node: Node | undefined): SliceEndpoint {
  const known = remembered.get(pod)
  if (known?.service === service && known.node === node && known.family === family) return known.endpoint
  const endpoint = toEndpoint(service, pod, family, node)
  remembered.set(pod, { service, node, family, endpoint })
  return endpoint
}

/** Source: utils.go podToEndpoint. */
function toEndpoint(service: Service, pod: Pod, family: IpFamily, node: Node | undefined): SliceEndpoint {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const { namespace, name, uid } = pod.metadata
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'] ?? ''
  const hostname = endpointHostname(service, pod)
  return {
    addresses: [...ipsOfFamily(pod, family)].sort(),
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: {
      kind: 'Pod',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...(pod.spec.nodeName === undefined || pod.spec.nodeName === '' ? {} : { nodeName: pod.spec.nodeName }),
    ...(zone === '' ? {} : { zone }),
  }
}
