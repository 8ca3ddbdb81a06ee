import { describe, expect, it } from 'vitest'
import { parseProxyConfig } from './config.ts'
import { durationSeconds, formatDuration } from './duration.ts'
import { configFailure, validateProxyConfig } from './validateConfig.ts'
import { formatFieldError } from '../api/fieldError.ts'
import type { RawProxyConfig } from './config.ts'

/** What kubeadm writes: zero values. */
const kubeadm: RawProxyConfig = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  bindAddress: '0.0.0.0',
  clientConnection: { burst: 0, kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf', qps: 0 },
  clusterCIDR: '10.244.0.0/16',
  configSyncPeriod: '0s',
  conntrack: { maxPerCore: null, min: null, tcpBeLiberal: false, tcpEstablishedTimeout: null, udpTimeout: '0s' },
  detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
  detectLocalMode: '',
  healthzBindAddress: '',
  hostnameOverride: '',
  iptables: {
    localhostNodePorts: null,
    masqueradeAll: false,
    masqueradeBit: null,
    minSyncPeriod: '0s',
    syncPeriod: '0s',
  },
  ipvs: {
    excludeCIDRs: null,
    minSyncPeriod: '0s',
    scheduler: '',
    strictARP: false,
    syncPeriod: '0s',
    tcpTimeout: '0s',
  },
  kind: 'KubeProxyConfiguration',
  metricsBindAddress: '',
  mode: '',
  nftables: { masqueradeAll: false, masqueradeBit: null, minSyncPeriod: '0s', syncPeriod: '0s' },
  nodePortAddresses: null,
  oomScoreAdj: null,
}

describe('defaults', () => {
  it('takes zero values as unset', () => {
    expect(parseProxyConfig(kubeadm, { nodeName: 'node01' })).toEqual({
      conntrackTimeouts: { tcpEstablished: 86_400, tcpCloseWait: 3600 },
      ipvsTimeouts: { tcp: 0, tcpFin: 0, udp: 0 },
      schedulerGiven: false,
      mode: 'iptables',
      nodeName: 'node01',
      clusterCidrs: ['10.244.0.0/16'],
      detectLocalMode: 'ClusterCIDR',
      bridgeInterface: '',
      interfaceNamePrefix: '',
      nodePortAddresses: [],
      masqueradeAll: false,
      masqueradeBit: 14,
      localhostNodePorts: true,
      ipvsScheduler: 'rr',
      strictARP: false,
      excludeCidrs: [],
      syncPeriod: 30,
      minSyncPeriod: 1,
      nfacct: true,
      conntrackTcpBeLiberal: false,
      serviceCidrs: ['10.96.0.0/12', 'fd00:10:96::/112'],
    })
    expect(validateProxyConfig(kubeadm)).toEqual([])
  })

  it.each<[string, RawProxyConfig, object]>([
    [
      'ipvs reads the masquerade fields of iptables',
      { mode: 'ipvs', iptables: { masqueradeAll: true, masqueradeBit: 15 } },
      { masqueradeAll: true, masqueradeBit: 15, minSyncPeriod: 0 },
    ],
    [
      'nftables reads its own',
      { mode: 'nftables', iptables: { masqueradeAll: true }, nftables: { masqueradeBit: 3 } },
      { masqueradeAll: false, masqueradeBit: 3 },
    ],
    ['bit 0 is a bit', { iptables: { masqueradeBit: 0 } }, { masqueradeBit: 0 }],
    ['periods', { iptables: { syncPeriod: '1m30s', minSyncPeriod: '500ms' } }, { syncPeriod: 90, minSyncPeriod: 0.5 }],
    ['a pair of CIDRs', { clusterCIDR: '10.244.0.0/16, fd00::/56' }, { clusterCidrs: ['10.244.0.0/16', 'fd00::/56'] }],
    ['the name of the node', { hostnameOverride: ' Node02 ' }, { nodeName: 'node02' }],
  ])('%s', (_, raw, want) => {
    expect(parseProxyConfig(raw)).toMatchObject(want)
  })
})

describe('validation', () => {
  it.each<[RawProxyConfig, string]>([
    [
      { mode: 'ebpf' },
      'KubeProxyConfiguration.Mode.ProxyMode: Invalid value: "ebpf": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
    ],
    [
      { iptables: { masqueradeBit: 32 } },
      'KubeProxyConfiguration.KubeProxyIPTablesConfiguration.MasqueradeBit: Invalid value: 32: must be within the range [0, 31]',
    ],
    [
      { mode: 'nftables', nftables: { masqueradeBit: -1 } },
      'KubeProxyConfiguration.KubeProxyNFTablesConfiguration.MasqueradeBit: Invalid value: -1: must be within the range [0, 31]',
    ],
    [
      { iptables: { syncPeriod: '1s', minSyncPeriod: '2s' } },
      'KubeProxyConfiguration.SyncPeriod: Invalid value: "2s": must be greater than or equal to KubeProxyConfiguration.MinSyncPeriod',
    ],
    [
      { iptables: { syncPeriod: '-5s', minSyncPeriod: '-9s' } },
      'KubeProxyConfiguration.SyncPeriod: Invalid value: "-5s": must be greater than 0',
    ],
    [
      { nodePortAddresses: ['primary', '10.0.0.0/8'] },
      "KubeProxyConfiguration.NodePortAddresses[0]: Invalid value: \"primary\": can't use both 'primary' and CIDRs",
    ],
    [
      { nodePortAddresses: ['127.0.0.1/32', 'primary'] },
      "KubeProxyConfiguration.NodePortAddresses[1]: Invalid value: \"primary\": can't use both 'primary' and CIDRs",
    ],
    [
      { nodePortAddresses: ['10.20.30.40'] },
      'KubeProxyConfiguration.NodePortAddresses[0]: Invalid value: "10.20.30.40": must be a valid CIDR',
    ],
    [
      { clusterCIDR: '10.244.0.0' },
      'KubeProxyConfiguration.DetectLocalConfiguration.ClusterCIDRs[0]: Invalid value: "10.244.0.0": must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
    ],
    [
      { clusterCIDR: '10.0.0.0/8,11.0.0.0/8' },
      'KubeProxyConfiguration.DetectLocalConfiguration.ClusterCIDRs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: must be a either a single CIDR or dual-stack pair of CIDRs (e.g. [10.100.0.0/16, fde4:8dba:82e1::/48]',
    ],
    [
      { detectLocalMode: 'Guess' },
      'KubeProxyConfiguration.DetectLocalMode: Unsupported value: "Guess": supported values: "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix", ""',
    ],
    [
      { detectLocalMode: 'BridgeInterface' },
      'KubeProxyConfiguration.DetectLocalConfiguration.InterfaceName: Invalid value: "": must not be empty',
    ],
    [
      { detectLocalMode: 'InterfaceNamePrefix' },
      'KubeProxyConfiguration.DetectLocalConfiguration.InterfacePrefix: Invalid value: "": must not be empty',
    ],
    [
      { mode: 'ipvs', ipvs: { tcpTimeout: '-1s' } },
      'KubeProxyConfiguration.KubeProxyIPVSConfiguration.TCPTimeout: Invalid value: "-1s": must be greater than or equal to 0',
    ],
    [
      { mode: 'ipvs', ipvs: { excludeCIDRs: ['x'] } },
      'KubeProxyConfiguration.KubeProxyIPVSConfiguration.ExcludeCidrs[0]: Invalid value: "x": must be a valid CIDR',
    ],
    [
      { conntrack: { min: -1 } },
      'KubeProxyConfiguration.KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.Min: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      { oomScoreAdj: 1001 },
      'KubeProxyConfiguration.KubeProxyLinuxConfiguration.OOMScoreAdj: Invalid value: 1001: must be within the range [-1000, 1000]',
    ],
    [
      { bindAddress: 'here' },
      'KubeProxyConfiguration.BindAddress: Invalid value: "here": not a valid textual representation of an IP address',
    ],
    [
      { metricsBindAddress: '127.0.0.1:0' },
      'KubeProxyConfiguration.MetricsBindAddress: Invalid value: "0": must be a valid port',
    ],
    [
      { healthzBindAddress: 'localhost:10256' },
      'KubeProxyConfiguration.HealthzBindAddress: Invalid value: "localhost": must be a valid IP',
    ],
  ])('%j', (raw, message) => {
    expect(formatFieldError(validateProxyConfig(raw)[0] ?? { field: 'none', type: 'Forbidden', detail: '' })).toBe(
      message,
    )
  })

  it('ends the log with all faults', () => {
    expect(configFailure([])).toBeUndefined()
    expect(configFailure(validateProxyConfig({ mode: 'x', oomScoreAdj: -1001 }))).toMatch(
      /^"command failed" err="failed validate: \[KubeProxyConfiguration\..*, KubeProxyConfiguration\.Mode\.ProxyMode: .*\]"$/,
    )
  })
})

it.each([
  ['1h2m3.5s', 3723.5],
  ['250ms', 0.25],
  ['0', 0],
  [null, 0],
  ['-1s', -1],
  ['5', NaN],
  [5, NaN],
])('the duration %j is %d s', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds)
})

it.each([
  [3723.5, '1h2m3.5s'],
  [90, '1m30s'],
  [0.25, '250ms'],
  [0, '0s'],
  [-1, '-1s'],
])('%d s print as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})
