/** What dig was told to ask and to print: one lookup a name, and the settings that hold for the whole run. */
export interface DigLookup {
  /** As typed. */
  name: string
  type: string
  typeSet: boolean
  class: string
  classSet: boolean
  tcp: boolean
  tcpSet: boolean
  /** Undefined: no EDNS. */
  ednsVersion: number | undefined
  udpSize: number
  ednsFlags: number
  ednsNegotiation: boolean
  ednsOptions: { code: number; data: string }[]
  dnssec: boolean
  sendCookie: boolean
  /** Hex, when given on the command line. */
  cookie: string | undefined
  nsid: boolean
  expire: boolean
  keepAlive: boolean
  /** An address with its prefix length, for EDNS Client Subnet. */
  subnet: string | undefined
  padding: number
  aaFlag: boolean
  adFlag: boolean
  cdFlag: boolean
  raFlag: boolean
  tcFlag: boolean
  zFlag: boolean
  recurse: boolean
  opcode: number
  /** As typed after `@`; empty: those of resolv.conf. */
  servers: string[]
  /** IXFR: the zone's serial that one has. */
  serial: number
  /** RFC 3597: types, classes and data as numbers. */
  unknownFormat: boolean
  headerOnly: boolean
  id: number | undefined
  /** Undefined: as resolv.conf says. */
  tries: number | undefined
  ignoreTruncation: boolean
  badCookie: boolean
  bestEffort: boolean
  servfailStops: boolean
  comments: boolean
  stats: boolean
  question: boolean
  answer: boolean
  authority: boolean
  additional: boolean
  showQuery: boolean
  identify: boolean
  microseconds: boolean
  ttl: boolean
  ttlUnits: boolean
  classColumn: boolean
  multiline: boolean
  rrComments: -1 | 0 | 1
  expandAaaa: boolean
  /** The greeting that goes before this lookup's first answer. */
  greeting: string
}

export interface DigSettings {
  lookups: DigLookup[]
  shortForm: boolean
  yaml: boolean
  printCommand: boolean
  search: boolean
  showSearch: boolean
  ndots: number | undefined
  domain: string | undefined
  /** Seconds. */
  timeout: number
  port: number
  ipv4Only: boolean
  ipv6Only: boolean
  /** Warnings on stderr. */
  warnings: string
  /** What comes on stdout before all else. */
  notes: string
}

/** Ends the run before anything is sent. */
export interface DigExit {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export const DIG_VERSION = '9.18.49-1~deb12u3-Debian'

export function defaultLookup(): DigLookup {
  return {
    name: '.',
    type: 'A',
    typeSet: false,
    class: 'IN',
    classSet: false,
    tcp: false,
    tcpSet: false,
    ednsVersion: 0,
    udpSize: 1232,
    ednsFlags: 0,
    ednsNegotiation: true,
    ednsOptions: [],
    dnssec: false,
    sendCookie: true,
    cookie: undefined,
    nsid: false,
    expire: false,
    keepAlive: false,
    subnet: undefined,
    padding: 0,
    aaFlag: false,
    adFlag: true,
    cdFlag: false,
    raFlag: false,
    tcFlag: false,
    zFlag: false,
    recurse: true,
    opcode: 0,
    servers: [],
    serial: 0,
    unknownFormat: false,
    headerOnly: false,
    id: undefined,
    tries: undefined,
    ignoreTruncation: false,
    badCookie: true,
    bestEffort: true,
    servfailStops: true,
    comments: true,
    stats: true,
    question: true,
    answer: true,
    authority: true,
    additional: true,
    showQuery: false,
    identify: false,
    microseconds: false,
    ttl: true,
    ttlUnits: false,
    classColumn: true,
    multiline: false,
    rrComments: 0,
    expandAaaa: false,
    greeting: '',
  }
}

/** A lookup of its own with everything that holds so far. */
export function cloneLookup(lookup: DigLookup): DigLookup {
  return { ...lookup, ednsOptions: [...lookup.ednsOptions], servers: [...lookup.servers] }
}
