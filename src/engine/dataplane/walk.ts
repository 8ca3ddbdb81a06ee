import type { Machine, Node, NodeKernel, Service } from './machine.ts'
import type { FlowWatcher } from '../conntrack/conntrack.ts'
import type { Skb } from './skb.ts'
import type { ClosedPort } from './network.ts'
import type { SocketTable } from './socketTable.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { IcmpMessage, Packet } from '../packet/packet.ts'
import type { TraceEvent, Tracer } from '../trace/event.ts'

/** Milliseconds that a packet needs across. */
export const LATENCY = { loopback: 0.01, veth: 0.02, lan: 0.2 } as const
/** Three unanswered ARP requests, a second apart. */
export const NEIGHBOUR_FAILURE_MS = 3000

/**
 * One attempt under way: its clock, its dice, the packets in flight, and the network that they walk. The walk of a kept
 * connection lives on between its requests; what belongs to one request is set anew for each.
 */
export interface Walk {
  network: Network
  readonly stack: Stack
  now: SimTime
  chance: Chance
  trace: Tracer | undefined
  /** Packets and timers that are due, by time and then by order of entry. */
  readonly queue: Timer[]
  sequence: number
  /** Number of the newest packet. */
  ids: { last: number }
  readonly sockets: SocketTable
  /** Which of its nodes a load balancer chose, by connection. */
  readonly balanced: Map<string, number>
  /** Who won the race to answer for an address, per asker. */
  readonly neighbours: Map<string, LanMember | undefined>
  /** Nodes whose rules the attempt met so far: their journals hold what it matched. */
  touched: Set<Node>
  /** Who served the request last, as the trace's end names it. */
  served: { readonly server: string; readonly pod?: string; readonly sourceSeen: Ip } | undefined
  /** The request that was answered last, as the workload got it. */
  answered: { readonly service: Service; readonly request: Packet; readonly at: SimTime } | undefined
  /** For a recording: what each touched kernel's conntrack did. */
  readonly watchers: Map<NodeKernel, FlowWatcher> | undefined
  /** What a DNS server answers to a question; without it such servers stay silent. */
  dns: DnsAnswerer | undefined
}

/** The answer to `question` (a datagram's payload), of a server in pod `pod`; undefined: no answer. */
export type DnsAnswerer = (question: string, pod: string, now: SimTime) => DnsAnswer | undefined

export interface DnsAnswer {
  readonly text: string
  /** How long the server took: it may have asked others itself. */
  readonly afterMs: number
}

/** The parts of the network stack that call each other in circles: each gets at the others through the walk. */
export interface Stack {
  /** A packet came in through an interface. */
  readonly receive: (walk: Walk, machine: Machine, skb: Skb) => void
  /** A frame came in through a port of a node's bridge. `neighbour`: the pod it is addressed to; undefined: the bridge. */
  readonly bridgeInput: (walk: Walk, node: Node, sender: Machine, skb: Skb, neighbour: Machine | undefined) => void
  /** INPUT let the packet pass: it goes to a socket. */
  readonly deliver: (walk: Walk, machine: Machine, skb: Skb) => void
  /** Answers a refused packet as `--reject-with` says. */
  readonly refuse: (walk: Walk, machine: Machine, skb: Skb, how: string) => void
  readonly sendError: (
    walk: Walk,
    machine: Machine,
    skb: Skb,
    kind: IcmpMessage['kind'],
    cause: 'noListener' | 'noRoute' | 'noNeighbour' | undefined,
  ) => void
  /** IPVS turned a packet towards a real server elsewhere. */
  readonly sendAnew: (walk: Walk, node: Node, skb: Skb) => void
}

export interface Timer {
  readonly at: SimTime
  readonly sequence: number
  readonly run: () => void
  cancelled?: boolean
}

/** All machines and who hangs on which wire. */
export interface Network {
  readonly machines: ReadonlyMap<string, Machine>
  readonly nodes: readonly Node[]
  /** Everybody on the LAN: nodes, machines outside, the router. */
  readonly lan: readonly LanMember[]
  /** Remembered: members of the LAN that have an address, by address. Emptied when a node's addresses change. */
  readonly owners: Map<Ip, readonly LanMember[]>
  readonly closedPorts: readonly ClosedPort[]
  /** Counts changes of the nodes' addresses. */
  readonly addresses: { version: number }
}

export interface LanMember {
  readonly machine: Machine
  readonly device: string
}

/** Runs `action` after `delay` ms. */
export function schedule(walk: Walk, delay: number, run: () => void): Timer {
  const timer: Timer = { at: walk.now + delay, sequence: walk.sequence++, run }
  const { queue } = walk
  let i = queue.length
  // Nearly everything is due later than what waits already.
  while (i > 0 && (queue[i - 1]?.at ?? 0) > timer.at) i--
  queue.splice(i, 0, timer)
  return timer
}

/** Lets everything happen that is due before `deadline`, or until `isOver`. */
export function runUntil(walk: Walk, deadline: SimTime, isOver: () => boolean): void {
  while (!isOver()) {
    const timer = walk.queue[0]
    if (!timer || timer.at > deadline) break
    walk.queue.shift()
    if (timer.cancelled) continue
    walk.now = timer.at
    timer.run()
  }
}

type Untimed<T> = T extends unknown ? Omit<T, 'time' | 'at' | 'packetId'> : never
export type Happening = Untimed<TraceEvent>

/** Tells the trace, when somebody watches. Build `event` only after asking `walk.trace`, where it costs. */
export function tell(walk: Walk, machine: Machine, packet: Packet | undefined, event: Happening): void {
  const { trace } = walk
  if (!trace) return
  // The event was made for this call: completing it in place spares a copy of each.
  const complete: { readonly type: string; time?: SimTime; at?: string; packetId?: number } = event
  complete.time = walk.now
  complete.at = machine.id
  complete.packetId = packet?.id ?? 0
  trace(complete as TraceEvent)
}

export function dropSkb(
  walk: Walk,
  machine: Machine,
  skb: Skb,
  event: Omit<Extract<TraceEvent, { type: 'dropped' }>, 'type' | 'time' | 'at' | 'packetId'>,
): void {
  if (!walk.trace) return
  tell(walk, machine, skb.packet, { type: 'dropped', ...event })
}
