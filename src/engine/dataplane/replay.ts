import { checkAt, isTaken, recordingOf } from './recording.ts'
import { differEnough, planFrom } from './tracePlan.ts'
import { drawAgain, sameQuestion, wayOf } from './draws.ts'
import type { AttemptRequest } from './request.ts'
import type { RunResult } from './attempt.ts'
import type { Draw } from './draws.ts'
import type { NodeKernel } from './machine.ts'
import type { PortCheck, Recording } from './recording.ts'
import type { Telling } from './tracePlan.ts'
import type { Network } from './walk.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { Protocol } from '../packet/packet.ts'

/**
 * Attempts that differ from an earlier one only in their ports are not walked again: what the earlier one did is done
 * once more, and told once more where somebody watches. The draws are made in the same order as on the walk, so that the
 * same seed gives the same results whether an attempt is walked or not.
 */
export interface Replays {
  readonly tryAgain: (
    request: AttemptRequest,
    timeoutMs: number | undefined,
    network: Network,
    chance: Chance,
    now: SimTime,
  ) => Found
  /** `client`: the kernel that knows the ports of the client's machine. */
  readonly remember: (
    request: AttemptRequest,
    timeoutMs: number | undefined,
    network: Network,
    result: RunResult,
    draws: readonly Draw[],
    client: NodeKernel | undefined,
  ) => void
}

/** What is known of an attempt: a recording that ends the way that chance went, where there is one. */
export interface Found {
  readonly recording: Recording | undefined
  /** The draws that the recording has, made anew. */
  readonly draws: readonly Draw[]
  /** All draws that were made, ports that were taken included: a walk gives them out first. */
  readonly made: readonly Draw[]
  /** Whether a walk is worth recording: not where only a port is taken this time. */
  readonly isNew: boolean
}

/** A question that chance was asked, and for each way that it went what came next. */
interface Fork {
  readonly question: Draw
  readonly ways: (Fork | Recording | undefined)[]
  /** A port was drawn: the tuple that it must leave unique, or the walk draws another one. */
  readonly check: PortCheck | undefined
}

interface Known {
  first: Fork | Recording | undefined
  readonly guards: Guard[]
  readonly network: Network
  readonly addresses: number
}

/** What must still be the same. */
interface Guard {
  readonly kernel: NodeKernel
  readonly versions: readonly [number, number]
  readonly sysctls: NodeKernel['sysctls']
}

const RECORDINGS_AT_MOST = 50_000
/** A plan of a trace takes some ten kilobytes. */
const PLANS_AT_MOST = 2000
const PROTOCOLS: Readonly<Record<Protocol, number>> = { TCP: 0, UDP: 1, SCTP: 2, ICMP: 3 }

/** The name of a request among those of one source and one address. */
function nameOf(
  { protocol, destination, via, payload }: AttemptRequest,
  timeoutMs: number | undefined,
): string | number {
  const plain = via === undefined && payload === undefined && timeoutMs === undefined
  return plain
    ? destination.port * 4 + PROTOCOLS[protocol]
    : `${protocol} ${destination.port} ${via ?? ''} ${timeoutMs ?? ''} ${payload ?? ''}`
}

export function createReplays(): Replays {
  /** By source, by destination address, by the rest. */
  const known = new Map<string, Map<Ip, Map<string | number, Known>>>()
  let recordings = 0
  let plans = 0
  const knownAt = (request: AttemptRequest): Map<string | number, Known> | undefined =>
    known.get(request.from)?.get(request.destination.ip)

  return {
    tryAgain: (request, timeoutMs, network, chance, now) => {
      const entries = knownAt(request)
      const name = nameOf(request, timeoutMs)
      const entry = entries?.get(name)
      if (!entries || !entry) return UNKNOWN
      if (!stillHolds(entry, network)) {
        entries.delete(name)
        return UNKNOWN
      }
      return follow(entry.first, chance, now)
    },
    remember: (request, timeoutMs, network, result, draws, client) => {
      for (const { kernel } of result.touched) if (!isPlain(kernel)) return
      const recording = recordingOf(result, draws)
      if (!recording) return
      if (++recordings > RECORDINGS_AT_MOST) {
        known.clear()
        recordings = 1
        plans = 0
      }
      const entry = ensureEntry(known, request, nameOf(request, timeoutMs), network)
      for (const { kernel } of result.touched) {
        if (!entry.guards.some((guard) => guard.kernel === kernel)) entry.guards.push(guardOf(kernel))
      }
      entry.first = grow(entry.first, draws, recording, client)
      const { events, startedAt, outcome, response } = result
      const leaf = events.length > 0 && plans < PLANS_AT_MOST ? leafOf(entry.first, draws) : undefined
      if (leaf && learnTelling(leaf, { events, draws, startedAt, outcome, response })) plans++
    },
  }
}

const UNKNOWN: Found = { recording: undefined, draws: [], made: [], isNew: true }

/** Asks `chance` what the walk would ask, until a recording is reached or there is none. */
function follow(first: Fork | Recording | undefined, chance: Chance, now: SimTime): Found {
  const draws: Draw[] = []
  let made = draws
  let next = first
  while (next && 'question' in next) {
    const { question, check } = next
    let draw = drawAgain(question, chance)
    for (let tries = 1; check && draw.type === 'port' && isTaken(check, draw.value, now); tries++) {
      if (made === draws) made = [...draws]
      made.push(draw)
      if (tries >= check.tries) return { recording: undefined, draws, made, isNew: false }
      draw = drawAgain(question, chance)
    }
    if (made !== draws) made.push(draw)
    // Two sockets of one machine never share a port: what a walk does then is its own affair.
    const twice = check?.end === 'source' && draw.type === 'port' && hasPort(draws, draw.value)
    draws.push(draw)
    if (twice) return { recording: undefined, draws, made, isNew: false }
    next = next.ways[wayOf(draw)]
  }
  return { recording: next, draws, made, isNew: !next }
}

function hasPort(draws: readonly Draw[], port: number): boolean {
  return draws.some((draw) => draw.type === 'port' && draw.value === port)
}

/** What one more telling of a recorded attempt teaches. True: it is the first. */
function learnTelling(recording: Recording, telling: Telling): boolean {
  const before = recording.telling
  if (before === undefined) {
    recording.telling = telling
    return true
  }
  if (before === 'never' || 'steps' in before || !differEnough(before, telling)) return false
  recording.telling = planFrom(before, telling) ?? 'never'
  return false
}

function ensureEntry(
  known: Map<string, Map<Ip, Map<string | number, Known>>>,
  { from, destination }: AttemptRequest,
  name: string | number,
  network: Network,
): Known {
  let ofSource = known.get(from)
  if (!ofSource) known.set(from, (ofSource = new Map<Ip, Map<string | number, Known>>()))
  let entries = ofSource.get(destination.ip)
  if (!entries) ofSource.set(destination.ip, (entries = new Map<string | number, Known>()))
  let entry = entries.get(name)
  if (!entry) {
    entry = { first: undefined, guards: [], network, addresses: network.addresses.version }
    entries.set(name, entry)
  }
  return entry
}

function leafOf(first: Fork | Recording | undefined, draws: readonly Draw[]): Recording | undefined {
  let next = first
  for (const draw of draws) {
    if (!next || !('question' in next) || !sameQuestion(next.question, draw)) return undefined
    next = next.ways[wayOf(draw)]
  }
  return next && 'question' in next ? undefined : next
}

/**
 * The tree with `recording` at the end of `draws`. Where the tree asks another question, it is left as it is. A loop: before
 * the last of 10,000 endpoints there are 9,999 dice.
 */
function grow(
  first: Fork | Recording | undefined,
  draws: readonly Draw[],
  recording: Recording,
  client: NodeKernel | undefined,
): Fork | Recording {
  let top = first
  let at = first
  let put = (next: Fork | Recording): void => void (top = next)
  for (const [depth, draw] of draws.entries()) {
    if (at && (!('question' in at) || !sameQuestion(at.question, draw))) return top ?? at
    const fork: Fork = at ?? { question: draw, ways: [], check: checkAt(recording, depth, client) }
    if (!at) put(fork)
    const way = wayOf(draw)
    at = fork.ways[way]
    put = (next) => void (fork.ways[way] = next)
  }
  if (!at) put(recording)
  return top ?? recording
}

function guardOf(kernel: NodeKernel): Guard {
  const { tables, sysctls } = kernel
  return { kernel, versions: [tables.IPv4.version, tables.IPv6.version], sysctls }
}

/** Whether rules of iptables are all that decides there: what the others did cannot be done again. */
function isPlain(kernel: NodeKernel): boolean {
  return !(kernel.nft ?? kernel.ipvs ?? kernel.sets) && kernel.userspace.portals().length === 0
}

function stillHolds({ guards, network: before, addresses }: Known, network: Network): boolean {
  if (before !== network || addresses !== network.addresses.version) return false
  for (const { kernel, versions, sysctls } of guards) {
    const { tables } = kernel
    if (!isPlain(kernel)) return false
    if (tables.IPv4.version !== versions[0] || tables.IPv6.version !== versions[1]) return false
    if (kernel.sysctls !== sysctls) return false
  }
  return true
}
