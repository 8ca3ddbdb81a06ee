/** DNS messages as values: what a resolver asks and a server answers. Names are absolute, with their trailing dot. */

export interface Question {
  readonly name: string
  /** Canonical mnemonic: `A`, `SRV`, `TYPE65280`. */
  readonly type: string
  /** `IN`, `CH`, ... */
  readonly class: string
}

export type RecordData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly target: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | {
      readonly type: 'SOA'
      readonly mname: string
      readonly rname: string
      readonly serial: number
      readonly refresh: number
      readonly retry: number
      readonly expire: number
      readonly minimum: number
    }

/** A resource record of class IN. */
export type ResourceRecord = RecordData & {
  readonly name: string
  /** Seconds. */
  readonly ttl: number
}

export type Rcode =
  | 'NOERROR'
  | 'FORMERR'
  | 'SERVFAIL'
  | 'NXDOMAIN'
  | 'NOTIMP'
  | 'REFUSED'
  | 'YXDOMAIN'
  | 'YXRRSET'
  | 'NXRRSET'
  | 'NOTAUTH'
  | 'NOTZONE'
  | 'BADVERS'

export const RCODE_NUMBERS: Readonly<Record<Rcode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
}

export type Opcode = 'QUERY' | 'IQUERY' | 'STATUS' | 'NOTIFY' | 'UPDATE' | `RESERVED${number}`

export interface EdnsOption {
  readonly code: number
  /** Hex digits, two an octet. */
  readonly data: string
}

/** The OPT pseudo-record (EDNS(0), RFC 6891). */
export interface Edns {
  readonly version: number
  readonly udpSize: number
  readonly dnssecOk: boolean
  /** The other 15 flag bits. */
  readonly flags: number
  readonly options: readonly EdnsOption[]
}

export interface DnsMessage {
  readonly id: number
  readonly opcode: Opcode
  /** qr */
  readonly response: boolean
  /** aa */
  readonly authoritative: boolean
  /** tc */
  readonly truncated: boolean
  /** rd */
  readonly recursionDesired: boolean
  /** ra */
  readonly recursionAvailable: boolean
  /** ad */
  readonly authenticData: boolean
  /** cd */
  readonly checkingDisabled: boolean
  readonly rcode: Rcode
  readonly question: readonly Question[]
  readonly answer: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  /** Without the OPT record, which stands in `edns`. */
  readonly additional: readonly ResourceRecord[]
  readonly edns?: Edns
  /** Whether names are compressed on the wire. */
  readonly compress?: boolean
}

export const NO_EDNS_UDP_SIZE = 512

/** A recursive query for one question, without EDNS. */
export function queryMessage(id: number, question: Question): DnsMessage {
  return {
    id,
    opcode: 'QUERY',
    response: false,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 'NOERROR',
    question: [question],
    answer: [],
    authority: [],
    additional: [],
  }
}

/** An empty reply to `query`: same id and question, of ordinary queries also rd and cd. */
export function replyTo(query: DnsMessage, rcode: Rcode): DnsMessage {
  return {
    id: query.id,
    opcode: query.opcode,
    response: true,
    authoritative: false,
    truncated: false,
    recursionDesired: query.opcode === 'QUERY' && query.recursionDesired,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: query.opcode === 'QUERY' && query.checkingDisabled,
    rcode,
    question: query.question,
    answer: [],
    authority: [],
    additional: [],
  }
}

/** `message` without its OPT record. */
export function withoutEdns(message: DnsMessage): DnsMessage {
  const copy: { -readonly [K in keyof DnsMessage]: DnsMessage[K] } = { ...message }
  delete copy.edns
  return copy
}
