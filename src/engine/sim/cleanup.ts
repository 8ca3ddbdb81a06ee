import type { IptablesTableName, Tables } from '../netfilter/rule.ts'
import { chainsOf, deleteChain, deleteRuleAt, flushChain, jumpOf } from '../netfilter/tables.ts'

const tableNames: readonly IptablesTableName[] = ['nat', 'filter', 'mangle']

/**
 * Takes out everything that a kube-proxy wrote: the jumps to KUBE- chains, then the chains. What others wrote stays.
 * Source: each proxier's CleanupLeftovers.
 */
export function cleanUpIptables(tables: Tables): void {
  for (const table of tableNames) {
    const chains = chainsOf(tables, table)
    for (const chain of [...chains.values()]) {
      if (isOurs(chain.name)) continue
      for (let i = chain.rules.length - 1; i >= 0; i--) {
        const rule = chain.rules[i]
        if (rule && isOurs(jumpOf(rule) ?? '')) deleteRuleAt(tables, table, chain.name, i + 1)
      }
    }
    const ours = [...chains.keys()].filter(isOurs)
    for (const name of ours) flushChain(tables, table, name)
    for (const name of ours) deleteChain(tables, table, name)
  }
}

/** The kubelet's chains look alike. */
const others = new Set(['KUBE-FIREWALL', 'KUBE-KUBELET-CANARY'])

function isOurs(chain: string): boolean {
  return chain.startsWith('KUBE-') && !others.has(chain)
}
