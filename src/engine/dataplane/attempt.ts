import { bridgeInput } from './bridge.ts'
import { createSocketTable } from './socketTable.ts'
import { deliver } from './deliver.ts'
import { receive } from './input.ts'
import { refuse, sendError } from './refusals.ts'
import { runUntil, tell } from './walk.ts'
import { sendAnew } from './output.ts'
import { startClient } from './client.ts'
import type { AttemptRequest } from './request.ts'
import type { Machine, Node } from './machine.ts'
import type { DnsAnswerer, Network, Stack, Walk } from './walk.ts'
import type { SimTime } from '../base/time.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { Outcome, TraceEvent } from '../trace/event.ts'

export interface AttemptOptions {
  readonly chance: Chance
  readonly now: SimTime
  /** Whether to collect events. */
  readonly trace?: boolean
  /** Until the client gives up. */
  readonly timeoutMs?: number
  readonly dns?: DnsAnswerer
  /** False: the attempt is walked even where it could be done again from a recording. */
  readonly replay?: boolean
  /** The attempt is one of several: see there. */
  readonly journey?: Journey
}

/**
 * What the attempts of one request share: names are asked for before there is an address to connect to. Packets are
 * numbered through, matched rules add up, and the last one's end is not told: the request has more to say.
 */
export interface Journey {
  readonly events: TraceEvent[]
  readonly ids: { last: number }
  readonly touched: Set<Node>
}

export interface RunResult {
  readonly outcome: Outcome
  readonly startedAt: SimTime
  readonly endedAt: SimTime
  /** The whole answer as it came, headers and all. */
  readonly response?: string | undefined
  /** Empty unless traced. */
  readonly events: readonly TraceEvent[]
  /** Nodes whose journals hold what the attempt matched. */
  readonly touched: ReadonlySet<Node>
  readonly answered: Walk['answered']
  readonly watchers: Walk['watchers']
}

const STACK: Stack = { receive, bridgeInput, deliver, refuse, sendError, sendAnew }
/** Until a client gives up that was told nothing else. */
export const TIMEOUT_MS = 5000
/** How long the network is watched after the client has its answer: for the farewell. */
export const FAREWELL_MS = 1000

/** A walk on which nothing has happened yet. */
export function createWalk(
  network: Network,
  own: Pick<Walk, 'now' | 'chance' | 'trace' | 'ids' | 'touched' | 'watchers' | 'dns'>,
): Walk {
  return {
    network,
    stack: STACK,
    queue: [],
    sequence: 0,
    sockets: createSocketTable(),
    balanced: new Map(),
    neighbours: new Map(),
    served: undefined,
    answered: undefined,
    ...own,
  }
}

/**
 * Runs one attempt from its first packet to the last. `machine` is where the client runs. `record`: watch what conntrack
 * does, for a recording.
 */
export function runAttempt(
  network: Network,
  machine: Machine,
  request: AttemptRequest,
  { chance, now, trace = false, timeoutMs = TIMEOUT_MS, dns, journey }: AttemptOptions,
  record = false,
): RunResult {
  const events = journey?.events ?? []
  const walk = createWalk(network, {
    now,
    chance,
    trace: trace ? (event) => events.push(event) : undefined,
    ids: journey?.ids ?? { last: 0 },
    touched: journey?.touched ?? new Set(),
    watchers: record ? new Map() : undefined,
    dns,
  })
  const client = startClient(walk, machine, request)
  runUntil(walk, now + timeoutMs, () => client.end() !== undefined)
  const end = client.end()
  if (end) runUntil(walk, walk.now + FAREWELL_MS, () => false)
  else walk.now = now + timeoutMs
  if (!end && trace) tell(walk, machine, undefined, { type: 'timedOut', afterMs: timeoutMs })
  if (walk.watchers) for (const { conntrack } of walk.watchers.keys()) conntrack.watch(undefined)
  const outcome = end?.outcome ?? client.givenUp()
  if (trace && !journey) tell(walk, machine, undefined, { type: 'concluded', outcome })
  return {
    outcome,
    startedAt: now,
    endedAt: walk.now,
    events,
    touched: walk.touched,
    answered: walk.answered,
    watchers: walk.watchers,
    ...(end?.response !== undefined && { response: end.response }),
  }
}
