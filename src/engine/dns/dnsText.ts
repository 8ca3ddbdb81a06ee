import type { DnsMessage, ResourceRecord } from './message.ts'

/** A query as a packet's label: `A? web.dev.svc.cluster.local.`, as tcpdump writes it. */
export function describeQuery(message: DnsMessage): string {
  const question = message.question[0]
  return question ? `${question.type}? ${question.name}` : 'query without a question'
}

/** A reply as a packet's label: `A 10.98.98.98`, `NXDOMAIN`, `no AAAA record` (NODATA). */
export function describeReply(message: DnsMessage): string {
  if (message.rcode !== 'NOERROR') return message.rcode
  if (message.answer.length === 0) return `no ${message.question[0]?.type ?? ''} record`
  return message.answer.map((record) => `${record.type} ${dataOf(record)}`).join(', ')
}

function dataOf(record: ResourceRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return record.target
    case 'MX':
      return `${record.preference} ${record.target}`
    case 'SRV':
      return `${record.target}:${record.port} ${record.priority} ${record.weight}`
    case 'TXT':
      return record.strings.map((text) => `"${text}"`).join(' ')
    case 'SOA':
      return `${record.mname} ${record.serial}`
  }
}
