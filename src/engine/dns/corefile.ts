import { err, ok } from '../base/result.ts'
import { fqdn } from './name.ts'
import { parsePlugins } from './corefilePlugins.ts'
import { splitDirectives, tokenize } from './corefileTokens.ts'
import type { ForwardConfig, HostsConfig } from './corefilePlugins.ts'
import type { CacheConfig } from './cacheOptions.ts'
import type { KubernetesConfig } from './kubernetesOptions.ts'
import type { RewriteRule } from './rewrite.ts'
import type { Result } from '../base/result.ts'
import type { Token } from './corefileTokens.ts'

/** One server block: the zones it serves and what its plugins do. The order of plugins is CoreDNS's own, not the file's. */
export interface ServerBlock {
  /** Lower case, absolute. */
  readonly zones: readonly string[]
  readonly port: number
  readonly loadBalance: boolean
  readonly minimal: boolean
  readonly bound: boolean
  readonly rewrites: readonly RewriteRule[]
  readonly cache?: CacheConfig
  readonly hosts?: HostsConfig
  readonly kubernetes?: KubernetesConfig
  readonly forwards: readonly ForwardConfig[]
  /** Plugins that are named but change no answer here: `errors`, `health`, ... */
  readonly others: readonly string[]
}

export type Corefile = readonly ServerBlock[]

/** The Corefile that kubeadm v1.35 writes into ConfigMap `kube-system/coredns`. */
export const KUBEADM_COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`

/** Parses a Corefile. Error: CoreDNS's own line, `/etc/coredns/Corefile:3 - Error during parsing: ...`. */
export function parseCorefile(text: string): Result<Corefile, string> {
  const tokens = tokenize(text)
  const blocks: ServerBlock[] = []
  let at = 0
  while (at < tokens.length) {
    const keys: Token[] = []
    for (let token = tokens[at]; token && token.text !== '{'; token = tokens[at]) {
      // A comma at the end lets the list of zones go on in the next line.
      const before = keys.at(-1)
      if (before && token.line !== before.line && !before.text.endsWith(',')) break
      keys.push(token)
      at++
    }
    const body: Token[] = []
    const braced = tokens[at]?.text === '{'
    // Without braces the rest of the file is the one block.
    if (!braced) body.push(...tokens.slice(at))
    at = braced ? at + 1 : tokens.length
    let depth = braced ? 1 : 0
    for (; at < tokens.length; at++) {
      const token = tokens[at]
      if (!token) break
      if (token.text === '{') depth++
      if (token.text === '}') depth--
      if (depth === 0) break
      body.push(token)
    }
    const last = tokens.at(-1)
    if (depth > 0) {
      return err(
        `/etc/coredns/Corefile:${last?.line ?? 1} - Syntax error: Unexpected token '${last?.text ?? ''}', expecting '}'`,
      )
    }
    at++
    const plugins = parsePlugins(splitDirectives(body), keys.map(zoneOf))
    if (!plugins.ok) return plugins
    const block = { zones: keys.map(zoneOf), port: portOf(keys[0]), ...plugins.value }
    const twice = block.zones.find((zone) =>
      blocks.some(({ zones, port }) => port === block.port && zones.includes(zone)),
    )
    if (twice !== undefined) return err(`cannot serve dns://${twice}:${block.port} - it is already defined`)
    blocks.push(block)
  }
  return ok(blocks)
}

function withoutScheme(token: Token | undefined): string {
  return (token?.text ?? '.').replace(/^(dns|tls|https|grpc):\/\//, '').replace(/,$/, '')
}

function zoneOf(token: Token): string {
  return fqdn(withoutScheme(token).replace(/:\d+$/, '').toLowerCase())
}

function portOf(token: Token | undefined): number {
  return Number(/:(\d+)$/.exec(withoutScheme(token))?.[1] ?? 53)
}
