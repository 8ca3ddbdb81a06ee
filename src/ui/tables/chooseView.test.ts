import { expect, it } from 'vitest'
import type { TableView } from '../../engine/index.ts'
import { chooseView } from './chooseView.ts'
import type { Lit } from './litLines.ts'

const views = ['ipvs', 'iptables', 'conntrack', 'routes'].map((id): TableView => ({
  id,
  command: id,
  lines: [],
  empty: '',
}))
const lit = (entries: Readonly<Record<string, Lit>>) =>
  new Map(Object.entries(entries).map(([id, how]) => [id, new Map([[3, how]])]))

it.each<{ name: string; chosen?: string; lit: Readonly<Record<string, Lit>>; want: string }>([
  { name: 'the chief table at rest', lit: {}, want: 'ipvs' },
  { name: 'where this step matched', lit: { iptables: 'now', conntrack: 'now' }, want: 'iptables' },
  { name: 'not where an earlier one did', lit: { iptables: 'before', routes: 'now' }, want: 'routes' },
  { name: 'not where rules were only tried', lit: { iptables: 'tried' }, want: 'ipvs' },
  { name: 'what the reader chose, always', chosen: 'conntrack', lit: { iptables: 'now' }, want: 'conntrack' },
  { name: 'nothing that the mode does not show', chosen: 'nft', lit: { nft: 'now' }, want: 'ipvs' },
])('shows $name', ({ chosen, lit: entries, want }) => {
  expect(chooseView(views, chosen, lit(entries))?.id).toBe(want)
})
