import type { Attempt, Dataplane } from './createDataplane.ts'
import type { AttemptOptions } from './attempt.ts'
import type { AttemptRequest } from './request.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { Outcome } from '../trace/event.ts'

/** One possible end of an attempt. */
export interface PossibleOutcome extends Outcome {
  /** 0..1, exact but for the rounding of a few multiplications. All together make 1. */
  readonly probability: number
  readonly matched: Attempt['matched']
  readonly matchedOnPath?: NonNullable<Attempt['matchedOnPath']>
}

/** More different runs than this are not tried; what is left has no probability then. */
const RUNS_AT_MOST = 20_000

/** One roll or pick of a run: which way it went, and the chances of all ways. */
interface Decision {
  readonly ways: readonly number[]
  chosen: number
}

/**
 * Every end that `request` can come to from the present state, each with its chance; equal ends are one. Every way that
 * the dice can fall is run once, always from the same state; nothing remains of the runs.
 * Undefined: the request's source is not there.
 */
export function exploreOutcomes(
  dataplane: Dataplane,
  request: AttemptRequest,
  options: Omit<AttemptOptions, 'chance' | 'trace'>,
): readonly PossibleOutcome[] | undefined {
  return dataplane.withoutEffect((restore) => {
    const ends = new Map<string, PossibleOutcome>()
    let script: number[] | undefined = []
    for (let run = 0; script && run < RUNS_AT_MOST; run++) {
      const decisions: Decision[] = []
      const attempt = dataplane.attempt(request, { ...options, chance: scripted(script, decisions) })
      if (!attempt) return undefined
      addEnd(ends, attempt, probabilityOf(decisions))
      restore()
      script = nextScript(decisions)
    }
    return [...ends.values()]
  })
}

/** Answers from `script`, then always with the first way that can happen; notes everything in `decisions`. */
function scripted(script: readonly number[], decisions: Decision[]): Chance {
  let ports = 0
  const decide = (ways: readonly number[]): number => {
    const chosen = script[decisions.length] ?? ways.findIndex((probability) => probability > 0)
    decisions.push({ ways, chosen })
    return chosen
  }
  return {
    explores: true,
    roll: (probability) => {
      const p = Math.max(0, Math.min(1, probability))
      const won = decide([p, 1 - p]) === 0
      // A roll that shows what was decided: in the middle of the winning or of the losing part.
      return { roll: won ? p / 2 : (1 + p) / 2, won }
    },
    pick: (n) => decide(Array.from({ length: n }, () => 1 / n)),
    port: (from, to) => from + (ports++ % (to - from + 1)),
  }
}

function probabilityOf(decisions: readonly Decision[]): number {
  return decisions.reduce((product, { ways, chosen }) => product * (ways[chosen] ?? 0), 1)
}

/** The last decision that has a way left takes it; those after it start over. */
function nextScript(decisions: readonly Decision[]): number[] | undefined {
  for (let i = decisions.length - 1; i >= 0; i--) {
    const decision = decisions[i]
    if (!decision) continue
    const next = decision.ways.findIndex((probability, way) => way > decision.chosen && probability > 0)
    if (next >= 0) return [...decisions.slice(0, i).map(({ chosen }) => chosen), next]
  }
  return undefined
}

function addEnd(ends: Map<string, PossibleOutcome>, attempt: Attempt, probability: number): void {
  const { outcome, matched, matchedOnPath } = attempt
  const { answer, ...end } = outcome
  const key = JSON.stringify([end, matched, matchedOnPath])
  const known = ends.get(key)
  ends.set(key, {
    ...end,
    ...(answer !== undefined && { answer: known?.answer ?? answer }),
    probability: (known?.probability ?? 0) + probability,
    matched,
    ...(matchedOnPath && { matchedOnPath }),
  })
}
