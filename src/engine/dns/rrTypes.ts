/** RR type mnemonics and their numbers. Source: IANA DNS parameters, as BIND 9.18 knows them. */
const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  'NSAP-PTR': 23,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  AAAA: 28,
  LOC: 29,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  SRV: 33,
  ATMA: 34,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  A6: 38,
  DNAME: 39,
  SINK: 40,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  NINFO: 56,
  RKEY: 57,
  TALINK: 58,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  UINFO: 100,
  UID: 101,
  GID: 102,
  UNSPEC: 103,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
  AVC: 258,
  DOA: 259,
  AMTRELAY: 260,
  RESINFO: 261,
  WALLET: 262,
  TA: 32768,
  DLV: 32769,
  KEYDATA: 65533,
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name]),
)

const CLASS_NUMBERS: Readonly<Record<string, number>> = {
  RESERVED0: 0,
  IN: 1,
  CH: 3,
  CHAOS: 3,
  HS: 4,
  HESIOD: 4,
  NONE: 254,
  ANY: 255,
}

/** The canonical mnemonic of an RR type as typed (`srv` → `SRV`, `TYPE33` → `SRV`), undefined when it is none. */
export function parseRrType(text: string): string | undefined {
  const upper = text.toUpperCase()
  if (Object.hasOwn(TYPE_NUMBERS, upper)) return upper
  const number = numbered(upper, 'TYPE')
  return number === undefined ? undefined : (TYPE_NAMES.get(number) ?? `TYPE${number}`)
}

/** The canonical mnemonic of a class as typed, undefined when it is none. */
export function parseRrClass(text: string): string | undefined {
  const upper = text.toUpperCase()
  const number = Object.hasOwn(CLASS_NUMBERS, upper) ? CLASS_NUMBERS[upper] : numbered(upper, 'CLASS')
  switch (number) {
    case undefined:
      return undefined
    case 0:
      return 'RESERVED0'
    case 1:
      return 'IN'
    case 3:
      return 'CH'
    case 4:
      return 'HS'
    case 254:
      return 'NONE'
    case 255:
      return 'ANY'
    default:
      return `CLASS${number}`
  }
}

/** The number of a canonical type mnemonic. */
export function rrTypeNumber(type: string): number {
  return TYPE_NUMBERS[type] ?? numbered(type, 'TYPE') ?? 0
}

/** The number of a canonical class mnemonic. */
export function rrClassNumber(name: string): number {
  return CLASS_NUMBERS[name] ?? numbered(name, 'CLASS') ?? 1
}

function numbered(text: string, prefix: string): number | undefined {
  if (!text.startsWith(prefix)) return undefined
  const digits = text.slice(prefix.length)
  if (!/^\d{1,5}$/.test(digits)) return undefined
  const number = Number(digits)
  return number <= 65535 ? number : undefined
}
