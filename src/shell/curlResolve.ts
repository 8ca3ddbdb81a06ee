import { ipOrUndefined } from '../engine/base/ip.ts'
import type { CurlIo, HttpHeader, HttpRequest } from './curlIo.ts'
import type { CurlOptions } from './curlFlags.ts'
import type { CurlUrl } from './curlUrl.ts'

/** How one request went. */
export interface Transfer {
  readonly exitCode: number
  /** Without `curl: (N)`; empty when all went well. */
  readonly error: string
  /** The lines of `-v`. */
  readonly log: string
  /** 0: no response. */
  readonly status: number
  readonly reason: string
  readonly headers: readonly HttpHeader[]
  readonly body: string
  readonly connected: boolean
  /** New connections made. */
  readonly connects: number
  readonly remote?: { readonly address: string; readonly port: number }
  readonly local?: { readonly address: string; readonly port: number }
  /** Milliseconds since the start. */
  readonly times: {
    readonly nameLookup: number
    readonly connect: number
    readonly startTransfer: number
    readonly total: number
  }
}

export interface Attempt {
  readonly io: CurlIo
  readonly options: CurlOptions
  readonly url: CurlUrl
  readonly request: HttpRequest
  readonly target: {
    readonly host: string
    readonly port: number
    /** What -v says first about another place to connect to. */
    readonly notes: string
    /** The host as -v names the connection: curl 7.88 has none after --connect-to. */
    readonly shown: string
  }
  readonly limits: { readonly connect: number | undefined; readonly total: number | undefined }
  /** curl's number of the connection. */
  readonly number: number
}

export interface Resolved {
  readonly addresses: readonly string[]
  readonly elapsedMs: number
  readonly log: string
}

export function resolveEntries(entries: readonly string[]): readonly CachedName[] {
  return entries.flatMap((entry) => {
    const match = /^[+]?([^:]+:\d+):(.+)$/.exec(entry)
    if (!match) return []
    const addresses = (match[2] ?? '').split(',').map((address) => address.replace(/^\[|\]$/g, ''))
    return [{ key: match[1] ?? '', addresses, text: entry.replace(/^\+/, '') }]
  })
}

export interface CachedName {
  readonly key: string
  readonly addresses: readonly string[]
  /** As written. */
  readonly text: string
}

/** `--connect-to HOST1:PORT1:HOST2:PORT2`; empty parts mean any, or the same. */
export function connectTarget(url: CurlUrl, rules: readonly string[]): Attempt['target'] {
  for (const rule of rules) {
    const [, fromHost = '', fromPort = '', to = '', port = ''] =
      /^(\[[^\]]*\]|[^:]*):([^:]*):(\[[^\]]*\]|[^:]*):?(\d*)$/.exec(rule) ?? []
    const host = to.replace(/^\[|\]$/g, '')
    const hostFits = fromHost === '' || fromHost.toLowerCase() === url.host.toLowerCase()
    const portFits = fromPort === '' || Number(fromPort) === url.port
    if (hostFits && portFits) {
      const notes = `${host === '' ? '' : `* Connecting to hostname: ${host}\n`}${port === '' ? '' : `* Connecting to port: ${port}\n`}`
      return {
        host: host || url.host,
        port: port === '' ? url.port : Number(port),
        notes,
        shown: host === '' ? url.host : '(nil)',
      }
    }
  }
  return { host: url.host, port: url.port, notes: '', shown: url.host }
}

export function nothing(
  exitCode: number,
  error: string,
  log: string,
  times: Transfer['times'],
  more: Partial<Transfer> = {},
): Transfer {
  const base = { status: 0, reason: '', headers: [], body: '', connected: false, connects: 0 }
  return { exitCode, error, log, times, ...base, ...more }
}

export function addressesOf(
  attempt: Attempt,
  cached: readonly CachedName[],
  lookedUp: Map<string, readonly string[]>,
): Resolved | { readonly transfer: Transfer } {
  const { host, port } = attempt.target
  const { ipv4Only, ipv6Only } = attempt.options
  const literal = ipOrUndefined(host)
  const fits = (address: string): boolean => !(address.includes(':') ? ipv4Only : ipv6Only)
  if (literal !== undefined) {
    if (fits(literal)) return { addresses: [literal], elapsedMs: 0, log: '' }
    const none = { nameLookup: 0, connect: 0, startTransfer: 0, total: 0 }
    const log = `* Closing connection ${attempt.number}\n`
    return { transfer: nothing(7, "Couldn't connect to server", log, none) }
  }
  const entry = cached.findLast(
    ({ key }) => key.toLowerCase() === `${host}:${port}`.toLowerCase() || key === `*:${port}`,
  )
  if (entry) {
    return { addresses: entry.addresses, elapsedMs: 0, log: `* Hostname ${host} was found in DNS cache\n` }
  }
  const cacheKey = `${host}:${port}`.toLowerCase()
  const before = lookedUp.get(cacheKey)
  if (before) return { addresses: before, elapsedMs: 0, log: `* Hostname ${host} was found in DNS cache\n` }
  const { connect, total } = attempt.limits
  const limit = connect === undefined ? total : Math.min(connect, total ?? connect)
  const found = attempt.io.lookUp(host, limit)
  const failed = (exitCode: number, error: string, elapsed: number): { readonly transfer: Transfer } => {
    const times = { nameLookup: 0, connect: 0, startTransfer: 0, total: elapsed }
    return { transfer: nothing(exitCode, error, `* ${error}\n* Closing connection ${attempt.number}\n`, times) }
  }
  if (found.type === 'timeout') {
    const waited = (limit ?? 0) + 1
    return failed(28, `Resolving timed out after ${waited} milliseconds`, waited)
  }
  const addresses = found.type === 'found' ? found.addresses.filter(fits) : []
  if (addresses.length === 0) return failed(6, `Could not resolve host: ${host}`, found.elapsedMs)
  lookedUp.set(cacheKey, addresses)
  return { addresses, elapsedMs: found.elapsedMs, log: '' }
}
