import type { Packet } from '../packet/packet.ts'

/** A state as `ipvsadm -Lnc` prints it. */
export type ConnectionStateName =
  | 'NONE'
  | 'ESTABLISHED'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'FIN_WAIT'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'LISTEN'
  | 'SYNACK'
  | 'UDP'
  | 'INIT1'
  | 'ASSURED'

type TcpState = Exclude<ConnectionStateName, 'UDP' | 'INIT1' | 'ASSURED'>

/** What `ipvsadm --set TCP TCPFIN UDP` changes; seconds. */
export interface Timeouts {
  readonly tcp: number
  readonly tcpFin: number
  readonly udp: number
}

export const DEFAULT_TIMEOUTS: Timeouts = { tcp: 900, tcpFin: 120, udp: 300 }

const TCP_SECONDS: Readonly<Record<TcpState, number>> = {
  NONE: 2,
  ESTABLISHED: 900,
  SYN_SENT: 120,
  SYN_RECV: 60,
  FIN_WAIT: 120,
  TIME_WAIT: 120,
  CLOSE: 10,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  LISTEN: 120,
  SYNACK: 120,
}

const SHORT: Readonly<Record<string, TcpState>> = {
  NO: 'NONE',
  ES: 'ESTABLISHED',
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  FW: 'FIN_WAIT',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  LI: 'LISTEN',
  SA: 'SYNACK',
}
const ORDER = Object.values(SHORT)

/** The next state by the old one (columns as in `ORDER`), one row each for SYN, FIN, ACK, RST. Source: ip_vs_proto_tcp.c. */
const FROM_CLIENT = [
  'SR ES ES SR SR SR SR SR SR SR SR',
  'CL CW SS TW TW TW CL CW LA LI TW',
  'ES ES SS ES FW TW CL CW CL LI ES',
  'CL CL CL SR CL CL CL CL LA LI SR',
].map(row)
const FROM_SERVER = [
  'SS ES SS SR SS SS SS SS SS LI SR',
  'TW FW SS TW FW TW CL TW LA LI TW',
  'ES ES SS ES FW TW CL CW LA ES ES',
  'CL CL SS CL CL TW CL CL CL CL CL',
].map(row)

function row(text: string): ReadonlyMap<ConnectionStateName, TcpState> {
  return new Map(text.split(' ').map((short, i) => [ORDER[i] ?? 'NONE', SHORT[short] ?? 'NONE']))
}

/** The state of a connection before its first packet is looked at. */
export function firstState(protocol: Packet['protocol']): ConnectionStateName {
  return protocol === 'UDP' ? 'UDP' : 'NONE'
}

/**
 * The state after `packet`. TCP as in the kernel. Differs: SCTP is INIT1 until the server answers, then ESTABLISHED
 * (packets carry no chunk types).
 */
export function nextState(
  state: ConnectionStateName,
  packet: Packet,
  direction: 'fromClient' | 'fromServer',
): ConnectionStateName {
  if (packet.protocol === 'UDP') return 'UDP'
  if (packet.protocol !== 'TCP') return direction === 'fromServer' ? 'ESTABLISHED' : state === 'NONE' ? 'INIT1' : state
  const rows = direction === 'fromClient' ? FROM_CLIENT : FROM_SERVER
  return rows[flagRow(packet)]?.get(state) ?? state
}

function flagRow(packet: Packet): number {
  const flags = packet.flags ?? 'ACK'
  if (flags.startsWith('RST')) return 3
  if (flags.startsWith('SYN')) return 0
  return flags.startsWith('FIN') ? 1 : 2
}

/** Whether a connection in this state counts as ActiveConn. */
export function isActive(protocol: string, state: ConnectionStateName): boolean {
  if (state === 'ESTABLISHED') return true
  return protocol === 'TCP' && (state === 'SYN_SENT' || state === 'SYN_RECV' || state === 'SYNACK')
}

/** How long a connection in this state lives without a packet; seconds. */
export function stateSeconds(protocol: string, state: ConnectionStateName, timeouts: Timeouts): number {
  if (protocol === 'UDP') return timeouts.udp
  if (protocol === 'SCTP') return state === 'ESTABLISHED' ? 900 : 60
  if (state === 'ESTABLISHED') return timeouts.tcp
  if (state === 'FIN_WAIT') return timeouts.tcpFin
  return TCP_SECONDS[state as TcpState]
}
