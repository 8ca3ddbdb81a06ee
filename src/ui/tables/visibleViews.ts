import type { NodeTables, ProxyMode, TableView } from '../../engine/index.ts'

/** Tables that only one mode fills, the mode's chief table first. */
const OF_MODE: readonly (readonly [id: string, mode: ProxyMode])[] = [
  ['userspace', 'userspace'],
  ['ipvs', 'ipvs'],
  ['ipvs-connections', 'ipvs'],
  ['ipset', 'ipvs'],
  ['nft', 'nftables'],
]

/** The node's tables that say something in its mode, what the mode decides by first; other modes' only while not empty. */
export function visibleViews({ mode, views }: NodeTables): readonly TableView[] {
  const modeOf = new Map(OF_MODE)
  const chief = OF_MODE.find(([, own]) => own === mode)?.[0] ?? 'iptables'
  const shown = views.filter(({ id, lines }) => {
    const own = modeOf.get(id)
    return own === undefined || own === mode || lines.length > 0
  })
  return [...shown.filter(({ id }) => id === chief), ...shown.filter(({ id }) => id !== chief)]
}
