import { createChance } from '../src/engine/dataplane/chance.ts'
import { createRandom } from '../src/engine/base/random.ts'
import { packetWorld } from '../src/engine/testing/packetWorld.ts'
import type { EndpointSlice, KubeObject, Service } from '../src/engine/api/types.ts'
import { traverse } from '../src/engine/netfilter/traverse.ts'
import type { HookContext } from '../src/engine/conntrack/hookContext.ts'
import type { Packet } from '../src/engine/packet/packet.ts'
import type { Ip } from '../src/engine/base/ip.ts'
import type { Dataplane } from '../src/engine/dataplane/createDataplane.ts'
import type { AttemptRequest } from '../src/engine/dataplane/request.ts'
import type { ProxyMode } from '../src/engine/proxy/types.ts'
import type { Row } from './row.ts'

/** Whole requests (handshake, exchange, farewell; every packet through every hook) a second. */
export function bench(): readonly Row[] {
  return [
    row('lab, iptables, untraced', 200_000, rate(world('iptables', 1), 1, false)),
    row('lab, iptables, fully traced', 20_000, rate(world('iptables', 1), 1, true)),
    row('lab, ipvs, untraced', undefined, rate(world('ipvs', 1), 1, false)),
    row('lab, nftables, untraced', undefined, rate(world('nftables', 1), 1, false)),
    row('lab, userspace, untraced', undefined, rate(world('userspace', 1), 1, false)),
    row(
      '10,000 Services, iptables: first packets through nat',
      100_000,
      connectionRate(world('iptables', 10_000), 10_000),
    ),
    row('10,000 Services, iptables, untraced', undefined, rate(world('iptables', 10_000), 10_000, false)),
    row('10,000 Services, iptables, fully traced', undefined, rate(world('iptables', 10_000), 10_000, true)),
  ]
}

function row(name: string, target: number | undefined, value: number): Row {
  return { name, value, unit: 'requests/s', ...(target !== undefined && { target: target.toLocaleString('en') }) }
}

/** The tutorial's lab with that many Services, kube-proxy synced. */
export function world(mode: ProxyMode, services: number): Dataplane {
  return packetWorld(labObjects(services), { clusterCIDR: '10.244.0.0/16' }, mode)
}

const SECONDS = 1.5

function rate(dataplane: Dataplane, services: number, trace: boolean): number {
  requests(dataplane, services, trace, 1000)
  const start = performance.now()
  let done = 0
  while (performance.now() - start < SECONDS * 1000) {
    requests(dataplane, services, trace, 100)
    done += 100
  }
  return done / ((performance.now() - start) / 1000)
}

/** New connections a second: conntrack, the walk of nat PREROUTING, the mapping, the entry in the table. */
function connectionRate(dataplane: Dataplane, services: number): number {
  connections(dataplane, services, 20_000)
  const start = performance.now()
  let done = 0
  while (performance.now() - start < SECONDS * 1000) {
    connections(dataplane, services, 1000)
    done += 1000
  }
  return done / ((performance.now() - start) / 1000)
}

/** `count` SYNs to ClusterIPs in turn, as node02 meets them. */
export function connections(dataplane: Dataplane, services: number, count: number): void {
  const kernel = dataplane.node('node02')
  if (!kernel) throw new Error('node02')
  const { conntrack, matchState, tables } = kernel
  matchState.journal.entries = []
  for (let i = 0; i < count; i++) {
    now += 10
    const source = { ip: '10.244.1.5' as Ip, port: 1024 + (now % 60_000) }
    const destination = { ip: clusterIp((i * 7919) % services), port: 80 }
    const packet: Packet = { id: 1, protocol: 'TCP', source, destination, mark: 0, ttl: 64, flags: 'SYN' }
    const { flow, direction, state } = conntrack.track(packet, now)
    if (!flow) throw new Error('invalid')
    const ctx: HookContext = {
      packet,
      hook: 'PREROUTING',
      namespace: 'node/node02',
      inInterface: 'cni0',
      state,
      direction,
      hasDnat: false,
      hasSnat: false,
      isLocal: () => false,
      inSet: () => false,
      chance,
      now,
      trace: undefined,
    }
    const verdict = traverse(tables.IPv4, 'nat', ctx, matchState)
    if (verdict.type !== 'dnat') throw new Error(verdict.type)
    conntrack.map(flow, 'DNAT', verdict, chance)
    conntrack.confirm(flow, now)
  }
}

let now = 0
const chance = createChance(createRandom(1))

/** `count` requests of the client pod to ClusterIPs in turn. */
export function requests(dataplane: Dataplane, services: number, trace: boolean, count: number): void {
  for (let i = 0; i < count; i++) {
    // Virtual time passes, so that old connections leave conntrack and ports get free again.
    now += 100
    const request: AttemptRequest = {
      from: 'pod/dev/client',
      protocol: 'TCP',
      destination: { ip: clusterIp((i * 7919) % services), port: 80 },
    }
    const attempt = dataplane.attempt(request, { chance, now, trace })
    if (attempt?.outcome.outcome !== 'connected') throw new Error(JSON.stringify(attempt?.outcome))
  }
}

function clusterIp(i: number): Ip {
  return `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}` as Ip
}

/** The tutorial's lab with `services` Services of three endpoints each, the client on node02. */
function labObjects(services: number): readonly KubeObject[] {
  const objects: unknown[] = []
  for (const n of [0, 1, 2]) {
    objects.push({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `node0${n + 1}` },
      spec: { podCIDR: `10.244.${n}.0/24`, podCIDRs: [`10.244.${n}.0/24`] },
      status: { addresses: [{ type: 'InternalIP', address: `172.16.210.1${n + 1}` }] },
    })
  }
  const pod = (name: string, ip: string, node: string, image: string): unknown => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'dev' },
    spec: { nodeName: node, containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  })
  const servers = [
    ['10.244.1.10', 'node02'],
    ['10.244.2.10', 'node03'],
    ['10.244.2.11', 'node03'],
  ] as const
  objects.push(pod('client', '10.244.1.5', 'node02', 'busybox'))
  servers.forEach(([ip, node], i) => objects.push(pod(`web-${i}`, ip, node, 'nginx:1.27')))
  for (let i = 0; i < services; i++) {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `web-${i}`, namespace: 'dev' },
      spec: {
        type: 'ClusterIP',
        clusterIP: clusterIp(i),
        clusterIPs: [clusterIp(i)],
        ipFamilies: ['IPv4'],
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      },
    } as unknown as Service
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `web-${i}-x`, namespace: 'dev', labels: { 'kubernetes.io/service-name': `web-${i}` } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: servers.map(([ip, nodeName]) => ({ addresses: [ip], conditions: { ready: true }, nodeName })),
    } as unknown as EndpointSlice
    objects.push(service, slice)
  }
  return objects as KubeObject[]
}
