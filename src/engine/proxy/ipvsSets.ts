import type { IpFamily } from '../base/ip.ts'
import type { IpsetSpec, IpsetType } from '../ipvs/model.ts'

/** The 17 ipsets of ipvs mode by their IPv4 name, with the comment that iptables rules about them carry. */
export const IPVS_SETS = {
  'KUBE-LOOP-BACK': ['hash:ip,port,ip', 'Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose'],
  'KUBE-CLUSTER-IP': ['hash:ip,port', 'Kubernetes service cluster ip + port for masquerade purpose'],
  'KUBE-EXTERNAL-IP': ['hash:ip,port', 'Kubernetes service external ip + port for masquerade and filter purpose'],
  'KUBE-EXTERNAL-IP-LOCAL': ['hash:ip,port', 'Kubernetes service external ip + port with externalTrafficPolicy=local'],
  'KUBE-LOAD-BALANCER': ['hash:ip,port', 'Kubernetes service lb portal'],
  'KUBE-LOAD-BALANCER-FW': [
    'hash:ip,port',
    'Kubernetes service load balancer ip + port for load balancer with sourceRange',
  ],
  'KUBE-LOAD-BALANCER-LOCAL': [
    'hash:ip,port',
    'Kubernetes service load balancer ip + port with externalTrafficPolicy=local',
  ],
  'KUBE-LOAD-BALANCER-SOURCE-IP': [
    'hash:ip,port,ip',
    'Kubernetes service load balancer ip + port + source IP for packet filter purpose',
  ],
  'KUBE-LOAD-BALANCER-SOURCE-CIDR': [
    'hash:ip,port,net',
    'Kubernetes service load balancer ip + port + source cidr for packet filter purpose',
  ],
  'KUBE-NODE-PORT-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port for masquerade purpose'],
  'KUBE-NODE-PORT-LOCAL-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port with externalTrafficPolicy=local'],
  'KUBE-NODE-PORT-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port for masquerade purpose'],
  'KUBE-NODE-PORT-LOCAL-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port with externalTrafficPolicy=local'],
  'KUBE-NODE-PORT-SCTP-HASH': [
    'hash:ip,port',
    "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'",
  ],
  'KUBE-NODE-PORT-LOCAL-SCTP-HASH': [
    'hash:ip,port',
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
  ],
  'KUBE-HEALTH-CHECK-NODE-PORT': ['bitmap:port', 'Kubernetes health check node port'],
  'KUBE-IPVS-IPS': ['hash:ip', 'Addresses on the ipvs interface'],
} as const satisfies Readonly<Record<string, readonly [IpsetType, string]>>

export type IpvsSetName = keyof typeof IPVS_SETS

const NAMES = Object.keys(IPVS_SETS) as readonly IpvsSetName[]

/** The set's name in the kernel: IPv6 sets have `6-` in it and are cut to 31 characters. */
export function kernelSetName(name: IpvsSetName, family: IpFamily): string {
  return family === 'IPv4' ? name : name.replace('KUBE-', 'KUBE-6-').slice(0, 31)
}

/** Entries collected during one sync. */
export interface SetEntries {
  readonly add: (name: IpvsSetName, entry: string) => void
  readonly isEmpty: (name: IpvsSetName) => boolean
  readonly specs: () => readonly IpsetSpec[]
}

export function createSetEntries(family: IpFamily): SetEntries {
  const entries = new Map(NAMES.map((name) => [name, new Set<string>()]))
  return {
    add: (name, entry) => {
      entries.get(name)?.add(entry)
    },
    isEmpty: (name) => (entries.get(name)?.size ?? 0) === 0,
    specs: () =>
      NAMES.map((name) => ({
        name: kernelSetName(name, family),
        type: IPVS_SETS[name][0],
        family,
        entries: listEntries(IPVS_SETS[name][0], entries.get(name) ?? []),
      })),
  }
}

/** Bitmaps list their members in order; hashes have none, so the order of adding stays. */
function listEntries(type: IpsetType, entries: Iterable<string>): readonly string[] {
  return type === 'bitmap:port' ? [...entries].sort((a, b) => Number(a) - Number(b)) : [...entries]
}
