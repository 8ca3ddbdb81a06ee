import type { TcpFlags } from '../packet/packet.ts'

/** conntrack's view of a TCP connection. `NONE` is the state before the first packet. */
export type TcpState =
  | 'NONE'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'SYN_SENT2'

const COLUMNS: readonly TcpState[] = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
]

/** `invalid`: ctstate INVALID, the entry is left as it is. `ignored`: let through, the entry is left as it is. */
export type TcpTransition = TcpState | 'invalid' | 'ignored'

type Kind = 'syn' | 'synAck' | 'fin' | 'ack' | 'rst'

const KINDS: Readonly<Record<TcpFlags, Kind>> = {
  SYN: 'syn',
  'SYN,ACK': 'synAck',
  ACK: 'ack',
  'PSH,ACK': 'ack',
  'FIN,ACK': 'fin',
  RST: 'rst',
  'RST,ACK': 'rst',
}

const SHORT: Readonly<Record<string, TcpTransition>> = {
  ss: 'SYN_SENT',
  sr: 'SYN_RECV',
  es: 'ESTABLISHED',
  fw: 'FIN_WAIT',
  cw: 'CLOSE_WAIT',
  la: 'LAST_ACK',
  tw: 'TIME_WAIT',
  cl: 'CLOSE',
  s2: 'SYN_SENT2',
  '--': 'invalid',
  '..': 'ignored',
}

/** Rows by packet, columns by the state before. Source: Linux net/netfilter/nf_conntrack_proto_tcp.c, tcp_conntracks. */
const ORIGINAL: Readonly<Record<Kind, readonly TcpTransition[]>> = {
  syn: row('ss ss .. .. .. .. .. ss ss s2'),
  synAck: row('-- -- sr -- -- -- -- -- -- sr'),
  fin: row('-- -- fw fw la la la tw cl --'),
  ack: row('es -- es es cw cw tw tw cl --'),
  rst: row('-- cl cl cl cl cl cl cl cl cl'),
}
const REPLY: Readonly<Record<Kind, readonly TcpTransition[]>> = {
  syn: row('-- s2 -- -- -- -- -- ss -- s2'),
  synAck: row('-- sr .. .. .. .. .. .. .. sr'),
  fin: row('-- -- fw fw la la la tw cl --'),
  ack: row('-- .. sr es cw cw tw tw cl ..'),
  rst: row('-- cl cl cl cl cl cl cl cl cl'),
}

function row(text: string): readonly TcpTransition[] {
  return text.split(' ').map((word) => SHORT[word] ?? 'invalid')
}

export function nextTcpState(state: TcpState, direction: 'original' | 'reply', flags: TcpFlags): TcpTransition {
  const table = direction === 'original' ? ORIGINAL : REPLY
  return table[KINDS[flags]][COLUMNS.indexOf(state)] ?? 'invalid'
}

export function isReset(flags: TcpFlags | undefined): boolean {
  return flags === 'RST' || flags === 'RST,ACK'
}

/** Seconds that an entry lives on after a packet. Source: nf_conntrack_proto_tcp.c; kube-proxy sets two of them. */
export interface TcpTimeouts {
  readonly established: number
  readonly closeWait: number
  /** 30 when absent. */
  readonly udp?: number
  /** Of a UDP flow with answers; 120 when absent. */
  readonly udpStream?: number
}

const TIMEOUTS: Readonly<Record<Exclude<TcpState, 'ESTABLISHED' | 'CLOSE_WAIT'>, number>> = {
  NONE: 300,
  SYN_SENT: 120,
  SYN_RECV: 60,
  FIN_WAIT: 120,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
}

export function tcpTimeout(state: TcpState, timeouts: TcpTimeouts): number {
  if (state === 'ESTABLISHED') return timeouts.established
  return state === 'CLOSE_WAIT' ? timeouts.closeWait : TIMEOUTS[state]
}
