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
}

/** Ends curl before any transfer. */
export interface CurlExit {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export const CURL_VERSION = '7.88.1'
const TRY_HELP = "curl: try 'curl --help' or 'curl --manual' for more information\n"

type Setter = (options: CurlOptions, value: string) => void

const set =
  <K extends keyof CurlOptions>(key: K, value: CurlOptions[K]): Setter =>
  (options) => {
    options[key] = value
  }

const ignored: Setter = () => undefined

/** Options without a value: long name, letter. */
const SWITCHES: readonly (readonly [string, string, Setter])[] = [
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
  ['no-buffer', 'N', ignored],
  ['no-progress-meter', '', set('silent', true)],
  ['http1.1', '', ignored],
  ['http2', '', ignored],
  ['http2-prior-knowledge', '', ignored],
  ['http1.0', '0', ignored],
  ['globoff', 'g', ignored],
  ['no-keepalive', '', ignored],
  ['tcp-nodelay', '', ignored],
  ['compressed', '', ignored],
  ['disable', 'q', ignored],
]

/** Options with a value; those marked take a number. */
const VALUES: readonly (readonly [string, string, Setter, 'number'?])[] = [
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
  ['noproxy', '', ignored],
  ['interface', '', ignored],
  ['cacert', '', ignored],
]

function addHeader(options: CurlOptions, text: string): void {
  const colon = text.indexOf(':')
  if (colon < 0) {
    // `-H 'X-Empty;'` sends a header without a value.
    if (text.endsWith(';')) options.headers.push({ name: text.slice(0, -1), value: '' })
    return
  }
  options.headers.push({ name: text.slice(0, colon), value: text.slice(colon + 1).trim() })
}

/** Reads curl's command line, without the word `curl`. Source: curl 7.88 src/tool_getparam.c. */
export function parseCurlOptions(words: readonly string[]): CurlOptions | CurlExit {
  const options: CurlOptions = {
    urls: [],
    silent: false,
    showError: false,
    verbose: false,
    head: false,
    include: false,
    fail: false,
    follow: false,
    insecure: false,
    ipv4Only: false,
    ipv6Only: false,
    outputs: [],
    writeOut: undefined,
    maxTime: undefined,
    connectTimeout: undefined,
    headers: [],
    method: undefined,
    data: [],
    dataInUrl: false,
    userAgent: `curl/${CURL_VERSION}`,
    referer: undefined,
    resolve: [],
    connectTo: [],
    retries: 0,
    retryRefused: false,
    retryDelay: undefined,
    maxRedirects: 50,
  }
  if (words.length === 0) return { stdout: '', stderr: TRY_HELP, exitCode: 2 }
  let onlyUrls = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (onlyUrls || !word.startsWith('-') || word === '-') {
      options.urls.push(word)
      continue
    }
    if (word === '--') {
      onlyUrls = true
      continue
    }
    if (word === '-V' || word === '--version') return { stdout: `curl ${CURL_VERSION}\n`, stderr: '', exitCode: 0 }
    if (word === '-h' || word === '--help')
      return { stdout: 'Usage: curl [options...] <url>\n', stderr: '', exitCode: 0 }
    const used = word.startsWith('--') ? long(word, words[at + 1], options) : letters(word, words[at + 1], options)
    if (typeof used === 'string')
      return { stdout: '', stderr: `curl: option ${word}: ${used}\n${TRY_HELP}`, exitCode: 2 }
    if (used) at++
  }
  if (options.urls.length === 0) return { stdout: '', stderr: `curl: no URL specified!\n${TRY_HELP}`, exitCode: 2 }
  return options
}

/** Whether the next word was used; a text: what is wrong. */
function long(word: string, next: string | undefined, options: CurlOptions): boolean | string {
  const name = word.slice(2)
  const negated = name.startsWith('no-') ? name.slice(3) : undefined
  const plain = SWITCHES.find(([candidate]) => candidate === name)
  if (plain) {
    plain[2](options, '')
    return false
  }
  if (negated !== undefined && SWITCHES.some(([candidate]) => candidate === negated)) return false
  const valued = VALUES.find(([candidate]) => candidate === name)
  if (!valued) return 'is unknown'
  return take(valued, next, options) ?? true
}

function letters(word: string, next: string | undefined, options: CurlOptions): boolean | string {
  for (let i = 1; i < word.length; i++) {
    const letter = word.charAt(i)
    const plain = SWITCHES.find(([, candidate]) => candidate === letter)
    if (plain) {
      plain[2](options, '')
      continue
    }
    const valued = VALUES.find(([, candidate]) => candidate === letter)
    if (!valued) return 'is unknown'
    const inline = word.slice(i + 1)
    const problem = take(valued, inline === '' ? next : inline, options)
    return problem ?? inline === ''
  }
  return false
}

function take(
  [, , apply, kind]: (typeof VALUES)[number],
  value: string | undefined,
  options: CurlOptions,
): string | undefined {
  if (value === undefined) return 'requires parameter'
  if (kind === 'number' && !/^\d+(\.\d+)?$/.test(value)) return 'expected a proper numerical parameter'
  apply(options, value)
  return undefined
}
