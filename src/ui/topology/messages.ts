import type { ProxyMode } from '../../engine/index.ts'
import type { TopologyPod } from '../../view/topology.ts'

/** What the canvas says, drawn or spoken. */
export const topologyMessages = {
  canvas: 'Cluster: nodes, pods, and the kernels that packets pass. Arrow keys move, Enter inspects.',
  outside: 'OUTSIDE THE CLUSTER',
  otherNodes: 'OTHER NODES',
  userSpace: 'USER SPACE',
  kernel: 'KERNEL',
  lan: 'LAN',
  aRule: 'a rule, not a machine',
  sameRules: 'same rules on every node',
  sameServers: 'same on every node',
  handsOver: 'hands over to kube-proxy',
  picked: (name: string): string => `→ ${name}`,
  noEndpoints: 'no endpoints',
  others: (n: number): string => `+${n}`,
  othersName: (n: number): string =>
    n === 1 ? 'one more Service has rules here' : `${n} more Services have rules here`,
  moreDice: (n: number): string => `+${n}`,
  wroteRules: 'writes the rules',
  carries: 'carries bytes',
  process: 'process',
  processHint: (node: string): string => `of ${node} itself`,
  podCount: (n: number): string => (n === 1 ? '1 pod' : `${n} pods`),
  stack: (ready: number, all: number): string => (ready === all ? `${all} ready` : `${ready} of ${all} ready`),
  more: (n: number): string => `+${n} more`,
  moreNodes: (n: number): string => `+${n} nodes`,
  pending: (n: number): string => (n === 1 ? '1 pod waits for a node' : `${n} pods wait for a node`),
  empty: 'No nodes yet. The cluster is starting.',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Show the whole cluster',
  zoom: 'Zoom',
  states: {
    ready: 'ready',
    notReady: 'not ready',
    terminating: 'terminating',
    pending: 'pending',
  } satisfies Record<TopologyPod['state'], string>,
  names: {
    node: (name: string, ip: string, ready: boolean): string => `Node ${name}, ${ip}${ready ? '' : ', not ready'}`,
    pod: (pod: TopologyPod): string => `Pod ${pod.name}, ${pod.ip === '' ? 'no address' : pod.ip}, ${pod.state}`,
    stack: (group: string, n: number, node: string): string => `${n} pods of ${group} on ${node}`,
    process: (node: string): string => `Process on ${node}`,
    kubeProxy: (node: string, mode: ProxyMode): string =>
      `kube-proxy on ${node}, mode ${mode}: ${mode === 'userspace' ? 'packets pass through it' : 'it writes rules, packets do not pass it'}`,
    station: (node: string, station: string): string => `${station} of ${node}`,
    service: (name: string, address: string, node: string): string => `Service ${name}, ${address}: rules on ${node}`,
    outside: (name: string, ip: string): string => `Outside: ${name}, ${ip}`,
    packet: 'The packet: its newest event',
  },
} as const
