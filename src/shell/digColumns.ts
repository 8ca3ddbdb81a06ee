import { rdataHex, rrClassNumber, rrTypeNumber } from '../engine/index.ts'
import type { DnsQuestion, RecordData, ResourceRecord } from '../engine/index.ts'

/** How records are laid out. Source: BIND 9.18 lib/dns/masterdump.c. */
export interface RecordStyle {
  readonly ttl: boolean
  readonly ttlUnits: boolean
  readonly classColumn: boolean
  readonly multiline: boolean
  readonly expandAaaa: boolean
  /** Comments after the numbers of a multi-line SOA. */
  readonly comments: boolean
  /** RFC 3597: everything as numbers. */
  readonly unknown?: boolean
}

interface Columns {
  readonly ttl: number
  readonly class: number
  readonly type: number
  readonly data: number
}

const TAB = 8

function columnsOf(style: RecordStyle): Columns {
  if (style.multiline || (!style.ttl && !style.classColumn)) return { ttl: 24, class: 24, type: 24, data: 32 }
  if (!style.ttl || !style.classColumn) return { ttl: 24, class: 24, type: 32, data: 40 }
  return { ttl: 24, class: 32, type: 40, data: 48 }
}

/** A line in the making: text, and tabs and blanks to reach a column (at least one). */
interface Line {
  text: string
  column: number
}

function write(line: Line, text: string): void {
  line.text += text
  line.column += text.length
}

function indent(line: Line, target: number): void {
  let from = line.column
  const to = Math.max(target, from + 1)
  const tabs = Math.floor(to / TAB) - Math.floor(from / TAB)
  if (tabs > 0) {
    line.text += '\t'.repeat(tabs)
    from = Math.floor(to / TAB) * TAB
  }
  line.text += ' '.repeat(to - from)
  line.column = to
}

/** `;web.dev.svc.cluster.local.	IN	A` */
export function formatQuestion(question: DnsQuestion, style: RecordStyle): string {
  const columns = columnsOf(style)
  const line: Line = { text: '', column: 0 }
  write(line, question.name)
  // Questions keep their class even with +noclass.
  indent(line, columns.class)
  write(line, style.unknown === true ? `CLASS${rrClassNumber(question.class)}` : question.class)
  indent(line, columns.type)
  write(line, style.unknown === true ? `TYPE${rrTypeNumber(question.type)}` : question.type)
  return `;${line.text}\n`
}

/** One record as dig prints it, with its newline. */
export function formatRecord(record: ResourceRecord, style: RecordStyle): string {
  const columns = columnsOf(style)
  const line: Line = { text: '', column: 0 }
  write(line, record.name)
  if (style.ttl) {
    indent(line, columns.ttl)
    write(line, style.ttlUnits ? formatTtl(record.ttl) : String(record.ttl))
  }
  if (style.classColumn) {
    indent(line, columns.class)
    write(line, style.unknown === true ? 'CLASS1' : 'IN')
  }
  indent(line, columns.type)
  write(line, style.unknown === true ? `TYPE${rrTypeNumber(record.type)}` : record.type)
  indent(line, columns.data)
  return `${line.text}${formatData(record, style, '\t'.repeat(columns.data / TAB))}\n`
}

/** The data of a record on one line, as `+short` and nslookup print it; a multi-line style breaks an SOA. */
export function formatData(record: RecordData, style?: RecordStyle, indentation = ''): string {
  if (style?.unknown === true) return unknownData(record, style.multiline, indentation)
  switch (record.type) {
    case 'A':
      return record.address
    case 'AAAA':
      return style?.expandAaaa === true ? expanded(record.address) : record.address
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return record.target
    case 'MX':
      return `${record.preference} ${record.target}`
    case 'SRV':
      return `${record.priority} ${record.weight} ${record.port} ${record.target}`
    case 'TXT':
      return record.strings.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(' ')
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record
      if (style?.multiline !== true) {
        return `${mname} ${rname} ${serial} ${refresh} ${retry} ${expire} ${minimum}`
      }
      if (!style.comments) {
        const numbers = [serial, refresh, retry, expire, minimum].map((value) => `${indentation}${value}`)
        return `${mname} ${rname} (\n${numbers.join('\n')})`
      }
      const line = (value: number, name: string, duration = true): string => {
        const time = duration ? ` (${formatTtl(value, true)})` : ''
        return `${indentation}${String(value).padEnd(10)} ; ${name}${time}\n`
      }
      return (
        `${mname} ${rname} (\n` +
        line(serial, 'serial', false) +
        line(refresh, 'refresh') +
        line(retry, 'retry') +
        line(expire, 'expire') +
        line(minimum, 'minimum') +
        `${indentation})`
      )
    }
  }
}

/** How many hex digits stand together. */
const HEX_RUN = { oneLine: 56, multiline: 44 } as const

/** `\\# 4 0A626262` */
function unknownData(record: RecordData, multiline: boolean, indentation: string): string {
  const hex = rdataHex(record)
  const width = multiline ? HEX_RUN.multiline : HEX_RUN.oneLine
  const runs = hex.match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  const head = `\\# ${hex.length / 2}`
  return multiline && runs.length > 1 ? `${head} ( ${runs.join(`\n${indentation}`)} )` : `${head} ${runs.join(' ')}`
}

/** `90` → `1m30s`, verbose `1 minute 30 seconds`. Source: BIND 9.18 lib/dns/ttl.c. */
export function formatTtl(seconds: number, verbose = false): string {
  const parts = [
    { unit: 'week', n: Math.floor(seconds / 604800) },
    { unit: 'day', n: Math.floor(seconds / 86400) % 7 },
    { unit: 'hour', n: Math.floor(seconds / 3600) % 24 },
    { unit: 'minute', n: Math.floor(seconds / 60) % 60 },
    { unit: 'second', n: seconds % 60 },
  ].filter(({ unit, n }) => n > 0 || (unit === 'second' && seconds === 0))
  return verbose
    ? parts.map(({ unit, n }) => `${n} ${unit}${n === 1 ? '' : 's'}`).join(' ')
    : parts.map(({ unit, n }) => `${n}${unit.charAt(0)}`).join('')
}

/** All eight groups with four digits each. */
function expanded(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(':')
}
