import type { Pod } from '../api/types.ts'

/** What /etc/resolv.conf says. */
export interface ResolvConf {
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
  /** In order, `ndots:5`, `timeout:2`, `edns0`. */
  readonly options: readonly string[]
}

/** What the kubelet needs to write a pod's file. */
export interface KubeletDns {
  readonly clusterDomain: string
  /** kube-dns's cluster IPs. */
  readonly clusterDns: readonly string[]
  /** The node's own file. */
  readonly nodeResolvConf: ResolvConf
}

interface DnsConfig {
  readonly nameservers?: readonly string[]
  readonly searches?: readonly string[]
  readonly options?: readonly { readonly name: string; readonly value?: string }[]
}

const MAX_NAMESERVERS = 3
const MAX_SEARCH = 32

/** The file a pod gets by its dnsPolicy and dnsConfig. Source: kubernetes v1.35 pkg/kubelet/network/dns. */
export function resolvConfFor(pod: Pod, kubelet: KubeletDns): ResolvConf {
  const base = policyConf(pod, kubelet)
  const config = pod.spec['dnsConfig'] as DnsConfig | undefined
  if (!config) return base
  const added = (config.options ?? []).map((option) =>
    option.value === undefined ? option.name : `${option.name}:${option.value}`,
  )
  const replaced = new Set(added.map((option) => option.split(':')[0]))
  return {
    nameservers: unique([...base.nameservers, ...(config.nameservers ?? [])]).slice(0, MAX_NAMESERVERS),
    search: unique([...base.search, ...(config.searches ?? [])]).slice(0, MAX_SEARCH),
    options: [...base.options.filter((option) => !replaced.has(option.split(':')[0])), ...added],
  }
}

function policyConf(pod: Pod, kubelet: KubeletDns): ResolvConf {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { nameservers: [], search: [], options: [] }
  const usesNode = policy === 'Default' || (policy === 'ClusterFirst' && pod.spec.hostNetwork === true)
  if (usesNode) return kubelet.nodeResolvConf
  const { clusterDomain, clusterDns, nodeResolvConf } = kubelet
  const namespace = pod.metadata.namespace ?? 'default'
  return {
    nameservers: clusterDns.slice(0, MAX_NAMESERVERS),
    search: unique([
      `${namespace}.svc.${clusterDomain}`,
      `svc.${clusterDomain}`,
      clusterDomain,
      ...nodeResolvConf.search,
    ]).slice(0, MAX_SEARCH),
    options: ['ndots:5'],
  }
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)]
}

/** The file as containerd writes it. */
export function printResolvConf(conf: ResolvConf): string {
  const search = conf.search.length > 0 ? `search ${conf.search.join(' ')}\n` : ''
  const options = conf.options.length > 0 ? `options ${conf.options.join(' ')}\n` : ''
  return search + conf.nameservers.map((server) => `nameserver ${server}\n`).join('') + options
}

/** Reads a file; the last `search` or `domain` line holds. */
export function parseResolvConf(text: string): ResolvConf {
  let conf: ResolvConf = { nameservers: [], search: [], options: [] }
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver' && values[0] !== undefined) {
      conf = { ...conf, nameservers: [...conf.nameservers, values[0]].slice(0, MAX_NAMESERVERS) }
    } else if (keyword === 'search' || keyword === 'domain') {
      conf = { ...conf, search: values }
    } else if (keyword === 'options') {
      conf = { ...conf, options: [...conf.options, ...values] }
    }
  }
  return conf
}

/** The number after `name:` in the options, kept below `max`; `fallback` when it is not there. */
export function resolvOption(conf: ResolvConf, name: string, fallback: number, max: number): number {
  const option = conf.options.findLast((candidate) => candidate.startsWith(`${name}:`))
  const value = Number.parseInt(option?.slice(name.length + 1) ?? '', 10)
  return Number.isNaN(value) ? fallback : Math.min(value, max)
}
