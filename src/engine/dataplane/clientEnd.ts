import type { Walk } from './walk.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { Outcome } from '../trace/event.ts'

/** What the client's system calls came to. */
export interface ClientEnd {
  readonly outcome: Outcome
  readonly response?: string
}

/** What a client knows of itself. */
export interface ClientEnds {
  readonly local: SocketAddress
  readonly remote: SocketAddress
  /** As a trace names it. */
  readonly owner: string
}

/** `connected`, with who served and what he said: of an HTTP response the body. */
export function success(walk: Walk, response: string): ClientEnd {
  const head = response.startsWith('HTTP/') ? response.indexOf('\r\n\r\n') : -1
  const answer = head < 0 ? response : response.slice(head + 4)
  return { outcome: { outcome: 'connected', ...walk.served, answer }, response }
}
