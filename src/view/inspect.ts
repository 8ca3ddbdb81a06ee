import type { KubeObject, Node, Pod, Service } from '../engine/index.ts'
import { formatAddress } from './format.ts'
import type { Ip } from '../engine/index.ts'
import { inspectOutside } from './inspectOutside.ts'
import { objectEvents } from './objectEvents.ts'
import { podState } from './podState.ts'
import { row } from './inspection.ts'
import type { Inspection, InspectionRow } from './inspection.ts'
import type { Topology, TopologyPod } from './topology.ts'

/** A Kubernetes object, in the fields that decide about its traffic, and what the cluster has said about it. */
export function inspectObject(object: KubeObject, topology: Topology, objects: Iterable<KubeObject> = []): Inspection {
  const base = { kind: object.kind, name: object.metadata.name }
  const events: InspectionRow = { ...row('events', ...objectEvents(object, objects)), prose: true }
  const rows = [row('namespace', object.metadata.namespace)]
  if (object.kind === 'Pod') rows.push(...podRows(object as Pod, topology, events))
  else if (object.kind === 'Service') rows.push(...serviceRows(object as Service, topology), events)
  else if (object.kind === 'Node') rows.push(...nodeRows(object as Node, topology), events)
  rows.push(row('labels', ...pairs(object.metadata.labels)))
  return { ...base, rows: rows.filter(({ values }) => values.length > 0) }
}

function podRows(pod: Pod, topology: Topology, events: InspectionRow): readonly InspectionRow[] {
  const id = `pod/${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`
  const services = topology.services.filter(({ ports }) =>
    ports.some(({ endpoints }) => endpoints.some((endpoint) => endpoint.pod === id)),
  )
  const state = podState(pod)
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status
  return [
    row(
      'IP',
      ...(pod.status?.podIPs?.map(({ ip }) => ip) ?? (pod.status?.podIP === undefined ? [] : [pod.status.podIP])),
    ),
    row('node', pod.spec.nodeName),
    row('status', state.word),
    // The events say why; the status repeats the last of them.
    events.values.length > 0 ? events : { ...row('why', state.message), prose: true },
    row('restarts', state.restarts === 0 ? undefined : String(state.restarts)),
    row('ready', ready === undefined ? undefined : ready === 'True' ? 'yes' : 'no'),
    row('host network', pod.spec.hostNetwork === true ? 'yes' : undefined),
    row('images', ...pod.spec.containers.flatMap(({ image }) => (image === undefined ? [] : [image]))),
    row(
      'declared ports',
      ...pod.spec.containers.flatMap(({ ports }) =>
        (ports ?? []).map(({ containerPort, protocol, name }) =>
          [`${containerPort}/${protocol ?? 'TCP'}`, name].filter((part) => part !== undefined).join(' '),
        ),
      ),
    ),
    row('endpoint of', ...services.map(({ name }) => name)),
  ]
}

function serviceRows(service: Service, topology: Topology): readonly InspectionRow[] {
  const { spec } = service
  const own = topology.services.find(
    ({ name, namespace }) => name === service.metadata.name && namespace === service.metadata.namespace,
  )
  return [
    row('type', spec.type),
    row('clusterIP', ...(spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]))),
    row('external', ...externalOf(service)),
    row(
      'ports',
      ...(spec.ports ?? []).map(({ name, port, protocol, targetPort, nodePort }) =>
        [
          ...(name === undefined ? [] : [name]),
          `${port}/${protocol} → ${targetPort ?? port}`,
          ...(nodePort === undefined ? [] : [`node port ${nodePort}`]),
        ].join(' '),
      ),
    ),
    row('selector', ...pairs(spec.selector)),
    row('affinity', spec.sessionAffinity === 'ClientIP' ? 'ClientIP' : undefined),
    row(
      'endpoints',
      ...(own?.ports ?? []).flatMap(({ endpoints }) =>
        endpoints.map(({ ip, port, ready }) => {
          const name = topology.names.get(ip)
          const address = formatAddress({ ip: ip as Ip, port })
          return [address, ...(name === undefined ? [] : [name]), ...(ready ? [] : ['not ready'])].join(' ')
        }),
      ),
    ),
  ]
}

/** Addresses from outside; a load balancer without one waits for a cloud, as `kubectl get` shows it. */
function externalOf({ spec, status }: Service): readonly string[] {
  const given = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
  const pending = spec.type === 'LoadBalancer' && given.length === 0 ? ['<pending>: no load balancer answers'] : []
  return [
    ...(spec.externalIPs ?? []),
    ...given,
    ...pending,
    ...(spec.externalName === undefined ? [] : [spec.externalName]),
  ]
}

function nodeRows(node: Node, topology: Topology): readonly InspectionRow[] {
  const own = topology.nodes.find(({ name }) => name === node.metadata.name)
  return [
    row('addresses', ...(node.status?.addresses ?? []).map(({ address }) => address)),
    row('pod CIDR', ...(node.spec.podCIDRs ?? (node.spec.podCIDR === undefined ? [] : [node.spec.podCIDR]))),
    row('ready', own === undefined ? undefined : own.ready ? 'yes' : 'no'),
    row('pods', own === undefined ? undefined : String(own.pods.length)),
    row('taints', ...(node.spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)),
  ]
}

const STATIONS: Readonly<Record<string, string>> = {
  PREROUTING:
    'The first hook: every packet that comes in from an interface, before the routing decision. kube-proxy’s DNAT happens here.',
  route: 'The routing decision: is the destination one of this node’s own addresses, or where does the packet go next?',
  INPUT: 'The hook for packets that are for this node itself. In ipvs mode IPVS takes Service packets here.',
  FORWARD: 'The hook for packets that this node passes on, as a router does.',
  OUTPUT: 'The hook for packets that a process on this node sends. kube-proxy’s DNAT happens here for them.',
  POSTROUTING: 'The last hook before a packet leaves. Masquerading (SNAT) happens here.',
  cni0: 'The bridge that the node’s pods hang on; its address is their gateway.',
  eth0: 'The node’s interface to the LAN.',
  process: 'A process on the node itself, outside any pod.',
  kubeProxy: 'kube-proxy watches Services and EndpointSlices and writes this node’s rules.',
}

/** A place that is no object: a hook, an interface, a machine outside, a stack of replicas. */
export function inspectPlace(at: string, station: string | undefined, topology: Topology): Inspection {
  const name = at.slice(at.indexOf('/') + 1)
  if (station === undefined) return inspectOutside(at, topology)
  const about = STATIONS[station]
  if (about !== undefined) return { kind: `On ${name}`, name: station, about, rows: [] }
  const pods = topology.nodes.find((node) => node.name === name)?.pods.filter((pod) => isIn(pod, station)) ?? []
  return {
    kind: `${pods.length} pods on ${name}`,
    name: station.slice(station.indexOf('/') + 1),
    rows: [
      row(
        'pods',
        ...pods
          .slice(0, 100)
          .map(
            (pod) =>
              `${pod.ip} ${pod.stem === '' ? pod.name : pod.suffix}${pod.state === 'ready' ? '' : ` ${pod.state}`}`,
          ),
      ),
    ],
  }
}

/** `kube-system/kube-system` is the stack of that namespace's pods on the host network (see `occupantsOf`). */
function isIn(pod: TopologyPod, group: string): boolean {
  return pod.system && pod.hostNetwork ? group === `${pod.namespace}/${pod.namespace}` : pod.group === group
}

const pairs = (labels: Readonly<Record<string, string>> | undefined): readonly string[] =>
  Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
