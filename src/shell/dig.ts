import { buildQuery } from './digMessage.ts'
import { exchange, searchNames, serverAddresses } from './digExchange.ts'
import { familyOf, ipOrUndefined } from '../engine/base/ip.ts'
import { messageSize, nameFault, resolvOption } from '../engine/index.ts'
import { parseDigOptions } from './digOptions.ts'
import { printMessage, printReceived } from './digPrint.ts'
import { printYaml } from './digYaml.ts'
import type { Answered } from './digExchange.ts'
import type { DigLookup, DigSettings } from './digLookup.ts'
import type { DnsIo, ToolResult } from './digIo.ts'
import type { DnsMessage } from '../engine/index.ts'
import type { Ip } from '../engine/base/ip.ts'
import type { Printed } from './digPrint.ts'

interface Run {
  readonly io: DnsIo
  readonly settings: DigSettings
  /** The servers of each lookup. */
  readonly servers: ReadonlyMap<DigLookup, readonly Server[]>
  /** The client cookie, hex. */
  readonly cookie: string
  stdout: string
  exitCode: number
}

interface Server {
  readonly address: string
  /** As the user wrote it. */
  readonly asked: string
}

const DEFAULT_TRIES = 3
const MAX_TRIES = 10

/** Runs `dig` with `words` after the command name. Source: BIND 9.18 bin/dig. */
export function dig(words: readonly string[], io: DnsIo): ToolResult {
  const settings = parseDigOptions(words)
  if ('exitCode' in settings) return settings
  const servers = new Map<DigLookup, readonly Server[]>()
  for (const lookup of settings.lookups) {
    const found = serversOf(lookup, settings, io)
    if (typeof found === 'string') {
      const stderr = `${settings.warnings}dig: couldn't get address for '${found}': not found\n`
      return { stdout: '', stderr, exitCode: 1 }
    }
    servers.set(lookup, found)
  }
  const cookie = Array.from({ length: 8 }, () => io.below(256).toString(16).padStart(2, '0')).join('')
  const run: Run = { io, settings, servers, cookie, stdout: settings.notes, exitCode: 0 }
  for (const lookup of settings.lookups) {
    const fault = nameFault(lookup.name)
    if (fault !== undefined) {
      const stderr = `${settings.warnings}dig: '${lookup.name}' is not a legal name (${fault})\n`
      return { stdout: run.stdout, stderr, exitCode: 10 }
    }
    const [skipped] = servers.get(lookup) ?? []
    if (settings.ipv6Only && skipped && !skipped.address.includes(':')) {
      run.stdout += `;; Skipping mapped address '::ffff:${skipped.address}'\n;; No acceptable nameservers\n`
      continue
    }
    runLookup(run, lookup)
  }
  return { stdout: run.stdout, stderr: settings.warnings, exitCode: run.exitCode }
}

/** Whom to ask; a text: that server has no address. */
function serversOf(lookup: DigLookup, settings: DigSettings, io: DnsIo): readonly Server[] | string {
  const usable = (ip: Ip): boolean =>
    !(settings.ipv4Only && familyOf(ip) === 'IPv6') && !(settings.ipv6Only && familyOf(ip) === 'IPv4')
  const given: Server[] = []
  for (const asked of lookup.servers) {
    // An IPv4 address with -6 is passed over later.
    const addresses = serverAddresses(asked, io, ipOrUndefined(asked) === undefined ? usable : () => true)
    if (!addresses) return asked
    given.push(...addresses.map((address) => ({ address, asked })))
  }
  if (given.length > 0) return given
  const configured = io.resolvConf.nameservers.filter((address) => {
    const ip = ipOrUndefined(address)
    return ip !== undefined && usable(ip)
  })
  return (configured.length > 0 ? configured : ['127.0.0.1']).map((address) => ({ address, asked: address }))
}

/** Asks for the name, along the search list if that is wanted. */
function runLookup(run: Run, lookup: DigLookup): void {
  const { settings, io } = run
  const search = searchNames(lookup.name, {
    search: settings.domain === undefined ? io.resolvConf.search : [settings.domain],
    ndots: settings.ndots ?? resolvOption(io.resolvConf, 'ndots', 1, 15),
    on: settings.search || settings.domain !== undefined,
  })
  for (const [i, name] of search.names.entries()) {
    const answered = ask(run, lookup, name)
    if (!answered) return
    const { message } = answered.reply
    const denied = message.rcode === 'NXDOMAIN'
    const goesOn = denied && i < search.names.length - 1
    if (goesOn && !settings.showSearch) continue
    const printed = printedOf(run, lookup, answered)
    const { greeting } = lookup
    if (isTransfer(lookup)) run.stdout += printTransfer(printed)
    else if (settings.yaml) run.stdout += printYaml(printed, io.unixMs())
    else {
      // A denied name that met ndots is reported once as the end of the search and once for itself.
      const received = printReceived(printed, io.unixMs()).repeat(denied && search.counted ? 2 : 1)
      run.stdout += printMessage(printed) + received
    }
    // The next try was made from this lookup before its greeting was used up.
    if (goesOn) lookup.greeting = greeting
    if (!goesOn) return
  }
}

function printedOf(run: Run, lookup: DigLookup, { query, reply, server }: Answered): Printed {
  const { settings } = run
  const { message, elapsedMs } = reply
  const asked = askedOf(run, lookup, server)
  const size = messageSize(message)
  return {
    message,
    query,
    lookup,
    settings,
    exchange: { server, port: settings.port, asked, elapsedMs, tcp: lookup.tcp, size },
  }
}

function askedOf({ servers }: Run, lookup: DigLookup, address: string): string {
  return servers.get(lookup)?.find((server) => server.address === address)?.asked ?? address
}

function isTransfer({ type }: DigLookup): boolean {
  return type === 'AXFR' || type === 'IXFR'
}

/** A refused transfer: what records there are, and what was wrong. No server here gives a zone away. */
function printTransfer(printed: Printed): string {
  const { message } = printed
  const misled = message.rcode === 'NOERROR' && message.answer.length > 0
  return `${printMessage(printed)}; Transfer failed.${misled ? "  Didn't start with SOA answer." : ''}\n`
}

/** Gets a reply that dig would print: falls back to TCP or to EDNS 0. Undefined when there was none. */
function ask(run: Run, lookup: DigLookup, name: string): Answered | undefined {
  const { io, settings } = run
  if (lookup.type === 'AXFR') lookup.tcp = true
  const log = (text: string): void => {
    run.stdout += text
  }
  const comment = (text: string): void => {
    if (lookup.comments) log(`;; ${text}\n`)
  }
  for (;;) {
    const plan = {
      servers: (run.servers.get(lookup) ?? []).map(({ address }) => address),
      asked: (server: string) => askedOf(run, lookup, server),
      port: settings.port,
      tcp: lookup.tcp,
      tries: lookup.tries ?? resolvOption(io.resolvConf, 'attempts', DEFAULT_TRIES, MAX_TRIES),
      timeoutMs: settings.timeout * 1000,
      name: lookup.name,
      greeting: lookup.greeting,
      makeQuery: () => {
        const query = buildQuery(lookup, name, io.below(65536), run.cookie)
        if (lookup.showQuery) log(printQuery(run, lookup, query))
        return query
      },
      passOver: (message: DnsMessage) => message.rcode === 'SERVFAIL' && !lookup.servfailStops,
    }
    const answered = exchange(io, plan, log)
    if (!answered) {
      run.exitCode = 9
      return undefined
    }
    const { message } = answered.reply
    if (hasForeignClass(message)) log(';; Warning: Message parser reports malformed message packet.\n')
    const version = message.edns?.version ?? Infinity
    if (message.rcode === 'BADVERS' && version < (lookup.ednsVersion ?? 0) && lookup.ednsNegotiation) {
      comment(`BADVERS, retrying with EDNS version ${version}.`)
      lookup.ednsVersion = version
    } else if (message.truncated && !lookup.ignoreTruncation && !lookup.tcp) {
      comment('Truncated, retrying in TCP mode.')
      lookup.tcp = true
    } else {
      if (plan.passOver(message)) comment(`Got SERVFAIL reply from ${answered.server}`)
      return answered
    }
  }
}

/** BIND wants the class of the question in every record; a server that answers CH with IN records gets a warning. */
function hasForeignClass(message: DnsMessage): boolean {
  const question = message.question[0]
  const records = message.answer.length + message.authority.length + message.additional.length
  return question !== undefined && question.class !== 'IN' && question.class !== 'ANY' && records > 0
}

/** What `+qr` shows before a query is sent. */
function printQuery(run: Run, lookup: DigLookup, query: DnsMessage): string {
  const { settings } = run
  const exchanged = { server: '', port: settings.port, asked: '', elapsedMs: 0, tcp: lookup.tcp, size: 0 }
  const size = lookup.stats ? `;; QUERY SIZE: ${messageSize(query)}\n\n` : ''
  return printMessage({ message: query, query, lookup, settings, exchange: exchanged }) + size
}
