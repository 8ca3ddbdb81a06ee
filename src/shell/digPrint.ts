import { formatData, formatQuestion, formatRecord } from './digColumns.ts'
import { isSubdomain } from '../engine/index.ts'
import { defaultLookup } from './digLookup.ts'
import type { DigLookup, DigSettings } from './digLookup.ts'
import type { DnsMessage, EdnsOption, ResourceRecord } from '../engine/index.ts'
import type { RecordStyle } from './digColumns.ts'

/** A message that dig prints, and what was sent to get it. */
export interface Printed {
  readonly message: DnsMessage
  readonly query: DnsMessage
  readonly lookup: DigLookup
  readonly settings: DigSettings
  readonly exchange: Exchange
}

/** Where and how the reply came. */
export interface Exchange {
  readonly server: string
  readonly port: number
  /** The server as the user wrote it. */
  readonly asked: string
  readonly elapsedMs: number
  readonly tcp: boolean
  readonly size: number
}

/** The reply in dig's layout, the greeting of the run first if this is the first. */
export function printMessage(printed: Printed): string {
  const { lookup, settings, message, exchange } = printed
  const greeting = settings.shortForm || !settings.printCommand ? '' : lookup.greeting
  lookup.greeting = ''
  if (settings.shortForm) {
    if (!lookup.answer) return greeting
    const suffix = lookup.identify ? ` from server ${exchange.asked} in ${duration(lookup, exchange)}.` : ''
    const style = styleOf(lookup)
    return greeting + message.answer.map((record) => `${formatData(record, style)}${suffix}\n`).join('')
  }
  const sent = message === printed.query
  const header = lookup.comments ? `${sent ? ';; Sending:' : ';; Got answer:'}\n${printHeader(printed, sent)}\n` : ''
  return greeting + header + printSections(printed)
}

/** `message` section by section without anything around it, as `host -v` prints it. */
export function printVerbose(message: DnsMessage, query: DnsMessage = message): string {
  const lookup = { ...defaultLookup(), rrComments: -1 as const }
  return `${printHeader({ message, query, lookup }, message === query, false)}\n${printSections({ message, query, lookup })}`
}

function duration(lookup: DigLookup, exchange: Exchange): string {
  return lookup.microseconds ? `${Math.round(exchange.elapsedMs * 1000)} us` : `${Math.floor(exchange.elapsedMs)} ms`
}

type Shown = Pick<Printed, 'message' | 'query' | 'lookup'>

function printHeader({ message, query, lookup }: Shown, sent: boolean, warns = true): string {
  const local = message.question.some((question) => isSubdomain('local.', question.name))
  const flags = [
    [message.response, 'qr'],
    [message.authoritative, 'aa'],
    [message.truncated, 'tc'],
    [message.recursionDesired, 'rd'],
    [message.recursionAvailable, 'ra'],
    [message.authenticData, 'ad'],
    [message.checkingDisabled, 'cd'],
  ] as const
  const counts =
    `QUERY: ${message.question.length}, ANSWER: ${message.answer.length}, AUTHORITY: ${message.authority.length}, ` +
    `ADDITIONAL: ${message.additional.length + (message.edns ? 1 : 0)}`
  let text =
    local && warns
      ? ';; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n'
      : ''
  text += `;; ->>HEADER<<- opcode: ${message.opcode}, status: ${message.rcode}, id: ${message.id}\n`
  text += `;; flags:${flags.map(([on, name]) => (on ? ` ${name}` : '')).join('')}; ${counts}\n`
  if (sent || !warns) return text
  if (message.recursionDesired && !message.recursionAvailable) {
    text += ';; WARNING: recursion requested but not available\n'
  }
  if (query.edns && !message.edns && (message.rcode === 'FORMERR' || message.rcode === 'NOTIMP')) {
    text += `\n;; WARNING: EDNS query returned status ${message.rcode} - retry with '${lookup.dnssec ? '+nodnssec ' : ''}+noedns'\n`
  }
  return text
}

function printSections({ message, query, lookup }: Shown): string {
  const style = styleOf(lookup)
  const section = (shown: boolean, title: string, lines: readonly string[]): string =>
    shown && lines.length > 0
      ? `${lookup.comments ? `;; ${title} SECTION:\n` : ''}${lines.join('')}${lookup.comments ? '\n' : ''}`
      : ''
  const list = (records: readonly ResourceRecord[]): readonly string[] =>
    records.map((record) => formatRecord(record, style))
  const questions = message.question.map((question) => formatQuestion(question, style))
  return (
    (lookup.comments ? printEdns(message, query) : '') +
    section(lookup.question, 'QUESTION', questions) +
    section(lookup.answer, 'ANSWER', list(message.answer)) +
    section(lookup.authority, 'AUTHORITY', list(message.authority)) +
    section(lookup.additional, 'ADDITIONAL', list(message.additional))
  )
}

/** How a lookup wants its records laid out. */
export function styleOf(lookup: DigLookup): RecordStyle {
  const { ttl, ttlUnits, classColumn, multiline, expandAaaa, rrComments, unknownFormat } = lookup
  return { ttl, ttlUnits, classColumn, multiline, expandAaaa, comments: rrComments >= 0, unknown: unknownFormat }
}

function printEdns(message: DnsMessage, query: DnsMessage): string {
  const { edns } = message
  if (!edns) return ''
  const mbz = edns.flags & ~COMPACT_OK
  const unknown = mbz === 0 ? '; ' : `; MBZ: 0x${mbz.toString(16).padStart(4, '0')}, `
  const known = `${edns.dnssecOk ? ' do' : ''}${(edns.flags & COMPACT_OK) === 0 ? '' : ' co'}`
  const first = `; EDNS: version: ${edns.version}, flags:${known}${unknown}udp: ${edns.udpSize}\n`
  return `;; OPT PSEUDOSECTION:\n${first}${edns.options.map((option) => printOption(option, message, query)).join('')}`
}

/** The EDNS flag "compact answers OK" (RFC 9824). */
const COMPACT_OK = 0x4000
const COOKIE = 10

/** Names of EDNS options; others are `OPT=65001:`. */
const OPTION_NAMES: Readonly<Record<number, string>> = {
  3: 'NSID:',
  8: 'CLIENT-SUBNET:',
  9: 'EXPIRE:',
  [COOKIE]: 'COOKIE:',
  11: 'TCP KEEPALIVE:',
  12: 'PAD:',
  15: 'EDE:',
}

/** One EDNS option of a reply, with its newline. */
export function printOption(option: EdnsOption, message: DnsMessage, query: DnsMessage): string {
  const name = `; ${OPTION_NAMES[option.code] ?? `OPT=${option.code}:`}`
  const bytes = option.data.match(/../g) ?? []
  if (option.code === 12) return `${name}${bytes.length > 0 ? ` (${bytes.length} bytes)` : ''}\n`
  if (bytes.length === 0) return `${name}\n`
  if (option.code === COOKIE) {
    if (message === query) return `${name} ${option.data}\n`
    const sent = query.edns?.options.filter(({ code }) => code === COOKIE).map(({ data }) => data.slice(0, 16)) ?? []
    const state = !sent.includes(option.data.slice(0, 16)) ? 'bad' : bytes.length >= 16 ? 'good' : 'echoed'
    return `${name} ${option.data} (${state})\n`
  }
  const text = bytes.map((byte) => printable(Number.parseInt(byte, 16))).join('')
  return `${name} ${bytes.map((byte) => `${byte} `).join('')}("${text}")\n`
}

function printable(code: number): string {
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.'
}

/** The lines after the reply: time, server, date, size. `unixMs`: the clock now. */
export function printReceived({ lookup, settings, exchange }: Printed, unixMs: number): string {
  const { server, port, asked, elapsedMs, size } = exchange
  if (settings.shortForm) return ''
  if (!lookup.stats) {
    return lookup.identify
      ? `;; Received ${size} bytes from ${server}#${port}(${asked}) in ${duration(lookup, exchange)}\n\n`
      : ''
  }
  const time = lookup.microseconds ? `${Math.round(elapsedMs * 1000)} usec` : `${Math.floor(elapsedMs)} msec`
  return (
    `;; Query time: ${time}\n` +
    `;; SERVER: ${server}#${port}(${asked}) (${exchange.tcp ? 'TCP' : 'UDP'})\n` +
    `;; WHEN: ${formatDate(unixMs)}\n` +
    `;; MSG SIZE  rcvd: ${size}\n\n`
  )
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Mon Nov 23 14:40:24 UTC 2026` */
function formatDate(unixMs: number): string {
  const date = new Date(unixMs)
  const two = (n: number): string => String(n).padStart(2, '0')
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  const day = `${DAYS[date.getUTCDay()] ?? ''} ${MONTHS[date.getUTCMonth()] ?? ''} ${two(date.getUTCDate())}`
  return `${day} ${clock} UTC ${date.getUTCFullYear()}`
}
