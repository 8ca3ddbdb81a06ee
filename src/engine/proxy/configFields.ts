/** What a field of the configuration holds: `duration?` may be null. */
export type ConfigField =
  'string' | 'bool' | 'int32' | 'float32' | 'uint32' | 'duration' | 'duration?' | 'seconds' | '[]string' | ConfigStruct

/** A Go struct or, without `fields`, a map from text to bool. */
export interface ConfigStruct {
  /** As Go's JSON reader prints the type. */
  readonly type: string
  readonly fields?: Readonly<Record<string, ConfigField>>
  readonly list?: ConfigStruct
  /** Types that print under a name of their own. */
  readonly named?: Readonly<Record<string, string>>
}

const api = 'v1alpha1'
const periods = { syncPeriod: 'duration', minSyncPeriod: 'duration' } as const
const masquerade = { masqueradeBit: 'int32', masqueradeAll: 'bool' } as const

const logOptions = (type: string): ConfigStruct => ({ type, fields: { splitStream: 'bool', infoBufferSize: 'string' } })
const verbosity = { verbosity: 'v1.VerbosityLevel' }

const logging: ConfigStruct = {
  type: 'v1.LoggingConfiguration',
  named: verbosity,
  fields: {
    format: 'string',
    flushFrequency: 'seconds',
    verbosity: 'uint32',
    vmodule: {
      type: 'v1.VModuleConfiguration',
      list: { type: 'v1.VModuleItem', named: verbosity, fields: { filePattern: 'string', verbosity: 'uint32' } },
    },
    options: {
      type: 'v1.FormatOptions',
      fields: { text: logOptions('v1.TextOptions'), json: logOptions('v1.JSONOptions') },
    },
  },
}

/** The fields of `kubeproxy.config.k8s.io/v1alpha1`. Source: k8s.io/kube-proxy/config/v1alpha1/types.go (v0.35). */
export const KUBE_PROXY_CONFIGURATION: ConfigStruct = {
  type: `${api}.KubeProxyConfiguration`,
  named: { mode: `${api}.ProxyMode`, detectLocalMode: `${api}.LocalMode` },
  fields: {
    kind: 'string',
    apiVersion: 'string',
    featureGates: { type: 'map[string]bool' },
    clientConnection: {
      type: `${api}.ClientConnectionConfiguration`,
      fields: {
        kubeconfig: 'string',
        acceptContentTypes: 'string',
        contentType: 'string',
        qps: 'float32',
        burst: 'int32',
      },
    },
    logging,
    hostnameOverride: 'string',
    bindAddress: 'string',
    healthzBindAddress: 'string',
    metricsBindAddress: 'string',
    bindAddressHardFail: 'bool',
    enableProfiling: 'bool',
    showHiddenMetricsForVersion: 'string',
    mode: 'string',
    iptables: {
      type: `${api}.KubeProxyIPTablesConfiguration`,
      fields: { ...masquerade, localhostNodePorts: 'bool', ...periods },
    },
    ipvs: {
      type: `${api}.KubeProxyIPVSConfiguration`,
      fields: {
        ...periods,
        scheduler: 'string',
        excludeCIDRs: '[]string',
        strictARP: 'bool',
        tcpTimeout: 'duration',
        tcpFinTimeout: 'duration',
        udpTimeout: 'duration',
      },
    },
    nftables: { type: `${api}.KubeProxyNFTablesConfiguration`, fields: { ...masquerade, ...periods } },
    winkernel: {
      type: `${api}.KubeProxyWinkernelConfiguration`,
      fields: {
        networkName: 'string',
        sourceVip: 'string',
        enableDSR: 'bool',
        rootHnsEndpointName: 'string',
        forwardHealthCheckVip: 'bool',
      },
    },
    detectLocalMode: 'string',
    detectLocal: {
      type: `${api}.DetectLocalConfiguration`,
      fields: { bridgeInterface: 'string', interfaceNamePrefix: 'string' },
    },
    clusterCIDR: 'string',
    nodePortAddresses: '[]string',
    oomScoreAdj: 'int32',
    conntrack: {
      type: `${api}.KubeProxyConntrackConfiguration`,
      fields: {
        maxPerCore: 'int32',
        min: 'int32',
        tcpEstablishedTimeout: 'duration?',
        tcpCloseWaitTimeout: 'duration?',
        tcpBeLiberal: 'bool',
        udpTimeout: 'duration',
        udpStreamTimeout: 'duration',
      },
    },
    configSyncPeriod: 'duration',
    portRange: 'string',
    windowsRunAsService: 'bool',
  },
}
