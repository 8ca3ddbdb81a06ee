import { LATENCY, NEIGHBOUR_FAILURE_MS } from './walk.ts'
import type { Draw } from './draws.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Packet, SocketAddress } from '../packet/packet.ts'
import type { FlowSnapshot, Outcome, TraceEvent } from '../trace/event.ts'

/** A traced walk, as far as its events depend on it. */
export interface Telling {
  readonly events: readonly TraceEvent[]
  readonly draws: readonly Draw[]
  readonly startedAt: SimTime
  readonly outcome: Outcome
  readonly response: string | undefined
}

/** The events of an attempt with its times, drawn ports, rolls and its answer left open. Numbers below 0: nothing is open. */
export interface TracePlan {
  readonly steps: readonly Step[]
  /** Moment `i + 1` is `delay` after moment `from`; moment 0 is the start. */
  readonly moments: readonly { readonly from: number; readonly delay: number }[]
  readonly addresses: readonly { readonly ip: Ip; readonly draw: number }[]
  readonly packets: readonly PacketPlan[]
  readonly flows: readonly FlowPlan[]
  readonly usesResponse: boolean
}

interface Step {
  readonly event: TraceEvent
  readonly moment: number
  readonly packet: number
  readonly flow: number
  readonly from: number
  readonly to: number
  /** The draw that was this roll. */
  readonly roll: number
}

interface PacketPlan {
  readonly packet: Packet
  readonly source: number
  readonly destination: number
  readonly isResponse: boolean
}

interface FlowPlan {
  readonly flow: FlowSnapshot
  readonly original: readonly [number, number]
  readonly reply: readonly [number, number]
}

const DELAYS: readonly number[] = [LATENCY.veth, LATENCY.lan, LATENCY.loopback, NEIGHBOUR_FAILURE_MS]

/** Whether the two tell apart what is open from what is fixed. */
export function differEnough(a: Telling, b: Telling): boolean {
  return (
    a.startedAt !== b.startedAt &&
    a.draws.every((draw, i) => {
      const other = b.draws[i]
      if (draw.type === 'port') return other?.type === 'port' && draw.value !== other.value
      return draw.type !== 'roll' || (other?.type === 'roll' && draw.roll !== other.roll)
    })
  )
}

/** A plan from which both walks come out as they were told; undefined: there is more to it than a plan holds. */
export function planFrom(a: Telling, b: Telling): TracePlan | undefined {
  const plan = draft(a, b)
  if (!plan || !isTold(plan, a) || !isTold(plan, b)) return undefined
  return plan
}

function isTold(plan: TracePlan, { events, draws, startedAt, outcome, response }: Telling): boolean {
  return JSON.stringify(tellAgain(plan, draws, startedAt, outcome, response)) === JSON.stringify(events)
}

function draft(a: Telling, b: Telling): TracePlan | undefined {
  const moments = momentsOf(a, b)
  if (!moments) return undefined
  const drawOf = new Map(
    b.draws.flatMap((draw, i): [number, number][] => (draw.type === 'port' ? [[draw.value, i]] : [])),
  )
  const rollOf = new Map(
    b.draws.flatMap((draw, i): [number, number][] => (draw.type === 'roll' ? [[draw.roll, i]] : [])),
  )
  const addresses: TracePlan['addresses'][number][] = []
  const packets: PacketPlan[] = []
  const packetNumbers = new Map<Packet, number>()
  const flows: FlowPlan[] = []
  let usesResponse = false
  const addressAt = ({ ip, port }: SocketAddress): number => {
    const draw = drawOf.get(port)
    if (draw === undefined) return -1
    const known = addresses.findIndex((address) => address.ip === ip && address.draw === draw)
    return known >= 0 ? known : addresses.push({ ip, draw }) - 1
  }
  const packetAt = (packet: Packet): number => {
    const known = packetNumbers.get(packet)
    if (known !== undefined) return known
    const [source, destination] = [addressAt(packet.source), addressAt(packet.destination)]
    const isResponse = packet.payload !== undefined && packet.payload === b.response
    usesResponse ||= isResponse
    const isOpen = source >= 0 || destination >= 0 || isResponse
    const number = isOpen ? packets.push({ packet, source, destination, isResponse }) - 1 : -1
    packetNumbers.set(packet, number)
    return number
  }
  const flowAt = (flow: FlowSnapshot): number => {
    const { original, reply, protocol, state } = flow
    const plan: FlowPlan = {
      flow,
      original: [addressAt(original.source), addressAt(original.destination)],
      reply: [addressAt(reply.source), addressAt(reply.destination)],
    }
    const known = flows.findIndex(
      (other) =>
        other.flow.state === state &&
        other.flow.protocol === protocol &&
        sameEnds(other.flow.original, original) &&
        sameEnds(other.flow.reply, reply),
    )
    return known >= 0 ? known : flows.push(plan) - 1
  }
  const steps = b.events.map((event, i): Step => ({
    event,
    moment: moments.ofEvent[i] ?? 0,
    packet: 'packet' in event ? packetAt(event.packet) : -1,
    flow: event.type === 'conntrack' ? flowAt(event.flow) : -1,
    from: event.type === 'translated' ? addressAt(event.from) : -1,
    to: event.type === 'translated' ? addressAt(event.to) : -1,
    roll: event.type === 'diceRolled' ? (rollOf.get(event.roll) ?? -1) : -1,
  }))
  return { steps, moments: moments.steps, addresses, packets, flows, usesResponse }
}

function sameEnds(a: FlowSnapshot['original'], b: FlowSnapshot['original']): boolean {
  return (
    a.source.ip === b.source.ip &&
    a.source.port === b.source.port &&
    a.destination.ip === b.destination.ip &&
    a.destination.port === b.destination.port
  )
}

/** How the walk's clock went: each moment from an earlier one by one of the network's delays, added in the same order. */
function momentsOf(
  a: Telling,
  b: Telling,
): { readonly steps: TracePlan['moments']; readonly ofEvent: readonly number[] } | undefined {
  if (a.events.length !== b.events.length) return undefined
  const steps: TracePlan['moments'][number][] = []
  const times: (readonly [number, number])[] = [[a.startedAt, b.startedAt]]
  const ofEvent: number[] = []
  for (let i = 0; i < b.events.length; i++) {
    const [x, y] = [a.events[i]?.time ?? NaN, b.events[i]?.time ?? NaN]
    let moment = times.findIndex(([p, q]) => p === x && q === y)
    if (moment < 0) {
      const step = stepTo(times, x, y)
      if (!step) return undefined
      steps.push(step)
      moment = times.push([x, y]) - 1
    }
    ofEvent.push(moment)
  }
  return { steps, ofEvent }
}

function stepTo(
  times: readonly (readonly [number, number])[],
  x: number,
  y: number,
): TracePlan['moments'][number] | undefined {
  for (let from = times.length - 1; from >= 0; from--) {
    const [p, q] = times[from] ?? [NaN, NaN]
    const delay = DELAYS.find((d) => p + d === x && q + d === y)
    if (delay !== undefined) return { from, delay }
  }
  return undefined
}

/** The events of the attempt as it goes this time. */
export function tellAgain(
  plan: TracePlan,
  draws: readonly Draw[],
  now: SimTime,
  outcome: Outcome,
  response: string | undefined,
): readonly TraceEvent[] {
  const times: number[] = [now]
  for (const { from, delay } of plan.moments) times.push((times[from] ?? now) + delay)
  const addresses = plan.addresses.map(({ ip, draw }): SocketAddress => ({ ip, port: portOf(draws[draw]) }))
  const at = (number: number, fixed: SocketAddress): SocketAddress =>
    number < 0 ? fixed : (addresses[number] ?? fixed)
  const packets = plan.packets.map(({ packet, source, destination, isResponse }): Packet =>
    isResponse && response !== undefined
      ? {
          ...packet,
          source: at(source, packet.source),
          destination: at(destination, packet.destination),
          payload: response,
        }
      : { ...packet, source: at(source, packet.source), destination: at(destination, packet.destination) },
  )
  const flows = plan.flows.map(({ flow, original, reply }): FlowSnapshot => ({
    ...flow,
    original: {
      source: at(original[0], flow.original.source),
      destination: at(original[1], flow.original.destination),
    },
    reply: { source: at(reply[0], flow.reply.source), destination: at(reply[1], flow.reply.destination) },
  }))
  const { steps } = plan
  const events: TraceEvent[] = []
  for (const step of steps) {
    const time = times[step.moment] ?? now
    const { event } = step
    // One place per type: copying objects of one shape is fast, of all shapes slow.
    switch (event.type) {
      case 'hookEntered':
        events.push({ ...event, time, packet: packets[step.packet] ?? event.packet })
        break
      case 'linkCrossed':
        events.push({ ...event, time, packet: packets[step.packet] ?? event.packet })
        break
      case 'sent':
        events.push({ ...event, time, packet: packets[step.packet] ?? event.packet })
        break
      case 'delivered':
        events.push({ ...event, time, packet: packets[step.packet] ?? event.packet })
        break
      case 'chainEntered':
        events.push({ ...event, time })
        break
      case 'rulesMissed':
        events.push({ ...event, time })
        break
      case 'ruleMatched':
        events.push({ ...event, time })
        break
      case 'chainReturned':
        events.push({ ...event, time })
        break
      case 'policyApplied':
        events.push({ ...event, time })
        break
      case 'routed':
        events.push({ ...event, time })
        break
      case 'conntrack':
        events.push({ ...event, time, flow: flows[step.flow] ?? event.flow })
        break
      case 'translated':
        events.push({ ...event, time, from: at(step.from, event.from), to: at(step.to, event.to) })
        break
      case 'diceRolled': {
        const draw = draws[step.roll]
        events.push({ ...event, time, roll: draw?.type === 'roll' ? draw.roll : event.roll })
        break
      }
      case 'concluded':
        events.push({ ...event, time, outcome })
        break
      case 'affinityChecked':
      case 'balanced':
      case 'dropped':
      case 'ipvsRefused':
      case 'ipvsScheduled':
      case 'markSet':
      case 'proxyCopied':
      case 'proxyFailed':
      case 'proxyPicked':
      case 'rejected':
      case 'timedOut':
      default:
        events.push({ ...event, time })
    }
  }
  return events
}

function portOf(draw: Draw | undefined): number {
  return draw?.type === 'port' ? draw.value : 0
}
