import { connect } from './tcp.ts'
import { describePayload } from './http2.ts'
import { failure } from './errno.ts'
import { success } from './clientEnd.ts'
import type { ClientEnd, ClientEnds } from './clientEnd.ts'
import type { Machine } from './machine.ts'
import type { TcpConnection } from './tcp.ts'
import type { Walk } from './walk.ts'

/** How a client sees its own connection. */
export type KeptState = 'connecting' | 'open' | 'closedByServer' | 'reset' | 'failed' | 'closed'

/** A TCP client that keeps its connection: requests and answers go on over it until one end closes. */
export interface KeptClient {
  /** Sends requests side by side and waits for an answer to each. */
  readonly ask: (payloads: readonly string[]) => void
  /** How the newest `ask` ended; undefined: still waiting. */
  readonly end: () => ClientEnd | undefined
  /** The answers to the newest `ask`, in the order in which they came. */
  readonly answers: () => readonly string[]
  readonly state: () => KeptState
  /** FIN, once it is connected; a client that is still connecting gives up. */
  readonly close: () => void
}

/** Sends the SYN; the first `ask` goes out when it is answered. */
export function openKept(walk: Walk, machine: Machine, ends: ClientEnds, payloads: readonly string[]): KeptClient {
  let state: KeptState = 'connecting'
  let end: ClientEnd | undefined
  let answers: string[] = []
  let waitingFor = payloads.length
  const over = (how: KeptState, outcome: ClientEnd['outcome']): void => {
    if (state === 'connecting' || state === 'open') state = how
    end ??= { outcome }
  }
  const say = (stands: TcpConnection, list: readonly string[]): void => {
    for (const payload of list) stands.send(payload, describePayload(payload))
  }
  const connection = connect(walk, machine, ends, {
    connected: (stands) => {
      state = 'open'
      say(stands, payloads)
    },
    data: (_stands, response) => {
      answers.push(response)
      if (answers.length === waitingFor) end ??= success(walk, response)
    },
    closed: (_stands, how) => {
      if (how === 'reset') over('reset', failure('ECONNRESET'))
      else over('closedByServer', { outcome: 'closed' })
    },
    failed: (errno) => {
      over('failed', failure(errno))
    },
  })
  return {
    ask: (list) => {
      end = undefined
      answers = []
      waitingFor = list.length
      say(connection, list)
    },
    end: () => end,
    answers: () => answers,
    state: () => state,
    close: () => {
      if (state === 'connecting') connection.abandon()
      if (state === 'open') connection.close()
      if (state === 'connecting' || state === 'open') state = 'closed'
    },
  }
}
