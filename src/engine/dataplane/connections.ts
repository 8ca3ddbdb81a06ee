import { defaultRequest } from './client.ts'
import { createWalk, FAREWELL_MS, TIMEOUT_MS } from './attempt.ts'
import { ephemeralPort } from './send.ts'
import { familyOf } from '../base/ip.ts'
import { failure } from './errno.ts'
import { isNode } from './machine.ts'
import { openKept } from './keptClient.ts'
import { runUntil, tell } from './walk.ts'
import type { AttemptOptions, RunResult } from './attempt.ts'
import type { KeptClient, KeptState } from './keptClient.ts'
import type { KeptRequest } from './request.ts'
import type { Machine } from './machine.ts'
import type { Network, Walk } from './walk.ts'
import type { Socket } from './socketTable.ts'
import type { SimTime } from '../base/time.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { ConnectionUse, Outcome } from '../trace/event.ts'

/** A connection that some client keeps, as it is now. */
export interface KeptConnection {
  readonly authority: string
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly openedAt: SimTime
  /** Answered so far. */
  readonly requests: number
  readonly open: boolean
  readonly lostBy?: NonNullable<ConnectionUse['lostBy']>
}

export interface KeptRun extends RunResult {
  readonly use: ConnectionUse
  readonly answers: readonly string[]
}

/** The connections that outlive their requests. */
export interface Connections {
  /** Sends over the connection of that name, or opens it first. */
  readonly request: (network: Network, machine: Machine, request: KeptRequest, options: AttemptOptions) => KeptRun
  readonly find: (network: Network, from: string, name: string, now: SimTime) => KeptConnection | undefined
  readonly close: (network: Network, from: string, name: string, now: SimTime) => void
  /** Timers of servers and clients that are due by `now`. */
  readonly catchUp: (network: Network, now: SimTime) => void
  /** When the next of these timers is due. */
  readonly nextDue: () => SimTime | undefined
  /** `before` becomes `next` now: processes that are gone close their connections on their way out. */
  readonly follow: (before: Network, next: Network, now: SimTime) => void
}

interface Kept {
  readonly walk: Walk
  readonly client: KeptClient
  readonly machine: string
  readonly authority: string
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly openedAt: SimTime
  requests: number
}

/** As long as a dying process's farewell takes at most. */
const DEATH_MS = 100

export function createConnections(): Connections {
  const all = new Map<string, Kept>()
  const keyOf = (from: string, name: string): string => `${from} ${name}`

  /** Lets nothing but time pass. */
  const rest = ({ walk }: Kept, network: Network, now: SimTime): void => {
    walk.network = network
    walk.trace = undefined
    walk.touched = new Set()
    walk.neighbours.clear()
    runUntil(walk, now, () => false)
    walk.now = Math.max(walk.now, now)
  }

  const request: Connections['request'] = (network, machine, wanted, options) => {
    const { chance, now, trace = false, timeoutMs = TIMEOUT_MS, dns, journey } = options
    const key = keyOf(wanted.from, wanted.connection)
    const known = all.get(key)
    if (known) rest(known, network, now)
    const isOther = known !== undefined && known.authority !== wanted.authority
    if (known && isOther && known.client.state() === 'open') {
      known.client.close()
      rest(known, network, now + FAREWELL_MS)
    }
    const kept = known && !isOther && known.client.state() === 'open' ? known : undefined
    const events = journey?.events ?? []
    const own = {
      now,
      chance,
      trace: trace ? (event: (typeof events)[number]): void => void events.push(event) : undefined,
      ids: journey?.ids ?? { last: 0 },
      touched: journey?.touched ?? new Set<never>(),
      dns,
    }
    const payloads = [wanted.payload ?? defaultRequest(wanted.destination), ...(wanted.beside ?? [])]
    const walk = kept?.walk ?? createWalk(network, { ...own, watchers: undefined })
    if (kept) {
      Object.assign(walk, own, { network, served: undefined })
      kept.client.ask(payloads)
    }
    const present = kept ?? open(walk, machine, wanted, payloads)
    if (!present) return noWay(wanted, now)
    const { client } = present
    all.set(key, present)
    runUntil(walk, now + timeoutMs, () => client.end() !== undefined)
    const end = client.end()
    if (end?.outcome.outcome === 'connected') present.requests += payloads.length
    if (!end) {
      walk.now = now + timeoutMs
      if (trace) tell(walk, machine, undefined, { type: 'timedOut', afterMs: timeoutMs })
    }
    if (!end || wanted.close === true) client.close()
    runUntil(walk, walk.now + FAREWELL_MS, () => false)
    const outcome: Outcome = end?.outcome ?? { outcome: 'timeout' }
    if (trace && !journey) tell(walk, machine, undefined, { type: 'concluded', outcome })
    const before = known && !kept && !isOther ? lossOf(known.client.state()) : undefined
    const { local, remote, openedAt, requests } = present
    return {
      outcome,
      startedAt: now,
      endedAt: walk.now,
      events,
      touched: walk.touched,
      answered: undefined,
      watchers: undefined,
      answers: client.answers(),
      ...(end?.response !== undefined && { response: end.response }),
      use: {
        name: wanted.connection,
        use: kept ? 'reused' : before ? 'reopened' : 'opened',
        ...(before && { lostBy: before }),
        local,
        remote,
        openedAt,
        requests,
        open: client.state() === 'open',
      },
    }
  }

  return {
    request,
    find: (network, from, name, now) => {
      const kept = all.get(keyOf(from, name))
      if (!kept) return undefined
      rest(kept, network, now)
      const { authority, local, remote, openedAt, requests, client } = kept
      const lostBy = lossOf(client.state())
      const open = client.state() === 'open'
      return { authority, local, remote, openedAt, requests, open, ...(lostBy && { lostBy }) }
    },
    close: (network, from, name, now) => {
      const kept = all.get(keyOf(from, name))
      if (!kept) return
      rest(kept, network, now)
      kept.client.close()
      rest(kept, network, now + DEATH_MS)
      all.delete(keyOf(from, name))
    },
    catchUp: (network, now) => {
      for (const kept of all.values()) if ((kept.walk.queue[0]?.at ?? Infinity) <= now) rest(kept, network, now)
    },
    nextDue: () => {
      const due = [...all.values()].flatMap(({ walk }) => walk.queue[0]?.at ?? [])
      return due.length > 0 ? Math.min(...due) : undefined
    },
    follow: (before, next, now) => {
      for (const [key, kept] of all) {
        const gone = kept.walk.sockets.all().filter((socket) => !lives(socket, next))
        if (gone.length > 0) {
          rest(kept, before, now)
          for (const socket of gone) socket.processEnds?.()
          rest(kept, before, now + DEATH_MS)
        }
        if (!next.machines.has(kept.machine)) all.delete(key)
        else kept.walk.network = next
      }
    },
  }
}

function open(walk: Walk, machine: Machine, request: KeptRequest, payloads: readonly string[]): Kept | undefined {
  const { destination: remote } = request
  const ip = machine.routing.sourceFor(remote.ip)
  if (ip === undefined) return undefined
  const local = { ip, port: ephemeralPort(walk, machine, 'TCP', remote) }
  const owner = request.from.startsWith('pod/') ? request.from.slice('pod/'.length) : machine.process
  const client = openKept(walk, machine, { local, remote, owner }, payloads)
  const { authority } = request
  return { walk, client, machine: machine.id, authority, local, remote, openedAt: walk.now, requests: 0 }
}

function noWay({ connection, destination }: KeptRequest, now: SimTime): KeptRun {
  const local = { ip: destination.ip, port: 0 }
  return {
    outcome: failure('ENETUNREACH'),
    startedAt: now,
    endedAt: now,
    events: [],
    touched: new Set(),
    answered: undefined,
    watchers: undefined,
    answers: [],
    use: { name: connection, use: 'opened', local, remote: destination, openedAt: now, requests: 0, open: false },
  }
}

function lossOf(state: KeptState): ConnectionUse['lostBy'] {
  if (state === 'closedByServer') return 'server'
  return state === 'reset' ? 'reset' : undefined
}

/** Whether the process behind a socket still runs in `network`: its machine, and what listens there. */
function lives({ machine: id, local, isListener }: Socket, network: Network): boolean {
  const machine = network.machines.get(id)
  if (!machine) return false
  const { interfaces } = machine.routing
  const hasAddress = interfaces.some(({ addresses }) => addresses.some(({ ip }) => ip === local.ip))
  if (!hasAddress && !isNode(machine)) return false
  if (isListener !== true) return true
  return machine.services.some(({ listener, ips }) => {
    const own = listener.address === 'any' || ips.some((ip) => familyOf(ip) === familyOf(local.ip))
    return listener.protocol === 'TCP' && listener.port === local.port && own
  })
}
