import { addressesOf, connectTarget, nothing, resolveEntries } from './curlResolve.ts'
import type { Attempt, Resolved, Transfer } from './curlResolve.ts'
import type { ConnectErrno, CurlIo, FetchResult, HttpRequest } from './curlIo.ts'
import type { CurlOptions } from './curlFlags.ts'
import type { CurlUrl } from './curlUrl.ts'

export type { Transfer }

export interface Connector {
  readonly transfer: (url: CurlUrl, request: HttpRequest, redirects: number) => Transfer
  /** What `-v` says about `--resolve` before anything else. */
  readonly notes: () => string
  /** curl ends: it closes what is open. */
  readonly close: () => void
}

interface OpenConnection {
  /** As the network side names it. */
  readonly id: number
  /** As curl counts: `#0`. */
  readonly number: number
  readonly address: string
}

/** Connects, and uses open connections again. Source: curl 7.88 lib/connect.c, lib/url.c. */
export function createConnector(io: CurlIo, options: CurlOptions): Connector {
  const cached = resolveEntries(options.resolve)
  const open = new Map<string, OpenConnection>()
  /** Names that were found once are not asked for again. */
  const lookedUp = new Map<string, readonly string[]>()
  let count = 0
  return {
    notes: () =>
      cached
        .map(({ text, key }) => {
          const wildcard = key.startsWith('*:') ? `* RESOLVE ${key} is wildcard, enabling wildcard checks\n` : ''
          return `* Added ${text} to DNS cache\n${wildcard}`
        })
        .join(''),
    close: () => {
      for (const { id } of open.values()) io.close?.(id)
      open.clear()
    },
    transfer: (url, request) => {
      const target = connectTarget(url, options.connectTo)
      const key = `${url.scheme} ${url.host} ${url.port}`
      const kept = open.get(key)
      const limits = { connect: ms(options.connectTimeout), total: ms(options.maxTime) }
      const attempt = { io, options, url, request, target, limits, number: kept?.number ?? count }
      if (kept) {
        const result = exchangeOn(attempt, kept)
        if (result.connection === undefined) open.delete(key)
        return result.transfer
      }
      const found = addressesOf(attempt, cached, lookedUp)
      count++
      if ('transfer' in found) return found.transfer
      const { transfer, connection, address } = connectTo(attempt, found)
      if (connection !== undefined) open.set(key, { id: connection, number: attempt.number, address })
      return transfer
    },
  }
}

function ms(seconds: number | undefined): number | undefined {
  // 0 means no limit.
  return seconds === undefined || seconds === 0 ? undefined : Math.round(seconds * 1000)
}

interface Connected {
  readonly transfer: Transfer
  readonly address: string
  /** Names the connection while it stays open. */
  readonly connection?: number
}

const ERRNO_TEXT: Readonly<Record<ConnectErrno, string>> = {
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EINVAL: 'Invalid argument',
  ENOPROTOOPT: 'Protocol not available',
}
/** Without --connect-timeout curl itself gives up after five minutes. */
const DEFAULT_CONNECT_LIMIT = 300_000

/** Tries the addresses in order until one connects. */
function connectTo(attempt: Attempt, resolved: Resolved): Connected {
  const { target, limits, number } = attempt
  let log = target.notes + resolved.log
  let elapsed = resolved.elapsedMs
  const nameLookup = resolved.elapsedMs
  const deadline = limits.connect ?? DEFAULT_CONNECT_LIMIT
  let timedOut = false
  const ended = (exitCode: number, error: string): Connected => {
    log += `* ${error}\n* Closing connection ${number}\n`
    const times = { nameLookup, connect: 0, startTransfer: 0, total: elapsed }
    return { transfer: nothing(exitCode, error, log, times), address: '' }
  }
  for (const [i, address] of resolved.addresses.entries()) {
    const last = i === resolved.addresses.length - 1
    // An address that others follow gets half of the time that is left.
    const left = Math.max(0, Math.min(deadline, limits.total ?? Infinity) - elapsed)
    const budget = last ? left : Math.floor(left / 2)
    log += `*   Trying ${bracketed(address)}:${target.port}...\n`
    const overall = limits.total === undefined ? undefined : Math.max(0, limits.total - elapsed)
    const limited = limits.connect !== undefined || limits.total !== undefined || !last
    const result = attempt.io.fetch(fetchOf(attempt, address, limited ? budget : undefined, overall, undefined))
    if (result.type === 'connectTimeout') {
      elapsed += budget
      if (limits.total !== undefined && elapsed >= limits.total) {
        return ended(28, `Connection timed out after ${limits.total + 1} milliseconds`)
      }
      log += `* ipv${address.includes(':') ? 6 : 4} connect timeout after ${budget}ms, move on!\n`
      timedOut = true
      continue
    }
    if (result.type === 'connectFailed') {
      elapsed += result.elapsedMs
      const text = ERRNO_TEXT[result.errno]
      log +=
        result.immediate === true
          ? `* Immediate connect fail for ${address}: ${text}\n`
          : `* connect to ${address} port ${target.port} failed: ${text}\n`
      timedOut ||= result.errno === 'ETIMEDOUT'
      continue
    }
    log += `* Connected to ${target.shown} (${address}) port ${target.port} (#${number})\n`
    const finished = finish(attempt, result, { log, before: elapsed, nameLookup, address, connects: 1 })
    return { ...finished, address }
  }
  const whole = limits.connect !== undefined && elapsed >= limits.connect
  const waited = whole ? limits.connect + 1 : Math.floor(elapsed)
  const reason = whole ? 'Timeout was reached' : "Couldn't connect to server"
  return ended(
    timedOut ? 28 : 7,
    `Failed to connect to ${target.host} port ${target.port} after ${waited} ms: ${reason}`,
  )
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

function fetchOf(
  attempt: Attempt,
  address: string,
  connectLimitMs: number | undefined,
  limitMs: number | undefined,
  reuse: number | undefined,
): Parameters<CurlIo['fetch']>[0] {
  const { url, options, request, target } = attempt
  const { scheme, host } = url
  const { insecure } = options
  return { address, port: target.port, scheme, serverName: host, insecure, request, connectLimitMs, limitMs, reuse }
}

/** curl shows where in its memory the bundle lies; any number does. */
const BUNDLE = '0x55d5f0c2a5b0'

function exchangeOn(attempt: Attempt, kept: OpenConnection): Connected {
  const result = attempt.io.fetch(fetchOf(attempt, kept.address, undefined, attempt.limits.total, kept.id))
  const bundle = `* Found bundle for host: ${BUNDLE} [serially]\n* Can not multiplex, even if we wanted to\n`
  const log = `${bundle}* Re-using existing connection #${kept.number} with host ${attempt.url.host}\n`
  if (result.type === 'connectFailed' || result.type === 'connectTimeout') {
    // The network side lost the connection: a new one is the caller's next try.
    const times = { nameLookup: 0, connect: 0, startTransfer: 0, total: 0 }
    return { transfer: nothing(56, 'Recv failure: Connection reset by peer', log, times), address: kept.address }
  }
  return {
    ...finish(attempt, result, { log, before: 0, nameLookup: 0, address: kept.address, connects: 0 }),
    address: kept.address,
  }
}

interface Progress {
  readonly log: string
  /** Milliseconds before this address was tried. */
  readonly before: number
  readonly nameLookup: number
  readonly address: string
  readonly connects: number
}

const CERTIFICATE_ADVICE = `
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.`

/** What -v tells before the handshake of TLS. */
function tlsLog(insecure: boolean): string {
  const store = '*  CAfile: /etc/ssl/certs/ca-certificates.crt\n*  CApath: /etc/ssl/certs\n'
  const hello = '* ALPN: offers h2,http/1.1\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n'
  return hello + (insecure ? '' : store)
}

type AfterConnect = Exclude<FetchResult, { type: 'connectFailed' | 'connectTimeout' }>

function finish(
  attempt: Attempt,
  result: AfterConnect,
  progress: Progress,
): { readonly transfer: Transfer; readonly connection?: number } {
  const { url, request, number, limits, target } = attempt
  const connect = progress.before + result.connectMs
  const total = progress.before + result.elapsedMs
  const times = { nameLookup: progress.nameLookup, connect, startTransfer: total, total }
  const more = {
    connected: true,
    connects: progress.connects,
    remote: { address: progress.address, port: target.port },
    ...(result.local ? { local: result.local } : {}),
  }
  let { log } = progress
  const failed = (exitCode: number, error: string, shown = error): { readonly transfer: Transfer } => ({
    transfer: nothing(exitCode, error, `${log}* ${shown}\n* Closing connection ${number}\n`, times, more),
  })
  if (url.scheme === 'https') log += tlsLog(attempt.options.insecure)
  if (url.scheme === 'https' && (result.type === 'emptyReply' || result.type === 'reset')) {
    const what = result.type === 'reset' ? 'Connection reset by peer' : 'SSL_ERROR_SYSCALL'
    return failed(35, `OpenSSL SSL_connect: ${what} in connection to ${url.host}:${url.port} `)
  }
  if (result.type === 'tlsFailed') {
    const text =
      result.what === 'wrongVersion'
        ? 'OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number'
        : `SSL: no alternative certificate subject name matches target host name '${url.host}'`
    return result.what === 'wrongVersion' ? failed(35, text) : failed(60, text + CERTIFICATE_ADVICE, text)
  }
  const login = request.headers.find(({ name }) => name === 'Authorization')?.user
  if (login !== undefined) log += `* Server auth using Basic with user '${login}'\n`
  log += `> ${request.method} ${request.target} HTTP/${request.version ?? '1.1'}\r\n`
  log += request.headers.map(({ name, value }) => `> ${name}:${value === '' ? '' : ` ${value}`}\r\n`).join('')
  log += '> \r\n'
  switch (result.type) {
    case 'noReply': {
      const waited = limits.total === undefined ? Math.floor(total) : limits.total + 1
      return failed(28, `Operation timed out after ${waited} milliseconds with 0 bytes received`)
    }
    case 'emptyReply':
      return failed(52, 'Empty reply from server')
    case 'reset':
      return failed(56, 'Recv failure: Connection reset by peer')
    case 'response': {
      const { status, reason, headers, body, connection } = result
      log += `< HTTP/1.1 ${status} ${reason}\r\n`
      log += headers.map((header) => `< ${header.name}: ${header.value}\r\n`).join('')
      if (attempt.options.fail && status >= 400) {
        log += `* The requested URL returned error: ${status}\n* Closing connection ${number}\n`
        return { transfer: { ...nothing(0, '', log, times, more), status, reason, headers, body } }
      }
      log += '< \r\n'
      log +=
        connection === undefined
          ? `* Closing connection ${number}\n`
          : `* Connection #${number} to host ${target.shown} left intact\n`
      const transfer = { ...nothing(0, '', log, times, more), status, reason, headers, body }
      return { transfer, ...(connection === undefined ? {} : { connection }) }
    }
  }
}
