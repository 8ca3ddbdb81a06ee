import { buildNetwork } from './buildMachines.ts'
import { routingVia } from './machineRouting.ts'
import { checkpointMatchState, emptyJournal, undoCounters } from '../netfilter/matchState.ts'
import { bodyOf } from './clientEnd.ts'
import { createReplays } from './replay.ts'
import { matchedOf, perform, responseOf } from './recording.ts'
import { tellAgain } from './tracePlan.ts'
import { matchedRules } from './matchedRules.ts'
import { recordingChance } from './draws.ts'
import { runAttempt } from './attempt.ts'
import type { Draw } from './draws.ts'
import type { Recording } from './recording.ts'
import type { SimTime } from '../base/time.ts'
import type { ConnectionUse, Outcome, TraceEvent } from '../trace/event.ts'
import type { AttemptOptions, RunResult } from './attempt.ts'
import { createConnections } from './connections.ts'
import type { KeptConnection } from './connections.ts'
import type { AttemptRequest, KeptRequest } from './request.ts'
import { isNode } from './machine.ts'
import type { Machine, Node, NodeKernel } from './machine.ts'
import type { TracePlan } from './tracePlan.ts'
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

export interface KeptAttempt extends Attempt {
  readonly use: ConnectionUse
  /** What came back, an answer a request. */
  readonly answers: readonly string[]
}

/** All kernels and wires of the cluster. */
export interface Dataplane {
  /** The kernel of a node; undefined: no such node. */
  readonly node: (name: string) => NodeKernel | undefined
  /** The same, for whoever fills it: what waits to be done before its use goes on waiting. */
  readonly kernelOf: (name: string) => NodeKernel | undefined
  readonly routing: (node: string) => RoutingTable | undefined
  readonly nodeNames: () => readonly string[]
  /** Takes the machines and wires as they are now; nodes that stay keep what their kernels hold. */
  readonly setNetwork: (spec: NetworkSpec, now?: SimTime) => void
  /** Undefined: `request.from` or `request.via` is not there. */
  readonly attempt: (request: AttemptRequest, options: AttemptOptions) => Attempt | undefined
  /** A request over a connection that the client keeps. Undefined: `request.from` or `request.via` is not there. */
  readonly requestOver: (request: KeptRequest, options: AttemptOptions) => KeptAttempt | undefined
  /** The connection that `from` keeps under `name`. */
  readonly kept: (from: string, name: string, now: SimTime) => KeptConnection | undefined
  readonly closeKept: (from: string, name: string, now: SimTime) => void
  /** Closes what its owners have let time out by now. */
  readonly catchUp: (now: SimTime) => void
  /** When the next kept connection may time out. */
  readonly nextDue: () => SimTime | undefined
  /** How many attempts were done again from a recording instead of walked. */
  readonly replayed: () => number
  /** Runs `trial`, which may bring the kernels' present state back (counters included) as often as it likes; so does its end. */
  readonly withoutEffect: <T>(trial: (restore: () => void) => T) => T
}

export function createDataplane(spec: NetworkSpec): Dataplane {
  let network = buildNetwork(spec, undefined)
  const replays = createReplays()
  const connections = createConnections()
  let trials = 0
  let replayedCount = 0
  const nodeOf = (name: string): Node | undefined => {
    const machine = network.machines.get(`node/${name}`)
    return machine && isNode(machine) ? machine : undefined
  }

  return {
    node: (name) => {
      const kernel = nodeOf(name)?.kernel
      kernel?.beforeUse?.()
      return kernel
    },
    kernelOf: (name) => nodeOf(name)?.kernel,
    routing: (name) => nodeOf(name)?.routing,
    nodeNames: () => network.nodes.map(({ name }) => name),
    setNetwork: (spec, now = 0) => {
      const next = buildNetwork(spec, network)
      connections.follow(network, next, now)
      network = next
    },
    requestOver: (request, options) => {
      const machine = network.machines.get(request.from)
      const via = request.via === undefined ? undefined : nodeOf(request.via)
      if (!machine || (request.via !== undefined && !via)) return undefined
      const usual = machine.routing
      if (via && machine.kind === 'host') machine.routing = routingVia(machine, via)
      const run = connections.request(network, machine, request, options)
      machine.routing = usual
      const { use, answers } = run
      // `matched` of an attempt is made when it is asked for.
      return Object.assign(attemptOf(run), { use, answers })
    },
    kept: (from, name, now) => connections.find(network, from, name, now),
    closeKept: (from, name, now) => {
      connections.close(network, from, name, now)
    },
    catchUp: (now) => {
      connections.catchUp(network, now)
    },
    nextDue: connections.nextDue,
    attempt: (request, options) => {
      const machine = network.machines.get(request.from)
      const via = request.via === undefined ? undefined : nodeOf(request.via)
      if (!machine || (request.via !== undefined && !via)) return undefined
      const { now, timeoutMs, trace = false } = options
      const draws: Draw[] = []
      let { chance } = options
      let record = false
      // Trials are taken back by their journals, which only a walk writes; attempts of a journey count together.
      if (trials === 0 && options.replay !== false && options.journey === undefined && !request.beside) {
        const { recording, draws: found, made, isNew } = replays.tryAgain(request, timeoutMs, network, chance, now)
        const plan = trace ? planOf(recording) : undefined
        if (recording && (!trace || plan) && perform(recording, found, now)) {
          replayedCount++
          return new Replayed(recording, found, now, plan)
        }
        chance = recordingChance(chance, made, draws)
        record = isNew || (trace && recording !== undefined && recording.telling !== 'never')
      }
      const usual = machine.routing
      if (via && machine.kind === 'host') machine.routing = routingVia(machine, via)
      const run = runAttempt(network, machine, request, { ...options, chance }, record)
      machine.routing = usual
      if (record) replays.remember(request, timeoutMs, network, run, draws, kernelOf(machine))
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

/** The kernel that knows which ports the machine's connections use. */
function kernelOf(machine: Machine): NodeKernel | undefined {
  return machine.kernel ?? machine.attachment?.node.kernel
}

function planOf(recording: Recording | undefined): TracePlan | undefined {
  const telling = recording?.telling
  return typeof telling === 'object' && 'steps' in telling ? telling : undefined
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

/** An attempt done again. Its rules and its answer are made when somebody asks: most do not. */
class Replayed implements Attempt {
  readonly outcome: Outcome
  readonly startedAt: SimTime
  readonly endedAt: SimTime
  readonly events: readonly TraceEvent[]
  readonly rulesTried: number
  readonly #recording: Recording
  readonly #draws: readonly Draw[]
  #response: string | undefined

  constructor(recording: Recording, draws: readonly Draw[], now: SimTime, plan: TracePlan | undefined) {
    const { outcome, answered, hasResponse } = recording
    this.#recording = recording
    this.#draws = draws
    this.startedAt = now
    this.endedAt = now + recording.endedAfter
    this.rulesTried = recording.rulesTried
    // A page is always the same, its head says the time; other workloads may say anything.
    const isPage = !hasResponse || answered?.service.app.type === 'http'
    this.outcome = isPage ? outcome : { ...outcome, answer: bodyOf(this.response ?? '') }
    this.events = plan
      ? tellAgain(plan, draws, now, this.outcome, plan.usesResponse ? this.response : undefined)
      : NO_EVENTS
  }

  get response(): string | undefined {
    if (!this.#recording.hasResponse) return undefined
    return (this.#response ??= responseOf(this.#recording, this.#draws, this.startedAt))
  }

  get matched(): Attempt['matched'] {
    return matchedOf(this.#recording)
  }
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
