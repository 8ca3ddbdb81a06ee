import { SWITCHES, VALUES } from './curlFlags.ts'
import type { CurlOptions } from './curlFlags.ts'

export type { CurlOptions }

/** Ends curl before any transfer. */
export interface CurlExit {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export const CURL_VERSION = '7.88.1'
const TRY_HELP = "curl: try 'curl --help' or 'curl --manual' for more information\n"

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
    retryAll: false,
    http10: false,
    globOff: false,
    pathAsIs: false,
    failWithBody: false,
    failEarly: false,
    user: undefined,
    cookie: undefined,
    range: undefined,
    requestTarget: undefined,
    dumpHeader: undefined,
    rateMs: 0,
    warnings: '',
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
  const bad = options.resolve.find((entry) => !/^(-[^:]+:\d+|\+?[^:]+:\d+:.+)$/.test(entry))
  if (bad !== undefined && options.urls.length > 0) {
    return { stdout: '', stderr: `curl: (49) Couldn't parse CURLOPT_RESOLVE entry '${bad}'\n`, exitCode: 49 }
  }
  if (options.head && options.data.length > 0 && !options.dataInUrl) {
    const stderr =
      'Warning: You can only select one HTTP request method! You asked for both POST \n' +
      'Warning: (-d, --data) and HEAD (-I, --head).\n'
    return { stdout: '', stderr, exitCode: 2 }
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
  if (kind === 'number' && /^-\d+(\.\d+)?$/.test(value)) return 'expected a positive numerical parameter'
  if (kind === 'number' && !/^\d+(\.\d+)?$/.test(value)) return 'expected a proper numerical parameter'
  apply(options, value)
  return undefined
}
