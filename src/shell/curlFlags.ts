import type { HttpHeader } from './curlIo.ts'

export interface CurlOptions {
  urls: string[]
  silent: boolean
  showError: boolean
  verbose: boolean
  head: boolean
  include: boolean
  fail: boolean
  follow: boolean
  insecure: boolean
  ipv4Only: boolean
  ipv6Only: boolean
  /** One for each URL, in order; undefined: stdout. `remote`: named after the URL. */
  outputs: ({ readonly file: string } | 'remote')[]
  writeOut: string | undefined
  /** Seconds. */
  maxTime: number | undefined
  connectTimeout: number | undefined
  headers: HttpHeader[]
  method: string | undefined
  data: string[]
  /** `-G`: the data goes into the URL. */
  dataInUrl: boolean
  userAgent: string
  referer: string | undefined
  /** `HOST:PORT:ADDR[,ADDR]` */
  resolve: string[]
  /** `HOST1:PORT1:HOST2:PORT2` */
  connectTo: string[]
  retries: number
  retryRefused: boolean
  /** Seconds. */
  retryDelay: number | undefined
  maxRedirects: number
  retryAll: boolean
  http10: boolean
  globOff: boolean
  pathAsIs: boolean
  failWithBody: boolean
  failEarly: boolean
  /** `-u USER:PASSWORD` */
  user: string | undefined
  cookie: string | undefined
  range: string | undefined
  requestTarget: string | undefined
  /** `-D -`: the response's head goes to stdout too. */
  dumpHeader: string | undefined
  /** `--rate`: from the start of one transfer to the next, milliseconds. */
  rateMs: number
  /** Warnings before the first transfer. */
  warnings: string
}

type Setter = (options: CurlOptions, value: string) => void

const set =
  <K extends keyof CurlOptions>(key: K, value: CurlOptions[K]): Setter =>
  (options) => {
    options[key] = value
  }

const ignored: Setter = () => undefined

/** Options without a value: long name, letter. */
export const SWITCHES: readonly (readonly [string, string, Setter])[] = [
  ['silent', 's', set('silent', true)],
  ['show-error', 'S', set('showError', true)],
  ['verbose', 'v', set('verbose', true)],
  ['head', 'I', set('head', true)],
  ['include', 'i', set('include', true)],
  ['fail', 'f', set('fail', true)],
  ['location', 'L', set('follow', true)],
  ['insecure', 'k', set('insecure', true)],
  ['ipv4', '4', set('ipv4Only', true)],
  ['ipv6', '6', set('ipv6Only', true)],
  ['get', 'G', set('dataInUrl', true)],
  ['remote-name', 'O', (options) => options.outputs.push('remote')],
  ['retry-connrefused', '', set('retryRefused', true)],
  ['retry-all-errors', '', set('retryAll', true)],
  ['fail-with-body', '', set('failWithBody', true)],
  ['fail-early', '', set('failEarly', true)],
  ['path-as-is', '', set('pathAsIs', true)],
  ['location-trusted', '', set('follow', true)],
  ['progress-bar', '#', ignored],
  ['parallel', 'Z', ignored],
  ['remote-header-name', 'J', ignored],
  ['create-dirs', '', ignored],
  ['tlsv1.2', '', ignored],
  ['tlsv1.3', '', ignored],
  ['basic', '', ignored],
  ['junk-session-cookies', 'j', ignored],
  ['post301', '', ignored],
  ['raw', '', ignored],
  ['no-buffer', 'N', ignored],
  ['no-progress-meter', '', set('silent', true)],
  ['http1.1', '', ignored],
  ['http2', '', ignored],
  ['http2-prior-knowledge', '', ignored],
  ['http1.0', '0', set('http10', true)],
  ['globoff', 'g', set('globOff', true)],
  ['no-keepalive', '', ignored],
  ['tcp-nodelay', '', ignored],
  ['compressed', '', ignored],
  ['disable', 'q', ignored],
]

/** Options with a value; those marked take a number. */
export const VALUES: readonly (readonly [string, string, Setter, 'number'?])[] = [
  ['output', 'o', (options, value) => options.outputs.push({ file: value })],
  [
    'write-out',
    'w',
    (options, value) => {
      options.writeOut = value
    },
  ],
  [
    'max-time',
    'm',
    (options, value) => {
      options.maxTime = Number(value)
    },
    'number',
  ],
  [
    'connect-timeout',
    '',
    (options, value) => {
      options.connectTimeout = Number(value)
    },
    'number',
  ],
  [
    'header',
    'H',
    (options, value) => {
      addHeader(options, value)
    },
  ],
  [
    'request',
    'X',
    (options, value) => {
      options.method = value
    },
  ],
  ...(['data', 'data-raw', 'data-binary', 'data-ascii', 'data-urlencode'] as const).map(
    (name) =>
      [name, name === 'data' ? 'd' : '', (options: CurlOptions, value: string) => options.data.push(value)] as const,
  ),
  [
    'user-agent',
    'A',
    (options, value) => {
      options.userAgent = value
    },
  ],
  [
    'referer',
    'e',
    (options, value) => {
      options.referer = value
    },
  ],
  ['resolve', '', (options, value) => options.resolve.push(value)],
  ['connect-to', '', (options, value) => options.connectTo.push(value)],
  ['url', '', (options, value) => options.urls.push(value)],
  [
    'retry',
    '',
    (options, value) => {
      options.retries = Number(value)
    },
    'number',
  ],
  [
    'retry-delay',
    '',
    (options, value) => {
      options.retryDelay = Number(value)
    },
    'number',
  ],
  [
    'max-redirs',
    '',
    (options, value) => {
      options.maxRedirects = Number(value)
    },
    'number',
  ],
  ['user', 'u', (options, value) => (options.user = value)],
  ['cookie', 'b', (options, value) => (options.cookie = value)],
  ['range', 'r', (options, value) => (options.range = value)],
  ['request-target', '', (options, value) => (options.requestTarget = value)],
  ['dump-header', 'D', (options, value) => (options.dumpHeader = value)],
  [
    'json',
    '',
    (options, value) => {
      options.data.push(value)
      for (const name of ['Content-Type', 'Accept']) options.headers.push({ name, value: 'application/json' })
    },
  ],
  ['rate', '', (options, value) => (options.rateMs = rateOf(value))],
  ['keepalive-time', '', ignored],
  ['retry-max-time', '', ignored],
  ['proto', '', ignored],
  ['cookie-jar', 'c', ignored],
  ['output-dir', '', ignored],
  ['limit-rate', '', ignored],
  ['noproxy', '', ignored],
  ['interface', '', ignored],
  ['cacert', '', ignored],
]

/** `1/s`, `30/m`, `10/h`: milliseconds a transfer. */
function rateOf(text: string): number {
  const match = /^(\d+)(?:\/([smhd]))?$/.exec(text)
  const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
  const unit = units[(match?.[2] ?? 'h') as keyof typeof units]
  return match && Number(match[1]) > 0 ? unit / Number(match[1]) : 0
}

function addHeader(options: CurlOptions, text: string): void {
  const colon = text.indexOf(':')
  if (colon < 0) {
    // `-H 'X-Empty;'` sends a header without a value.
    if (text.endsWith(';')) options.headers.push({ name: text.slice(0, -1), value: '', empty: true })
    return
  }
  options.headers.push({ name: text.slice(0, colon), value: text.slice(colon + 1).trim() })
}
