import { cidrOrUndefined, familyOfCidr } from '../base/cidr.ts'
import { ipOrUndefined } from '../base/ip.ts'
import { formatFieldError, invalid, notSupported } from '../api/fieldError.ts'
import { modeOf, numberAt, section, textAt, textsAt } from './config.ts'
import { durationSeconds, formatDuration } from './duration.ts'
import type { FieldError } from '../api/fieldError.ts'
import type { RawProxyConfig } from './config.ts'

const ROOT = 'KubeProxyConfiguration'
const NOT_NEGATIVE = 'must be greater than or equal to 0'
const MODES = ['iptables', 'ipvs', 'nftables', 'userspace']
const LOCAL_MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix', '']

/**
 * What kube-proxy finds wrong with its configuration, after defaults; with any fault it exits and the old rules stay.
 * Source: pkg/proxy/apis/config/validation (v1.35). Differs: `userspace` is allowed, it stands for kube-proxy v1.25.
 */
export function validateProxyConfig(raw: RawProxyConfig): readonly FieldError[] {
  const mode = modeOf(raw)
  return [
    ...masqueradeBit(section(raw, 'iptables'), `${ROOT}.KubeProxyIPTablesConfiguration`),
    ...(mode === 'ipvs' ? ipvsFaults(section(raw, 'ipvs'), `${ROOT}.KubeProxyIPVSConfiguration`) : []),
    ...(mode === 'nftables' ? masqueradeBit(section(raw, 'nftables'), `${ROOT}.KubeProxyNFTablesConfiguration`) : []),
    ...linuxFaults(raw, `${ROOT}.KubeProxyLinuxConfiguration`),
    ...modeFaults(textAt(raw, 'mode')),
    ...atLeastZero(section(raw, 'clientConnection'), 'burst', `${ROOT}.ClientConnection.Burst`),
    ...periodFaults(raw),
    ...addressFaults(raw),
    ...nodePortFaults(textsAt(raw, 'nodePortAddresses'), `${ROOT}.NodePortAddresses`),
    ...hiddenMetricsFaults(textAt(raw, 'showHiddenMetricsForVersion')),
    ...detectLocalFaults(raw),
  ]
}

/** The line that kube-proxy's log ends with, without klog's header. Nothing when there are no faults. */
export function configFailure(faults: readonly FieldError[]): string | undefined {
  const all = aggregate(faults)
  return all === undefined ? undefined : `"command failed" err=${JSON.stringify(`failed validate: ${all}`)}`
}

/** All faults in one text, each text once, as Go's aggregate of errors prints. */
export function aggregate(faults: readonly FieldError[]): string | undefined {
  const texts = [...new Set(faults.map(formatFieldError))]
  return texts.length > 1 ? `[${texts.join(', ')}]` : texts[0]
}

function hiddenMetricsFaults(version: string): FieldError[] {
  if (version === '' || version === '1.34') return []
  const detail =
    "--show-hidden-metrics-for-version must be omitted or have the value '1.34'. Only the previous minor version is allowed"
  return [invalid(`${ROOT}.ShowHiddenMetricsForVersion`, version, detail)]
}

function masqueradeBit(raw: RawProxyConfig, path: string): FieldError[] {
  const bit = numberAt(raw, 'masqueradeBit')
  return bit !== undefined && (bit < 0 || bit > 31)
    ? [invalid(`${path}.MasqueradeBit`, bit, 'must be within the range [0, 31]')]
    : []
}

function atLeastZero(raw: RawProxyConfig, key: string, path: string): FieldError[] {
  const value = numberAt(raw, key)
  return value !== undefined && value < 0 ? [invalid(path, value, NOT_NEGATIVE)] : []
}

/** A duration that may not be negative. */
function timeoutFault(raw: RawProxyConfig, key: string, path: string): FieldError[] {
  const seconds = durationSeconds(raw[key])
  return seconds < 0 ? [invalid(path, formatDuration(seconds), NOT_NEGATIVE)] : []
}

function ipvsFaults(ipvs: RawProxyConfig, path: string): FieldError[] {
  return [
    ...timeoutFault(ipvs, 'tcpTimeout', `${path}.TCPTimeout`),
    ...timeoutFault(ipvs, 'tcpFinTimeout', `${path}.TCPFinTimeout`),
    ...timeoutFault(ipvs, 'udpTimeout', `${path}.UDPTimeout`),
    ...textsAt(ipvs, 'excludeCIDRs').flatMap((text, i) =>
      cidrOrUndefined(text) ? [] : [invalid(`${path}.ExcludeCidrs[${i}]`, text, 'must be a valid CIDR')],
    ),
  ]
}

function linuxFaults(raw: RawProxyConfig, path: string): FieldError[] {
  const conntrack = section(raw, 'conntrack')
  const own = `${path}.KubeProxyConntrackConfiguration`
  const score = numberAt(raw, 'oomScoreAdj')
  return [
    ...atLeastZero(conntrack, 'maxPerCore', `${own}.MaxPerCore`),
    ...atLeastZero(conntrack, 'min', `${own}.Min`),
    ...timeoutFault(conntrack, 'tcpEstablishedTimeout', `${own}.TCPEstablishedTimeout`),
    ...timeoutFault(conntrack, 'tcpCloseWaitTimeout', `${own}.TCPCloseWaitTimeout`),
    ...timeoutFault(conntrack, 'udpTimeout', `${own}.UDPTimeout`),
    ...timeoutFault(conntrack, 'udpStreamTimeout', `${own}.UDPStreamTimeout`),
    ...(score !== undefined && (score < -1000 || score > 1000)
      ? [invalid(`${path}.OOMScoreAdj`, score, 'must be within the range [-1000, 1000]')]
      : []),
  ]
}

function modeFaults(mode: string): FieldError[] {
  if (mode === '' || MODES.includes(mode)) return []
  const detail = 'must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])'
  return [invalid(`${ROOT}.Mode.ProxyMode`, mode, detail)]
}

/** The periods are those of the section of the active mode; zero is the default. */
function periodFaults(raw: RawProxyConfig): FieldError[] {
  const mode = modeOf(raw)
  const own = section(raw, mode === 'userspace' ? 'iptables' : mode)
  const config = durationSeconds(raw['configSyncPeriod']) || 900
  const sync = durationSeconds(own['syncPeriod']) || 30
  const min = durationSeconds(own['minSyncPeriod']) || (mode === 'ipvs' ? 0 : 1)
  const faults: FieldError[] = []
  if (config < 0) faults.push(invalid(`${ROOT}.ConfigSyncPeriod`, formatDuration(config), 'must be greater than 0'))
  if (sync < 0) faults.push(invalid(`${ROOT}.SyncPeriod`, formatDuration(sync), 'must be greater than 0'))
  if (min < 0) faults.push(invalid(`${ROOT}.MinSyncPeriod`, formatDuration(min), NOT_NEGATIVE))
  if (min > sync) {
    const detail = `must be greater than or equal to ${ROOT}.MinSyncPeriod`
    faults.push(invalid(`${ROOT}.SyncPeriod`, formatDuration(min), detail))
  }
  return faults
}

function addressFaults(raw: RawProxyConfig): FieldError[] {
  const bind = textAt(raw, 'bindAddress')
  const faults: FieldError[] = []
  if (bind !== '' && !ipOrUndefined(bind)) {
    faults.push(invalid(`${ROOT}.BindAddress`, bind, 'not a valid textual representation of an IP address'))
  }
  faults.push(...hostPortFaults(textAt(raw, 'healthzBindAddress'), `${ROOT}.HealthzBindAddress`))
  faults.push(...hostPortFaults(textAt(raw, 'metricsBindAddress'), `${ROOT}.MetricsBindAddress`))
  return faults
}

/** Empty: the default. A lone address gets the default port. */
function hostPortFaults(text: string, path: string): FieldError[] {
  if (text === '' || ipOrUndefined(text)) return []
  const parts = splitHostPort(text)
  if (!parts) return [invalid(path, text, 'must be IP:port')]
  const { host, port } = parts
  return [
    ...(ipOrUndefined(host) ? [] : [invalid(path, host, 'must be a valid IP')]),
    ...(/^[-+]?\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535
      ? []
      : [invalid(path, port, 'must be a valid port')]),
  ]
}

/** Source: Go's net.SplitHostPort: brackets around what has colons, and none elsewhere. */
function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const parts = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text)
  return parts ? { host: parts[1] ?? parts[2] ?? '', port: parts[3] ?? '' } : undefined
}

function nodePortFaults(texts: readonly string[], path: string): FieldError[] {
  const faults: FieldError[] = []
  for (const [i, text] of texts.entries()) {
    if (text === 'primary') {
      if (texts.length !== 1) faults.push(invalid(`${path}[${i}]`, text, "can't use both 'primary' and CIDRs"))
      break
    }
    if (!cidrOrUndefined(text)) faults.push(invalid(`${path}[${i}]`, text, 'must be a valid CIDR'))
  }
  return faults
}

function detectLocalFaults(raw: RawProxyConfig): FieldError[] {
  const mode = textAt(raw, 'detectLocalMode')
  if (!LOCAL_MODES.includes(mode)) return [notSupported(`${ROOT}.DetectLocalMode`, mode, LOCAL_MODES)]
  const own = section(raw, 'detectLocal')
  const path = `${ROOT}.DetectLocalConfiguration`
  if (mode === 'BridgeInterface') return emptyFault(textAt(own, 'bridgeInterface'), `${path}.InterfaceName`)
  if (mode === 'InterfaceNamePrefix') return emptyFault(textAt(own, 'interfaceNamePrefix'), `${path}.InterfacePrefix`)
  if (mode === 'NodeCIDR' || textAt(raw, 'clusterCIDR') === '') return []
  return clusterCidrFaults(textAt(raw, 'clusterCIDR').split(','), `${path}.ClusterCIDRs`)
}

function emptyFault(text: string, path: string): FieldError[] {
  return text === '' ? [invalid(path, text, 'must not be empty')] : []
}

const PAIR = 'must be a either a single CIDR or dual-stack pair of CIDRs (e.g. [10.100.0.0/16, fde4:8dba:82e1::/48]'

function clusterCidrFaults(texts: readonly string[], path: string): FieldError[] {
  if (texts.length > 2) return [invalid(path, texts, PAIR)]
  const cidrs = texts.map((text) => cidrOrUndefined(text))
  const faults = texts.flatMap((text, i) =>
    cidrs[i]
      ? []
      : [invalid(`${path}[${i}]`, text, 'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)')],
  )
  const [a, b] = cidrs
  if (a && b && familyOfCidr(a) === familyOfCidr(b)) faults.push(invalid(path, texts, PAIR))
  return faults
}
