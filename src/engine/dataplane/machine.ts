import type { AppBehaviour, BalancedPort, Listener, NodeSysctls } from './network.ts'
import type { IpvsHooks, NftHooks, SetMembership } from './hookPipeline.ts'
import type { UserspaceProxy } from './userspaceProxy.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { Conntrack } from '../conntrack/conntrack.ts'
import type { MatchState } from '../netfilter/matchState.ts'
import type { Tables } from '../netfilter/rule.ts'
import type { RoutingTable } from '../routing/routingTable.ts'
import type { NamespaceId } from '../trace/event.ts'

/** One network namespace: a node, a pod, a machine outside, or the LAN's router. */
export interface Machine {
  readonly id: NamespaceId
  readonly kind: 'node' | 'pod' | 'host' | 'lan'
  /** `dev/web-1`, `node02`, `172.16.210.100`, `router`. */
  readonly name: string
  routing: RoutingTable
  /** How its processes are called in a trace. */
  readonly process: string
  /** Workloads that listen here; on a node those of its hostNetwork pods. */
  services: readonly Service[]
  /** Pods: the node whose bridge the pod hangs on, and the port's name there. */
  readonly attachment?: { readonly node: Node; readonly port: string }
  /** Load balancers only: what comes for these addresses is passed on. */
  readonly balances?: readonly BalancedPort[]
  /** Nodes only. */
  readonly kernel?: NodeKernel
}

/** A node: the only kind of machine that has netfilter and a bridge. */
export interface Node extends Machine {
  readonly kind: 'node'
  readonly kernel: NodeKernel
  /** Pods on the bridge `cni0`, by address. */
  podsByIp: ReadonlyMap<Ip, Machine>
  hairpinMode: boolean
}

/** A socket that a pod listens on. */
export interface Service {
  readonly listener: Listener
  readonly app: AppBehaviour
  /** `namespace/name` of the pod. */
  readonly pod: string
  /** The pod's addresses: how a server is named whatever address was asked. */
  readonly ips: readonly Ip[]
}

/** What a node's kernel holds. Tables, IPVS and so on outlive changes of the network. */
export interface NodeKernel {
  readonly name: string
  readonly tables: Readonly<Record<IpFamily, Tables>>
  readonly conntrack: Conntrack
  readonly matchState: MatchState
  sysctls: NodeSysctls
  /** What somebody typed: outlives changes of the network. */
  typedSysctls?: Partial<NodeSysctls>
  /** Plugged in by whoever runs kube-proxy; undefined: that part of the kernel is unused. */
  nft: NftHooks | undefined
  ipvs: IpvsHooks | undefined
  sets: SetMembership | undefined
  /** Addresses on the dummy interface kube-ipvs0. Changing them changes the routing. */
  readonly kubeIpvs0: readonly Ip[]
  readonly setKubeIpvs0: (ips: readonly Ip[]) => void
  readonly userspace: UserspaceProxy
  /** Work that waits until a packet comes or somebody looks into the kernel: kube-proxy's first sync. It takes itself away. */
  beforeUse: (() => void) | undefined
}

export function isNode(machine: Machine): machine is Node {
  return machine.kind === 'node'
}
