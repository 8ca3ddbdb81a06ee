import type { SocketAddress } from '../packet/packet.ts'

export type IpvsProtocol = 'TCP' | 'UDP' | 'SCTP'

export type Scheduler =
  'rr' | 'wrr' | 'lc' | 'wlc' | 'lblc' | 'lblcr' | 'sh' | 'dh' | 'sed' | 'nq' | 'mh' | 'fo' | 'ovf'

/** `ipvsadm -b`: what the hash schedulers take beyond the client's address, and whether they look further. */
export type SchedulerFlag = 'sh-port' | 'sh-fallback' | 'mh-port' | 'mh-fallback'

/** A virtual server as kube-proxy wants it. */
export interface VirtualServerSpec {
  readonly protocol: IpvsProtocol
  readonly address: SocketAddress
  readonly scheduler: string
  /** Absent: as kube-proxy has it, `mh-port` with mh, else none. */
  readonly schedulerFlags?: readonly SchedulerFlag[]
  /** Seconds; 0 = not persistent. */
  readonly persistence: number
  /** In the order in which kube-proxy adds them (the kernel puts each at the head of its list). */
  readonly realServers: readonly RealServerSpec[]
}

export interface RealServerSpec {
  readonly address: SocketAddress
  /** >= 0; kube-proxy writes 1, and 0 while a server terminates. */
  readonly weight: number
}

export type IpsetType = 'hash:ip,port' | 'hash:ip,port,ip' | 'hash:ip,port,net' | 'hash:ip' | 'bitmap:port'

export interface IpsetSpec {
  readonly name: string
  readonly type: IpsetType
  readonly family: 'IPv4' | 'IPv6'
  /** As `ipset list` prints members: `10.98.98.98,tcp:80`, `30080`. */
  readonly entries: readonly string[]
}
