import { expect, it } from 'vitest'
import type { ProxyMode, TableView } from '../../engine/index.ts'
import { visibleViews } from './visibleViews.ts'

const view = (id: string, ...lines: readonly string[]): TableView => ({
  id,
  command: id,
  empty: '',
  lines: lines.map((text) => ({ text })),
})
const views = [
  view('iptables', 'x'),
  view('ipvs'),
  view('ipset', 'KUBE-LOOP-BACK'),
  view('nft'),
  view('conntrack'),
  view('userspace'),
  view('affinity'),
]

it.each<{ mode: ProxyMode; want: readonly string[] }>([
  { mode: 'iptables', want: ['iptables', 'ipset', 'conntrack', 'affinity'] },
  { mode: 'ipvs', want: ['ipvs', 'iptables', 'ipset', 'conntrack'] },
  { mode: 'nftables', want: ['nft', 'iptables', 'ipset', 'conntrack'] },
  { mode: 'userspace', want: ['userspace', 'iptables', 'ipset', 'conntrack', 'affinity'] },
])('$mode', ({ mode, want }) => {
  expect(visibleViews({ node: 'node02', mode, views }).map(({ id }) => id)).toEqual(want)
})
