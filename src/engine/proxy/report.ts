import { ensureJump } from '../netfilter/ensureJump.ts'
import { restore } from '../netfilter/restore.ts'
import { save } from '../netfilter/save.ts'
import { createTables } from '../netfilter/tables.ts'
import { contains, hostCidr } from '../base/cidr.ts'
import { familyOf } from '../base/ip.ts'
import { err, ok } from '../base/result.ts'
import { printTable } from '../nftables/printTable.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import { parseProxyConfig } from './config.ts'
import { createKubeProxy } from './kubeProxy.ts'
import { proxyNode } from './nodeFacts.ts'
import type { EndpointSlice, KubeObject, Node, Service } from '../api/types.ts'
import type { Cidr } from '../base/cidr.ts'
import type { IpFamily } from '../base/ip.ts'
import type { VirtualServerSpec } from '../ipvs/model.ts'
import type { Result } from '../base/result.ts'
import type { Tables } from '../netfilter/rule.ts'
import type { RawProxyConfig } from './config.ts'
import type { ProxyMode, SyncOutput } from './types.ts'

/** One entry of `kubehop rules -o json`: only the fields of its mode are there, `virtual` and `kubeIpvs0` unless empty. */
export interface RulesReportEntry {
  readonly mode: ProxyMode
  readonly family: IpFamily
  /** Counted from 1. */
  readonly step: number
  readonly restore?: string
  readonly save?: string
  readonly nft?: string
  readonly virtual?: readonly string[]
  readonly ipsets?: Readonly<Record<string, readonly string[]>>
  readonly kubeIpvs0?: readonly string[]
}

export interface RulesReportInput {
  /** The KubeProxyConfiguration; {} for the defaults. */
  readonly config: RawProxyConfig
  /** All objects at each step; kube-proxy syncs one after the other. */
  readonly states: readonly (readonly KubeObject[])[]
  /** Default: the config's `hostnameOverride`, else the first Node. */
  readonly node?: string
  /** Default: iptables, ipvs and nftables. */
  readonly mode?: ProxyMode
  readonly family?: IpFamily
}

const MODES: readonly ProxyMode[] = ['iptables', 'ipvs', 'nftables']

/** What kube-proxy on one node writes, as if nothing else wrote rules there. Error: no such node. */
export function rulesReport(input: RulesReportInput): Result<readonly RulesReportEntry[], string> {
  const modes = input.mode ? [input.mode] : MODES
  const entries: RulesReportEntry[] = []
  for (const mode of modes) {
    const made = reportMode(input, mode)
    if (!made.ok) return made
    entries.push(...made.value)
  }
  const families: readonly IpFamily[] = ['IPv4', 'IPv6']
  const wanted = families.filter((family) => !input.family || family === input.family)
  return ok(
    modes.flatMap((mode) =>
      wanted.flatMap((family) => entries.filter((entry) => entry.mode === mode && entry.family === family)),
    ),
  )
}

function isNode(object: KubeObject): object is Node {
  return object.kind === 'Node'
}

function reportMode(input: RulesReportInput, mode: ProxyMode): Result<readonly RulesReportEntry[], string> {
  const nodes = (input.states[0] ?? []).filter(isNode)
  const config = parseProxyConfig(input.config, { mode })
  const name = input.node ?? (config.nodeName === '' ? nodes[0]?.metadata.name : config.nodeName)
  const found = nodes.find(({ metadata }) => metadata.name === name)
  if (!found) return err(name === undefined ? 'there is no Node among the objects' : `there is no Node named "${name}"`)
  const node = proxyNode(found)
  const proxy = createKubeProxy({ ...config, nodeName: node.name, ipvsRandomFully: false }, node)
  let lastZone = node.zone
  const tables: Record<IpFamily, Tables> = { IPv4: createTables('IPv4'), IPv6: createTables('IPv6') }
  const withLeftServers = keepExcluded(config.excludeCidrs)
  const entries = input.states.flatMap((objects, i) => {
    const present = objects.find((object): object is Node => isNode(object) && object.metadata.name === name)
    const zone = present && proxyNode(present).zone
    if (present && zone !== lastZone) proxy.setZone(zone)
    if (present) lastZone = zone
    const services = objects.filter((object): object is Service => object.kind === 'Service')
    const slices = objects.filter((object): object is EndpointSlice => object.kind === 'EndpointSlice')
    return proxy
      .sync(services, slices)
      .map((output) => reportEntry(withLeftServers(output), i + 1, tables[output.family]))
  })
  return ok(entries)
}

/** ipvs mode never deletes a virtual server whose address is in one of `excludeCidrs`. */
function keepExcluded(excludeCidrs: readonly Cidr[]): (output: SyncOutput) => SyncOutput {
  const kept = new Map<string, VirtualServerSpec>()
  return (output) => {
    if (!output.ipvs || excludeCidrs.length === 0) return output
    const present = new Map(output.ipvs.virtualServers.map((server) => [keyOf(server), server]))
    const left = [...kept].flatMap(([key, server]) =>
      present.has(key) || familyOf(server.address.ip) !== output.family ? [] : server,
    )
    for (const [key, server] of present) {
      if (excludeCidrs.some((cidr) => contains(cidr, server.address.ip))) kept.set(key, server)
    }
    return { ...output, ipvs: { ...output.ipvs, virtualServers: [...output.ipvs.virtualServers, ...left] } }
  }
}

const keyOf = ({ protocol, address }: VirtualServerSpec): string => `${protocol} ${formatSocketAddress(address)}`

function reportEntry(output: SyncOutput, step: number, tables: Tables): RulesReportEntry {
  const { mode, family } = output
  if (mode === 'iptables' || mode === 'userspace') {
    for (const jump of output.ensure) ensureJump(tables, jump)
    restore(tables, output.restore ?? '', { noflush: true, counters: true })
    return { mode, family, step, restore: output.restore ?? '', save: save(tables) }
  }
  if (output.ipvs) {
    const { virtualServers, ipsets, kubeIpvs0 } = output.ipvs
    return {
      mode,
      family,
      step,
      restore: output.restore ?? '',
      ...(virtualServers.length > 0 && { virtual: virtualServers.map(virtualServerLine).sort() }),
      ipsets: Object.fromEntries(ipsets.map(({ name, entries }) => [name, [...entries].sort()])),
      ...(kubeIpvs0.length > 0 && { kubeIpvs0: kubeIpvs0.map((ip) => hostCidr(ip)).sort() }),
    }
  }
  return { mode, family, step, ...(output.nft && { nft: printTable(output.nft) }) }
}

/** `TCP 10.98.98.98:80 rr persistent 10800 -> 10.244.1.5:80 weight 1`. */
function virtualServerLine({ protocol, address, scheduler, persistence, realServers }: VirtualServerSpec): string {
  const servers = realServers.map((server) => `${formatSocketAddress(server.address)} weight ${server.weight}`).sort()
  const affinity = persistence > 0 ? ` persistent ${persistence}` : ''
  return [`${protocol} ${formatSocketAddress(address)} ${scheduler}${affinity}`, ...servers].join(' -> ')
}
