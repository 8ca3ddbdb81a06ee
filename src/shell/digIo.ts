import type { DnsMessage, ResolvConf } from '../engine/index.ts'

/** Where a query goes. */
export interface DnsTarget {
  readonly server: string
  readonly port: number
  readonly tcp: boolean
  readonly timeoutMs: number
}

/** What came of one query. Times are virtual milliseconds. */
export type DnsReply =
  | { readonly type: 'message'; readonly message: DnsMessage; readonly elapsedMs: number }
  | { readonly type: 'timeout' }
  /** ICMP port unreachable, or RST for TCP. */
  | { readonly type: 'refused' }
  | { readonly type: 'unreachable'; readonly what: 'host' | 'network' }

/** What dig, nslookup and host need from the place where they run. */
export interface DnsIo {
  /** Sends one query and waits for its end; virtual time passes meanwhile. */
  readonly query: (to: DnsTarget, message: DnsMessage) => DnsReply
  readonly resolvConf: ResolvConf
  /** Addresses of a server given by name; none: not found. */
  readonly lookUp: (name: string) => readonly string[]
  /** The clock, Unix milliseconds. */
  readonly unixMs: () => number
  /** A whole number in [0, n). */
  readonly below: (n: number) => number
}

/** What a program wrote and how it ended. */
export interface ToolResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** A failed query in BIND's words. */
export function failureText(reply: Exclude<DnsReply, { type: 'message' }>): string {
  switch (reply.type) {
    case 'timeout':
      return 'timed out'
    case 'refused':
      return 'connection refused'
    case 'unreachable':
      return `${reply.what} unreachable`
  }
}
