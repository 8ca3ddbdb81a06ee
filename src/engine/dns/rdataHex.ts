import { assertNever } from '../base/assertNever.ts'
import { ipOrUndefined, ipWords } from '../base/ip.ts'
import { fqdn, splitLabels } from './name.ts'
import type { RecordData } from './message.ts'

/** The data of a record on the wire, names uncompressed: upper-case hex digits, two an octet. */
export function rdataHex(record: RecordData): string {
  switch (record.type) {
    case 'A':
      return record.address
        .split('.')
        .map((octet) => hex(Number(octet), 1))
        .join('')
    case 'AAAA':
      return addressHex(record.address)
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return nameHex(record.target)
    case 'MX':
      return hex(record.preference, 2) + nameHex(record.target)
    case 'SRV':
      return [record.priority, record.weight, record.port].map((n) => hex(n, 2)).join('') + nameHex(record.target)
    case 'TXT':
      return record.strings.map((text) => hex(text.length, 1) + textHex(text)).join('')
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record
      const numbers = [serial, refresh, retry, expire, minimum].map((n) => hex(n, 4))
      return nameHex(mname) + nameHex(rname) + numbers.join('')
    }
    default:
      return assertNever(record)
  }
}

function addressHex(address: string): string {
  const ip = ipOrUndefined(address)
  return ip === undefined
    ? ''
    : ipWords(ip)
        .map((word) => hex(word, 4))
        .join('')
}

function hex(n: number, octets: number): string {
  return n
    .toString(16)
    .toUpperCase()
    .padStart(2 * octets, '0')
}

function textHex(text: string): string {
  return Array.from(text, (character) => hex(character.charCodeAt(0), 1)).join('')
}

function nameHex(name: string): string {
  return `${splitLabels(fqdn(name))
    .map((label) => hex(label.length, 1) + textHex(label))
    .join('')}00`
}
