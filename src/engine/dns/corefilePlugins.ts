import { err, ok } from '../base/result.ts'
import { fqdn } from './name.ts'
import { parseStrictIp } from './strictIp.ts'
import { parseRewrite } from './rewrite.ts'
import type { RewriteRule } from './rewrite.ts'
import type { Directive } from './corefileTokens.ts'
import type { Result } from '../base/result.ts'

export interface KubernetesConfig {
  /** Lower case, absolute; the first that is not a reverse zone is the cluster domain. */
  readonly zones: readonly string[]
  /** Seconds. */
  readonly ttl: number
  readonly pods: 'disabled' | 'insecure' | 'verified'
  /** Names in these zones go on to the next plugin when they do not exist. */
  readonly fallthrough: readonly string[]
  /** Only these Namespaces are served; empty: all. */
  readonly namespaces: readonly string[]
  readonly endpointPodNames: boolean
  readonly ignoreEmptyService: boolean
  /** The plugin does not watch endpoints. */
  readonly noEndpoints: boolean
  /** Only objects with these labels are served; as written. */
  readonly labels?: string
}

export interface ForwardConfig {
  readonly from: string
  /** As written: addresses, or a file such as `/etc/resolv.conf`. */
  readonly to: readonly string[]
  readonly except: readonly string[]
}

/** Seconds throughout. */
export interface CacheConfig {
  readonly zones: readonly string[]
  readonly maxTtl: number
  readonly minTtl: number
  readonly maxDenialTtl: number
  readonly minDenialTtl: number
  readonly failTtl: number
  /** Answers for names in these zones are not kept. */
  readonly disableSuccess: readonly string[]
  readonly disableDenial: readonly string[]
  /** Hits carry the TTL as it was stored. */
  readonly keepTtl: boolean
}

export interface HostsConfig {
  readonly zones: readonly string[]
  readonly ttl: number
  readonly reverse: boolean
  readonly fallthrough: readonly string[]
  readonly entries: readonly { readonly address: string; readonly names: readonly string[] }[]
}

interface Plugins {
  readonly loadBalance: boolean
  /** `minimal`: no authority, no additional records where there is an answer. */
  readonly minimal: boolean
  /** `bind`: CoreDNS does not know its own addresses then. */
  readonly bound: boolean
  readonly rewrites: readonly RewriteRule[]
  readonly cache?: CacheConfig
  readonly hosts?: HostsConfig
  readonly kubernetes?: KubernetesConfig
  readonly forwards: readonly ForwardConfig[]
  readonly others: readonly string[]
}

const DEFAULT_KUBERNETES_TTL = 5
const DEFAULT_HOSTS_TTL = 3600
const MAX_TTL = 3600
const MAX_DENIAL_TTL = 1800
const MIN_TTL = 5

/** Reads the directives of one server block. Error: CoreDNS's own words with the line. */
export function parsePlugins(
  directives: readonly Directive[],
  serverZones: readonly string[],
): Result<Plugins, string> {
  let plugins: Plugins = { loadBalance: false, minimal: false, bound: false, rewrites: [], forwards: [], others: [] }
  for (const directive of directives) {
    const name = directive.words[0] ?? ''
    switch (name) {
      case 'kubernetes': {
        const parsed = parseKubernetes(directive, serverZones)
        if (!parsed.ok) return parsed
        plugins = { ...plugins, kubernetes: parsed.value }
        break
      }
      case 'forward': {
        const parsed = parseForward(directive)
        if (!parsed.ok) return parsed
        plugins = { ...plugins, forwards: [...plugins.forwards, parsed.value] }
        break
      }
      case 'cache': {
        const parsed = parseCache(directive, serverZones)
        if (!parsed.ok) return parsed
        plugins = { ...plugins, cache: parsed.value }
        break
      }
      case 'hosts':
        plugins = { ...plugins, hosts: parseHosts(directive, serverZones) }
        break
      case 'minimal':
        plugins = { ...plugins, minimal: true }
        break
      case 'bind':
        plugins = { ...plugins, bound: true }
        break
      case 'rewrite': {
        const rule = parseRewrite([...directive.words.slice(1), ...directive.block.flat()])
        if (!rule.ok) return err(`plugin/rewrite: ${rule.error}`)
        plugins = { ...plugins, rewrites: [...plugins.rewrites, rule.value] }
        break
      }
      case 'loadbalance':
        plugins = { ...plugins, loadBalance: true }
        break
      default:
        if (!PLUGINS.has(name)) {
          return err(`/etc/coredns/Corefile:${directive.line} - Error during parsing: Unknown directive '${name}'`)
        }
        plugins = { ...plugins, others: [...plugins.others, name] }
    }
  }
  return ok(plugins)
}

/** `at`: which line of the block is wrong; the directive itself when absent. */
function fault(directive: Directive, detail: string, at?: number): Result<never, string> {
  const line = (at === undefined ? undefined : directive.blockLines[at]) ?? directive.line
  return plain(directive, `/etc/coredns/Corefile:${line} - Error during parsing: ${detail}`)
}

/** A fault that CoreDNS reports without a line. */
function plain(directive: Directive, detail: string): Result<never, string> {
  return err(`plugin/${directive.words[0] ?? ''}: ${detail}`)
}

/** Caddy's words for arguments that are missing or too many; `after` is the last word that was read. */
function argument(directive: Directive, after: string, at?: number): Result<never, string> {
  return fault(directive, `Wrong argument count or unexpected line ending after '${after}'`, at)
}

/** Every plugin that is compiled in. Source: coredns 1.14 plugin.cfg. */
const PLUGINS: ReadonlySet<string> = new Set(
  `root metadata geoip cancel tls quic timeouts multisocket reload nsid bufsize bind debug trace ready health pprof
  prometheus errors log dnstap local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath minimal
  template transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic
  whoami on sign view nomad proxyproto https https3 grpc_server`.split(/\s+/),
)

function zonesOf(words: readonly string[]): readonly string[] {
  return words.flatMap(reverseZones).map((word) => fqdn(word.toLowerCase()))
}

/** `10.96.0.0/16` → `96.10.in-addr.arpa`; a prefix between octets becomes several zones; other words as they are. */
function reverseZones(word: string): readonly string[] {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(word)
  if (!match) return [word]
  const octets = match.slice(1, 5).map(Number)
  const bits = Number(match[5])
  const count = Math.ceil(bits / 8)
  const free = count * 8 - bits
  const last = ((octets[count - 1] ?? 0) >> free) << free
  return Array.from({ length: 2 ** free }, (_, i) => {
    const own = [...octets.slice(0, count - 1), last + i]
    return `${own.reverse().join('.')}.in-addr.arpa`
  })
}

function parseKubernetes(directive: Directive, serverZones: readonly string[]): Result<KubernetesConfig, string> {
  const own = directive.words.slice(1)
  const zones = own.length > 0 ? zonesOf(own) : serverZones
  if (zones.every((zone) => zone.endsWith('.arpa.'))) return plain(directive, 'non-reverse zone name must be used')
  let config: KubernetesConfig = {
    zones,
    ttl: DEFAULT_KUBERNETES_TTL,
    pods: 'disabled',
    fallthrough: [],
    namespaces: [],
    endpointPodNames: false,
    ignoreEmptyService: false,
    noEndpoints: false,
  }
  for (const [at, [option = '', ...values]] of directive.block.entries()) {
    switch (option) {
      case 'pods': {
        const mode = values[0]
        if (mode !== 'disabled' && mode !== 'insecure' && mode !== 'verified') {
          return plain(directive, `wrong value for pods: ${mode ?? ''},  must be one of: disabled, verified, insecure`)
        }
        config = { ...config, pods: mode }
        break
      }
      case 'ttl': {
        const ttl = Number(values[0])
        if (!Number.isInteger(ttl) || ttl < 0 || ttl > MAX_TTL) {
          if (values[0] === undefined) return argument(directive, option, at)
          if (!/^[+-]?\d+$/.test(values[0]))
            return plain(directive, `strconv.Atoi: parsing "${values[0]}": invalid syntax`)
          return fault(directive, `ttl must be in range [0, 3600]: ${ttl}`, at)
        }
        config = { ...config, ttl }
        break
      }
      case 'fallthrough':
        config = { ...config, fallthrough: values.length > 0 ? zonesOf(values) : ['.'] }
        break
      case 'namespaces':
        config = { ...config, namespaces: values }
        break
      case 'endpoint_pod_names':
        config = { ...config, endpointPodNames: true }
        break
      case 'ignore':
        config = { ...config, ignoreEmptyService: values[0] === 'empty_service' }
        break
      case 'endpoint':
      case 'tls':
      case 'kubeconfig':
      case 'apiserver_qps':
      case 'apiserver_burst':
      case 'apiserver_max_inflight':
      case 'startup_timeout':
        break
      case 'namespace_labels':
      case 'multicluster':
      case 'zonal':
        // Taken, without effect.
        break
      case 'labels':
        config = { ...config, labels: values.join(' ') }
        break
      case 'noendpoints':
        config = { ...config, noEndpoints: true }
        break
      default:
        return fault(directive, `unknown property '${option}'`, at)
    }
  }
  return ok(config)
}

function parseForward(directive: Directive): Result<ForwardConfig, string> {
  const [from, ...to] = directive.words.slice(1)
  if (from === undefined || to.length === 0) return argument(directive, from ?? 'forward')
  const except = directive.block.filter(([option]) => option === 'except').flatMap(([, ...zones]) => zonesOf(zones))
  return ok({ from: zonesOf([from])[0] ?? '.', to, except })
}

function parseCache(directive: Directive, serverZones: readonly string[]): Result<CacheConfig, string> {
  const [first, ...rest] = directive.words.slice(1)
  const hasTtl = first !== undefined && /^\d+$/.test(first)
  const own = hasTtl ? rest : directive.words.slice(1)
  const ttl = hasTtl ? Number(first) : undefined
  if (ttl === 0) return plain(directive, 'cache TTL can not be zero or negative: 0')
  let config: CacheConfig = {
    zones: own.length > 0 ? zonesOf(own) : serverZones,
    maxTtl: ttl ?? MAX_TTL,
    minTtl: MIN_TTL,
    maxDenialTtl: ttl ?? MAX_DENIAL_TTL,
    minDenialTtl: MIN_TTL,
    failTtl: MIN_TTL,
    disableSuccess: [],
    disableDenial: [],
    keepTtl: false,
  }
  for (const [at, [option = '', ...values]] of directive.block.entries()) {
    if ((option === 'success' || option === 'denial') && values.length === 0) return argument(directive, option, at)
    const [, maximum, minimum] = values.map(Number)
    switch (option) {
      case 'success':
        config = { ...config, maxTtl: maximum ?? config.maxTtl, minTtl: minimum ?? config.minTtl }
        break
      case 'denial':
        config = {
          ...config,
          maxDenialTtl: maximum ?? config.maxDenialTtl,
          minDenialTtl: minimum ?? config.minDenialTtl,
        }
        break
      case 'servfail':
        config = { ...config, failTtl: seconds(values[0] ?? '') }
        break
      case 'disable': {
        const [kind, ...zones] = values
        const disabled = zones.length > 0 ? zonesOf(zones) : ['.']
        if (kind === 'success') config = { ...config, disableSuccess: disabled }
        else if (kind === 'denial') config = { ...config, disableDenial: disabled }
        else return fault(directive, `cache type for disable must be "success" or "denial"`)
        break
      }
      case 'keepttl':
        config = { ...config, keepTtl: true }
        break
      case 'prefetch':
      case 'serve_stale':
        // They change when the upstream is asked, not what is answered while it is well.
        break
      default:
        return argument(directive, option, at)
    }
  }
  return ok(config)
}

/** A Go duration in whole seconds: `5s`, `1m`, `0`. */
function seconds(text: string): number {
  const unit = { s: 1, m: 60, h: 3600 }[text.slice(-1)] ?? 1
  return Math.floor(Number.parseInt(text, 10) * unit)
}

function parseHosts(directive: Directive, serverZones: readonly string[]): HostsConfig {
  const [file, ...own] = directive.words.slice(1)
  // Without a file it is the pod's own /etc/hosts.
  const entries: { address: string; names: readonly string[] }[] =
    file === undefined ? ['127.0.0.1', '::1'].map((address) => ({ address, names: ['localhost.'] })) : []
  const zones = own.length > 0 ? zonesOf(own) : serverZones
  let reverse = true
  let fallthrough: readonly string[] = []
  let ttl = DEFAULT_HOSTS_TTL
  for (const [option = '', ...values] of directive.block) {
    const address = parseStrictIp(option)
    if (address !== undefined) entries.push({ address, names: values.map((name) => fqdn(name.toLowerCase())) })
    else if (option === 'fallthrough') fallthrough = values.length > 0 ? zonesOf(values) : ['.']
    else if (option === 'ttl') ttl = Number(values[0])
    else if (option === 'no_reverse') reverse = false
  }
  return { zones, ttl, reverse, fallthrough, entries }
}
