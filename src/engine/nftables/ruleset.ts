import { createChainFinder, createMapLookup } from './readyChain.ts'
import type { Ip } from '../base/ip.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { Hook } from '../trace/event.ts'
import type { ChainFinder, MapLookup } from './readyChain.ts'
import type { NftBaseChain, NftChain, NftTable } from './table.ts'

/** A table made ready to run: names resolved, base chains by hook. */
export interface NftRuleset {
  readonly table: NftTable
  /** `ip kube-proxy` */
  readonly name: string
  readonly chains: ReadonlyMap<string, NftChain>
  readonly find: ChainFinder
  readonly lookUp: MapLookup
  /** Sets whose elements kube-proxy writes. */
  readonly fixedSets: ReadonlyMap<string, ReadonlySet<Ip>>
  /** Sets that packets fill: seconds that an element lives. */
  readonly agingSets: ReadonlyMap<string, number>
  /** By priority. */
  readonly baseChains: Readonly<Record<Hook, readonly (NftChain & { readonly base: NftBaseChain })[]>>
}

const HOOKS: Readonly<Record<NftBaseChain['hook'], Hook>> = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
}

export function buildRuleset(table: NftTable): NftRuleset {
  const baseChains: Record<Hook, (NftChain & { readonly base: NftBaseChain })[]> = {
    PREROUTING: [],
    INPUT: [],
    FORWARD: [],
    OUTPUT: [],
    POSTROUTING: [],
  }
  for (const chain of table.chains.values()) {
    const { base } = chain
    if (base) baseChains[HOOKS[base.hook]].push({ ...chain, base })
  }
  // Equal priorities keep the order of creation.
  for (const chains of Object.values(baseChains)) chains.sort((a, b) => a.base.priority - b.base.priority)
  const sets = [...table.sets.values()]
  return {
    table,
    name: `${table.family === 'IPv4' ? 'ip' : 'ip6'} ${table.name}`,
    chains: table.chains,
    find: createChainFinder(table.chains),
    lookUp: createMapLookup(table.maps),
    fixedSets: new Map(
      sets.flatMap((set) => (set.timeoutSeconds === undefined ? [[set.name, new Set(set.elements)] as const] : [])),
    ),
    agingSets: new Map(
      sets.flatMap((set) => (set.timeoutSeconds === undefined ? [] : [[set.name, set.timeoutSeconds] as const])),
    ),
    baseChains,
  }
}

/** Where `chain` sends a connection, when it is an endpoint's chain. */
export function endpointOf(chain: NftChain | undefined): SocketAddress | undefined {
  for (const rule of chain?.rules ?? []) {
    for (const statement of rule.statements) {
      if (statement.type === 'dnat') return { ip: statement.ip, port: statement.port }
    }
  }
  return undefined
}
