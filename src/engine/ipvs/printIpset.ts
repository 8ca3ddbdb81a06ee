import type { Ipset } from './ipset.ts'
import type { IpsetType } from './model.ts'

interface Layout {
  readonly revision: number
  readonly header: string
  readonly emptyBytes: number
  readonly entryBytes: number
}

/** Revisions and sizes as ipset 7.17 shows them on Linux 6.1; sizes are a guide. */
const LAYOUTS: Readonly<Record<IpsetType, Layout>> = {
  'hash:ip,port': { revision: 6, header: 'hash', emptyBytes: 200, entryBytes: 48 },
  'hash:ip,port,ip': { revision: 6, header: 'hash', emptyBytes: 208, entryBytes: 56 },
  'hash:ip,port,net': { revision: 8, header: 'hash', emptyBytes: 464, entryBytes: 56 },
  'hash:ip': { revision: 5, header: 'hash', emptyBytes: 200, entryBytes: 40 },
  'bitmap:port': { revision: 3, header: 'range 0-65535', emptyBytes: 8264, entryBytes: 0 },
}

/** `ipset list` of these sets. `references` counts the iptables rules that name a set. */
export function printIpsetList(sets: readonly Readonly<Ipset>[], references: (name: string) => number): string {
  return sets.map((set) => printIpset(set, references(set.name))).join('\n')
}

/** One block of `ipset list`. Differs: members of hash sets are sorted, not in the kernel's hash order. */
export function printIpset(set: Readonly<Ipset>, references: number): string {
  const layout = LAYOUTS[set.type]
  const isBitmap = set.type === 'bitmap:port'
  const header = isBitmap
    ? layout.header
    : `family ${set.family === 'IPv4' ? 'inet' : 'inet6'} hashsize 1024 maxelem 65536 bucketsize 12 initval ${initval(set.name)}`
  const members = [...set.members].sort(isBitmap ? (a, b) => Number(a) - Number(b) : undefined)
  return [
    `Name: ${set.name}`,
    `Type: ${set.type}`,
    `Revision: ${layout.revision}`,
    `Header: ${header}`,
    `Size in memory: ${layout.emptyBytes + layout.entryBytes * set.members.size}`,
    `References: ${references}`,
    `Number of entries: ${set.members.size}`,
    'Members:',
    ...members,
    '',
  ].join('\n')
}

/** The kernel draws it when the set is made; here it follows from the name. */
function initval(name: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return `0x${(hash >>> 0).toString(16).padStart(8, '0')}`
}
