import { packetWorld } from './packetWorld.ts'
import { exploreOutcomes } from '../dataplane/everyOutcome.ts'
import { socketAddress } from './hookContext.ts'
import type { KubeObject } from '../api/types.ts'
import type { Dataplane } from '../dataplane/createDataplane.ts'
import type { PossibleOutcome } from '../dataplane/everyOutcome.ts'
import type { NetworkSpec, NodeSpec } from '../dataplane/network.ts'
import type { AttemptRequest } from '../dataplane/request.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import type { ProxyMode } from '../proxy/types.ts'

/** A Service of the lab; every field of `spec` may be set. Endpoints are `ip node`; they listen where `port` says. */
export interface LabService {
  readonly name: string
  readonly clusterIP: string
  readonly spec?: Readonly<Record<string, unknown>>
  readonly nodePort?: number
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
  readonly endpoints: readonly string[]
  readonly port?: number
}

export interface LabOptions {
  readonly mode?: ProxyMode
  readonly config?: RawProxyConfig
  /** What is special about every node. */
  readonly node?: (spec: NodeSpec) => NodeSpec
}

/** Pods of the lab: `dev/a` and `dev/b` on node02, `dev/c` on node03, all netexec on 8080; `dev/client` on node02 listens on nothing. */
const PODS: readonly (readonly [name: string, ip: string, node: string, listens: boolean])[] = [
  ['a', '10.244.1.2', 'node02', true],
  ['b', '10.244.1.3', 'node02', true],
  ['c', '10.244.2.2', 'node03', true],
  ['client', '10.244.1.20', 'node02', false],
]

/** The tutorial's three nodes with `services`, kube-proxy synced once. */
export function lab(services: readonly LabService[], options: LabOptions = {}): Dataplane {
  const { mode = 'iptables', config = { clusterCIDR: '10.244.0.0/16' }, node } = options
  const change = (spec: NetworkSpec): NetworkSpec => (node ? { ...spec, nodes: spec.nodes.map(node) } : spec)
  return packetWorld(labObjects(services), config, mode, change)
}

export function labObjects(services: readonly LabService[]): readonly KubeObject[] {
  const nodes = [0, 1, 2].map((n) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node0${n + 1}` },
    spec: { podCIDR: `10.244.${n}.0/24`, podCIDRs: [`10.244.${n}.0/24`] },
    status: { addresses: [{ type: 'InternalIP', address: `172.16.210.1${n + 1}` }] },
  }))
  const pods = PODS.map(([name, ip, nodeName, listens]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'dev' },
    spec: { nodeName, containers: [listens ? NETEXEC : { name: 'main', image: 'busybox', command: ['sleep', '1d'] }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  }))
  return [
    ...nodes,
    ...pods,
    ...services.flatMap((service) => serviceObjects(service)),
  ] as unknown as readonly KubeObject[]
}

const NETEXEC = {
  name: 'main',
  image: 'registry.k8s.io/e2e-test-images/agnhost:2.55',
  args: ['netexec', '--http-port=8080', '--udp-port=8080'],
}

function serviceObjects({
  name,
  clusterIP,
  spec,
  nodePort,
  protocol = 'TCP',
  endpoints,
  port = 8080,
}: LabService): unknown[] {
  const type = nodePort === undefined ? 'ClusterIP' : 'NodePort'
  const ports = [{ port: 80, protocol, targetPort: port, ...(nodePort !== undefined && { nodePort }) }]
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'dev' },
      spec: { type, clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'], ports, ...spec },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-x`, namespace: 'dev', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: '', port, protocol }],
      endpoints: endpoints.map((text) => {
        const [ip = '', nodeName = ''] = text.split(' ')
        return { addresses: [ip], conditions: { ready: true }, nodeName }
      }),
    },
  ]
}

/** `tcp 10.96.0.1:80`, `udp ...`, `icmp 10.244.1.2:0` as what a client asks for. */
export function aRequest(from: string, to: string, via?: string): AttemptRequest {
  const [protocol = '', address = ''] = to.split(' ')
  return {
    from,
    protocol: protocol.toUpperCase() as AttemptRequest['protocol'],
    destination: socketAddress(address),
    ...(via !== undefined && { via }),
  }
}

/** Every end in short: `1/2 connected dev/a 10.244.1.20`, sorted. */
export function ends(dataplane: Dataplane, from: string, to: string, via?: string): readonly string[] {
  const found: readonly PossibleOutcome[] = exploreOutcomes(dataplane, aRequest(from, to, via), { now: 0 }) ?? []
  const chances = new Map<string, number>()
  for (const { outcome, errno, pod, sourceSeen, probability } of found) {
    const words = [outcome, errno, pod, sourceSeen].filter((word) => word !== undefined).join(' ')
    chances.set(words, (chances.get(words) ?? 0) + probability)
  }
  return [...chances].map(([words, p]) => `${fraction(p)} ${words}`).sort()
}

function fraction(p: number): string {
  const whole = Math.round(1 / p)
  if (Math.abs(p - 1) < 1e-9) return '1'
  return Math.abs(1 / whole - p) < 1e-6 ? `1/${whole}` : p.toFixed(4)
}
