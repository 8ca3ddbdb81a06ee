import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { SocketAddress } from '../packet/packet.ts'

/** One service port of kube-proxy in userspace mode: its socket and the balancer's endpoints. */
export interface Portal {
  /** `ns/name:port` */
  readonly service: string
  readonly protocol: 'TCP' | 'UDP'
  readonly proxyPort: number
  readonly endpoints: readonly SocketAddress[]
  /** Seconds; 0 = no affinity. */
  readonly affinitySeconds: number
}

export interface Pick {
  readonly endpoints: readonly SocketAddress[]
  readonly chosen: number
  readonly because: 'roundRobin' | 'affinity'
}

/** The state of kube-proxy's process on one node. Source: kube-proxy v1.25 pkg/proxy/userspace/roundrobin.go. */
export interface UserspaceProxy {
  /** What a sync leaves: portals that are gone lose their state; a changed set of endpoints starts its round anew. */
  readonly apply: (portals: readonly Portal[]) => void
  readonly portalAt: (protocol: 'TCP' | 'UDP', port: number) => Portal | undefined
  readonly portals: () => readonly Portal[]
  /** NextEndpoint; undefined: no endpoints. `anew` ignores and overwrites the client's affinity. */
  readonly next: (portal: Portal, client: Ip, now: SimTime, chance: Chance, anew: boolean) => Pick | undefined
  readonly affinity: () => readonly {
    readonly service: string
    readonly client: Ip
    readonly endpoint: SocketAddress
  }[]
  readonly checkpoint: () => () => void
}

interface Balancer {
  endpoints: readonly SocketAddress[]
  /** Undefined: the round has not begun; where it starts is chance, as the list is shuffled when it is made. */
  index: number | undefined
  affinity: Map<Ip, { readonly endpoint: SocketAddress; readonly lastUsed: SimTime }>
}

export function createUserspaceProxy(): UserspaceProxy {
  let portals: readonly Portal[] = []
  let bySocket = new Map<string, Portal>()
  let balancers = new Map<string, Balancer>()
  const copy = (): Map<string, Balancer> =>
    new Map([...balancers].map(([name, b]) => [name, { ...b, affinity: new Map(b.affinity) }]))
  return {
    apply: (wanted) => {
      portals = wanted
      bySocket = new Map(wanted.map((portal) => [`${portal.protocol} ${portal.proxyPort}`, portal]))
      const kept = new Map<string, Balancer>()
      for (const { service, endpoints } of wanted) {
        const known = balancers.get(service)
        kept.set(service, known && sameSet(known.endpoints, endpoints) ? known : renewed(known, endpoints))
      }
      balancers = kept
    },
    portalAt: (protocol, port) => bySocket.get(`${protocol} ${port}`),
    portals: () => portals,
    next: ({ service, affinitySeconds }, client, now, chance, anew) => {
      const balancer = balancers.get(service)
      const n = balancer?.endpoints.length ?? 0
      if (!balancer || n === 0) return undefined
      const { endpoints, affinity } = balancer
      const known = affinitySeconds > 0 && !anew ? affinity.get(client) : undefined
      if (known && Math.floor((now - known.lastUsed) / 1000) < affinitySeconds) {
        affinity.set(client, { ...known, lastUsed: now })
        const chosen = endpoints.findIndex((e) => e.ip === known.endpoint.ip && e.port === known.endpoint.port)
        return { endpoints, chosen, because: 'affinity' }
      }
      const chosen = (balancer.index ?? chance.pick(n, 'rr start')) % n
      balancer.index = (chosen + 1) % n
      const endpoint = endpoints[chosen]
      if (affinitySeconds > 0 && endpoint) affinity.set(client, { endpoint, lastUsed: now })
      return { endpoints, chosen, because: 'roundRobin' }
    },
    affinity: () =>
      [...balancers].flatMap(([service, b]) =>
        [...b.affinity].map(([client, { endpoint }]) => ({ service, client, endpoint })),
      ),
    checkpoint: () => {
      const saved = copy()
      return () => {
        balancers = new Map([...saved].map(([name, b]) => [name, { ...b, affinity: new Map(b.affinity) }]))
      }
    },
  }
}

const keyOf = ({ ip, port }: SocketAddress): string => `${ip} ${port}`

function sameSet(a: readonly SocketAddress[], b: readonly SocketAddress[]): boolean {
  const left = a.map(keyOf).sort()
  const right = b.map(keyOf).sort()
  return left.length === right.length && left.every((key, i) => key === right[i])
}

/** Affinity to endpoints that are still there is kept; an empty list forgets all. */
function renewed(known: Balancer | undefined, endpoints: readonly SocketAddress[]): Balancer {
  const present = new Set(endpoints.map(keyOf))
  const kept = [...(known?.affinity ?? [])].filter(([, { endpoint }]) => present.has(keyOf(endpoint)))
  return { endpoints, index: endpoints.length === 0 ? 0 : undefined, affinity: new Map(kept) }
}
