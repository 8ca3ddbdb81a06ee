import { err, ok } from '../base/result.ts'
import { fqdn } from './name.ts'
import { parseStrictIp } from './strictIp.ts'
import { parseRewrite } from './rewrite.ts'
import type { RewriteRule } from './rewrite.ts'
import { parseCache } from './cacheOptions.ts'
import type { CacheConfig } from './cacheOptions.ts'
import { argument, zonesOf } from './corefileWords.ts'
import { parseKubernetes } from './kubernetesOptions.ts'
import type { KubernetesConfig } from './kubernetesOptions.ts'
import type { Directive } from './corefileTokens.ts'
import type { Result } from '../base/result.ts'

export interface ForwardConfig {
  readonly from: string
  /** As written: addresses, or a file such as `/etc/resolv.conf`. */
  readonly to: readonly string[]
  readonly except: readonly string[]
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

const DEFAULT_HOSTS_TTL = 3600

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

/** Every plugin that is compiled in. Source: coredns 1.14 plugin.cfg. */
const PLUGINS: ReadonlySet<string> = new Set(
  `root metadata geoip cancel tls quic timeouts multisocket reload nsid bufsize bind debug trace ready health pprof
  prometheus errors log dnstap local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath minimal
  template transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic
  whoami on sign view nomad proxyproto https https3 grpc_server`.split(/\s+/),
)

function parseForward(directive: Directive): Result<ForwardConfig, string> {
  const [from, ...to] = directive.words.slice(1)
  if (from === undefined || to.length === 0) return argument(directive, from ?? 'forward')
  const except = directive.block.filter(([option]) => option === 'except').flatMap(([, ...zones]) => zonesOf(zones))
  return ok({ from: zonesOf([from])[0] ?? '.', to, except })
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
