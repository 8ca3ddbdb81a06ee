import type { SimTime } from '../base/time.ts'
import { printIpsetList } from '../ipvs/printIpset.ts'
import { printIpvsadm, printIpvsConnections } from '../ipvs/printIpvsadm.ts'
import { printConntrack } from '../conntrack/printConntrack.ts'
import type { Tables } from '../netfilter/rule.ts'
import { orderedChains } from '../netfilter/save.ts'
import { printTable } from '../nftables/printTable.ts'
import { printAddresses, printRoutes } from '../routing/printRouting.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import { affinityLines } from './affinityLines.ts'
import type { Fleet } from './fleet.ts'
import type { NodeTables, TableLine, TableView } from './types.ts'

/** Everything that the tools on `node` would print now; undefined: no such node. */
export function nodeTables(fleet: Fleet, node: string, now: SimTime): NodeTables | undefined {
  const agent = fleet.agent(node)
  const kernel = fleet.dataplane().node(node)
  const routing = fleet.dataplane().routing(node)
  if (!agent || !kernel || !routing) return undefined
  const families = hasIpv6(routing.interfaces.flatMap(({ addresses }) => addresses.map(({ ip }) => ip)))
    ? (['IPv4', 'IPv6'] as const)
    : (['IPv4'] as const)
  const nftables = agent.nftables()
  const ipvs = agent.ipvs()
  const views: TableView[] = [
    {
      id: 'iptables',
      command: 'iptables-save',
      lines: iptablesLines(kernel.tables.IPv4),
      empty: 'No rules.',
    },
    ...(families.length > 1
      ? [
          {
            id: 'ip6tables',
            command: 'ip6tables-save',
            lines: iptablesLines(kernel.tables.IPv6),
            empty: 'No rules.',
          },
        ]
      : []),
    {
      id: 'ipvs',
      command: 'ipvsadm -Ln',
      lines: ipvs ? textLines(printIpvsadm(ipvs, now)) : [],
      empty: 'kube-proxy fills IPVS in ipvs mode.',
    },
    {
      id: 'ipvs-connections',
      command: 'ipvsadm -Lnc',
      lines: ipvs ? textLines(printIpvsConnections(ipvs, now)) : [],
      empty: 'kube-proxy fills IPVS in ipvs mode.',
    },
    {
      id: 'ipset',
      command: 'ipset list',
      lines: textLines(printIpsetList(agent.ipsets()?.all() ?? [], (set) => setReferences(kernel.tables, set))),
      empty: 'kube-proxy uses ipsets in ipvs mode.',
    },
    {
      id: 'nft',
      command: 'nft list table ip kube-proxy',
      lines: families.flatMap((family) => {
        const table = nftables?.table(family)
        const live = (set: string) => nftables?.affinity(family, set, now) ?? []
        return table ? textLines(printTable(table, live), family === 'IPv4' ? 'ip kube-proxy' : 'ip6 kube-proxy') : []
      }),
      empty: 'kube-proxy writes nft tables in nftables mode.',
    },
    {
      id: 'conntrack',
      command: 'conntrack -L',
      lines: families.flatMap((family) => textLines(printConntrack(kernel.conntrack.flows(now), family, now))),
      empty: 'No connections: send a request.',
    },
    {
      id: 'affinity',
      command: 'affinity',
      lines: affinityLines(kernel, now),
      empty:
        'No client is tied to a server: only Services with sessionAffinity ClientIP do that, at its first request.',
    },
    {
      id: 'routes',
      command: 'ip route',
      lines: families.flatMap((family) => textLines(printRoutes(routing, family))),
      empty: 'No routes.',
    },
    {
      id: 'addresses',
      command: 'ip addr',
      lines: textLines(printAddresses(routing.interfaces)),
      empty: 'No interfaces.',
    },
    {
      id: 'userspace',
      command: 'kube-proxy: portals',
      lines: kernel.userspace.portals().map(({ service, protocol, proxyPort, endpoints }) => ({
        text: `${service} ${protocol} proxy port ${proxyPort} -> ${endpoints.map(formatSocketAddress).join(', ') || 'no endpoints'}`,
      })),
      empty: 'kube-proxy opens a proxy port per service port in userspace mode.',
    },
    {
      id: 'log',
      command: `kubectl logs kube-proxy`,
      lines: agent.log().map((text) => ({ text })),
      empty: 'Nothing logged.',
    },
  ]
  return { node, mode: agent.mode(), views }
}

function hasIpv6(ips: readonly string[]): boolean {
  return ips.some((ip) => ip.includes(':') && ip !== '::1')
}

function textLines(text: string, table?: string): readonly TableLine[] {
  const trimmed = text.replace(/\n+$/, '')
  if (trimmed === '') return []
  return trimmed.split('\n').map((line) => ({ text: line, ...(table === undefined ? {} : { table }) }))
}

/** As `iptables-save` prints the tables that hold something, with the rules' counters beside the text. */
function iptablesLines(tables: Tables): readonly TableLine[] {
  const lines: TableLine[] = []
  for (const table of ['nat', 'filter', 'mangle', 'raw'] as const) {
    const chains = orderedChains(tables, table)
    if (!chains.some((chain) => chain.rules.length > 0 || !chain.policy)) continue
    lines.push({ text: `*${table}` })
    for (const chain of chains) lines.push({ text: `:${chain.name} ${chain.policy ?? '-'} [0:0]` })
    for (const chain of chains) {
      chain.rules.forEach(({ text }, i) => {
        lines.push({ text, table, packets: chain.packets[i] ?? 0 })
      })
    }
    lines.push({ text: 'COMMIT' })
  }
  return lines
}

/** Rules that match against `set`, as `ipset list` counts them. */
export function setReferences(tables: Readonly<Record<'IPv4' | 'IPv6', Tables>>, set: string): number {
  let count = 0
  for (const family of [tables.IPv4, tables.IPv6]) {
    for (const table of ['nat', 'filter', 'mangle'] as const) {
      for (const chain of orderedChains(family, table)) {
        count += chain.rules.filter(({ text }) => text.includes(`--match-set ${set} `)).length
      }
    }
  }
  return count
}
