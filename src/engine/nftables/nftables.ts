import { createAffinitySets } from './affinity.ts'
import { buildRuleset } from './ruleset.ts'
import { traverseNft } from './traverse.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { HookContext, HookVerdict } from '../conntrack/hookContext.ts'
import type { Hook } from '../trace/event.ts'
import type { SimTime } from '../base/time.ts'
import type { AffinitySets } from './affinity.ts'
import type { NftRuleset } from './ruleset.ts'
import type { NftRule, NftTable } from './table.ts'

/** A base chain, ready to run. */
export interface NftHookChain {
  readonly type: 'filter' | 'nat'
  readonly priority: number
  /** `ip kube-proxy` */
  readonly table: string
  readonly chain: string
  readonly run: (ctx: HookContext) => HookVerdict
}

/** nftables of one node: at most one table a family, and what its sets remember. */
export interface Nftables {
  /** `nft -f`: takes the place of the family's table. Affinity sets that are still there keep their elements. */
  readonly load: (table: NftTable) => void
  /** `nft delete table`. */
  readonly clear: (family: IpFamily) => void
  readonly table: (family: IpFamily) => NftTable | undefined
  readonly baseChains: (hook: Hook, family: IpFamily) => readonly NftHookChain[]
  /** The elements of an affinity set with the time that they have left. */
  readonly affinity: (
    family: IpFamily,
    set: string,
    now: SimTime,
  ) => readonly { readonly ip: Ip; readonly expiresMs: number }[]
  /** Forgets which rules matched so far: an attempt begins. */
  readonly beginAttempt: () => void
  /** Since `beginAttempt`: `table-name rule-text` of every rule whose whole condition held, sorted, each once. */
  readonly matched: () => readonly string[]
  readonly checkpoint: () => () => void
}

interface Loaded {
  readonly ruleset: NftRuleset
  readonly hooks: Readonly<Record<Hook, readonly NftHookChain[]>>
}

const FAMILIES = ['IPv4', 'IPv6'] as const
const NO_CHAINS: readonly NftHookChain[] = []

export function createNftables(): Nftables {
  const loaded: Record<IpFamily, Loaded | undefined> = { IPv4: undefined, IPv6: undefined }
  const affinity: Record<IpFamily, AffinitySets> = { IPv4: createAffinitySets(), IPv6: createAffinitySets() }
  const matched: Record<IpFamily, NftRule[]> = { IPv4: [], IPv6: [] }

  return {
    load(table) {
      const { family } = table
      const ruleset = buildRuleset(table)
      const state = { affinity: affinity[family], matched: matched[family] }
      const ready = (hook: Hook): readonly NftHookChain[] =>
        ruleset.baseChains[hook].map((chain) => ({
          type: chain.base.type,
          priority: chain.base.priority,
          table: ruleset.name,
          chain: chain.name,
          run: (ctx) => traverseNft(ruleset, chain, ctx, state),
        }))
      loaded[family] = {
        ruleset,
        hooks: {
          PREROUTING: ready('PREROUTING'),
          INPUT: ready('INPUT'),
          FORWARD: ready('FORWARD'),
          OUTPUT: ready('OUTPUT'),
          POSTROUTING: ready('POSTROUTING'),
        },
      }
      affinity[family].retain((set) => ruleset.agingSets.has(set))
    },
    clear(family) {
      loaded[family] = undefined
      affinity[family].retain(() => false)
    },
    table: (family) => loaded[family]?.ruleset.table,
    baseChains: (hook, family) => loaded[family]?.hooks[hook] ?? NO_CHAINS,
    affinity: (family, set, now) => affinity[family].elements(set, now),
    beginAttempt() {
      for (const family of FAMILIES) matched[family].length = 0
    },
    matched() {
      const texts = new Set<string>()
      for (const family of FAMILIES) {
        const name = loaded[family]?.ruleset.name ?? ''
        for (const rule of new Set(matched[family])) texts.add(`${name} ${rule.text}`)
      }
      return [...texts].sort()
    },
    checkpoint() {
      const tables = { ...loaded }
      const rules = { IPv4: [...matched.IPv4], IPv6: [...matched.IPv6] }
      const restoreAffinity = FAMILIES.map((family) => affinity[family].checkpoint())
      return () => {
        for (const restore of restoreAffinity) restore()
        for (const family of FAMILIES) {
          loaded[family] = tables[family]
          matched[family].length = 0
          matched[family].push(...rules[family])
        }
      }
    },
  }
}
