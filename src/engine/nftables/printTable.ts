import { compareIps } from '../base/ip.ts'
import { printVerdict } from './printRule.ts'
import type { Ip } from '../base/ip.ts'
import type { NftChain, NftMap, NftSet, NftTable } from './table.ts'

/** Between two elements that do not fit on one line. */
const WRAP = ',\n\t\t\t     '

/** What packets have put into an affinity set. */
export type LiveElements = (set: string) => readonly { readonly ip: Ip; readonly expiresMs: number }[]

/**
 * `nft -s list table ip kube-proxy`: sets and maps before chains, a blank line between two objects. With `live`, the
 * clients that affinity sets remember, too. Source: nft 1.0.6.
 */
export function printTable(table: NftTable, live: LiveElements = () => []): string {
  const sets = [...table.sets.values()]
  const objects = [
    ...sets.filter(({ timeoutSeconds }) => timeoutSeconds === undefined).map((set) => printSet(set, live)),
    ...[...table.maps.values()].map((map) => printMap(map, table.family)),
    ...sets.filter(({ timeoutSeconds }) => timeoutSeconds !== undefined).map((set) => printSet(set, live)),
    ...[...table.chains.values()].map(printChain),
  ]
  const comment = table.comment === undefined ? '' : `\tcomment "${table.comment}"\n`
  return `table ${table.family === 'IPv4' ? 'ip' : 'ip6'} ${table.name} {\n${comment}${objects.join('\n')}}\n`
}

function printSet(set: NftSet, live: LiveElements): string {
  const lines = [`\tset ${set.name} {`, `\t\ttype ${set.family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr'}`]
  if (set.timeoutSeconds !== undefined) {
    lines.push('\t\tsize 65535', '\t\tflags dynamic,timeout', `\t\ttimeout ${formatTimeout(set.timeoutSeconds)}`)
  }
  if (set.comment !== undefined) lines.push(`\t\tcomment "${set.comment}"`)
  const elements = [...set.elements].sort(compareIps)
  // Two IPv4 addresses to a line, everything else alone.
  const perLine = set.family === 'IPv4' ? 2 : 1
  const rows: string[] = []
  for (let i = 0; i < elements.length; i += perLine) rows.push(elements.slice(i, i + perLine).join(', '))
  if (set.timeoutSeconds !== undefined) {
    const timeout = formatTimeout(set.timeoutSeconds)
    for (const { ip, expiresMs } of live(set.name)) rows.push(`${ip} timeout ${timeout} expires ${formatMs(expiresMs)}`)
  }
  if (rows.length > 0) lines.push(`\t\telements = { ${rows.join(WRAP)} }`)
  return `${lines.join('\n')}\n\t}\n`
}

function printMap(map: NftMap, family: NftTable['family']): string {
  const address = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr'
  const key = map.keyType === 'addr.proto.port' ? `${address} . inet_proto . inet_service` : 'inet_proto . inet_service'
  const lines = [`\tmap ${map.name} {`, `\t\ttype ${key} : verdict`]
  if (map.comment !== undefined) lines.push(`\t\tcomment "${map.comment}"`)
  const rows = [...map.elements].map(([element, { verdict, comment }]) => {
    const note = comment === undefined ? '' : ` comment "${comment}"`
    return `${element}${note} : ${printVerdict(verdict)}`
  })
  if (rows.length > 0) lines.push(`\t\telements = { ${rows.join(WRAP)} }`)
  return `${lines.join('\n')}\n\t}\n`
}

function printChain({ name, base, comment, rules }: NftChain): string {
  const lines = [`\tchain ${name} {`]
  if (comment !== undefined) lines.push(`\t\tcomment "${comment}"`)
  if (base) lines.push(`\t\ttype ${base.type} hook ${base.hook} priority ${base.priorityText}; policy ${base.policy};`)
  for (const rule of rules) lines.push(`\t\t${rule.text}`)
  return `${lines.join('\n')}\n\t}\n`
}

/** As nft prints times: `1d1h1m1s`, `3h`. */
export function formatTimeout(seconds: number): string {
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const text = parts.map(([amount, unit]) => (amount > 0 ? `${amount}${unit}` : '')).join('')
  return text === '' ? '0s' : text
}

/** `2h59m59s148ms` */
function formatMs(ms: number): string {
  const whole = Math.floor(ms / 1000)
  const rest = Math.floor(ms) % 1000
  return `${whole > 0 ? formatTimeout(whole) : ''}${rest > 0 || whole === 0 ? `${rest}ms` : ''}`
}
