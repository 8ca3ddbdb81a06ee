import type { TableView } from '../../engine/index.ts'
import type { Lit } from './litLines.ts'

/** What explains a step best, when several tables have lines for it. conntrack comes last: nearly every hook asks it. */
const TELLING: readonly string[] = ['ipvs', 'nft', 'userspace', 'iptables', 'ip6tables', 'ipset', 'routes', 'addresses']

/** Whether the step on show matched something in the table. */
export function isLitNow(lit: ReadonlyMap<number, Lit> | undefined): boolean {
  for (const how of lit?.values() ?? []) if (how === 'now') return true
  return false
}

/**
 * The table to show: the one that the reader chose, else the most telling one that the current step matched something
 * in, else the mode's chief table, which is the first.
 */
export function chooseView(
  views: readonly TableView[],
  chosen: string | undefined,
  lit: ReadonlyMap<string, ReadonlyMap<number, Lit>>,
): TableView | undefined {
  const wanted = views.find(({ id }) => id === chosen)
  if (wanted) return wanted
  const telling = TELLING.find((id) => isLitNow(lit.get(id)) && views.some((view) => view.id === id))
  return views.find(({ id }) => id === telling) ?? views[0]
}
