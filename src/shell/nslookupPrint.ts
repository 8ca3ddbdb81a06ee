import { formatData } from './digColumns.ts'
import { rrTypeNumber, withoutTrailingDot } from '../engine/index.ts'
import type { DnsMessage, ResourceRecord } from '../engine/index.ts'

/** A reply and what nslookup knows about it. */
export interface NslookupPrinted {
  readonly message: DnsMessage
  readonly question: { readonly name: string; readonly typed: string; readonly type: string }
  readonly server: { readonly address: string; readonly asked: string; readonly port: number }
  readonly defaultTypes: boolean
  readonly debug: boolean
  /** An empty answer is worth a line of its own. */
  readonly complainEmpty: boolean
}

/** What stands between a name and its data. Source: BIND 9.18 bin/dig/nslookup.c. */
const PHRASES: Readonly<Record<string, string>> = {
  A: 'internet address = ',
  NS: 'nameserver = ',
  CNAME: 'canonical name = ',
  PTR: 'name = ',
  MX: 'mail exchanger = ',
  TXT: 'text = ',
  AAAA: 'has AAAA address ',
  SRV: 'service = ',
}

/** nslookup's text for one reply. */
export function printNslookup(printed: NslookupPrinted): string {
  const { message, question, server, defaultTypes } = printed
  const isFirst = !defaultTypes || question.type === 'A'
  let text = isFirst ? `Server:\t\t${server.asked}\nAddress:\t${server.address}#${server.port}\n\n` : ''
  if (printed.debug) text += detail(message)
  if (message.rcode !== 'NOERROR') {
    return `${text}** server can't find ${withoutTrailingDot(question.name)}: ${message.rcode}\n`
  }
  if (!message.authoritative && isFirst) text += 'Non-authoritative answer:\n'
  if (message.answer.length > 0) text += section(message.answer, true)
  else if (printed.complainEmpty) text += `*** Can't find ${question.typed}: No answer\n`
  if (!message.authoritative && question.type !== 'A' && question.type !== 'AAAA') {
    text += '\nAuthoritative answers can be found from:\n'
    text += section(message.authority, false) + section(message.additional, false)
  }
  return text
}

function section(records: readonly ResourceRecord[], isAnswer: boolean): string {
  return records
    .map((record) => {
      const name = withoutTrailingDot(record.name)
      if (isAnswer && (record.type === 'A' || record.type === 'AAAA')) {
        return `Name:\t${name}\nAddress: ${record.address}\n`
      }
      return record.type === 'SOA' ? `${name}\n${startOfAuthority(record)}` : `${name}\t${data(record)}`
    })
    .join('')
}

function data(record: ResourceRecord): string {
  return `${PHRASES[record.type] ?? `rdata_${rrTypeNumber(record.type)} = `}${formatData(record)}\n`
}

function startOfAuthority(record: Extract<ResourceRecord, { type: 'SOA' }>): string {
  return (
    `\torigin = ${withoutTrailingDot(record.mname)}\n\tmail addr = ${withoutTrailingDot(record.rname)}\n` +
    `\tserial = ${record.serial}\n\trefresh = ${record.refresh}\n\tretry = ${record.retry}\n` +
    `\texpire = ${record.expire}\n\tminimum = ${record.minimum}\n`
  )
}

/** The long form of `-debug`. */
function detail(message: DnsMessage): string {
  const questions = message.question.map(
    (question) => `\t${withoutTrailingDot(question.name)}, type = ${question.type}, class = ${question.class}\n`,
  )
  const records = (list: readonly ResourceRecord[]): string =>
    list
      .map((record) => {
        const body = record.type === 'SOA' ? startOfAuthority(record) : `\t${data(record)}`
        return `    ->  ${withoutTrailingDot(record.name)}\n${body}\tttl = ${record.ttl}\n`
      })
      .join('')
  return (
    `------------\n    QUESTIONS:\n${questions.join('')}    ANSWERS:\n${records(message.answer)}` +
    `    AUTHORITY RECORDS:\n${records(message.authority)}    ADDITIONAL RECORDS:\n${records(message.additional)}------------\n`
  )
}
