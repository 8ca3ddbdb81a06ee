import type { Ipset } from './ipset.ts'
import type { IpsetType } from './model.ts'

interface Layout {
  readonly revision: number
  readonly header: string
  readonly bytes: Readonly<Record<Ipset['family'], SetBytes>>
}

/** Of an empty set, and of one more entry. */
type SetBytes = readonly [empty: number, entry: number]

/** Revisions and sizes as ipset 7.17 shows them on Linux 6.1; sizes are a guide. */
const LAYOUTS: Readonly<Record<IpsetType, Layout>> = {
  'hash:ip,port': { revision: 6, header: 'hash', bytes: { IPv4: [200, 48], IPv6: [216, 72] } },
  'hash:ip,port,ip': { revision: 6, header: 'hash', bytes: { IPv4: [208, 56], IPv6: [232, 104] } },
  'hash:ip,port,net': { revision: 8, header: 'hash', bytes: { IPv4: [464, 56], IPv6: [1256, 104] } },
  'hash:ip': { revision: 5, header: 'hash', bytes: { IPv4: [200, 40], IPv6: [208, 64] } },
  'bitmap:port': { revision: 3, header: 'range 0-65535', bytes: { IPv4: [8264, 0], IPv6: [8264, 0] } },
}

/** `ipset list` of these sets. `references` counts the iptables rules that name a set. */
export function printIpsetList(sets: readonly Readonly<Ipset>[], references: (name: string) => number): string {
  return sets.map((set) => printIpset(set, references(set.name))).join('\n')
}

/** One block of `ipset list`. Differs: members of hash sets are sorted, not in the kernel's hash order. */
export function printIpset(set: Readonly<Ipset>, references: number): string {
  const layout = LAYOUTS[set.type]
  const [empty, entry] = layout.bytes[set.family]
  return [
    `Name: ${set.name}`,
    `Type: ${set.type}`,
    `Revision: ${layout.revision}`,
    `Header: ${headerOf(set)}`,
    `Size in memory: ${empty + entry * set.members.size}`,
    `References: ${references}`,
    `Number of entries: ${set.members.size}`,
    'Members:',
    ...membersOf(set),
    '',
  ].join('\n')
}

/** `ipset save`: the commands that make the set again. */
export function printIpsetSave(set: Readonly<Ipset>): string {
  const lines = [
    `create ${set.name} ${set.type} ${headerOf(set)}`,
    ...membersOf(set).map((entry) => `add ${set.name} ${entry}`),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function headerOf({ type, family, name }: Readonly<Ipset>): string {
  const { header } = LAYOUTS[type]
  if (header !== 'hash') return header
  return `family ${family === 'IPv4' ? 'inet' : 'inet6'} hashsize 1024 maxelem 65536 bucketsize 12 initval ${initval(name)}`
}

function membersOf({ type, members }: Readonly<Ipset>): readonly string[] {
  return [...members].sort(type === 'bitmap:port' ? (a, b) => Number(a) - Number(b) : undefined)
}

/** The kernel draws it when the set is made; here it follows from the name. */
function initval(name: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return `0x${(hash >>> 0).toString(16).padStart(8, '0')}`
}
