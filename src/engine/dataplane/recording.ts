import { answerOf } from './apps.ts'
import { NAT_TRIES } from '../conntrack/nat.ts'
import { SOCKET_TRIES } from './send.ts'
import { matchedRules } from './matchedRules.ts'
import type { Draw } from './draws.ts'
import type { Telling, TracePlan } from './tracePlan.ts'
import type { NodeKernel, Service } from './machine.ts'
import type { RunResult } from './attempt.ts'
import type { Flow, Tuple } from '../conntrack/flow.ts'
import type { SimTime } from '../base/time.ts'
import type { JournalEntry } from '../netfilter/matchState.ts'
import type { Chain } from '../netfilter/rule.ts'
import type { Packet, Protocol } from '../packet/packet.ts'
import type { Outcome } from '../trace/event.ts'

/** All that an attempt did to the kernels, with its client-side ports left open, so that it can be done again. */
export interface Recording {
  readonly counters: readonly Counter[]
  readonly flows: readonly FlowTemplate[]
  readonly outcome: Outcome
  readonly hasResponse: boolean
  /** Who answered what, how long after the start; the port of the request's source is a draw. */
  readonly answered:
    | { readonly service: Service; readonly request: Packet; readonly sourceDraw: number; readonly after: number }
    | undefined
  readonly endedAfter: number
  readonly rulesTried: number
  readonly journals: readonly { readonly name: string; readonly entries: readonly JournalEntry[] }[]
  matched: Readonly<Record<string, readonly string[]>> | undefined
  /** How to tell it; before two walks were told, what the first one told. `never`: a plan does not do. */
  telling: TracePlan | Telling | 'never' | undefined
}

interface Counter {
  readonly chain: Chain
  /** -1: the policy. */
  readonly index: number
  readonly packets: number
  readonly bytes: number
}

interface FlowTemplate {
  readonly kernel: NodeKernel
  /** As it was at the end; times counted from the attempt's start. */
  readonly flow: Flow
  /** Draws that gave the ports of the client's side. */
  readonly originalSource: number
  readonly replyDestination: number
  /** It was in the table at the end. */
  readonly stays: boolean
}

/** Undefined: the attempt met something that may be different next time. */
export function recordingOf(result: RunResult, draws: readonly Draw[]): Recording | undefined {
  const { touched, watchers, answered, startedAt } = result
  const ports = draws.flatMap((draw, i): [number, number][] => (draw.type === 'port' ? [[draw.value, i]] : []))
  const drawOf = new Map(ports)
  if (!watchers || drawOf.size !== ports.length || answered?.service.app.type === 'dns') return undefined
  if (result.response !== undefined && !answered) return undefined
  const flows: FlowTemplate[] = []
  for (const { kernel } of touched) {
    const watcher = watchers.get(kernel)
    if (!watcher || watcher.metOlder || dependsOnMore(kernel)) return undefined
    for (const flow of watcher.begun) {
      const originalSource = drawOf.get(flow.original.source.port)
      const replyDestination = drawOf.get(flow.reply.destination.port)
      if (originalSource === undefined || replyDestination === undefined) return undefined
      const relative = { startedAt: flow.startedAt - startedAt, expiresAt: flow.expiresAt - startedAt }
      flows.push({
        kernel,
        flow: { ...flow, ...relative },
        originalSource,
        replyDestination,
        stays: kernel.conntrack.holds(flow),
      })
    }
  }
  const sourceDraw = answered && drawOf.get(answered.request.source.port)
  if (answered && sourceDraw === undefined) return undefined
  const journals = [...touched].map(({ name, kernel }) => ({ name, entries: kernel.matchState.journal.entries }))
  let rulesTried = 0
  for (const { kernel } of touched) rulesTried += kernel.matchState.journal.tried
  return {
    counters: countersOf(journals.flatMap(({ entries }) => entries)),
    flows,
    outcome: result.outcome,
    hasResponse: result.response !== undefined,
    answered:
      answered && sourceDraw !== undefined
        ? { service: answered.service, request: answered.request, sourceDraw, after: answered.at - startedAt }
        : undefined,
    endedAfter: result.endedAt - startedAt,
    rulesTried,
    journals,
    matched: undefined,
    telling: undefined,
  }
}

/** Whether the node holds state that a packet may change beyond conntrack and counters. */
function dependsOnMore({ nft, ipvs, sets, matchState, userspace }: NodeKernel): boolean {
  return !!(nft ?? ipvs ?? sets) || matchState.usedMemory || userspace.portals().length > 0
}

function countersOf(entries: readonly JournalEntry[]): readonly Counter[] {
  const sums = new Map<Chain, Map<number, { packets: number; bytes: number }>>()
  for (const { chain, index, bytes } of entries) {
    const ofChain = sums.get(chain) ?? new Map<number, { packets: number; bytes: number }>()
    sums.set(chain, ofChain)
    const sum = ofChain.get(index) ?? { packets: 0, bytes: 0 }
    ofChain.set(index, { packets: sum.packets + 1, bytes: sum.bytes + bytes })
  }
  return [...sums].flatMap(([chain, ofChain]) => [...ofChain].map(([index, sum]) => ({ chain, index, ...sum })))
}

/** Does it again with new draws. False, and nothing done: a tuple is taken. */
export function perform(recording: Recording, draws: readonly Draw[], now: SimTime): boolean {
  const { flows, counters } = recording
  for (const { kernel, flow, originalSource, replyDestination } of flows) {
    const { original, reply, protocol } = flow
    const { conntrack } = kernel
    const [from, to] = [portOf(draws, originalSource), portOf(draws, replyDestination)]
    if (
      conntrack.isTakenBetween(protocol, original.source.ip, from, original.destination, now) ||
      conntrack.isTakenBetween(
        protocol,
        reply.source.ip,
        reply.source.port,
        { ip: reply.destination.ip, port: to },
        now,
      )
    ) {
      return false
    }
  }
  for (const template of flows) {
    if (template.stays) template.kernel.conntrack.adopt(flowOf(template, draws, now), now)
  }
  for (const { chain, index, packets, bytes } of counters) {
    if (index < 0) {
      chain.policyPackets += packets
      chain.policyBytes += bytes
    } else {
      chain.packets[index] = (chain.packets[index] ?? 0) + packets
      chain.bytes[index] = (chain.bytes[index] ?? 0) + bytes
    }
  }
  return true
}

function flowOf({ flow, originalSource, replyDestination }: FlowTemplate, draws: readonly Draw[], now: SimTime): Flow {
  return {
    protocol: flow.protocol,
    original: withSource(flow.original, portOf(draws, originalSource)),
    reply: withDestination(flow.reply, portOf(draws, replyDestination)),
    confirmed: flow.confirmed,
    seenReply: flow.seenReply,
    assured: flow.assured,
    dnatDone: flow.dnatDone,
    snatDone: flow.snatDone,
    hasDnat: flow.hasDnat,
    hasSnat: flow.hasSnat,
    state: flow.state,
    startedAt: now + flow.startedAt,
    expiresAt: now + flow.expiresAt,
    ipvs: flow.ipvs,
  }
}

/** A tuple with one port left open, which the walk makes sure that nobody has. */
export interface PortCheck {
  readonly kernel: NodeKernel
  readonly protocol: Protocol
  readonly tuple: Tuple
  readonly end: 'source' | 'destination'
  /** How often the walk draws before it takes what it has; 0: it does not look. */
  readonly tries: number
}

/** What the walk checks right after draw number `draw`: a socket's own port, or the port that NAT chose. */
export function checkAt({ flows }: Recording, draw: number, client: NodeKernel | undefined): PortCheck | undefined {
  const first = flows.find((flow) => flow.originalSource === draw || flow.replyDestination === draw)
  if (!first) return undefined
  const { kernel, flow, originalSource } = first
  const { protocol, original, reply } = flow
  if (originalSource !== draw) return { kernel, protocol, tuple: reply, end: 'destination', tries: NAT_TRIES }
  // Machines outside have no conntrack to ask.
  const tries = draw > 0 || kernel === client ? SOCKET_TRIES : 0
  return { kernel, protocol, tuple: original, end: 'source', tries }
}

export function isTaken({ kernel, protocol, tuple, end }: PortCheck, port: number, now: SimTime): boolean {
  const { source, destination } = tuple
  return end === 'source'
    ? kernel.conntrack.isTakenBetween(protocol, source.ip, port, destination, now)
    : kernel.conntrack.isTakenBetween(protocol, source.ip, source.port, { ip: destination.ip, port }, now)
}

function portOf(draws: readonly Draw[], index: number): number {
  const draw = draws[index]
  return draw?.type === 'port' ? draw.value : 0
}

function withSource({ source, destination }: Tuple, port: number): Tuple {
  return { source: { ip: source.ip, port }, destination }
}

function withDestination({ source, destination }: Tuple, port: number): Tuple {
  return { source, destination: { ip: destination.ip, port } }
}

/** What the workload says this time: the same workload may say the time, or the client's port. */
export function responseOf({ answered }: Recording, draws: readonly Draw[], now: SimTime): string | undefined {
  if (!answered) return undefined
  const { service, request, sourceDraw, after } = answered
  const source = { ip: request.source.ip, port: portOf(draws, sourceDraw) }
  return answerOf({ now: now + after }, service, { ...request, source })
}

export function matchedOf(recording: Recording): Readonly<Record<string, readonly string[]>> {
  return (recording.matched ??= matchedRules(recording.journals))
}
