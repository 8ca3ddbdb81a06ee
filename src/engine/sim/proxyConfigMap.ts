import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import type { DecodeInput } from '../proxy/decodeConfig.ts'
import type { ProxyMode } from '../proxy/types.ts'

/** A YAML document as read. */
export type YamlText = Pick<DecodeInput, 'value' | 'repeated'>

/** Reads one YAML document. The error is the reader's own: `yaml: line 3: mapping values are not allowed in this context`. */
export type ReadYaml = (text: string) => Result<YamlText, string>

/** The KubeProxyConfiguration of a text. The engine has no YAML reader of its own: it knows only texts that it wrote itself. */
export interface ConfigTexts {
  /** Writes `config` as YAML, and remembers what it says. */
  readonly write: (config: RawProxyConfig) => string
  /** Puts another `mode` into a text and leaves the rest of it alone. */
  readonly withMode: (text: string, mode: ProxyMode) => string
  readonly read: ReadYaml
}

export function createConfigTexts(readYaml: ReadYaml | undefined): ConfigTexts {
  const written = new Map<string, RawProxyConfig>()
  const read: ReadYaml = (text) => {
    const known = written.get(text)
    if (known) return ok({ value: known })
    return readYaml ? readYaml(text) : err('yaml: there is nobody here who reads YAML')
  }
  return {
    write: (config) => {
      const text = yamlOf(config, '')
      written.set(text, config)
      return text
    },
    withMode: (text, mode) => {
      const line = `mode: ${mode}`
      const next = /^mode:.*$/m.test(text) ? text.replace(/^mode:.*$/m, line) : `${text.replace(/\n?$/, '\n')}${line}\n`
      const known = written.get(text)
      if (known) written.set(next, { ...known, mode })
      return next
    },
    read,
  }
}

/** KubeProxyConfiguration as kubeadm writes it: zero values nearly everywhere, which kube-proxy replaces with its defaults. */
export function kubeadmProxyConfig(clusterCidr: string): RawProxyConfig {
  const periods = { minSyncPeriod: '0s', syncPeriod: '0s' }
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    bindAddress: '0.0.0.0',
    bindAddressHardFail: false,
    clientConnection: {
      acceptContentTypes: '',
      burst: 0,
      contentType: '',
      kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf',
      qps: 0,
    },
    clusterCIDR: clusterCidr,
    configSyncPeriod: '0s',
    conntrack: {
      maxPerCore: null,
      min: null,
      tcpBeLiberal: false,
      tcpCloseWaitTimeout: null,
      tcpEstablishedTimeout: null,
      udpStreamTimeout: '0s',
      udpTimeout: '0s',
    },
    detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
    detectLocalMode: '',
    enableProfiling: false,
    healthzBindAddress: '',
    hostnameOverride: '',
    iptables: { localhostNodePorts: null, masqueradeAll: false, masqueradeBit: null, ...periods },
    ipvs: {
      excludeCIDRs: null,
      minSyncPeriod: '0s',
      scheduler: '',
      strictARP: false,
      syncPeriod: '0s',
      tcpFinTimeout: '0s',
      tcpTimeout: '0s',
      udpTimeout: '0s',
    },
    kind: 'KubeProxyConfiguration',
    logging: {
      flushFrequency: 0,
      options: { json: { infoBufferSize: '0' }, text: { infoBufferSize: '0' } },
      verbosity: 0,
    },
    metricsBindAddress: '',
    mode: '',
    nftables: { masqueradeAll: false, masqueradeBit: null, ...periods },
    nodePortAddresses: null,
    oomScoreAdj: null,
    portRange: '',
    showHiddenMetricsForVersion: '',
    winkernel: {
      enableDSR: false,
      forwardHealthCheckVip: false,
      networkName: '',
      rootHnsEndpointName: '',
      sourceVip: '',
    },
  }
}

/** How kube-proxy's pods reach the API server. Source: kubeadm's proxy addon manifests. */
export function proxyKubeconfig(server: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    server: https://${server}:6443
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
`
}

/** Block YAML of plain values, as far as a configuration has them. */
function yamlOf(value: RawProxyConfig, indent: string): string {
  let text = ''
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    if (Array.isArray(item) && item.length > 0 && item.every((one) => typeof one !== 'object')) {
      text += `${indent}${key}:\n${item.map((one) => `${indent}- ${scalar(one)}\n`).join('')}`
    } else if (isFilled(item)) text += `${indent}${key}:\n${yamlOf(item, `${indent}  `)}`
    else text += `${indent}${key}: ${scalar(item)}\n`
  }
  return text
}

function isFilled(value: unknown): value is RawProxyConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
}

/** Texts that no YAML reader takes for something else stand bare; JSON, which is YAML, for the rest. */
function scalar(value: unknown): string {
  const bare =
    typeof value === 'string' &&
    /^[A-Za-z0-9/][\w./:,-]*$/.test(value) &&
    !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value) &&
    !/^[\d:]+$|^[\d_]*\.?\d*(e\d+)?$|^0[xo]|:$/i.test(value)
  return bare ? value : JSON.stringify(value)
}
