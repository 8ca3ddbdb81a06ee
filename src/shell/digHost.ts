import { exchange, searchNames, serverAddresses } from './digExchange.ts'
import { formatData } from './digColumns.ts'
import { fqdn, nameFault, parseRrClass, parseRrType, queryMessage, RCODE_NUMBERS } from '../engine/index.ts'
import { ipOrUndefined } from '../engine/base/ip.ts'
import { resolvOption, reverseName, withoutTrailingDot } from '../engine/index.ts'
import type { DnsIo, ToolResult } from './digIo.ts'
import type { DnsMessage } from '../engine/index.ts'

interface Settings {
  type: string
  class: string
  /** No type was asked for: A, AAAA and MX. */
  defaultTypes: boolean
  tcp: boolean
  recurse: boolean
  port: number
  ndots: number
  tries: number
  /** Seconds. */
  timeout: number
}

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

const USAGE =
  'Usage: host [-rTU] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-p port] hostname [server]\n'

/** Runs `host [options] NAME [SERVER]` in its short form. */
export function host(words: readonly string[], io: DnsIo): ToolResult {
  const settings: Settings = {
    type: 'A',
    class: 'IN',
    defaultTypes: true,
    tcp: false,
    recurse: true,
    port: 53,
    ndots: resolvOption(io.resolvConf, 'ndots', 1, 15),
    tries: 2,
    timeout: 5,
  }
  const operands: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('-') || word === '-') operands.push(word)
    else {
      const takesValue = /^-[ctpNRW]$/.test(word)
      const problem = setOption(word, takesValue ? words[++at] : word.slice(2), settings)
      if (problem) return problem
    }
  }
  const [name, server] = operands
  if (name === undefined) return { stdout: '', stderr: USAGE, exitCode: 1 }
  const servers = server === undefined ? io.resolvConf.nameservers : serverAddresses(server, io, () => true)
  if (!servers)
    return { stdout: '', stderr: `host: couldn't get address for '${server ?? ''}': not found\n`, exitCode: 1 }
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
    if (message.rcode !== 'NOERROR') {
      failed = true
      const shown = message.rcode === 'NXDOMAIN' ? lookup.name : withoutTrailingDot(outcome.name)
      stdout += `Host ${shown} not found: ${RCODE_NUMBERS[message.rcode]}(${message.rcode})\n`
      continue
    }
    if (settings.defaultTypes && lookup.type === 'A') {
      const end = endOfChain(message, outcome.name)
      queue.push({ name: end, type: 'AAAA', complete: true }, { name: end, type: 'MX', complete: true })
    }
    for (const record of message.answer) {
      const phrase = PHRASES[record.type] ?? `has ${record.type} record`
      stdout += `${withoutTrailingDot(record.name)} ${phrase} ${formatData(record)}\n`
    }
    if (!settings.defaultTypes && message.answer.length === 0) {
      stdout += `${withoutTrailingDot(outcome.name)} has no ${lookup.type} record\n`
    }
  }
  return { stdout, stderr: '', exitCode: failed ? 1 : 0 }
}

interface Outcome {
  readonly log: string
  readonly message?: DnsMessage
  /** The name that was asked for in the end. */
  readonly name: string
  readonly server: string
}

function ask(
  lookup: Lookup,
  servers: readonly string[],
  asked: string | undefined,
  settings: Settings,
  io: DnsIo,
): Outcome {
  const { names } = searchNames(lookup.name, {
    search: io.resolvConf.search,
    ndots: settings.ndots,
    on: !lookup.complete,
  })
  let log = ''
  let tcp = settings.tcp || lookup.type === 'ANY'
  let outcome: Outcome = { log, name: lookup.name, server: '' }
  for (let i = 0; i < names.length; i++) {
    const name = fqdn(names[i] ?? lookup.name)
    const answered = exchange(
      io,
      {
        servers,
        asked,
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
    if (!answered) return { log, name, server: '' }
    const { message } = answered.reply
    if (message.truncated && !tcp) {
      tcp = true
      i--
      continue
    }
    outcome = { log, message, name, server: answered.server }
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

function setOption(word: string, value: string | undefined, settings: Settings): ToolResult | undefined {
  const text = value ?? ''
  switch (word.slice(0, 2)) {
    case '-t': {
      const type = parseRrType(text)
      if (type === undefined) return { stdout: '', stderr: `host: invalid type: ${text}\n\n`, exitCode: 2 }
      settings.type = type
      settings.defaultTypes = false
      return undefined
    }
    case '-c': {
      const parsed = parseRrClass(text)
      if (parsed === undefined) return { stdout: '', stderr: `host: invalid class: ${text}\n\n`, exitCode: 2 }
      settings.class = parsed
      settings.defaultTypes = false
      return undefined
    }
    case '-p':
      settings.port = Number(text)
      return undefined
    case '-N':
      settings.ndots = Number(text)
      return undefined
    case '-R':
      settings.tries = Math.max(2, Number(text) + 1)
      return undefined
    case '-W':
      settings.timeout = Math.max(1, Number(text))
      return undefined
    case '-r':
      settings.recurse = false
      return undefined
    case '-T':
      settings.tcp = true
      return undefined
    case '-U':
      settings.tcp = false
      return undefined
    case '-4':
    case '-s':
      return undefined
    case '-a':
    case '-d':
    case '-v':
    case '-l':
    case '-C':
      return { stdout: '', stderr: `host: ${word} is not simulated (docs/fidelity.md)\n`, exitCode: 1 }
    default:
      return { stdout: '', stderr: USAGE, exitCode: 1 }
  }
}
