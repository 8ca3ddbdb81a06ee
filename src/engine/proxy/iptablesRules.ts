import { isLoopback, matchingNodeIps } from './nodePortAddresses.ts'
import type { IptablesContext, IptablesServiceRules } from './iptablesService.ts'
import type { NodePortAddresses } from './nodePortAddresses.ts'
import type { EnsuredJump, ProxyConfig, ProxyNode } from './types.ts'

const jump = (table: 'filter' | 'nat', from: string, chain: string, comment: string, isNew = false): EnsuredJump => ({
  table,
  chain,
  from,
  args: `${isNew ? '-m conntrack --ctstate NEW ' : ''}-m comment --comment "${comment}" -j ${chain}`,
})

const EXTERNAL = 'kubernetes externally-visible service portals'
const PORTALS = 'kubernetes service portals'
const FIREWALL = 'kubernetes load balancer firewall'

/** The jump rules of a full sync, in ensure order. Each is prepended, so the last one ends up first. */
export const IPTABLES_JUMPS: readonly EnsuredJump[] = [
  jump('filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', EXTERNAL, true),
  jump('filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', EXTERNAL, true),
  jump('filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports'),
  jump('filter', 'FORWARD', 'KUBE-SERVICES', PORTALS, true),
  jump('filter', 'OUTPUT', 'KUBE-SERVICES', PORTALS, true),
  jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
  jump('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', FIREWALL, true),
  jump('filter', 'OUTPUT', 'KUBE-PROXY-FIREWALL', FIREWALL, true),
  jump('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', FIREWALL, true),
  jump('nat', 'OUTPUT', 'KUBE-SERVICES', PORTALS),
  jump('nat', 'PREROUTING', 'KUBE-SERVICES', PORTALS),
  jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
  { table: 'filter', chain: 'KUBE-FIREWALL', from: 'INPUT', args: '-j KUBE-FIREWALL' },
  { table: 'filter', chain: 'KUBE-FIREWALL', from: 'OUTPUT', args: '-j KUBE-FIREWALL' },
]

/** `0x00004000` for bit 14. */
export function markText(config: Pick<ProxyConfig, 'masqueradeBit'>): string {
  return `0x${(2 ** config.masqueradeBit).toString(16).padStart(8, '0')}`
}

/** The rules of a Service's ports as they were last written. */
export interface BuiltService {
  /** `namespace/name`. */
  readonly key: string
  readonly rules: readonly IptablesServiceRules[]
}

/** Some Services that follow each other, with the rules of shared chains that they all write in every sync. */
export interface ServiceBlock {
  readonly services: readonly BuiltService[]
  readonly filter: string
  readonly natDispatch: string
}

/** Big enough that a sync of 10,000 Services joins few texts, small enough that one change makes little anew. */
const BLOCK_SIZE = 128

/** `services` in blocks; blocks of `before` whose Services are the same objects are kept. */
export function serviceBlocks(
  services: readonly BuiltService[],
  before: readonly ServiceBlock[],
): readonly ServiceBlock[] {
  const blocks: ServiceBlock[] = []
  for (let start = 0; start < services.length; start += BLOCK_SIZE) {
    const own = services.slice(start, start + BLOCK_SIZE)
    const known = before[blocks.length]
    if (known?.services.length === own.length && own.every((service, i) => service === known.services[i])) {
      blocks.push(known)
      continue
    }
    const rules = own.flatMap((service) => service.rules)
    blocks.push({
      services: own,
      filter: rules.map(({ filter }) => filter).join(''),
      natDispatch: rules.map(({ natDispatch }) => natDispatch).join(''),
    })
  }
  return blocks
}

export interface IptablesRulesInput {
  readonly config: ProxyConfig
  readonly node: ProxyNode
  readonly context: IptablesContext
  readonly addresses: NodePortAddresses
  /** All Services in their order. */
  readonly blocks: readonly ServiceBlock[]
  /** The lines of the own chains, port by port, of the Services whose chains go into this restore. */
  readonly ownChains: ReadonlyMap<string, readonly string[]>
  readonly staleChains: readonly string[]
}

const LAST_COMMENT = '"kubernetes service nodeports; NOTE: this must be the last rule in this chain"'

/** The text that one sync feeds to `iptables-restore --noflush --counters`. Source: proxier.go, syncProxyRules. */
export function iptablesRules(input: IptablesRulesInput): string {
  const { config, context, ownChains } = input
  const mark = markText(config)
  const invalid = config.conntrackTcpBeLiberal
    ? ''
    : `-A KUBE-FORWARD -m conntrack --ctstate INVALID${context.nfacct ? ' -m nfacct --nfacct-name ct_state_invalid_dropped_pkts' : ''} -j DROP\n`
  const firewall = `:KUBE-FIREWALL - [0:0]
-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
`
  // All pieces of the text, joined in one go: it is 15 MB long with 10,000 Services.
  const text: string[] = [
    `*filter
:KUBE-SERVICES - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
${context.localhostNodePorts ? firewall : ''}`,
  ]
  for (const { filter } of input.blocks) text.push(filter)
  text.push(`${invalid}-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-MARK-MASQ - [0:0]
`)
  const written = input.blocks.filter(({ services }) => services.some(({ key }) => ownChains.has(key)))
  for (const { services } of written) {
    for (const { key, rules } of services) {
      if (!ownChains.has(key)) continue
      for (const { chains } of rules) for (const chain of chains) text.push(':', chain, ' - [0:0]\n')
    }
  }
  for (const chain of input.staleChains) text.push(`:${chain} - [0:0]\n`)
  text.push(`-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN
-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}
`)
  const isWritten = new Set(written)
  for (const block of input.blocks) {
    if (!isWritten.has(block)) {
      text.push(block.natDispatch)
      continue
    }
    for (const { key, rules } of block.services) {
      const own = ownChains.get(key)
      rules.forEach(({ natDispatch }, i) => text.push(natDispatch, own?.[i] ?? ''))
    }
  }
  for (const chain of input.staleChains) text.push(`-X ${chain}\n`)
  text.push(nodePortJumps(input), 'COMMIT\n')
  return text.join('')
}

/** The rules at the end of nat KUBE-SERVICES. */
function nodePortJumps({ node, context, addresses }: IptablesRulesInput): string {
  const start = `-A KUBE-SERVICES -m comment --comment ${LAST_COMMENT}`
  if (addresses.matchAll) {
    const loopback = context.family === 'IPv6' ? ' ! -d ::1/128' : context.localhostNodePorts ? '' : ' ! -d 127.0.0.0/8'
    return `${start} -m addrtype --dst-type LOCAL${loopback} -j KUBE-NODEPORTS\n`
  }
  return matchingNodeIps(addresses, node, context.family)
    .filter((ip) => !isLoopback(ip) || context.localhostNodePorts)
    .map((ip) => `${start} -d ${ip} -j KUBE-NODEPORTS\n`)
    .join('')
}
