import { buildNetwork, routingVia } from './buildMachines.ts'
import { checkpointMatchState, emptyJournal, undoCounters } from '../netfilter/matchState.ts'
import { bodyOf } from './clientEnd.ts'
import { createReplays } from './replay.ts'
import { matchedOf, responseOf } from './recording.ts'
import { matchedRules } from './matchedRules.ts'
import { recordingChance } from './draws.ts'
import { runAttempt } from './attempt.ts'
import type { Draw } from './draws.ts'
import type { Recording } from './recording.ts'
import type { SimTime } from '../base/time.ts'
import type { TraceEvent } from '../trace/event.ts'
import type { AttemptOptions, RunResult } from './attempt.ts'
import type { AttemptRequest } from './request.ts'
import type { Node, NodeKernel } from './machine.ts'
import type { NetworkSpec } from './network.ts'
import type { JournalEntry } from '../netfilter/matchState.ts'
import type { RoutingTable } from '../routing/routingTable.ts'

/** What a traced or untraced attempt led to, with the rules that it matched. */
export interface Attempt extends Omit<RunResult, 'touched' | 'answered' | 'watchers'> {
  /** Per node name: `table rule-text` of every iptables rule whose packet counter rose, sorted. Untouched nodes are left out. */
  readonly matched: Readonly<Record<string, readonly string[]>>
  /** Likewise for nft rules; only where a node has them. */
  readonly matchedOnPath?: Readonly<Record<string, readonly string[]>>
  readonly rulesTried: number
}

/** All kernels and wires of the cluster. */
export interface Dataplane {
  /** The kernel of a node; undefined: no such node. */
  readonly node: (name: string) => NodeKernel | undefined
  readonly routing: (node: string) => RoutingTable | undefined
  readonly nodeNames: () => readonly string[]
  /** Takes the machines and wires as they are now; nodes that stay keep what their kernels hold. */
  readonly setNetwork: (spec: NetworkSpec) => void
  /** Undefined: `request.from` or `request.via` is not there. */
  readonly attempt: (request: AttemptRequest, options: AttemptOptions) => Attempt | undefined
  /** How many attempts were done again from a recording instead of walked. */
  readonly replayed: () => number
  /** Runs `trial`, which may bring the kernels' present state back (counters included) as often as it likes; so does its end. */
  readonly withoutEffect: <T>(trial: (restore: () => void) => T) => T
}

export function createDataplane(spec: NetworkSpec): Dataplane {
  let network = buildNetwork(spec, undefined)
  const replays = createReplays()
  let trials = 0
  let replayedCount = 0
  const nodeOf = (name: string): Node | undefined => network.nodes.find((node) => node.name === name)

  return {
    node: (name) => nodeOf(name)?.kernel,
    routing: (name) => nodeOf(name)?.routing,
    nodeNames: () => network.nodes.map(({ name }) => name),
    setNetwork: (next) => {
      network = buildNetwork(next, network)
    },
    attempt: (request, options) => {
      const machine = network.machines.get(request.from)
      const via = request.via === undefined ? undefined : nodeOf(request.via)
      if (!machine || (request.via !== undefined && !via)) return undefined
      // Trials are taken back by their journals, which only a walk writes.
      const mayReplay = options.trace !== true && trials === 0 && request.beside === undefined
      const key = mayReplay ? keyOf(request, options) : ''
      const draws: Draw[] = []
      let { chance } = options
      let record = false
      if (mayReplay) {
        const again = replays.tryAgain(key, network, chance, options.now)
        if (again.recording) {
          replayedCount++
          return replayed(again.recording, again.draws, options.now)
        }
        chance = recordingChance(chance, again.draws, draws)
        record = again.isNew
      }
      const usual = machine.routing
      if (via && machine.kind === 'host') machine.routing = routingVia(machine, via)
      const run = runAttempt(network, machine, request, { ...options, chance }, record)
      machine.routing = usual
      if (record) replays.remember(key, network, run, draws)
      return attemptOf(run)
    },
    replayed: () => replayedCount,
    withoutEffect: (trial) => {
      const { nodes } = network
      const restores = nodes.map(({ kernel }) => checkpointKernel(kernel))
      const restore = (): void => {
        for (const one of restores) one()
      }
      const outer = nodes.map(({ kernel }) => kernel.matchState.journal.kept)
      for (const { kernel } of nodes) {
        emptyJournal(kernel.matchState.journal)
        kernel.matchState.journal.kept = []
      }
      trials++
      const result = trial(restore)
      trials--
      restore()
      nodes.forEach(({ kernel }, i) => (kernel.matchState.journal.kept = outer[i]))
      return result
    },
  }
}

function keyOf({ from, protocol, destination, via, payload }: AttemptRequest, { timeoutMs }: AttemptOptions): string {
  return `${from} ${protocol} ${destination.ip} ${destination.port} ${via ?? ''} ${timeoutMs ?? ''} ${payload ?? ''}`
}

/** `matched` is made when somebody asks for it: most do not. */
function attemptOf({ outcome, startedAt, endedAt, events, response, touched }: RunResult): Attempt {
  const journals: { readonly name: string; readonly entries: readonly JournalEntry[] }[] = []
  const matchedOnPath: Record<string, readonly string[]> = {}
  let rulesTried = 0
  let hasNft = false
  for (const { name, kernel } of touched) {
    const { journal } = kernel.matchState
    rulesTried += journal.tried
    journals.push({ name, entries: journal.entries })
    hasNft ||= kernel.nft !== undefined
    const nft = kernel.nft?.matched() ?? []
    if (nft.length > 0) matchedOnPath[name] = nft
  }
  let matched: Attempt['matched'] | undefined
  return {
    outcome,
    startedAt,
    endedAt,
    events,
    rulesTried,
    ...(response !== undefined && { response }),
    ...(hasNft && { matchedOnPath }),
    get matched() {
      return (matched ??= matchedRules(journals))
    },
  }
}

const NO_EVENTS: readonly TraceEvent[] = []

function replayed(recording: Recording, draws: readonly Draw[], now: SimTime): Attempt {
  const { rulesTried, endedAfter, outcome } = recording
  const attempt: Attempt = {
    outcome,
    startedAt: now,
    endedAt: now + endedAfter,
    events: NO_EVENTS,
    rulesTried,
    get matched() {
      return matchedOf(recording)
    },
  }
  if (!recording.hasResponse) return attempt
  // A page is always the same, its head says the time: made when somebody asks.
  let response: string | undefined
  const get = (): string | undefined => (response ??= responseOf(recording, draws, now))
  Object.defineProperty(attempt, 'response', { get, enumerable: true })
  if (recording.answered?.service.app.type === 'http') return attempt
  const answer = bodyOf(get() ?? '')
  return Object.defineProperty(attempt, 'outcome', { value: { ...outcome, answer }, enumerable: true })
}

function checkpointKernel({ conntrack, matchState, userspace, nft, ipvs }: NodeKernel): () => void {
  const restores = [conntrack, userspace, nft, ipvs].map((part) => part?.checkpoint())
  const match = checkpointMatchState(matchState)
  return () => {
    for (const restore of restores) restore?.()
    match()
    undoCounters(matchState.journal)
  }
}
