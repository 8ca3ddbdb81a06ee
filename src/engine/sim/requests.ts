import type { Random } from '../base/random.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import { exploreOutcomes } from '../dataplane/everyOutcome.ts'
import type { AttemptRequest } from '../dataplane/request.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import type { Outcome, Request, Trace } from '../trace/event.ts'
import type { Fleet } from './fleet.ts'
import { addressOf, parseTarget, payloadOf } from './target.ts'
import type { WeightedOutcome } from './types.ts'

/** Finds the addresses behind a name, as a client at `from` would. */
export type Lookup = (from: string, name: string) => readonly Ip[]

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

/** What the packet layer is asked for. The error is a sentence for the user. */
export function toAttempt(request: Request, lookup: Lookup): Result<AttemptRequest, string> {
  const target = parseTarget(request.to)
  if (!target.ok) return target
  const ip = addressOf(target.value)?.ip ?? lookup(request.from, target.value.host)[0]
  if (ip === undefined) return err(`Could not resolve host: ${target.value.host}`)
  const payload = payloadOf(target.value)
  return ok({
    from: request.from,
    protocol: target.value.protocol,
    destination: { ip, port: target.value.port },
    ...(request.via === undefined ? {} : { via: request.via }),
    ...(payload === undefined ? {} : { payload }),
  })
}

/** Sends `request` and tells everything that happened. A request that cannot begin gives a trace without events. */
export function traceRequest(fleet: Fleet, request: Request, chance: Chance, now: SimTime, lookup: Lookup): Trace {
  const begun = { request, mode: modeAt(fleet, request), startedAt: now }
  const attempt = toAttempt(request, lookup)
  const run = attempt.ok ? fleet.dataplane().attempt(attempt.value, { chance, now, trace: true }) : undefined
  if (run) {
    const { events, outcome, endedAt, matched, matchedOnPath, rulesTried } = run
    return { ...begun, endedAt, events, outcome, matched, rulesTried, ...(matchedOnPath ? { matchedOnPath } : {}) }
  }
  const answer = attempt.ok ? `There is no ${request.from} to send from.` : attempt.error
  const outcome: Outcome = { outcome: 'unreachable', answer }
  return { ...begun, endedAt: now, events: [], outcome, matched: {}, rulesTried: 0 }
}

/** kube-proxy's mode where the request starts; outside machines have none of their own. */
function modeAt(fleet: Fleet, { from, via }: Request): string {
  const node = via ?? (from.startsWith('node/') ? from.slice('node/'.length) : '')
  return fleet.agent(node)?.mode() ?? fleet.mode()
}

/** Every end that `request` can come to with its exact chance, the likeliest first. Nothing remains of the trials. */
export function outcomesOf(
  fleet: Fleet,
  request: Request,
  now: SimTime,
  lookup: Lookup,
): Result<readonly WeightedOutcome[], string> {
  const attempt = toAttempt(request, lookup)
  if (!attempt.ok) return attempt
  const found = exploreOutcomes(fleet.dataplane(), attempt.value, { now })
  if (!found) return err(`There is no ${request.from} to send from.`)
  return ok([...found].sort((a, b) => b.probability - a.probability || ((a.server ?? '') < (b.server ?? '') ? -1 : 1)))
}
