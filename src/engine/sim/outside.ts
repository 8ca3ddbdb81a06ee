import { ipOrUndefined } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'
import type { EndpointSlice, Node, Service } from '../api/types.ts'
import { defaultNetworkOptions } from '../cni/network.ts'
import type { NetworkOptions } from '../cni/network.ts'
import type { BalancedPort, ClosedPort, Listener, OutsideHostSpec } from '../dataplane/network.ts'
import { OUTSIDE_WORLD } from '../dns/outsideWorld.ts'
import type { UpstreamZoneData } from '../dns/upstream.ts'
import { zoneRecords } from '../dns/zoneText.ts'
import type { Snapshot } from '../store/snapshot.ts'

/** The machines' own name server, on the nodes' LAN. */
export const NAME_SERVER = '172.16.210.2' as Ip
/** The cloud's load balancer, on the nodes' LAN; the addresses that it holds are elsewhere. */
export const LOAD_BALANCER = '172.16.210.3' as Ip
/** ConfigMap that says how the world around the cluster is: keys `load-balancer`, `firewall`, `names`. */
export const OUTSIDE_CONFIG = 'kube-system/outside-world'

/** Node label: a cloud's load balancer leaves the node out. */
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'

function setting(snapshot: Snapshot, key: string): string | undefined {
  const data = snapshot.get('ConfigMap', OUTSIDE_CONFIG)?.['data'] as Readonly<Record<string, unknown>> | undefined
  const value = data?.[key]
  return typeof value === 'string' ? value : undefined
}

/** Whether a cloud gives addresses to Services of type LoadBalancer: `load-balancer: "on"`. */
export function hasLoadBalancer(snapshot: Snapshot): boolean {
  return /^(on|true|yes)$/i.test(setting(snapshot, 'load-balancer')?.trim() ?? '')
}

/** What the name server outside knows: the scenario's `names` before the tutorial's own. */
export function outsideZone(snapshot: Snapshot): UpstreamZoneData {
  const text = setting(snapshot, 'names')
  if (text === undefined) return OUTSIDE_WORLD
  const own = zoneRecords(text)
  const taken = new Set(own.map(({ name }) => name))
  return { ...OUTSIDE_WORLD, records: [...own, ...OUTSIDE_WORLD.records.filter(({ name }) => !taken.has(name))] }
}

/** The machines around the cluster, as they are now. */
export function outsideNetwork(snapshot: Snapshot): Partial<NetworkOptions> {
  const balances = balancedPorts(snapshot)
  return {
    outsideHosts: [
      ...defaultNetworkOptions.outsideHosts,
      { name: 'name-server', address: NAME_SERVER, listeners: NAME_SERVER_LISTENERS },
      ...(balances.length > 0 ? [{ name: 'load-balancer', address: LOAD_BALANCER, balances }] : []),
      ...sites(outsideZone(snapshot)),
    ],
    closedPorts: closedPorts(setting(snapshot, 'firewall') ?? ''),
  }
}

const NAME_SERVER_LISTENERS: readonly Listener[] = (['UDP', 'TCP'] as const).map((protocol) => ({
  protocol,
  port: 53,
  address: 'any',
  app: { type: 'dns' },
}))

/** A web site at every IPv4 address that has a name outside: it serves the names that lead there, and no others. */
function sites({ records }: UpstreamZoneData): readonly OutsideHostSpec[] {
  const names = new Map<string, Set<string>>()
  for (const record of records) {
    if (record.type !== 'A') continue
    const own = names.get(record.address) ?? new Set<string>()
    names.set(record.address, own)
    for (const name of namesOf(record.name, records)) own.add(name.replace(/\.$/, '').toLowerCase())
  }
  return [...names].flatMap(([text, hosts]): OutsideHostSpec[] => {
    const address = ipOrUndefined(text)
    if (address === undefined) return []
    const title = [...hosts].at(-1) ?? text
    const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`
    const app = { type: 'site', hosts: [...hosts], body } as const
    return [
      { name: title, address, beyondRouter: true, listeners: [{ protocol: 'TCP', port: 80, address: 'any', app }] },
    ]
  })
}

/** `name` and every alias that leads to it. */
function namesOf(name: string, records: UpstreamZoneData['records']): readonly string[] {
  const names = [name]
  for (const known of names) {
    for (const record of records) {
      if (record.type === 'CNAME' && record.target === known && !names.includes(record.name)) names.push(record.name)
    }
  }
  return names
}

/** `tcp 30080` or `30080/tcp` a line. */
function closedPorts(text: string): readonly ClosedPort[] {
  return text.split('\n').flatMap((line): ClosedPort[] => {
    const port = Number(/\b(\d{1,5})\b/.exec(line)?.[1])
    if (!Number.isInteger(port) || port < 1 || port > 65535) return []
    const word = /\b(tcp|udp|sctp)\b/i.exec(line)?.[1]?.toUpperCase() ?? 'TCP'
    return [{ protocol: word as ClosedPort['protocol'], port }]
  })
}

/** Every port of every address that a load balancer holds, with the nodes that pass its health check. */
function balancedPorts(snapshot: Snapshot): readonly BalancedPort[] {
  const ports: BalancedPort[] = []
  let nodes: readonly Target[] | undefined
  for (const service of snapshot.list('Service')) {
    const ingress = service.spec.type === 'LoadBalancer' ? (service.status?.loadBalancer?.ingress ?? []) : []
    if (ingress.length === 0) continue
    nodes ??= healthyNodes(snapshot)
    const { namespace = 'default', name } = service.metadata
    const local = service.spec.externalTrafficPolicy === 'Local'
    const targets = local ? withLocalEndpoint(snapshot, service, nodes) : nodes
    const check = local ? `port ${service.spec.healthCheckNodePort ?? 0} /healthz` : 'port 10256 /healthz'
    for (const { ip: text, ipMode } of ingress) {
      const ip = ipOrUndefined(text ?? '')
      if (ip === undefined || ipMode === 'Proxy') continue
      for (const { protocol, port } of service.spec.ports ?? []) {
        ports.push({
          ip,
          protocol: protocol,
          port,
          service: `${namespace}/${name}`,
          targets,
          check,
        })
      }
    }
  }
  return ports
}

type Target = BalancedPort['targets'][number]

/** Where kube-proxy says that it is healthy. */
function healthyNodes(snapshot: Snapshot): readonly Target[] {
  return [...snapshot.list('Node')]
    .filter((node) => isReady(node) && node.metadata.labels?.[EXCLUDED] === undefined)
    .flatMap(({ metadata, status }): Target[] => {
      const ip = ipOrUndefined(status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '')
      return ip === undefined ? [] : [{ node: metadata.name, ip }]
    })
    .sort((a, b) => (a.node < b.node ? -1 : 1))
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}

/** externalTrafficPolicy Local: a node without a ready endpoint of its own answers 503 to the health check. */
function withLocalEndpoint(snapshot: Snapshot, { metadata }: Service, nodes: readonly Target[]): readonly Target[] {
  const own = [...snapshot.list('EndpointSlice')].filter(
    (slice: EndpointSlice) =>
      slice.metadata.namespace === metadata.namespace &&
      slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name,
  )
  const local = new Set(
    own.flatMap(({ endpoints }) =>
      (endpoints ?? []).flatMap(({ nodeName, conditions }) =>
        conditions?.ready === false || nodeName === undefined ? [] : [nodeName],
      ),
    ),
  )
  return nodes.filter(({ node }) => local.has(node))
}
