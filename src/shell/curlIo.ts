/** What curl needs from the place where it runs. Times are virtual milliseconds; virtual time passes meanwhile. */
export interface CurlIo {
  /** getaddrinfo, given up after `limitMs`. */
  readonly lookUp: (name: string, limitMs: number | undefined) => NameLookup
  readonly fetch: (request: CurlFetch) => FetchResult
  /** curl is done with a connection that an earlier result named. */
  readonly close?: (connection: number) => void
  /** Lets time pass between two transfers. */
  readonly wait?: (ms: number) => void
  /** Keeps what `-o FILE` writes; `/dev/null` never comes here. */
  readonly writeFile?: (path: string, text: string) => void
}

export type NameLookup =
  | { readonly type: 'found'; readonly addresses: readonly string[]; readonly elapsedMs: number }
  | { readonly type: 'notFound'; readonly elapsedMs: number }
  /** No answer within the limit. */
  | { readonly type: 'timeout' }

export interface HttpRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** 1.1 when absent. */
  readonly version?: '1.0'
  readonly headers: readonly HttpHeader[]
  readonly body: string
}

export interface HttpHeader {
  readonly name: string
  readonly value: string
  /** Meant to be empty: `-H 'Name;'`. */
  readonly empty?: boolean
  /** The user of basic authentication. */
  readonly user?: string
}

/** One connection attempt to one address, and one request over it. */
export interface CurlFetch {
  readonly address: string
  readonly port: number
  readonly scheme: 'http' | 'https'
  /** For TLS: the name to ask for and to check the certificate against. */
  readonly serverName: string
  /** TLS without a check of the certificate. */
  readonly insecure: boolean
  readonly request: HttpRequest
  /** At most this long until connected; undefined: as long as the kernel tries. */
  readonly connectLimitMs: number | undefined
  /** At most this long in all. */
  readonly limitMs: number | undefined
  /** An open connection of an earlier result to use again. */
  readonly reuse: number | undefined
}

export type ConnectErrno =
  'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ETIMEDOUT' | 'EACCES' | 'EPERM' | 'EINVAL' | 'ENOPROTOOPT'

interface Connected {
  /** Until the connection stood; 0 when it was used again. */
  readonly connectMs: number
  /** Until the end. */
  readonly elapsedMs: number
  readonly local?: { readonly address: string; readonly port: number }
}

export type FetchResult =
  /** `immediate`: the kernel said so without sending anything. */
  | {
      readonly type: 'connectFailed'
      readonly errno: ConnectErrno
      readonly elapsedMs: number
      readonly immediate?: boolean
    }
  /** Not connected within the limit. */
  | { readonly type: 'connectTimeout' }
  | (Connected & {
      readonly type: 'response'
      readonly status: number
      readonly reason: string
      readonly headers: readonly HttpHeader[]
      readonly body: string
      /** Names the connection when it stays open. */
      readonly connection?: number
    })
  /** Connected, but no answer within the limit. */
  | (Connected & { readonly type: 'noReply' })
  /** Closed without a byte. */
  | (Connected & { readonly type: 'emptyReply' })
  | (Connected & { readonly type: 'reset' })
  /** `wrongVersion`: the port does not speak TLS. */
  | (Connected & { readonly type: 'tlsFailed'; readonly what: 'wrongVersion' | 'nameMismatch' })
