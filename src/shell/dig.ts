import { buildQuery } from './digMessage.ts'
import { failureText } from './digIo.ts'
import { familyOf, ipOrUndefined } from '../engine/base/ip.ts'
import { isAbsolute, messageSize, nameFault, resolvOption } from '../engine/index.ts'
import { parseDigOptions } from './digOptions.ts'
import { printMessage, printReceived } from './digPrint.ts'
import type { DigLookup, DigSettings } from './digLookup.ts'
import type { DnsIo, DnsReply, ToolResult } from './digIo.ts'
import type { DnsMessage } from '../engine/index.ts'
import type { Exchange, Printed } from './digPrint.ts'

interface Run {
  readonly io: DnsIo
  readonly settings: DigSettings
  readonly servers: readonly string[]
  /** The client cookie, hex. */
  readonly cookie: string
  stdout: string
  exitCode: number
}

/** One query and its end. */
interface Attempt {
  readonly query: DnsMessage
  readonly reply: DnsReply
  readonly server: string
}

const NO_SERVERS = ';; no servers could be reached\n'

/** Runs `dig` with `words` after the command name. Source: BIND 9.18 bin/dig. */
export function dig(words: readonly string[], io: DnsIo): ToolResult {
  const settings = parseDigOptions(words)
  if ('exitCode' in settings) return settings
  const servers = serverAddresses(settings, io)
  if (typeof servers === 'string') return { stdout: '', stderr: `${settings.warnings}${servers}`, exitCode: 1 }
  const run: Run = { io, settings, servers, cookie: hexCookie(io), stdout: '', exitCode: 0 }
  for (const lookup of settings.lookups) {
    const fault = nameFault(lookup.name)
    if (fault !== undefined) {
      const stderr = `${settings.warnings}dig: '${lookup.name}' is not a legal name (${fault})\n`
      return { stdout: run.stdout, stderr, exitCode: 10 }
    }
    runLookup(run, lookup)
  }
  return { stdout: run.stdout, stderr: settings.warnings, exitCode: run.exitCode }
}

/** The addresses to ask, or why there are none. */
function serverAddresses(settings: DigSettings, io: DnsIo): readonly string[] | string {
  const usable = (address: string): boolean => {
    const ip = ipOrUndefined(address)
    return ip !== undefined && !(settings.ipv4Only && familyOf(ip) === 'IPv6') && !(settings.ipv6Only && familyOf(ip) === 'IPv4')
  }
  if (settings.server === undefined) {
    const configured = io.resolvConf.nameservers.filter(usable)
    return configured.length > 0 ? configured : ['127.0.0.1']
  }
  const literal = ipOrUndefined(settings.server)
  const addresses = (literal === undefined ? io.lookUp(settings.server) : [literal]).filter(usable)
  return addresses.length > 0 ? addresses : `dig: couldn't get address for '${settings.server}': not found\n`
}

function hexCookie(io: DnsIo): string {
  return Array.from({ length: 8 }, () => io.below(256).toString(16).padStart(2, '0')).join('')
}

/** Asks for the name, along the search list if that is wanted. */
function runLookup(run: Run, lookup: DigLookup): void {
  const { settings } = run
  const search = settings.domain === undefined ? run.io.resolvConf.search : [settings.domain]
  const usesSearch = settings.search || settings.domain !== undefined
  const ndots = settings.ndots ?? resolvOption(run.io.resolvConf, 'ndots', 1, 15)
  const dots = lookup.name.split('.').length - 1
  const searching = usesSearch && dots < ndots && !isAbsolute(lookup.name) && search.length > 0
  const candidates = searching ? [...search.map((domain) => `${lookup.name}.${domain}`), lookup.name] : [lookup.name]
  for (const [i, candidate] of candidates.entries()) {
    const last = i === candidates.length - 1
    const attempt = ask(run, lookup, candidate)
    if (!attempt || attempt.reply.type !== 'message') return
    const { message, elapsedMs } = attempt.reply
    const next = message.rcode === 'NXDOMAIN' && !last
    if (next && !settings.showSearch) continue
    // A name that meets ndots counts as searched though nothing is left to try: its statistics come twice.
    const twice = message.rcode === 'NXDOMAIN' && usesSearch && !searching
    const exchange = exchangeOf(attempt, elapsedMs, lookup, run)
    const printed: Printed = { message, query: attempt.query, lookup, settings, exchange }
    run.stdout += printMessage(printed) + printReceived(printed, run.io.unixMs()).repeat(twice ? 2 : 1)
    if (!next) return
  }
}

function exchangeOf(attempt: Attempt, elapsedMs: number, lookup: DigLookup, run: Run): Exchange {
  const size = attempt.reply.type === 'message' ? messageSize(attempt.reply.message) : 0
  return {
    server: attempt.server,
    port: run.settings.port,
    asked: run.settings.server ?? attempt.server,
    elapsedMs,
    tcp: lookup.tcp,
    size,
  }
}

/** Gets a reply that dig would print: retries, falls back to TCP or EDNS 0. Undefined when there was none. */
function ask(run: Run, lookup: DigLookup, name: string): Attempt | undefined {
  if (lookup.type === 'AXFR') lookup.tcp = true
  for (;;) {
    const attempt = tryServers(run, lookup, name)
    if (attempt?.reply.type !== 'message') return undefined
    const { message } = attempt.reply
    const comment = (text: string): void => {
      if (lookup.comments) run.stdout += `;; ${text}\n`
    }
    if (hasForeignClass(message)) run.stdout += ';; Warning: Message parser reports malformed message packet.\n'
    const version = message.edns?.version
    if (message.rcode === 'BADVERS' && version !== undefined && version < (lookup.ednsVersion ?? 0) && lookup.ednsNegotiation) {
      comment(`BADVERS, retrying with EDNS version ${version}.`)
      lookup.ednsVersion = version
      continue
    }
    if (message.truncated && !lookup.ignoreTruncation && !lookup.tcp) {
      comment('Truncated, retrying in TCP mode.')
      lookup.tcp = true
      continue
    }
    if (message.rcode === 'SERVFAIL' && !lookup.servfailStops) comment(`Got SERVFAIL reply from ${attempt.server}`)
    if (lookup.type === 'AXFR' && message.rcode !== 'NOERROR') {
      run.stdout += `${lookup.greeting}; Transfer failed.\n`
      lookup.greeting = ''
      return undefined
    }
    return attempt
  }
}

/** BIND wants the class of the question in every record; a server that answers CH with IN records gets a warning. */
function hasForeignClass(message: DnsMessage): boolean {
  const question = message.question[0]
  const records = message.answer.length + message.authority.length + message.additional.length
  return question !== undefined && question.class !== 'IN' && question.class !== 'ANY' && records > 0
}

/** The first server as often as `+tries` says, then each other once. */
function tryServers(run: Run, lookup: DigLookup, name: string): Attempt | undefined {
  const { settings, io } = run
  const [first = '127.0.0.1', ...others] = run.servers
  const turns = [...Array.from({ length: lookup.tries }, () => first), ...others]
  for (const [turn, server] of turns.entries()) {
    const query = buildQuery(lookup, name, io.below(65536), run.cookie)
    if (lookup.showQuery) printQuery(run, lookup, query, server)
    const to = { server, port: settings.port, tcp: lookup.tcp, timeoutMs: settings.timeout * 1000 }
    const reply = io.query(to, query)
    if (reply.type === 'message') return { query, reply, server }
    const last = turn === turns.length - 1
    const place = `${server}#${settings.port}`
    if (lookup.tcp) {
      const asked = settings.server ?? server
      run.stdout += `;; Connection to ${place}(${asked}) for ${name} failed: ${failureText(reply)}.\n${NO_SERVERS}`
    } else {
      run.stdout += `;; communications error to ${place}: ${failureText(reply)}\n`
      if (last) run.stdout += lookup.greeting + NO_SERVERS
    }
  }
  run.exitCode = 9
  return undefined
}

function printQuery(run: Run, lookup: DigLookup, query: DnsMessage, server: string): void {
  const { settings } = run
  const exchange = { server, port: settings.port, asked: server, elapsedMs: 0, tcp: lookup.tcp, size: 0 }
  run.stdout += printMessage({ message: query, query, lookup, settings, exchange })
  if (lookup.stats) run.stdout += `;; QUERY SIZE: ${messageSize(query)}\n\n`
}
