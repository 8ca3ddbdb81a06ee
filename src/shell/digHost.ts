import { exchange, searchNames, serverAddresses } from './digExchange.ts'
import { formatData } from './digColumns.ts'
import { canonicalName, fqdn, messageSize, nameFault, queryMessage, RCODE_NUMBERS } from '../engine/index.ts'
import { ipOrUndefined } from '../engine/base/ip.ts'
import { resolvOption, reverseName, withoutTrailingDot } from '../engine/index.ts'
import { HOST_USAGE, parseHostOptions } from './hostOptions.ts'
import { printVerbose } from './digPrint.ts'
import type { HostSettings } from './hostOptions.ts'
import type { DnsIo, ToolResult } from './digIo.ts'
import type { DnsMessage } from '../engine/index.ts'

interface Lookup {
  readonly name: string
  readonly type: string
  readonly complete: boolean
}

/** Source: BIND 9.18 bin/dig/host.c. */
const PHRASES: Readonly<Record<string, string>> = {
  A: 'has address',
  NS: 'name server',
  CNAME: 'is an alias for',
  PTR: 'domain name pointer',
  MX: 'mail is handled by',
  TXT: 'descriptive text',
  AAAA: 'has IPv6 address',
}

/** Runs `host [options] NAME [SERVER]` */
export function host(words: readonly string[], io: DnsIo): ToolResult {
  const settings: HostSettings = {
    type: 'A',
    class: 'IN',
    defaultTypes: true,
    tcp: false,
    recurse: true,
    verbose: false,
    ipv6Only: false,
    port: 53,
    ndots: resolvOption(io.resolvConf, 'ndots', 1, 15),
    tries: 2,
    timeout: 5,
  }
  const operands = parseHostOptions(words, settings)
  if ('exitCode' in operands) return operands
  const [name, server] = operands
  if (name === undefined) return { stdout: '', stderr: HOST_USAGE, exitCode: 1 }
  const servers = server === undefined ? io.resolvConf.nameservers : serverAddresses(server, io, () => true)
  if (!servers)
    return { stdout: '', stderr: `host: couldn't get address for '${server ?? ''}': not found\n`, exitCode: 1 }
  if (settings.ipv6Only && servers[0]?.includes(':') === false) {
    const stdout = `;; Skipping mapped address '::ffff:${servers[0]}'\n;; No acceptable nameservers\n`
    return { stdout, stderr: '', exitCode: 1 }
  }
  const fault = nameFault(name)
  if (fault !== undefined)
    return { stdout: '', stderr: `host: '${name}' is not a legal name (${fault})\n`, exitCode: 1 }

  let stdout = ''
  let seen = false
  let failed = false
  const isAddress = ipOrUndefined(name) !== undefined
  if (isAddress) settings.defaultTypes = false
  const queue: Lookup[] = [
    { name: isAddress ? reverseName(name) : name, type: isAddress ? 'PTR' : settings.type, complete: false },
  ]
  for (let lookup = queue.shift(); lookup; lookup = queue.shift()) {
    const outcome = ask(lookup, servers.length > 0 ? servers : ['127.0.0.1'], server, settings, io)
    stdout += outcome.log
    if (!outcome.message) {
      failed = true
      continue
    }
    if (!seen && server !== undefined) {
      stdout += `Using domain server:\nName: ${server}\nAddress: ${outcome.server}#${settings.port}\nAliases: \n\n`
    }
    seen = true
    const { message } = outcome
    const isTransfer = lookup.type === 'AXFR' || lookup.type === 'IXFR'
    if (message.rcode !== 'NOERROR') {
      failed = true
      const shown = message.rcode === 'NXDOMAIN' ? lookup.name : withoutTrailingDot(outcome.name)
      stdout += `Host ${shown} not found: ${RCODE_NUMBERS[message.rcode]}(${message.rcode})\n`
      if (isTransfer) stdout += '; Transfer failed.\n'
      stdout += outcome.received
      continue
    }
    if (settings.defaultTypes && lookup.type === 'A') {
      const end = endOfChain(message, outcome.name)
      queue.push({ name: end, type: 'AAAA', complete: true }, { name: end, type: 'MX', complete: true })
    }
    if (settings.verbose) {
      stdout += printVerbose(message, outcome.query) + outcome.received
      continue
    }
    for (const record of message.answer) {
      const phrase = PHRASES[record.type] ?? `has ${record.type} record`
      stdout += `${withoutTrailingDot(record.name)} ${phrase} ${formatData(record)}\n`
    }
    const misled = message.answer.length > 0 ? "  Didn't start with SOA answer." : ''
    if (isTransfer) stdout += `; Transfer failed.${misled}\n`
    else if (!settings.defaultTypes && message.answer.length === 0) {
      stdout += `${withoutTrailingDot(outcome.name)} has no ${lookup.type} record\n`
    }
  }
  return { stdout, stderr: '', exitCode: failed ? 1 : 0 }
}

interface Outcome {
  readonly log: string
  readonly message?: DnsMessage
  readonly query?: DnsMessage
  /** What -v says about the packet. */
  readonly received: string
  /** The name that was asked for in the end. */
  readonly name: string
  readonly server: string
}

function ask(
  lookup: Lookup,
  servers: readonly string[],
  asked: string | undefined,
  settings: HostSettings,
  io: DnsIo,
): Outcome {
  const { names, counted } = searchNames(lookup.name, {
    search: io.resolvConf.search,
    ndots: settings.ndots,
    on: !lookup.complete,
  })
  let log = ''
  let tcp = settings.tcp || lookup.type === 'ANY'
  let outcome: Outcome = { log, name: lookup.name, server: '', received: '' }
  for (let i = 0; i < names.length; i++) {
    const name = fqdn(canonicalName(names[i] ?? lookup.name))
    if (settings.verbose) log += `Trying "${withoutTrailingDot(name)}"\n`
    const answered = exchange(
      io,
      {
        servers,
        asked: (address) => asked ?? address,
        port: settings.port,
        tcp,
        tries: settings.tries,
        timeoutMs: settings.timeout * 1000,
        name: lookup.name,
        greeting: '',
        makeQuery: () => ({
          ...queryMessage(io.below(65536), { name, type: lookup.type, class: settings.class }),
          recursionDesired: settings.recurse,
        }),
        passOver: (message) =>
          message.rcode === 'SERVFAIL' || (asked === undefined && settings.recurse && !message.recursionAvailable),
      },
      (text) => {
        log += text
      },
    )
    if (!answered) return { log, name, server: '', received: '' }
    const { message } = answered.reply
    if (message.truncated && !tcp) {
      tcp = true
      i--
      continue
    }
    const size = messageSize(message)
    const line = `Received ${size} bytes from ${answered.server}#${settings.port} in ${Math.floor(answered.reply.elapsedMs)} ms\n`
    // A denied name that met ndots is reported twice: as the end of the search and for itself.
    const received = settings.verbose ? line.repeat(message.rcode === 'NXDOMAIN' && counted ? 2 : 1) : ''
    outcome = { log, message, query: answered.query, name, server: answered.server, received }
    if (message.rcode !== 'NXDOMAIN') break
  }
  return outcome
}

function endOfChain(message: DnsMessage, name: string): string {
  let current = name
  for (let step = 0; step < message.answer.length; step++) {
    const here = current.toLowerCase()
    const alias = message.answer.find((record) => record.type === 'CNAME' && record.name.toLowerCase() === here)
    if (alias?.type !== 'CNAME') break
    current = alias.target
  }
  return withoutTrailingDot(current)
}
