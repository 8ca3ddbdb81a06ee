import { exchange, searchNames, serverAddresses } from './digExchange.ts'
import {
  canonicalName,
  fqdn,
  nameFault,
  parseRrClass,
  parseRrType,
  queryMessage,
  resolvOption,
  reverseName,
} from '../engine/index.ts'
import { ipOrUndefined } from '../engine/base/ip.ts'
import { printNslookup } from './nslookupPrint.ts'
import type { DnsIo, ToolResult } from './digIo.ts'
import type { DnsMessage } from '../engine/index.ts'

interface Settings {
  type: string
  class: string
  /** No type was asked for: A, then AAAA. */
  defaultTypes: boolean
  port: number
  /** Seconds. */
  timeout: number
  tries: number
  ndots: number
  tcp: boolean
  recurse: boolean
  search: boolean
  searchList: readonly string[]
  debug: boolean
  /** The type and the timeout as `-all` shows them. */
  typed: string
  timeoutSet: boolean
  server: string | undefined
}

interface Lookup {
  readonly name: string
  readonly type: string
  /** Already complete: the AAAA question after an A answer. */
  readonly complete: boolean
}

const USAGE = `Usage:
   nslookup [-opt ...]             # interactive mode using default server
   nslookup [-opt ...] - server    # interactive mode using 'server'
   nslookup [-opt ...] host        # just look up 'host' using default server
   nslookup [-opt ...] host server # just look up 'host' using 'server'
`
const DEFAULT_TRIES = 3
const MAX_TRIES = 10

/** Runs BIND's `nslookup NAME [SERVER]`; there is no interactive mode. Source: BIND 9.18 bin/dig/nslookup.c. */
export function nslookup(words: readonly string[], io: DnsIo): ToolResult {
  const settings: Settings = {
    type: 'A',
    class: 'IN',
    defaultTypes: true,
    port: 53,
    timeout: 5,
    tries: resolvOption(io.resolvConf, 'attempts', DEFAULT_TRIES, MAX_TRIES),
    ndots: resolvOption(io.resolvConf, 'ndots', 1, 15),
    tcp: false,
    recurse: true,
    search: true,
    searchList: io.resolvConf.search,
    debug: false,
    typed: 'A',
    timeoutSet: false,
    server: undefined,
  }
  let stdout = ''
  let lookup: Lookup | undefined
  for (const [at, word] of words.entries()) {
    if (word.startsWith('-') && word.length > 1) {
      if (/^-ver/i.test(word)) return { stdout: '', stderr: 'nslookup 9.18.49-1~deb12u3-Debian\n', exitCode: 0 }
      stdout += /^-all$/i.test(word) ? showSettings(settings, io) : setOption(word.slice(1), settings)
    } else if (!lookup) {
      lookup = lookupOf(word, settings)
    } else {
      if (at < words.length - 1) return { stdout, stderr: USAGE, exitCode: 1 }
      settings.server = word
    }
  }
  if (!lookup)
    return { stdout, stderr: 'nslookup: interactive mode is not simulated (docs/fidelity.md)\n', exitCode: 1 }
  const servers =
    settings.server === undefined ? io.resolvConf.nameservers : serverAddresses(settings.server, io, () => true)
  if (!servers) {
    return { stdout, stderr: `nslookup: couldn't get address for '${settings.server ?? ''}': not found\n`, exitCode: 1 }
  }
  const fault = nameFault(lookup.name)
  if (fault !== undefined) {
    return { stdout, stderr: `nslookup: '${lookup.name}' is not a legal name (${fault})\n`, exitCode: 10 }
  }
  const run: Run = {
    io,
    settings,
    servers: servers.length > 0 ? servers : ['127.0.0.1'],
    stdout,
    failed: false,
    reached: false,
  }
  const next = runLookup(run, lookup)
  if (next) runLookup(run, next, true)
  return { stdout: `${run.stdout}\n`, stderr: '', exitCode: run.failed || !run.reached ? 1 : 0 }
}

interface Run {
  readonly io: DnsIo
  readonly settings: Settings
  readonly servers: readonly string[]
  stdout: string
  failed: boolean
  /** Some server answered. */
  reached: boolean
  /** The A question had no answer. */
  emptyA?: boolean
}

function lookupOf(word: string, settings: Settings): Lookup {
  const isAddress = ipOrUndefined(word) !== undefined
  return isAddress
    ? { name: reverseName(word), type: 'PTR', complete: false }
    : { name: word, type: settings.type, complete: false }
}

/** Runs one lookup; the result is the AAAA lookup that belongs to an answered A lookup. */
function runLookup(run: Run, lookup: Lookup, follow = false): Lookup | undefined {
  const { io, settings } = run
  const { names } = searchNames(lookup.name, {
    search: settings.searchList,
    ndots: settings.ndots,
    on: settings.search && !lookup.complete,
  })
  // Without a server on the command line, one that does not recurse is complained about.
  const wantsRecursion = settings.server === undefined && settings.recurse
  let tcp = settings.tcp || lookup.type === 'ANY'
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? lookup.name
    const passOver = (message: DnsMessage): boolean =>
      message.rcode === 'SERVFAIL' || (wantsRecursion && !message.recursionAvailable)
    const answered = exchange(
      io,
      {
        servers: run.servers,
        asked: (address) => settings.server ?? address,
        port: settings.port,
        tcp,
        tries: settings.tries,
        timeoutMs: settings.timeout * 1000,
        name: lookup.name,
        greeting: '',
        makeQuery: () => ({
          ...queryMessage(io.below(65536), {
            name: fqdn(canonicalName(name)),
            type: lookup.type,
            class: settings.class,
          }),
          recursionDesired: settings.recurse,
        }),
        passOver,
      },
      (text) => {
        run.stdout += text
      },
    )
    if (!answered) return undefined
    const { message } = answered.reply
    if (message.truncated && !tcp) {
      run.stdout += ';; Truncated, retrying in TCP mode.\n'
      tcp = true
      i--
      continue
    }
    if (passOver(message)) {
      const what = message.rcode === 'SERVFAIL' ? 'SERVFAIL reply' : 'recursion not available'
      run.stdout += `;; Got ${what} from ${answered.server}\n`
    }
    if (message.rcode === 'NXDOMAIN' && i < names.length - 1 && !settings.debug) continue
    run.reached = true
    const noAnswer = message.answer.length === 0
    run.stdout += printNslookup({
      message,
      question: { name: fqdn(canonicalName(name)), typed: lookup.name, type: lookup.type },
      server: { address: answered.server, asked: settings.server ?? answered.server, port: settings.port },
      defaultTypes: settings.defaultTypes,
      debug: settings.debug,
      complainEmpty: !settings.defaultTypes || (follow && run.emptyA === true),
    })
    if (message.rcode !== 'NOERROR') run.failed = true
    if (message.rcode === 'NXDOMAIN' && i < names.length - 1) continue
    if (message.rcode !== 'NOERROR' || !settings.defaultTypes || lookup.type !== 'A') return undefined
    run.emptyA = noAnswer
    return { name: endOfChain(message, fqdn(canonicalName(name))).replace(/\.$/, ''), type: 'AAAA', complete: true }
  }
  return undefined
}

/** Follows the CNAMEs of the answer. */
function endOfChain(message: DnsMessage, name: string): string {
  let current = name
  for (let step = 0; step < message.answer.length; step++) {
    const here = current.toLowerCase()
    const alias = message.answer.find((record) => record.type === 'CNAME' && record.name.toLowerCase() === here)
    if (alias?.type !== 'CNAME') break
    current = alias.target
  }
  return current
}

const NUMBERS: readonly (readonly [
  names: readonly string[],
  what: string,
  max: number,
  set: (settings: Settings, n: number) => void,
])[] = [
  [['port', 'po'], 'port', 65535, (settings, n) => (settings.port = n)],
  [
    ['timeout', 't'],
    'timeout',
    65535,
    (settings, n) => {
      settings.timeout = Math.max(1, n)
      settings.timeoutSet = true
    },
  ],
  [['retry', 'ret'], 'tries', 2 ** 31, (settings, n) => (settings.tries = n)],
  [['ndots'], 'ndots', 128, (settings, n) => (settings.ndots = n)],
]

/** `-retry=3`; a wrong number is complained about and changes nothing. */
function setNumber(option: string, key: string, value: string, settings: Settings): string {
  const known = NUMBERS.find(([names]) => names.includes(key))
  if (!known) return `*** Invalid option: ${option}\n`
  const [, what, max, set] = known
  if (!/^\d+$/.test(value)) return `invalid ${what} '${value}': not a valid number\n`
  if (Number(value) > max) return `invalid ${what} '${value}': out of range\n`
  set(settings, Number(value))
  return ''
}

/** What `-all` shows. */
function showSettings(settings: Settings, io: DnsIo): string {
  const servers = settings.server === undefined ? io.resolvConf.nameservers : [settings.server]
  const on = (is: boolean, word: string): string => (is ? word : `no${word}`)
  return (
    servers.map((server) => `Default server: ${server}\nAddress: ${server}#${settings.port}\n`).join('') +
    `\nSet options:\n  ${on(settings.tcp, 'vc')}\t\t\t${on(settings.debug, 'debug')}\t\tnod2\n` +
    `  ${on(settings.search, 'search')}\t\t${on(settings.recurse, 'recurse')}\n` +
    `  timeout = ${settings.timeoutSet ? settings.timeout : 0}\t\tretry = ${settings.tries}\tport = ${settings.port}\tndots = ${settings.ndots}\n` +
    `  querytype = ${settings.typed.padEnd(8)}\tclass = ${settings.class}\n  srchlist = ${settings.searchList.join('/')}\n`
  )
}

/** Applies `-option[=value]`; the result is what nslookup says about it. */
function setOption(option: string, settings: Settings): string {
  const [key = '', value] = option.toLowerCase().split('=')
  if (value !== undefined) {
    if (['type', 'ty', 'querytype', 'query', 'qu', 'q'].includes(key)) {
      const type = parseRrType(value)
      if (type === undefined) return `unknown query type: ${option.slice(key.length + 1)}\n`
      settings.type = type
      settings.typed = value
      settings.defaultTypes = false
      return ''
    }
    if (key === 'class' || key === 'cl') {
      const parsed = parseRrClass(value)
      if (parsed === undefined) return `unknown query class: ${option.slice(key.length + 1)}\n`
      settings.class = parsed
      return ''
    }
    if (key === 'domain' || key === 'do') {
      settings.searchList = [value]
      settings.search = true
      return ''
    }
    return setNumber(option, key, value, settings)
  }
  const on = !key.startsWith('no')
  const word = on ? key : key.slice(2)
  const is = (name: string, shortest: number): boolean => word.length >= shortest && name.startsWith(word)
  if (is('recurse', 3)) settings.recurse = on
  else if (is('search', 3) || is('defname', 3)) settings.search = on
  else if (is('vc', 2)) settings.tcp = on
  else if (is('debug', 3)) settings.debug = on
  else if (!is('d2', 2) && !is('fail', 3) && !is('sil', 3)) return `*** Invalid option: ${option}\n`
  return ''
}
