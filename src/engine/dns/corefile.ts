import { err, ok } from '../base/result.ts'
import { fqdn } from './name.ts'
import { parsePlugins } from './corefilePlugins.ts'
import { splitDirectives, tokenize } from './corefileTokens.ts'
import type { CacheConfig, ForwardConfig, HostsConfig, KubernetesConfig } from './corefilePlugins.ts'
import type { Result } from '../base/result.ts'
import type { Token } from './corefileTokens.ts'

/** One server block: the zones it serves and what its plugins do. The order of plugins is CoreDNS's own, not the file's. */
export interface ServerBlock {
  /** Lower case, absolute. */
  readonly zones: readonly string[]
  readonly port: number
  readonly loadBalance: boolean
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

/** Parses a Corefile. Error: CoreDNS's own line, `Corefile:3 - Error during parsing: ...`. */
export function parseCorefile(text: string): Result<Corefile, string> {
  const tokens = tokenize(text)
  const blocks: ServerBlock[] = []
  let at = 0
  while (at < tokens.length) {
    const keys: Token[] = []
    for (let token = tokens[at]; token && token.text !== '{'; token = tokens[at]) {
      keys.push(token)
      at++
    }
    const open = tokens[at]
    if (!open) return fault(keys.at(-1)?.line ?? 1, "Unexpected EOF, expecting '{'")
    at++
    const body: Token[] = []
    let depth = 1
    for (; at < tokens.length; at++) {
      const token = tokens[at]
      if (!token) break
      if (token.text === '{') depth++
      if (token.text === '}') depth--
      if (depth === 0) break
      body.push(token)
    }
    if (depth > 0) return fault(tokens.at(-1)?.line ?? 1, "Unexpected EOF, expecting '}'")
    at++
    const plugins = parsePlugins(splitDirectives(body), keys.map(zoneOf))
    if (!plugins.ok) return plugins
    blocks.push({ zones: keys.map(zoneOf), port: portOf(keys[0]), ...plugins.value })
  }
  return ok(blocks)
}

function fault(line: number, detail: string): Result<never, string> {
  return err(`Corefile:${line} - Error during parsing: ${detail}`)
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
