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

/** `connected`, with who served and what he said. */
export function success(walk: Walk, response: string): ClientEnd {
  return { outcome: { outcome: 'connected', ...walk.served, answer: bodyOf(response) }, response }
}

/** Of an HTTP response the body; anything else whole. */
export function bodyOf(response: string): string {
  const head = response.startsWith('HTTP/') ? response.indexOf('\r\n\r\n') : -1
  return head < 0 ? response : response.slice(head + 4)
}
