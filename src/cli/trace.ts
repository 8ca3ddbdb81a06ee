import { createWorld, printOutcome, printTrace, runControllers } from '../engine/index.ts'
import type { DumpController, Fleet, Outcome, ProxyMode, Request, Trace, WeightedOutcome } from '../engine/index.ts'
import type { Result } from '../engine/base/result.ts'
import type { InputFlags } from './flags.ts'
import { labSim } from './lab.ts'
import { isRecord, readConfig, readSource, readStates } from './readInput.ts'
import { UsageError } from './usageError.ts'
import type { Output } from './usageError.ts'

export interface TraceFlags extends InputFlags {
  readonly from?: string
  readonly to?: string
  readonly via?: string
  readonly probes?: string
  readonly everyOutcome?: boolean
  readonly output?: 'text' | 'json' | 'summary'
}

/** What requests are sent in: the lab, or a dump. */
interface Ground {
  readonly fleet: Fleet
  readonly request: (request: Request) => Trace
  readonly everyOutcome: (request: Request) => Result<readonly WeightedOutcome[], string>
}

/** `kubehop trace`. Exit code 1 when the one request that was sent did not end connected. */
export function runTrace(flags: TraceFlags, out: Output): number {
  const ground = groundOf(flags)
  if (flags.probes !== undefined) {
    const answers = readProbes(flags.probes).map((probe) => answerOf(ground, probe, flags))
    out.stdout(`${JSON.stringify(answers, undefined, 1)}\n`)
    return 0
  }
  const { from, to, via } = flags
  if (from === undefined || to === undefined)
    throw new UsageError('trace needs --from SOURCE and --to TARGET, or --probes FILE')
  const request: Request = { from, to, ...(via === undefined ? {} : { via }) }
  if (flags.everyOutcome) {
    out.stdout(`${JSON.stringify(everyOutcome(ground, request), undefined, 1)}\n`)
    return 0
  }
  const trace = sent(ground.request(request))
  const text =
    flags.output === 'json'
      ? JSON.stringify(trace, undefined, 1)
      : flags.output === 'summary'
        ? summary(trace)
        : printTrace(trace)
  out.stdout(`${text}\n`)
  return trace.outcome.outcome === 'connected' ? 0 : 1
}

/** A request that could not begin (no such source, a malformed target) is bad usage. */
function sent(trace: Trace): Trace {
  if (trace.events.length === 0) throw new UsageError(trace.outcome.answer ?? printOutcome(trace.outcome))
  return trace
}

function summary({ request, mode, outcome }: Trace): string {
  return `${request.from} -> ${request.to} (${mode}): ${printOutcome(outcome)}`
}

function everyOutcome(ground: Ground, request: Request): readonly WeightedOutcome[] {
  const outcomes = ground.everyOutcome(request)
  if (!outcomes.ok) throw new UsageError(`${request.from} -> ${request.to}: ${outcomes.error}`)
  return outcomes.value
}

/** One probe's answer, always from the state that the ground was in at first. */
function answerOf(ground: Ground, probe: Request, flags: TraceFlags): unknown {
  if (flags.everyOutcome) return everyOutcome(ground, probe)
  return ground.fleet.dataplane().withoutEffect((restore) => {
    const { outcome, matched, matchedOnPath, ...rest } = sent(ground.request(probe))
    restore()
    if (flags.output === 'json') return { ...rest, outcome, matched, ...(matchedOnPath ? { matchedOnPath } : {}) }
    return { ...(outcome satisfies Outcome), matched, ...(matchedOnPath ? { matchedOnPath } : {}) }
  })
}

function groundOf(flags: TraceFlags): Ground {
  const states = readStates(flags)
  if (!states) return labSim(flags)
  const config = readConfig(flags.config)
  const names = flags.controllers as readonly DumpController[] | undefined
  const [first = [], ...later] = names ? states.map((state) => runControllers(state, names)) : states
  const world = createWorld(first, {
    seed: flags.seed ?? 1,
    mode: flags.mode ?? modeOf(config),
    ...(flags.config === undefined ? {} : { proxyConfig: config }),
  })
  for (const state of later) world.load(state)
  return world
}

/** The mode that a KubeProxyConfiguration names; iptables when it names none. */
export function modeOf(config: Readonly<Record<string, unknown>>): ProxyMode {
  const mode = config['mode']
  return mode === 'ipvs' || mode === 'nftables' || mode === 'userspace' ? mode : 'iptables'
}

function readProbes(file: string): readonly Request[] {
  const { name, text } = readSource(file)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!Array.isArray(parsed)) throw new UsageError(`${name}: must be a JSON array of {"from", "to", "via"}`)
  return parsed.map((probe: unknown, i): Request => {
    if (!isRecord(probe) || typeof probe['from'] !== 'string' || typeof probe['to'] !== 'string') {
      throw new UsageError(`${name}: [${i}]: "from" and "to" must be strings`)
    }
    const via = probe['via']
    return { from: probe['from'], to: probe['to'], ...(typeof via === 'string' ? { via } : {}) }
  })
}
