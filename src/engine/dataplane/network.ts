import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { Protocol } from '../packet/packet.ts'

/** The machines and wires, as `cni` builds them from Nodes and Pods: plain data. `oracle`-tested network of design/cli.md. */
export interface NetworkSpec {
  readonly nodes: readonly NodeSpec[]
  readonly pods: readonly PodSpec[]
  /** Machines on the nodes' LAN that are not in the cluster, e.g. 172.16.210.100. */
  readonly outsideHosts: readonly OutsideHostSpec[]
  /** The LAN; its first address is the router, which forwards nowhere (blackhole default). */
  readonly lan: Cidr
  /** All pod CIDRs of the cluster: flannel's `10.244.0.0/16`. */
  readonly clusterCidrs: readonly Cidr[]
  /** A firewall before the nodes: ports that machines outside cannot reach on them. Absent: all are open. */
  readonly closedPorts?: readonly ClosedPort[]
}

export interface ClosedPort {
  readonly protocol: Protocol
  readonly port: number
}

export interface NodeSpec {
  readonly name: string
  /** On eth0; first IPv4 and first IPv6 are the node's InternalIPs. */
  readonly addresses: readonly Ip[]
  /** Pod CIDRs; `cni0` has the first address of each. */
  readonly podCidrs: readonly Cidr[]
  readonly sysctls: NodeSysctls
  /** Whether flannel's FLANNEL-POSTRTG rules are in nat POSTROUTING. */
  readonly cniMasquerade: boolean
  /** Bridge ports send frames back to where they came from. */
  readonly hairpinMode: boolean
}

export interface NodeSysctls {
  readonly ipForward: boolean
  readonly bridgeNfCallIptables: boolean
  readonly routeLocalnet: boolean
  readonly rpFilter: boolean
  /** Answers ARP only for addresses of the asked interface: kube-proxy sets it with strictARP. */
  readonly arpIgnore?: boolean
}

export interface PodSpec {
  readonly namespace: string
  readonly name: string
  readonly node: string
  /** Own addresses; those of the node when hostNetwork. */
  readonly ips: readonly Ip[]
  readonly hostNetwork: boolean
  readonly listeners: readonly Listener[]
}

/** A socket that a workload listens on. */
export interface Listener {
  readonly protocol: Exclude<Protocol, 'ICMP'>
  readonly port: number
  /** `any` = 0.0.0.0 / [::]; `loopback` = 127.0.0.1 only. */
  readonly address: 'any' | 'loopback'
  /** What it answers; text may use no randomness. */
  readonly app: AppBehaviour
}

export type AppBehaviour =
  /** Serves files: path -> body. Unknown path: 404. */
  | { readonly type: 'http'; readonly server: string; readonly files: Readonly<Record<string, string>> }
  /** agnhost netexec: /hostname, /clientip, / (time) ...; UDP `hostname`, `clientip`. */
  | { readonly type: 'netexec'; readonly hostname: string }
  /** Sends back what it gets. */
  | { readonly type: 'echo' }
  /** Accepts and answers one line. */
  | { readonly type: 'tcp'; readonly banner: string }
  /** A web site outside: serves names, whatever its address. */
  | { readonly type: 'site'; readonly hosts: readonly string[]; readonly body: string }
  | { readonly type: 'dns' }
  /** gRPC over plain HTTP/2, with the health service. */
  | { readonly type: 'grpc' }
  /** Answers each path with its page, other paths with `other` or 404. `{now}` in a body is the time of the answer. */
  | {
      readonly type: 'pages'
      readonly pages: Readonly<Record<string, FixedPage>>
      readonly other?: FixedPage
    }

export interface FixedPage {
  readonly status: 200 | 404 | 503
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface OutsideHostSpec {
  readonly name: string
  readonly address: Ip
  readonly listeners?: readonly Listener[]
  /** Not on the LAN but somewhere behind its router. */
  readonly beyondRouter?: boolean
  /** A load balancer: the router sends it what is for these addresses. */
  readonly balances?: readonly BalancedPort[]
}

/** One port of an address that a load balancer holds. */
export interface BalancedPort {
  readonly ip: Ip
  readonly protocol: Protocol
  readonly port: number
  /** `namespace/name` */
  readonly service: string
  /** Nodes that pass its health check. */
  readonly targets: readonly { readonly node: string; readonly ip: Ip }[]
  /** What it asks the nodes: `kube-proxy /healthz` or the Service's own health check port. */
  readonly check: string
}
