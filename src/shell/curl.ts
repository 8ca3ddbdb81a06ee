import { CURL_VERSION, parseCurlOptions } from './curlOptions.ts'
import { createConnector } from './curlConnect.ts'
import { familyOf, ipOrUndefined } from '../engine/base/ip.ts'
import { formatWriteOut } from './curlWriteOut.ts'
import { expandGlob } from './curlGlob.ts'
import { parseCurlUrl, redirectUrl, userInfo } from './curlUrl.ts'
import type { Connector, Transfer } from './curlConnect.ts'
import type { CurlIo, HttpHeader, HttpRequest } from './curlIo.ts'
import type { CurlOptions } from './curlOptions.ts'
import type { CurlUrl } from './curlUrl.ts'
import type { ToolResult } from './digIo.ts'
import type { TransferFacts } from './curlWriteOut.ts'

interface Run {
  readonly io: CurlIo
  readonly options: CurlOptions
  readonly connector: Connector
  stdout: string
  stderr: string
}

const METER_HEAD =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
  '                                 Dload  Upload   Total   Spent    Left  Speed\n'
const METER_ZERO = '\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0'

/** Runs `curl` with `words` after the command name, writing to a terminal. Source: curl 7.88.1. */
export function curl(words: readonly string[], io: CurlIo): ToolResult {
  const options = parseCurlOptions(words)
  if ('exitCode' in options) return options
  const run: Run = { io, options, connector: createConnector(io, options), stdout: '', stderr: '' }
  run.stderr += options.verbose ? run.connector.notes() : ''
  let exitCode = 0
  let number = 0
  for (const given of options.urls) {
    const urls = options.globOff ? [given] : expandGlob(given)
    if ('fault' in urls) {
      exitCode = fail(run, 3, urls.fault).exitCode
      continue
    }
    for (const url of urls) {
      if (number > 0 && options.rateMs > 0) io.wait?.(options.rateMs)
      exitCode = runUrl(run, url, number++)
      if (exitCode !== 0 && options.failEarly) break
    }
    if (exitCode !== 0 && options.failEarly) break
  }
  run.connector.close()
  return { stdout: run.stdout, stderr: run.stderr, exitCode }
}

/** One URL with its retries; the result is the exit code. */
function runUrl(run: Run, url: string, number: number): number {
  const { options } = run
  let tries = options.retries
  for (;;) {
    const outcome = transferUrl(run, url, number)
    const transient =
      outcome.exitCode === 28 ||
      (outcome.exitCode === 7 && options.retryRefused) ||
      [408, 429, 500, 502, 503, 504].includes(outcome.status)
    const anyway = options.retryAll && (outcome.exitCode !== 0 || outcome.status >= 400)
    if (!(transient || anyway) || tries === 0) return outcome.exitCode
    const why = transient ? (REASONS[outcome.exitCode] ?? 'HTTP error') : ''
    const problem = why === '' ? '(retrying all errors)' : `: ${why}`
    // The first pause is a second, each next one twice as long.
    const seconds = options.retryDelay ?? 2 ** (options.retries - tries)
    const warning = `Problem ${problem}. Will retry in ${seconds} seconds. ${tries} retries left.`
    if (!options.silent || options.showError) run.stderr += warningLines(warning)
    run.io.wait?.(seconds * 1000)
    tries--
  }
}

const REASONS: Readonly<Record<number, string>> = { 7: 'connection refused', 28: 'timeout' }

/** Broken at the last blank before column 79, each line with its own `Warning: `. */
function warningLines(text: string): string {
  const room = 79 - 'Warning: '.length
  let rest = text
  let lines = ''
  while (rest.length > room) {
    const at = rest.lastIndexOf(' ', room - 1)
    lines += `Warning: ${rest.slice(0, at + 1)}\n`
    rest = rest.slice(at + 1)
  }
  return `${lines}Warning: ${rest}\n`
}

interface Outcome {
  readonly exitCode: number
  readonly status: number
}

/** One URL and where its redirects lead. */
function transferUrl(run: Run, text: string, number: number): Outcome {
  const { options } = run
  const output = options.outputs[number]
  const toFile = output !== undefined
  const meter = toFile && !options.silent
  if (meter) run.stderr += METER_HEAD + METER_ZERO
  let address = options.dataInUrl && options.data.length > 0 ? withQuery(text, options.data.join('&')) : text
  for (let redirects = 0; ; redirects++) {
    const url = parseCurlUrl(address, options.pathAsIs)
    if ('type' in url) {
      const message =
        url.type === 'malformed'
          ? 'URL using bad/illegal format or missing URL'
          : `Protocol "${url.scheme}" not supported or disabled in libcurl`
      return fail(run, url.type === 'malformed' ? 3 : 1, message)
    }
    const request = requestFor(options, url, userInfo(address))
    const transfer = run.connector.transfer(url, request, redirects)
    if (options.verbose) run.stderr += transfer.log
    const location = transfer.headers.find((header) => header.name.toLowerCase() === 'location')?.value
    const isRedirect = transfer.status >= 300 && transfer.status < 400 && location !== undefined
    const next = isRedirect ? redirectUrl(url, location) : ''
    if (options.dumpHeader === '-') run.stdout += responseHead(transfer)
    if (options.include || options.head) writeOutput(run, output, url, responseHead(transfer))
    if (isRedirect && options.follow && redirects < options.maxRedirects) {
      if (options.verbose) run.stderr += `* Issue another request to this URL: '${next}'\n`
      address = next
      continue
    }
    const tooMany = isRedirect && options.follow
    const failed = (options.fail || options.failWithBody) && transfer.status >= 400
    if ((!failed || options.failWithBody) && !options.head && transfer.exitCode === 0)
      writeOutput(run, output, url, transfer.body)
    if (meter) run.stderr += meterLine(transfer)
    const exitCode = transfer.exitCode !== 0 ? transfer.exitCode : failed ? 22 : tooMany ? 47 : 0
    const error =
      transfer.error ||
      (failed ? `The requested URL returned error: ${transfer.status}` : '') ||
      (tooMany ? `Maximum (${options.maxRedirects}) redirects followed` : '')
    if (exitCode !== 0) fail(run, exitCode, error)
    if (options.writeOut !== undefined) {
      const facts = factsOf(run, { text, url, request, transfer, next, redirects, number, exitCode, error })
      const written = formatWriteOut(options.writeOut, facts)
      run.stdout += written.text
      run.stderr += written.warnings
    }
    return { exitCode, status: transfer.status }
  }
}

function withQuery(url: string, query: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

function fail(run: Run, exitCode: number, message: string): Outcome {
  const { silent, showError } = run.options
  if (!silent || showError) run.stderr += `curl: (${exitCode}) ${message}\n`
  return { exitCode, status: 0 }
}

function requestFor(options: CurlOptions, url: CurlUrl, inUrl: string | undefined): HttpRequest {
  const hasBody = options.data.length > 0 && !options.dataInUrl
  const body = hasBody ? options.data.join('&') : ''
  const own = new Map(options.headers.map((header) => [header.name.toLowerCase(), header]))
  const ip = ipOrUndefined(url.host)
  const host = ip !== undefined && familyOf(ip) === 'IPv6' ? `[${url.host}]` : url.host
  const user = options.user ?? inUrl
  const login = user === undefined || user === '' ? undefined : user.includes(':') ? user : `${user}:`
  const defaults: readonly HttpHeader[] = [
    { name: 'Host', value: own.get('host')?.value ?? (url.defaultPort ? host : `${host}:${url.port}`) },
    ...(login === undefined
      ? []
      : [{ name: 'Authorization', value: `Basic ${base64(login)}`, user: login.replace(/:.*$/s, '') }]),
    ...(options.range === undefined ? [] : [{ name: 'Range', value: `bytes=${options.range}` }]),
    { name: 'User-Agent', value: options.userAgent },
    { name: 'Accept', value: '*/*' },
    ...(options.referer === undefined ? [] : [{ name: 'Referer', value: options.referer }]),
    ...(options.cookie?.includes('=') === true ? [{ name: 'Cookie', value: options.cookie }] : []),
  ]
  const bodyHeaders: readonly HttpHeader[] = hasBody
    ? [
        { name: 'Content-Length', value: String(body.length) },
        { name: 'Content-Type', value: 'application/x-www-form-urlencoded' },
      ]
    : []
  const kept = (header: HttpHeader): boolean => header.name === 'Host' || !own.has(header.name.toLowerCase())
  const headers = [
    ...defaults.filter(kept),
    // `-H 'Accept:'` only takes the header away.
    ...options.headers.filter(
      (header) => (header.value !== '' || header.empty === true) && header.name.toLowerCase() !== 'host',
    ),
    ...bodyHeaders.filter(kept),
  ]
  const method = options.method ?? (options.head ? 'HEAD' : hasBody ? 'POST' : 'GET')
  const target = options.requestTarget ?? url.target
  return { method, target, headers, body, ...(options.http10 && { version: '1.0' as const }) }
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function base64(text: string): string {
  const bytes = Array.from(text, (character) => character.charCodeAt(0) & 255)
  let encoded = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const digits = [18, 12, 6, 0].map((shift) => BASE64.charAt((group >> shift) & 63))
    const left = bytes.length - i
    encoded += digits.map((digit, n) => (n > left ? '=' : digit)).join('')
  }
  return encoded
}

function responseHead(transfer: Transfer): string {
  if (transfer.status === 0) return ''
  const headers = transfer.headers.map((header) => `${header.name}: ${header.value}\r\n`)
  return `HTTP/1.1 ${transfer.status} ${transfer.reason}\r\n${headers.join('')}\r\n`
}

function writeOutput(run: Run, output: CurlOptions['outputs'][number] | undefined, url: CurlUrl, text: string): void {
  if (output === undefined || (output !== 'remote' && output.file === '-')) {
    run.stdout += text
    return
  }
  const file = output === 'remote' ? url.target.replace(/\?.*$/, '').split('/').at(-1) : output.file
  if (file !== undefined && file !== '/dev/null') run.io.writeFile?.(file, text)
}

function meterLine(transfer: Transfer): string {
  if (transfer.status === 0) return `${METER_ZERO}\n`
  const size = String(transfer.body.length).padStart(5)
  const speed = transfer.times.total > 0 ? Math.round((transfer.body.length * 1000) / transfer.times.total) : 0
  const rate = String(speed).padStart(6)
  return `\r100 ${size}  100 ${size}    0     0 ${rate}      0 --:--:-- --:--:-- --:--:-- ${rate.slice(-5)}\n`
}

interface FactsInput {
  readonly text: string
  readonly url: CurlUrl
  readonly request: HttpRequest
  readonly transfer: Transfer
  readonly next: string
  readonly redirects: number
  readonly number: number
  readonly exitCode: number
  readonly error: string
}

function factsOf(run: Run, input: FactsInput): TransferFacts {
  const { transfer, request, url } = input
  const header = (name: string): string =>
    transfer.headers.find((candidate) => candidate.name.toLowerCase() === name)?.value ?? ''
  const output = run.options.outputs[input.number]
  const requestSize =
    `${request.method} ${request.target} HTTP/1.1\r\n\r\n`.length +
    request.headers.reduce((sum, { name, value }) => sum + name.length + value.length + 4, 0)
  return {
    url: input.text,
    effectiveUrl: url.effective,
    scheme: url.scheme,
    method: request.method,
    status: transfer.status,
    exitCode: input.exitCode,
    errorMessage: input.error,
    ...(transfer.remote ? { remote: transfer.remote } : {}),
    ...(transfer.local ? { local: transfer.local } : {}),
    contentType: header('content-type'),
    redirect: run.options.follow ? '' : input.next,
    redirects: input.redirects,
    connects: transfer.connects,
    headers: transfer.headers.length,
    headerOf: (name) => header(name.toLowerCase()),
    file: typeof output === 'object' ? output.file : '',
    urlNumber: input.number,
    sizes: {
      download: run.options.head ? 0 : transfer.body.length,
      header: responseHead(transfer).length,
      request: transfer.connected ? requestSize + request.body.length : 0,
      upload: request.body.length,
    },
    times: transfer.times,
  }
}

export { CURL_VERSION }
