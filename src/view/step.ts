import type { NamespaceId, Outcome, Packet, SimTime, SocketAddress } from '../engine/index.ts'
import type { Choice } from './choice.ts'
import type { Header, HeaderRow } from './header.ts'
import type { Place } from './places.ts'
import type { RuleLine } from './ruleLines.ts'

/** One row of the trace list, one stand of the packet on the canvas, one stop of the transport. */
export interface Step {
  /** Counts from 0. */
  readonly index: number
  /** Events of the trace, both ends inclusive. */
  readonly from: number
  readonly to: number
  readonly packetId: number
  /** `hop` = one stop; `walk` = a later packet's whole way; `end` = the verdict. */
  readonly kind: 'hop' | 'walk' | 'end'
  readonly direction: 'request' | 'reply'
  /** Milliseconds since the request began. */
  readonly elapsed: SimTime
  readonly at: NamespaceId
  readonly title: Title
  readonly sentence: string
  readonly tags: readonly Tag[]
  readonly visits: readonly Place[]
  readonly packet?: Packet
  readonly before?: Header
  readonly header: readonly HeaderRow[]
  readonly lines: readonly RuleLine[]
  readonly choice?: Choice
  /** Rules asked in this step, and from the start up to its end. */
  readonly rulesTried: number
  readonly rulesTriedSoFar: number
  /** Whom the newest request packet was addressed to when it was sent: the Service, where it is one. */
  readonly target?: SocketAddress
  /** Set where the packet came to its end: drawn as a cross. */
  readonly failed?: string
  readonly verdict?: Verdict
  /** Of a walk: its stops, as steps of their own. */
  readonly stops?: readonly Step[]
}

export interface Title {
  /** Who or where: bold. */
  readonly place: string
  /** What happens there. */
  readonly action: string
}

export interface Tag {
  readonly text: string
  readonly tone: 'changed' | 'control' | 'bad' | 'ok' | 'plain'
}

/** How it ended, why, where to see it, what to do. */
export interface Verdict {
  readonly outcome: Outcome
  readonly ok: boolean
  readonly word: string
  readonly cause: string
  /** Index of the step that shows it; absent when the end speaks for itself. */
  readonly evidence?: number
  readonly fix?: string
  readonly answer?: string
}
