import type { Cidr } from '../base/cidr.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { IpsetSpec, VirtualServerSpec } from '../ipvs/model.ts'
import type { NftTable } from '../nftables/table.ts'

export type ProxyMode = 'iptables' | 'ipvs' | 'nftables' | 'userspace'

/** What kube-proxy takes from a KubeProxyConfiguration, defaults applied (spec D2). */
export interface ProxyConfig {
  readonly mode: ProxyMode
  readonly nodeName: string
  /** As given; the detector uses the first of the family. */
  readonly clusterCidrs: readonly Cidr[]
  readonly detectLocalMode: 'ClusterCIDR' | 'NodeCIDR' | 'BridgeInterface' | 'InterfaceNamePrefix'
  readonly bridgeInterface: string
  readonly interfaceNamePrefix: string
  /** CIDRs as text, or exactly ['primary']; empty = mode's default. */
  readonly nodePortAddresses: readonly string[]
  /** Stands for the node's address of its family; absent: the Node says. */
  readonly bindAddress?: Ip
  readonly masqueradeAll: boolean
  /** 0..31 */
  readonly masqueradeBit: number
  readonly localhostNodePorts: boolean
  readonly ipvsScheduler: string
  readonly strictARP: boolean
  readonly excludeCidrs: readonly Cidr[]
  /** Seconds. */
  readonly syncPeriod: number
  readonly minSyncPeriod: number
  /** Kernel facts of the node. */
  readonly nfacct: boolean
  readonly conntrackTcpBeLiberal: boolean
  readonly serviceCidrs: readonly Cidr[]
  /** Seconds, for the kernel; absent: its value stays as it is. */
  readonly conntrackTimeouts?: ConntrackTimeouts
  readonly ipvsTimeouts?: Readonly<Record<'tcp' | 'tcpFin' | 'udp', number>>
  /** Whether the configuration names a scheduler; absent or false: kube-proxy says which one it takes. */
  readonly schedulerGiven?: boolean
  /** ipvs mode: whether its MASQUERADE rule says `--random-fully`. Absent: yes. */
  readonly ipvsRandomFully?: boolean
}

export interface ConntrackTimeouts {
  readonly tcpEstablished?: number
  readonly tcpCloseWait?: number
  readonly udp?: number
  readonly udpStream?: number
}

/** The node that kube-proxy runs on. */
export interface ProxyNode {
  readonly name: string
  /** `topology.kubernetes.io/zone`. */
  readonly zone?: string
  readonly podCidrs: readonly Cidr[]
  /** The primary node IP of each family. */
  readonly nodeIps: Readonly<Partial<Record<IpFamily, Ip>>>
  /** Every address on every interface but kube-ipvs0, loopback included: name, address. */
  readonly interfaceAddresses: readonly { readonly interface: string; readonly ip: Ip }[]
  /** Kernel modules that cannot be loaded there (`ip_vs_rr`), and the minor release of kube-proxy that finds it out. */
  readonly missingModules?: readonly string[]
  readonly release?: number
}

/** A jump rule that a full sync ensures, in ensure order: `-I CHAIN ARGS` when `-C` fails; `append` for userspace's NodePort jumps. */
export interface EnsuredJump {
  readonly table: 'nat' | 'filter' | 'mangle'
  /** The chain that must exist first. */
  readonly chain: string
  readonly from: string
  /** Arguments after `-I FROM`, e.g. `-m comment --comment "kubernetes service portals" -j KUBE-SERVICES`. */
  readonly args: string
  readonly append?: boolean
}

/** What one sync of kube-proxy for one family does to its node's kernel, in this order. */
export interface SyncOutput {
  readonly mode: ProxyMode
  readonly family: IpFamily
  readonly full: boolean
  /** Empty in a partial sync. */
  readonly ensure: readonly EnsuredJump[]
  /** Text for `iptables-restore --noflush --counters`. Absent in nftables mode. */
  readonly restore?: string
  readonly ipvs?: IpvsState
  readonly nft?: NftTable
  readonly userspace?: UserspaceState
  /** UDP conntrack entries to delete: by original destination or NodePort, and reply source (spec 6.7). */
  readonly staleUdp: readonly { readonly destination?: Ip; readonly nodePort?: number; readonly endpoint: Ip }[]
  /** The rule behind `staleUdp`: absent when this sync does not clean UDP conntrack entries. */
  readonly udpCleanup?: UdpCleanup
}

/**
 * Which UDP conntrack entries may stay: those to a known address (or NodePort) whose reply source is one of its serving
 * endpoints. Others to a known address are deleted; entries to unknown ones are left alone (spec 6.7).
 */
export interface UdpCleanup {
  readonly addresses: ReadonlyMap<Ip, ReadonlySet<Ip>>
  readonly nodePorts: ReadonlyMap<number, ReadonlySet<Ip>>
}

export interface IpvsState {
  readonly virtualServers: readonly VirtualServerSpec[]
  readonly ipsets: readonly IpsetSpec[]
  /** Addresses to be bound to kube-ipvs0, in order of addition. */
  readonly kubeIpvs0: readonly Ip[]
}

/** Userspace mode: one listening socket per service port and its balancer's endpoints. */
export interface UserspaceState {
  readonly portals: readonly UserspacePortal[]
}

export interface UserspacePortal {
  /** `ns/name:port`. */
  readonly service: string
  readonly protocol: 'TCP' | 'UDP'
  readonly proxyPort: number
  /** `ip:port`, in the balancer's order. */
  readonly endpoints: readonly { readonly ip: Ip; readonly port: number }[]
  /** Seconds; 0 = no affinity. */
  readonly affinitySeconds: number
}
