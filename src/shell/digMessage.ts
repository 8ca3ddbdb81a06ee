import { canonicalName, fqdn, messageSize, queryMessage } from '../engine/index.ts'
import type { DigLookup } from './digLookup.ts'
import type { DnsMessage, Edns, EdnsOption } from '../engine/index.ts'

const NSID = 3
const CLIENT_SUBNET = 8
const EXPIRE = 9
const COOKIE = 10
const KEEPALIVE = 11
const PADDING = 12
/** By their numbers; the others are reserved. */
export const OPCODES = ['QUERY', 'IQUERY', 'STATUS', 'RESERVED3', 'NOTIFY', 'UPDATE'] as const

/** The query that dig sends for `lookup` asking for `name`. `cookie`: the run's client cookie, hex. */
export function buildQuery(lookup: DigLookup, name: string, id: number, cookie: string): DnsMessage {
  const transfer = lookup.type === 'AXFR' || lookup.type === 'IXFR'
  const bare: DnsMessage = {
    ...queryMessage(lookup.id ?? id, { name: fqdn(canonicalName(name)), type: lookup.type, class: lookup.class }),
    opcode: OPCODES[lookup.opcode] ?? `RESERVED${lookup.opcode}`,
    recursionDesired: lookup.recurse && !transfer,
    authoritative: lookup.aaFlag,
    authenticData: lookup.adFlag,
    checkingDisabled: lookup.cdFlag,
    recursionAvailable: lookup.raFlag,
    truncated: lookup.tcFlag,
    ...(lookup.headerOnly ? { question: [] } : {}),
  }
  if (lookup.ednsVersion === undefined) return bare
  const edns: Edns = {
    version: lookup.ednsVersion,
    udpSize: lookup.udpSize,
    dnssecOk: lookup.dnssec,
    flags: lookup.ednsFlags & 0x7fff,
    options: optionsOf(lookup, cookie),
  }
  return { ...bare, edns: lookup.padding > 0 ? padded(bare, edns, lookup.padding) : edns }
}

function optionsOf(lookup: DigLookup, cookie: string): readonly EdnsOption[] {
  const options: EdnsOption[] = []
  if (lookup.nsid) options.push({ code: NSID, data: '' })
  if (lookup.subnet !== undefined) options.push({ code: CLIENT_SUBNET, data: subnetData(lookup.subnet) })
  if (lookup.sendCookie) options.push({ code: COOKIE, data: lookup.cookie ?? cookie })
  if (lookup.expire) options.push({ code: EXPIRE, data: '' })
  if (lookup.keepAlive) options.push({ code: KEEPALIVE, data: '' })
  return [...options, ...lookup.ednsOptions]
}

/** Fills the message up to a multiple of `block` octets. */
function padded(message: DnsMessage, edns: Edns, block: number): Edns {
  const withPadding = (octets: number): Edns => ({
    ...edns,
    options: [...edns.options, { code: PADDING, data: '00'.repeat(octets) }],
  })
  const size = messageSize({ ...message, edns: withPadding(0) })
  return withPadding((block - (size % block)) % block)
}

/** `10.244.1.0/24` as EDNS Client Subnet data (RFC 7871), IPv4 only. */
function subnetData(text: string): string {
  const [address = '', length] = text.split('/')
  const octets = address.split('.').map(Number)
  while (octets.length < 4) octets.push(0)
  const bits = length === undefined ? 32 : Number(length)
  const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0')
  const kept = octets.slice(0, Math.ceil(bits / 8)).map((octet) => hex(octet & 255, 2))
  return `0001${hex(bits & 255, 2)}00${kept.join('')}`
}
