import type { NodeTables, ProxyMode, TableView } from '../../engine/index.ts'

/** Tables that only some modes fill, each mode's chief table first. */
const OF_MODE: readonly (readonly [id: string, ...modes: readonly ProxyMode[]])[] = [
  ['userspace', 'userspace'],
  ['ipvs', 'ipvs'],
  ['ipvs-connections', 'ipvs'],
  ['ipset', 'ipvs'],
  ['nft', 'nftables'],
  // The other modes keep it among their connections, or in sets of their table.
  ['affinity', 'iptables', 'userspace'],
]

/** The node's tables that say something in its mode, what the mode decides by first; other modes' only while not empty. */
export function visibleViews({ mode, views }: NodeTables): readonly TableView[] {
  const modesOf = new Map(OF_MODE.map(([id, ...modes]) => [id, modes]))
  const chief = mode === 'iptables' ? 'iptables' : OF_MODE.find(([, own]) => own === mode)?.[0]
  const shown = views.filter(({ id, lines }) => {
    const own = modesOf.get(id)
    return own === undefined || own.includes(mode) || lines.length > 0
  })
  return [...shown.filter(({ id }) => id === chief), ...shown.filter(({ id }) => id !== chief)]
}
