import type { Hook, NamespaceId } from '../engine/index.ts'
import { shortPodName } from './podName.ts'

/** Where in a namespace a packet can stand. A node has all of them (as its mode uses them), other namespaces only `self`. */
export type Station = Hook | 'self' | 'cni0' | 'eth0' | 'route' | 'service' | 'ipvs' | 'kubeProxy' | 'process'

/** One point of a packet's way. `pod` names the host-network pod whose socket it is, where the namespace is a node's. */
export interface Place {
  readonly at: NamespaceId
  readonly station: Station
  readonly pod?: string
}

/** The machine outside that every lab has. */
export const LAPTOP = { id: 'host/172.16.210.100', ip: '172.16.210.100', name: 'laptop' } as const

/** The cloud's load balancer; the addresses that it holds are others. */
export const LOAD_BALANCER = { id: 'host/172.16.210.3', ip: '172.16.210.3', name: 'load balancer' } as const

/** The machines' own name server: where CoreDNS forwards what is not of the cluster. */
export const NAME_SERVER = { id: 'host/172.16.210.2', ip: '172.16.210.2', name: 'name server' } as const

/** What lies beyond the LAN's router; a site on a trace's way stands in its place. */
export const INTERNET = { id: 'host/internet', name: 'internet' } as const

/** Before the nodes, seen from outside. */
export const FIREWALL = { id: 'host/firewall', name: 'firewall' } as const

/** Machines outside that a lab may show, by address. */
export const OUTSIDE_NAMES: ReadonlyMap<string, string> = new Map([
  [LAPTOP.ip, LAPTOP.name],
  [NAME_SERVER.ip, NAME_SERVER.name],
  [LOAD_BALANCER.ip, LOAD_BALANCER.name],
])

export function samePlace(a: Place, b: Place): boolean {
  return a.at === b.at && a.station === b.station && a.pod === b.pod
}

/** `node02` of `node/node02`; undefined for other namespaces. */
export function nodeNameOf(at: NamespaceId): string | undefined {
  return at.startsWith('node/') ? at.slice('node/'.length) : undefined
}

/** The short name a reader would use: `client` of `pod/dev/client`, `node02`, `172.16.210.100`, `the LAN's router`. */
export function shortNameOf(at: NamespaceId): string {
  if (at === 'lan') return 'LAN router'
  if (at.startsWith('host/')) return OUTSIDE_NAMES.get(at.slice('host/'.length)) ?? at.slice('host/'.length)
  const name = at.slice(at.lastIndexOf('/') + 1)
  return at.startsWith('pod/') ? shortPodName(name) : name
}
