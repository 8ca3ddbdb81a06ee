import type { Random } from '../base/random.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import { exploreOutcomes } from '../dataplane/everyOutcome.ts'
import type { AttemptRequest } from '../dataplane/request.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import type { ConnectionUse, Outcome, Request, Trace } from '../trace/event.ts'
import type { Fleet } from './fleet.ts'
import { addressOf, parseTarget, payloadOf, streamPayload } from './target.ts'
import type { Target } from './target.ts'
import type { Attempt } from '../dataplane/createDataplane.ts'
import type { Journey } from '../dataplane/attempt.ts'
import type { WeightedOutcome } from './types.ts'

/** A request that is being watched: what its attempts share, and how late it is by now. */
export interface Watch {
  readonly chance: Chance
  readonly journey: Journey
  at: SimTime
  /** The newest attempt. */
  attempt?: Attempt
}

/** Finds the addresses behind a name, as a client at `from` would. */
export type Find = (
  from: string,
  name: string,
  watch?: Watch,
) => { readonly addresses: readonly Ip[]; readonly error?: NonNullable<Outcome['nameError']> }

/** Chance that a seed fixes. */
export function chanceOf(random: Random): Chance {
  return {
    roll: (probability) => {
      const roll = random.next()
      return { roll, won: roll < probability }
    },
    pick: (n) => random.below(n),
    port: (from, to) => from + random.below(to - from + 1),
  }
}

/** What the packet layer is asked for. */
function toAttempt(request: Request, target: Target, ip: Ip): AttemptRequest {
  const payload = payloadOf(target)
  return {
    from: request.from,
    protocol: target.protocol,
    destination: { ip, port: target.port },
    ...(request.via === undefined ? {} : { via: request.via }),
    ...(payload === undefined ? {} : { payload }),
  }
}

/** Sends `request` and tells everything that happened. A request that cannot begin gives a trace without events. */
export function traceRequest(fleet: Fleet, request: Request, chance: Chance, now: SimTime, find: Find): Trace {
  const begun = { request, mode: modeAt(fleet, request), startedAt: now }
  const target = parseTarget(request.to)
  const journey: Journey = { events: [], ids: { last: 0 }, touched: new Set() }
  const watch: Watch = { chance, journey, at: now }
  if (!target.ok) return cannotBegin(begun, target.error)
  const given = addressOf(target.value)
  if (request.connection !== undefined) return traceKept({ fleet, request, target: target.value, watch, begun, find })
  if (given) {
    const attempt = fleet.dataplane().attempt(toAttempt(request, target.value, given.ip), { chance, now, trace: true })
    return attempt ? traceOf(begun, attempt) : cannotBegin(begun, noSource(request))
  }
  const found = find(request.from, target.value.host, watch)
  for (const ip of found.addresses) {
    const attempt = fleet
      .dataplane()
      .attempt(toAttempt(request, target.value, ip), { chance, now: watch.at, trace: true, journey })
    if (!attempt) break
    watch.at = attempt.endedAt
    watch.attempt = attempt
    // A client of TCP goes on to the next address of a name, as curl does.
    if (attempt.outcome.outcome === 'connected' || target.value.protocol !== 'TCP') break
  }
  return traceOfJourney(request, target.value, watch, begun, found)
}

/** The trace of all attempts of a journey, the last one's end its own. */
function traceOfJourney(
  request: Request,
  { host }: Target,
  { attempt: last, journey, at: endedAt }: Watch,
  begun: Begun,
  found: ReturnType<Find>,
): Trace {
  if (!last) return cannotBegin(begun, found.addresses.length > 0 ? noSource(request) : notFound(host))
  const outcome: Outcome =
    found.addresses.length > 0
      ? last.outcome
      : { outcome: 'unreachable', nameError: found.error ?? 'EAI_NONAME', answer: notFound(host) }
  // A server's answer that took others' help stands before what it waited for: in order of time again.
  const events = journey.events.sort((a, b) => a.time - b.time)
  const at = events.find(({ type }) => type === 'sent')?.at ?? request.from
  events.push({ type: 'concluded', time: endedAt, at, packetId: 0, outcome })
  return traceOf(begun, last, { events, outcome, endedAt })
}

interface KeptTracing {
  readonly fleet: Fleet
  readonly request: Request
  readonly target: Target
  readonly watch: Watch
  readonly begun: Begun
  readonly find: Find
}

/** A request over a connection that the client keeps: while it stands, no name is asked for. */
function traceKept({ fleet, request, target, watch, begun, find }: KeptTracing): Trace {
  const { from, connection = '' } = request
  if (target.protocol !== 'TCP') return cannotBegin(begun, `${request.to}: only TCP has connections to keep.`)
  const { chance, journey, at: now } = watch
  const authority = `${target.application ?? 'tcp'} ${target.host}:${target.port}`
  const known = fleet.dataplane().kept(from, connection, now)
  const stands = known?.open === true && known.authority === authority
  const given = addressOf(target)
  const found: ReturnType<Find> = stands
    ? { addresses: [known.remote.ip] }
    : given
      ? { addresses: [given.ip] }
      : find(from, target.host, watch)
  let use: ConnectionUse | undefined
  for (const ip of found.addresses) {
    const [payload, ...beside] = keptPayloads(target, request.streams ?? 1, stands ? known.requests : 0)
    const attempt = fleet.dataplane().requestOver(
      {
        ...toAttempt(request, target, ip),
        ...(payload === undefined ? {} : { payload }),
        beside: beside.filter((one) => one !== undefined),
        connection,
        authority,
        ...(request.close === true && { close: true }),
      },
      { chance, now: watch.at, trace: true, journey },
    )
    if (!attempt) break
    watch.at = attempt.endedAt
    watch.attempt = attempt
    use = attempt.use
    if (attempt.outcome.outcome === 'connected') break
  }
  const trace = traceOfJourney(request, target, watch, begun, found)
  return use ? { ...trace, connection: use } : trace
}

/** What goes over the connection: `streams` requests of HTTP/2 after `before` others, else one. */
function keptPayloads(target: Target, streams: number, before: number): readonly (string | undefined)[] {
  if (target.application === undefined || target.application === 'http') return [payloadOf(target)]
  // A client's streams have odd numbers.
  return Array.from({ length: Math.max(1, streams) }, (_, i) =>
    streamPayload(target, 2 * (before + i) + 1, before + i === 0),
  )
}

type Begun = Pick<Trace, 'request' | 'mode' | 'startedAt'>

function traceOf(
  begun: Begun,
  { endedAt, events, outcome, matched, matchedOnPath, rulesTried }: Attempt,
  instead: Partial<Pick<Trace, 'endedAt' | 'events' | 'outcome'>> = {},
): Trace {
  const onPath = matchedOnPath ? { matchedOnPath } : {}
  return { ...begun, endedAt, events, outcome, matched, rulesTried, ...onPath, ...instead }
}

const noSource = ({ from }: Request): string => `There is no ${from} to send from.`
const notFound = (host: string): string => `Could not resolve host: ${host}`

function cannotBegin(begun: Begun, answer: string): Trace {
  const outcome: Outcome = { outcome: 'unreachable', answer }
  return { ...begun, endedAt: begun.startedAt, events: [], outcome, matched: {}, rulesTried: 0 }
}

/** kube-proxy's mode where the request starts; outside machines have none of their own. */
function modeAt(fleet: Fleet, { from, via }: Request): string {
  return fleet.agent(via ?? fleet.nodeOf(from) ?? '')?.mode() ?? fleet.mode()
}

/** Every end that `request` can come to with its exact chance, the likeliest first. Nothing remains of the trials. */
export function outcomesOf(
  fleet: Fleet,
  request: Request,
  now: SimTime,
  find: Find,
): Result<readonly WeightedOutcome[], string> {
  const target = parseTarget(request.to)
  if (!target.ok) return target
  const { host } = target.value
  const dataplane = fleet.dataplane()
  const given = addressOf(target.value)
  const addresses = given ? [given.ip] : dataplane.withoutEffect(() => find(request.from, host).addresses)
  const [ip] = addresses
  if (ip === undefined) return err(notFound(host))
  const found = exploreOutcomes(dataplane, toAttempt(request, target.value, ip), { now })
  if (!found) return err(noSource(request))
  return ok([...found].sort((a, b) => b.probability - a.probability || ((a.server ?? '') < (b.server ?? '') ? -1 : 1)))
}
