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
  /** Of each endpoint, before the pick. */
  readonly chances: readonly number[]
  readonly because: 'roundRobin' | 'affinity'
}

/** A UDP client's socket at kube-proxy: while it lives, the client's datagrams go to one endpoint. */
export interface UdpSession {
  readonly endpoint: SocketAddress
  readonly local: SocketAddress
}

/** A session ends when so long nothing went through in either direction (`udpIdleTimeout`); ms. */
const UDP_IDLE_MS = 250
/** Of a service that was first seen without a timeout. */
const DEFAULT_AFFINITY_SECONDS = 10_800

/** The state of kube-proxy's process on one node. Source: kube-proxy v1.25 pkg/proxy/userspace/roundrobin.go. */
export interface UserspaceProxy {
  /** What a sync leaves: portals that are gone lose their state; a changed set of endpoints starts its round anew. */
  readonly apply: (portals: readonly Portal[]) => void
  readonly portalAt: (protocol: 'TCP' | 'UDP', port: number) => Portal | undefined
  readonly portals: () => readonly Portal[]
  /** NextEndpoint; undefined: no endpoints. `anew` ignores and overwrites the client's affinity. */
  readonly next: (portal: Portal, client: Ip, now: SimTime, chance: Chance, anew: boolean) => Pick | undefined
  /** The session of `client`'s datagrams to `portal`; undefined: there is none any more. */
  readonly session: (portal: Portal, client: SocketAddress, now: SimTime) => UdpSession | undefined
  /** A datagram went through: the session begins, or its end is put off. */
  readonly keepSession: (portal: Portal, client: SocketAddress, session: UdpSession, now: SimTime) => void
  readonly endSession: (portal: Portal, client: SocketAddress) => void
  readonly affinity: () => readonly {
    readonly service: string
    readonly client: Ip
    readonly endpoint: SocketAddress
  }[]
  readonly checkpoint: () => () => void
}

interface Balancer {
  endpoints: readonly SocketAddress[]
  /** Indices in the order of the round. The list is shuffled when it is made: each place is drawn when it is first reached. */
  round: readonly number[]
  /** The next place in the round. */
  index: number
  /** As the service port had it when it was first seen: a later change of the timeout alone is not noticed. */
  readonly affinitySeconds: number
  affinity: Map<Ip, { readonly endpoint: SocketAddress; readonly lastUsed: SimTime }>
}

export function createUserspaceProxy(): UserspaceProxy {
  let portals: readonly Portal[] = []
  let bySocket = new Map<string, Portal>()
  let balancers = new Map<string, Balancer>()
  let sessions: ReadonlyMap<string, UdpSession & { readonly ends: SimTime }> = new Map()
  const copy = (): Map<string, Balancer> =>
    new Map([...balancers].map(([name, b]) => [name, { ...b, affinity: new Map(b.affinity) }]))
  return {
    apply: (wanted) => {
      portals = wanted
      bySocket = new Map(wanted.map((portal) => [`${portal.protocol} ${portal.proxyPort}`, portal]))
      const kept = new Map<string, Balancer>()
      for (const portal of wanted) {
        const known = balancers.get(portal.service)
        kept.set(portal.service, known && sameSet(known.endpoints, portal.endpoints) ? known : renewed(known, portal))
      }
      balancers = kept
      // A socket that is closed breaks what went through it.
      sessions = new Map([...sessions].filter(([key]) => bySocket.has(`UDP ${key.split(' ', 1)[0] ?? ''}`)))
    },
    portalAt: (protocol, port) => bySocket.get(`${protocol} ${port}`),
    portals: () => portals,
    next: ({ service, affinitySeconds }, client, now, chance, anew) => {
      const balancer = balancers.get(service)
      const n = balancer?.endpoints.length ?? 0
      if (!balancer || n === 0) return undefined
      const { endpoints, affinity } = balancer
      const known = affinitySeconds > 0 && !anew ? affinity.get(client) : undefined
      if (known && Math.floor((now - known.lastUsed) / 1000) < balancer.affinitySeconds) {
        affinity.set(client, { ...known, lastUsed: now })
        const chosen = endpoints.findIndex((e) => e.ip === known.endpoint.ip && e.port === known.endpoint.port)
        return { endpoints, chosen, chances: endpoints.map((_, i) => Number(i === chosen)), because: 'affinity' }
      }
      const { round } = balancer
      const due = round[balancer.index]
      const open = due === undefined ? endpoints.map((_, i) => i).filter((i) => !round.includes(i)) : [due]
      const chosen = open[open.length > 1 ? chance.pick(open.length, 'rr start') : 0] ?? 0
      if (due === undefined) balancer.round = [...round, chosen]
      balancer.index = (balancer.index + 1) % n
      const endpoint = endpoints[chosen]
      if (affinitySeconds > 0 && endpoint) affinity.set(client, { endpoint, lastUsed: now })
      const chances = endpoints.map((_, i) => (open.includes(i) ? 1 / open.length : 0))
      return { endpoints, chosen, chances, because: 'roundRobin' }
    },
    session: (portal, client, now) => {
      const found = sessions.get(sessionKey(portal, client))
      return found && now < found.ends ? found : undefined
    },
    keepSession: (portal, client, { endpoint, local }, now) => {
      const live = [...sessions].filter(([, { ends }]) => now < ends)
      sessions = new Map([...live, [sessionKey(portal, client), { endpoint, local, ends: now + UDP_IDLE_MS }]])
    },
    endSession: (portal, client) => {
      const key = sessionKey(portal, client)
      sessions = new Map([...sessions].filter(([name]) => name !== key))
    },
    affinity: () =>
      [...balancers].flatMap(([service, b]) =>
        [...b.affinity].map(([client, { endpoint }]) => ({ service, client, endpoint })),
      ),
    checkpoint: () => {
      const saved = copy()
      const open = sessions
      return () => {
        sessions = open
        balancers = new Map([...saved].map(([name, b]) => [name, { ...b, affinity: new Map(b.affinity) }]))
      }
    },
  }
}

/** The proxy port comes first. */
const sessionKey = ({ proxyPort }: Portal, client: SocketAddress): string => `${proxyPort} ${keyOf(client)}`
const keyOf = ({ ip, port }: SocketAddress): string => `${ip} ${port}`

function sameSet(a: readonly SocketAddress[], b: readonly SocketAddress[]): boolean {
  const left = a.map(keyOf).sort()
  const right = b.map(keyOf).sort()
  return left.length === right.length && left.every((key, i) => key === right[i])
}

/** Affinity to endpoints that are still there is kept; an empty list forgets all. */
function renewed(known: Balancer | undefined, { endpoints, affinitySeconds }: Portal): Balancer {
  const present = new Set(endpoints.map(keyOf))
  const kept = [...(known?.affinity ?? [])].filter(([, { endpoint }]) => present.has(keyOf(endpoint)))
  return {
    endpoints,
    round: [],
    index: 0,
    affinitySeconds: known?.affinitySeconds ?? (affinitySeconds || DEFAULT_AFFINITY_SECONDS),
    affinity: new Map(kept),
  }
}
