import { formatData, formatTtl } from './digColumns.ts'
import { printOption, styleOf } from './digPrint.ts'
import type { DnsMessage, ResourceRecord } from '../engine/index.ts'
import type { Printed } from './digPrint.ts'

/** The reply as `dig +yaml` prints it. `unixMs`: the clock now. Source: BIND 9.18 bin/dig/dig.c, printmessage. */
export function printYaml(printed: Printed, unixMs: number): string {
  const { message, lookup, exchange } = printed
  lookup.greeting = ''
  const kind = message.recursionAvailable ? 'RECURSIVE' : 'AUTH'
  const family = exchange.server.includes(':') ? 'INET6' : 'INET'
  const lines = [
    '- type: MESSAGE',
    '  message:',
    `    type: ${kind}_RESPONSE`,
    `    query_time: !!timestamp ${new Date(unixMs - exchange.elapsedMs).toISOString()}`,
    `    response_time: !!timestamp ${new Date(unixMs).toISOString()}`,
    `    message_size: ${exchange.size}b`,
    `    socket_family: ${family}`,
    `    socket_protocol: ${exchange.tcp ? 'TCP' : 'UDP'}`,
    `    response_address: "${exchange.server}"`,
    `    response_port: ${exchange.port}`,
    `    query_address: "${family === 'INET' ? '0.0.0.0' : '::'}"`,
    '    query_port: 0',
    '    response_message_data:',
    ...data(printed).map((line) => `      ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

function data({ message, query, lookup }: Printed): readonly string[] {
  const additional = message.additional.length + (message.edns ? 1 : 0)
  const question = message.question.map(({ name, class: klass, type }) => `- '${name} ${klass} ${type}'`)
  const section = (shown: boolean, title: string, lines: readonly string[]): readonly string[] =>
    shown && lines.length > 0 ? [`${title}_SECTION:`, ...lines.map((line) => `  ${line}`)] : []
  const records = (list: readonly ResourceRecord[]): readonly string[] =>
    list.map((record) => recordLine(record, lookup))
  return [
    `opcode: ${message.opcode}`,
    `status: ${message.rcode}`,
    `id: ${message.id}`,
    `flags: ${flagsOf(message)}`,
    `QUESTION: ${message.question.length}`,
    `ANSWER: ${message.answer.length}`,
    `AUTHORITY: ${message.authority.length}`,
    `ADDITIONAL: ${additional}`,
    ...(lookup.comments ? ednsLines(message, query) : []),
    ...section(lookup.question, 'QUESTION', question),
    ...section(lookup.answer, 'ANSWER', records(message.answer)),
    ...section(lookup.authority, 'AUTHORITY', records(message.authority)),
    ...section(lookup.additional, 'ADDITIONAL', records(message.additional)),
  ]
}

function flagsOf(message: DnsMessage): string {
  const flags = [
    [message.response, 'qr'],
    [message.authoritative, 'aa'],
    [message.truncated, 'tc'],
    [message.recursionDesired, 'rd'],
    [message.recursionAvailable, 'ra'],
    [message.authenticData, 'ad'],
    [message.checkingDisabled, 'cd'],
  ] as const
  return flags.flatMap(([on, name]) => (on ? [name] : [])).join(' ')
}

function ednsLines(message: DnsMessage, query: DnsMessage): readonly string[] {
  const { edns } = message
  if (!edns) return []
  const options = edns.options.map(
    (option) => `    ${printOption(option, message, query).replace(/^; /, '').trimEnd()}`,
  )
  return [
    'OPT_PSEUDOSECTION:',
    '  EDNS:',
    `    version: ${edns.version}`,
    `    flags:${edns.dnssecOk ? ' do' : ''}`,
    `    udp: ${edns.udpSize}`,
    ...options,
  ]
}

function recordLine(record: ResourceRecord, lookup: Printed['lookup']): string {
  const style = styleOf(lookup)
  const ttl = style.ttl ? [style.ttlUnits ? formatTtl(record.ttl) : String(record.ttl)] : []
  const klass = style.classColumn ? ['IN'] : []
  return `- '${[record.name, ...ttl, ...klass, record.type, formatData(record, { ...style, multiline: false })].join(' ')}'`
}
