import { cidrOrUndefined } from '../base/cidr.ts'
import { ipOrUndefined } from '../base/ip.ts'
import { durationSeconds } from './duration.ts'
import type { Cidr } from '../base/cidr.ts'
import type { ConntrackTimeouts, ProxyConfig, ProxyMode } from './types.ts'

/** A KubeProxyConfiguration as parsed from YAML: anything may be missing or of a wrong type. */
export type RawProxyConfig = Readonly<Record<string, unknown>>

export interface ConfigOverrides {
  readonly mode?: ProxyMode
  readonly nodeName?: string
  readonly serviceCidrs?: readonly Cidr[]
  /** Kernel facts; both have defaults: counters are there, tcp_be_liberal is off. */
  readonly nfacct?: boolean
  readonly conntrackTcpBeLiberal?: boolean
}

const isRecord = (value: unknown): value is RawProxyConfig =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object at `key`; an empty one when there is none. */
export function section(raw: RawProxyConfig, key: string): RawProxyConfig {
  const value = raw[key]
  return isRecord(value) ? value : {}
}

export function textAt(raw: RawProxyConfig, key: string): string {
  const value = raw[key]
  return typeof value === 'string' ? value : ''
}

export function numberAt(raw: RawProxyConfig, key: string): number | undefined {
  const value = raw[key]
  return typeof value === 'number' ? value : undefined
}

export function booleanAt(raw: RawProxyConfig, key: string): boolean | undefined {
  const value = raw[key]
  return typeof value === 'boolean' ? value : undefined
}

/** null in a list is the empty text, as Go reads it. */
export function textsAt(raw: RawProxyConfig, key: string): readonly string[] {
  const value = raw[key]
  if (!Array.isArray(value)) return []
  return value.map((item: unknown) => item ?? '').filter((item): item is string => typeof item === 'string')
}

/** What the field means for Linux: '' and unknown texts are iptables (validation refuses the unknown ones first). */
export function modeOf(raw: RawProxyConfig): ProxyMode {
  const mode = textAt(raw, 'mode')
  return mode === 'ipvs' || mode === 'nftables' || mode === 'userspace' ? mode : 'iptables'
}

const DETECT_MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'] as const

/**
 * Applies the defaults of `kubeproxy.config.k8s.io/v1alpha1`; zero values (as kubeadm writes them) count as unset.
 * Bad values are left to `validateProxyConfig`. Source: pkg/proxy/apis/config/v1alpha1/defaults.go.
 */
export function parseProxyConfig(raw: RawProxyConfig, overrides: ConfigOverrides = {}): ProxyConfig {
  const mode = overrides.mode ?? modeOf(raw)
  const iptables = section(raw, 'iptables')
  const ipvs = section(raw, 'ipvs')
  // ipvs reads the masquerade fields of iptables; userspace only the periods.
  const masquerade = section(raw, mode === 'nftables' ? 'nftables' : 'iptables')
  const periods = section(raw, mode === 'userspace' ? 'iptables' : mode)
  const detectLocal = section(raw, 'detectLocal')
  const bindAddress = ipOrUndefined(textAt(raw, 'bindAddress'))
  return {
    mode,
    nodeName: overrides.nodeName ?? textAt(raw, 'hostnameOverride').trim().toLowerCase(),
    clusterCidrs: cidrs(textAt(raw, 'clusterCIDR').split(',')),
    detectLocalMode: DETECT_MODES.find((name) => name === textAt(raw, 'detectLocalMode')) ?? 'ClusterCIDR',
    bridgeInterface: textAt(detectLocal, 'bridgeInterface'),
    interfaceNamePrefix: textAt(detectLocal, 'interfaceNamePrefix'),
    nodePortAddresses: textsAt(raw, 'nodePortAddresses'),
    ...(bindAddress !== undefined && bindAddress !== '0.0.0.0' && bindAddress !== '::' && { bindAddress }),
    masqueradeAll: booleanAt(masquerade, 'masqueradeAll') ?? false,
    masqueradeBit: numberAt(masquerade, 'masqueradeBit') ?? 14,
    localhostNodePorts: booleanAt(iptables, 'localhostNodePorts') ?? true,
    ipvsScheduler: textAt(ipvs, 'scheduler') || 'rr',
    strictARP: booleanAt(ipvs, 'strictARP') ?? false,
    excludeCidrs: cidrs(textsAt(ipvs, 'excludeCIDRs')),
    syncPeriod: positive(periods, 'syncPeriod') ?? 30,
    minSyncPeriod: positive(periods, 'minSyncPeriod') ?? (mode === 'ipvs' ? 0 : 1),
    nfacct: overrides.nfacct ?? true,
    conntrackTcpBeLiberal:
      overrides.conntrackTcpBeLiberal ?? booleanAt(section(raw, 'conntrack'), 'tcpBeLiberal') ?? false,
    conntrackTimeouts: conntrackTimeouts(section(raw, 'conntrack')),
    ipvsTimeouts: {
      tcp: positive(ipvs, 'tcpTimeout') ?? 0,
      tcpFin: positive(ipvs, 'tcpFinTimeout') ?? 0,
      udp: positive(ipvs, 'udpTimeout') ?? 0,
    },
    schedulerGiven: textAt(ipvs, 'scheduler') !== '',
    serviceCidrs: overrides.serviceCidrs ?? cidrs(['10.96.0.0/12', 'fd00:10:96::/112']),
  }
}

function cidrs(texts: readonly string[]): Cidr[] {
  return texts.flatMap((text) => cidrOrUndefined(text.trim()) ?? [])
}

/** null means a day and an hour; zero leaves the kernel alone. */
function conntrackTimeouts(raw: RawProxyConfig): ConntrackTimeouts {
  const seconds = (key: string, unset: number): number | undefined =>
    raw[key] === undefined || raw[key] === null ? unset : positive(raw, key)
  const all = {
    tcpEstablished: seconds('tcpEstablishedTimeout', 86_400),
    tcpCloseWait: seconds('tcpCloseWaitTimeout', 3600),
    udp: positive(raw, 'udpTimeout'),
    udpStream: positive(raw, 'udpStreamTimeout'),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** Seconds; nothing for zero, which means the default. */
function positive(raw: RawProxyConfig, key: string): number | undefined {
  return durationSeconds(raw[key]) || undefined
}
