import { familyOf } from '../base/ip.ts'
import { serviceName } from '../base/portNames.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import { compareAddresses, compareVirtual, mergeSort } from './order.ts'
import { shownRates } from './statistics.ts'
import type { SimTime } from '../base/time.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { Ipvs } from './ipvs.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'

/** Which listing of `ipvsadm -L -n`. */
export type IpvsadmListing = 'servers' | 'stats' | 'rate' | 'persistent-conn' | 'thresholds'

const BANNER = 'IP Virtual Server version 1.2.1 (size=4096)'
const REMOTE = '  -> RemoteAddress:Port'

/** How a listing looks. */
export interface IpvsadmStyle {
  /** Without `-n`: ports by their names. */
  readonly names?: boolean
  /** `--exact`: large numbers in full. */
  readonly exact?: boolean
  /** `--nosort`. */
  readonly unsorted?: boolean
  /** `-t ADDRESS`: this virtual server alone, without the banner. */
  readonly only?: Readonly<VirtualServer>
}

/**
 * `ipvsadm -Ln`, with `--stats`, `--rate`, `--persistent-conn` or `--thresholds`. Source: ipvsadm 1.31. Differs:
 * `--nosort` lists virtual servers as they were made, not in the kernel's hash order.
 */
export function printIpvsadm(
  ipvs: Ipvs,
  now: SimTime,
  listing: IpvsadmListing = 'servers',
  style: IpvsadmStyle = {},
): string {
  ipvs.advance(now)
  const lines = style.only ? titles(listing) : [BANNER, ...titles(listing)]
  const all = ipvs.virtualServers()
  const shown = style.only ? [style.only] : style.unsorted ? all : mergeSort(all, compareVirtual)
  for (const virtual of shown) lines.push(...block(virtual, now, listing, style))
  return lines.map((line) => `${line}\n`).join('')
}

/** The lines of one virtual server. */
function block(virtual: Readonly<VirtualServer>, now: SimTime, listing: IpvsadmListing, style: IpvsadmStyle): string[] {
  const { protocol } = virtual
  const servers = style.unsorted
    ? virtual.servers
    : mergeSort(virtual.servers, (a, b) => compareAddresses(a.address, b.address))
  const isNumbers = listing === 'stats' || listing === 'rate'
  const address = endName(virtual.address, protocol, style)
  const head = isNumbers
    ? cut(`${protocol.padEnd(4)} ${address}`, 33, virtual) + numbers(virtual, now, listing, style)
    : serviceLine(virtual, address)
  return [
    head,
    ...servers.map((server) => {
      const name = `  -> ${cut(endName(server.address, protocol, style), 28, virtual)}`
      return isNumbers ? name + numbers(server, now, listing, style) : `${name} ${columns(server, listing)}`
    }),
  ]
}

/** `10.96.0.10:53`, or with the port's name where it has one. */
function endName(address: SocketAddress, protocol: string, { names = false }: IpvsadmStyle): string {
  const text = formatSocketAddress(address)
  const name = names ? serviceName(address.port, protocol) : undefined
  return name === undefined ? text : text.replace(/\d+$/, name)
}

/** IPv4 names are cut to the width of their column, IPv6 ones are not. */
function cut(text: string, width: number, virtual: Readonly<VirtualServer>): string {
  return familyOf(virtual.address.ip) === 'IPv4' ? text.slice(0, width).padEnd(width) : text.padEnd(width)
}

function serviceLine({ protocol, scheduler, flags, persistence }: Readonly<VirtualServer>, address: string): string {
  const shownFlags = flags.length > 0 ? ` (${flags.join(',')})` : ''
  const persistent = persistence > 0 ? ` persistent ${persistence}` : ''
  return `${protocol.padEnd(4)} ${address} ${scheduler}${shownFlags}${persistent}`
}

function titles(listing: IpvsadmListing): string[] {
  const address = 'Prot LocalAddress:Port'
  switch (listing) {
    case 'servers':
      return [`${address} Scheduler Flags`, `${REMOTE.padEnd(33)} Forward Weight ActiveConn InActConn`]
    case 'stats':
      return [address.padEnd(33) + right(['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes']), REMOTE]
    case 'rate':
      return [address.padEnd(33) + right(['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS']), REMOTE]
    case 'persistent-conn':
      return [`${address.padEnd(33)} Weight    PersistConn ActiveConn InActConn `, REMOTE]
    case 'thresholds':
      return [`${address.padEnd(33)} Uthreshold Lthreshold ActiveConn InActConn `, REMOTE]
  }
}

function right(words: readonly string[]): string {
  return words.map((word) => word.padStart(9)).join('')
}

function columns(server: RealServer, listing: IpvsadmListing): string {
  const pad = (value: number, width: number): string => String(value).padEnd(width)
  const counts = `${pad(server.active, 10)} ${pad(server.inactive, 10)}`
  if (listing === 'persistent-conn') {
    return `${pad(server.weight, 9)} ${pad(server.persistent, 11)} ${counts}`
  }
  if (listing === 'thresholds') return `${pad(0, 10)} ${pad(0, 10)} ${counts}`
  return `Masq    ${pad(server.weight, 6)} ${counts}`
}

function numbers(
  of: Pick<RealServer, 'counters'>,
  now: SimTime,
  listing: IpvsadmListing,
  { exact = false }: IpvsadmStyle,
): string {
  const shown = listing === 'rate' ? shownRates(of.counters, now) : of.counters
  return [shown.connections, shown.inPackets, shown.outPackets, shown.inBytes, shown.outBytes]
    .map((value) => (exact ? ` ${String(value).padStart(8)}` : big(value)))
    .join('')
}

/** Nine columns; large values in thousands (K), millions (M), ... */
function big(value: number): string {
  if (value < 100_000_000) return ` ${String(value).padStart(8)}`
  const units: [number, number, string][] = [
    [1e9, 1e3, 'K'],
    [1e11, 1e6, 'M'],
    [1e14, 1e9, 'G'],
    [Infinity, 1e12, 'T'],
  ]
  const unit = units.find(([limit]) => value < limit)
  return unit ? String(Math.floor(value / unit[1])).padStart(8) + unit[2] : ''
}

/** `ipvsadm -Lnc`. */
export function printIpvsConnections(ipvs: Ipvs, now: SimTime, style: IpvsadmStyle = {}): string {
  ipvs.advance(now)
  const lines = ['IPVS connection entries', 'pro expire state       source             virtual            destination']
  for (const connection of ipvs.connections()) {
    const seconds = Math.max(0, Math.floor((connection.expires - now) / 1000))
    const expire = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
    const [source, virtual, server] = [connection.client, connection.virtual, connection.server].map((end) =>
      endName(end, connection.protocol, style),
    )
    lines.push(
      [
        connection.protocol.slice(0, 3).padEnd(3),
        expire.padEnd(6),
        connection.state.padEnd(11),
        source?.padEnd(18),
        virtual?.padEnd(18),
        server,
      ].join(' '),
    )
  }
  return lines.map((line) => `${line}\n`).join('')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

const SERVICE_OPTIONS = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' } as const

/** `ipvsadm -Sn`: the commands that make the table again. */
export function printIpvsadmSave(ipvs: Ipvs, style: IpvsadmStyle = {}): string {
  const lines: string[] = []
  for (const virtual of mergeSort(ipvs.virtualServers(), compareVirtual)) {
    const service = `${SERVICE_OPTIONS[virtual.protocol]} ${endName(virtual.address, virtual.protocol, style)}`
    const persistent = virtual.persistence > 0 ? ` -p ${virtual.persistence}` : ''
    const flags = virtual.flags.length > 0 ? ` -b ${virtual.flags.join(',')}` : ''
    lines.push(`-A ${service} -s ${virtual.scheduler}${persistent}${flags}`)
    for (const server of mergeSort(virtual.servers, (a, b) => compareAddresses(a.address, b.address))) {
      const name = endName(server.address, virtual.protocol, style)
      lines.push(`-a ${service} -r ${name} -m -w ${server.weight}`)
    }
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** `ipvsadm -L --timeout`. */
export function printIpvsTimeouts(ipvs: Ipvs): string {
  const { tcp, tcpFin, udp } = ipvs.timeouts()
  return `Timeout (tcp tcpfin udp): ${tcp} ${tcpFin} ${udp}\n`
}
