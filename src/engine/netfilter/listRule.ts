import { assertNever } from '../base/assertNever.ts'
import { formatThreshold, printDice, printNatAddress, printNatPorts } from './printRule.ts'
import { LOG_FLAGS } from './targets.ts'
import { printConntrack } from './ctStates.ts'
import { PORT_NAMES } from '../base/portNames.ts'
import { icmpName } from './icmpTypes.ts'
import type { IpRange, Match, PortRange, Target } from './rule.ts'

const hex = (value: number): string => `0x${value.toString(16)}`
const not = (negate: boolean): string => (negate ? '! ' : '')
const bang = (negate: boolean): string => (negate ? '!' : '')

const SERVICES: ReadonlyMap<number, string> = new Map(Object.entries(PORT_NAMES).map(([name, port]) => [port, name]))
const FLAG_BITS: readonly (readonly [string, number])[] = [
  ['FIN', 1],
  ['SYN', 2],
  ['RST', 4],
  ['PSH', 8],
  ['ACK', 16],
  ['URG', 32],
]

/** The columns that `iptables -L` gives a match of its own; every other match is a word behind them. */
export function isColumn({ type }: Match): boolean {
  return ['source', 'destination', 'inInterface', 'outInterface', 'protocol'].includes(type)
}

/** What `iptables -L` (`-n`: `numeric`) says of a match behind the columns. Source: the extensions of iptables 1.8.9. */
export function listMatch(match: Match, numeric: boolean): string {
  switch (match.type) {
    case 'source':
    case 'destination':
    case 'inInterface':
    case 'outInterface':
    case 'protocol':
      return ''
    case 'ports':
      return listPorts(match, numeric)
    case 'multiport': {
      const side = { source: 'sports', destination: 'dports', either: 'ports' }[match.side]
      const ranges = match.ranges.map((range) => portWords(range, numeric)).join(',')
      return `multiport ${side} ${match.negate ? ' !' : ''}${ranges}`
    }
    case 'icmp':
      return listIcmp(match, numeric)
    case 'iprange': {
      const { source, destination } = match
      const of = (side: string, { from, to, negate }: IpRange): string => `${side} IP range ${not(negate)}${from}-${to}`
      return [source && of('source', source), destination && of('destination', destination)].filter(Boolean).join(' ')
    }
    case 'comment':
      return `/* ${match.text} */`
    case 'conntrack':
      return printConntrack(match, '').trimStart()
    case 'state':
      return `${not(match.negate)}state ${match.states.join(',')}`
    case 'mark': {
      const mask = match.mask === 0xffffffff ? '' : `/${hex(match.mask)}`
      return `mark match ${not(match.negate)}${hex(match.value)}${mask}`
    }
    case 'statistic': {
      const how =
        match.mode === 'random'
          ? `probability ${formatThreshold(match.threshold)}`
          : `every ${match.every}${match.packet > 0 ? ` packet ${match.packet}` : ''}`
      return `statistic mode ${match.mode} ${not(match.negate)}${how}`
    }
    case 'addrtype':
      return `${match.joined ? '' : 'ADDRTYPE match '}${match.side}-type ${bang(match.negate)}${match.addressType}`
    case 'recent':
      return listRecent(match)
    case 'set':
      return `${not(match.negate)}match-set ${match.name} ${match.directions.join(',')}`
    case 'physdev':
      return `PHYSDEV match ${not(match.negate)}--physdev-is-${match.isIn ? 'in' : 'out'}`
    case 'ipvs':
      return `vproto ${match.protocol} vaddr ${match.address.replace(/\/\d+$/, '')} vport ${match.port}`
    case 'nfacct':
      // Two blanks: the tool prints them so.
      return `nfacct-name  ${match.name}`
    case 'limit':
      return `limit: avg ${match.rate} burst ${match.burst}`
    default:
      return assertNever(match)
  }
}

function portWords({ from, to }: PortRange, numeric: boolean): string {
  const word = (port: number): string => (numeric ? undefined : SERVICES.get(port)) ?? String(port)
  return from === to ? word(from) : `${word(from)}:${word(to)}`
}

function listPorts(match: Extract<Match, { type: 'ports' }>, numeric: boolean): string {
  const words: string[] = [match.protocol]
  const add = (name: string, range: (PortRange & { readonly negate: boolean }) | undefined): void => {
    if (!range) return
    const plural = range.from === range.to ? '' : 's'
    words.push(`${name}${plural}:${bang(range.negate)}${portWords(range, numeric)}`)
  }
  add('spt', match.source)
  add('dpt', match.destination)
  if (match.flags) {
    const show = (names: readonly string[]): string => {
      const bits = FLAG_BITS.reduce((sum, [name, bit]) => (names.includes(name) ? sum | bit : sum), 0)
      if (numeric) return `0x${bits.toString(16).toUpperCase().padStart(2, '0')}`
      return names.length === 0 ? 'NONE' : names.join(',')
    }
    words.push(`flags:${bang(match.flags.negate)}${show(match.flags.mask)}/${show(match.flags.set)}`)
  }
  return words.join(' ')
}

function listIcmp(match: Extract<Match, { type: 'icmp' }>, numeric: boolean): string {
  const module = match.family === 'IPv6' ? 'ipv6-icmp' : 'icmp'
  if (!numeric) return `${module} ${bang(match.negate)}${icmpName(match.icmpType, match.family ?? 'IPv4')}`
  const [type = '', code] = (match.icmpType === 'any' ? '255' : match.icmpType).split('/')
  const word = match.negate ? `${module} !type` : `${module}type`
  return `${word} ${type}${code === undefined ? '' : ` code ${code}`}`
}

function listRecent(match: Extract<Match, { type: 'recent' }>): string {
  const action = { set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' }[match.action]
  const seconds = match.seconds === undefined ? '' : ` seconds: ${match.seconds}`
  const hits = match.hitcount === undefined ? '' : ` hit_count: ${match.hitcount}`
  const mask = match.mask ?? (match.family === 'IPv6' ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : '255.255.255.255')
  const side = match.destination ? 'dest' : 'source'
  const reap = match.reap ? ' reap' : ''
  const rttl = match.rttl ? ' TTL-Match' : ''
  return `${not(match.negate)}recent: ${action}${seconds}${reap}${hits}${rttl} name: ${match.name} side: ${side} mask: ${mask}`
}

/** What `iptables -L` says of a target's options. */
export function listTarget(target: Target, numeric: boolean): string {
  switch (target.type) {
    case 'jump':
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return ''
    case 'REJECT':
      return `reject-with ${target.with}`
    case 'MARK':
      return listMark(target)
    case 'DNAT':
    case 'SNAT':
      return `to:${printNatAddress(target)}${printDice(target, '')}`
    case 'MASQUERADE':
      return `${target.port === undefined ? '' : `masq ports: ${printNatPorts(target)}`}${printDice(target, '')}`.trimStart()
    case 'REDIRECT':
      return `${target.port === undefined ? '' : `redir ports ${printNatPorts(target)}`}${printDice(target, '')}`.trimStart()
    case 'LOG':
      return listLog(target, numeric)
    default:
      return assertNever(target)
  }
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug']

function listLog({ prefix, level = 4, flags = 0 }: Extract<Target, { type: 'LOG' }>, numeric: boolean): string {
  const set = LOG_FLAGS.filter(([, bit]) => (flags & bit) !== 0).map(([option]) => option.replace('--log-', ' '))
  const head = numeric ? `LOG flags ${flags} level ${level}` : `LOG level ${LEVELS[level] ?? ''}${set.join('')}`
  return prefix === '' ? head : `${head} prefix "${prefix}"`
}

function listMark({ value, mask }: Extract<Target, { type: 'MARK' }>): string {
  if (value === 0) return `MARK and ${hex(~mask >>> 0)}`
  if (value === mask) return `MARK or ${hex(value)}`
  if (mask === 0) return `MARK xor ${hex(value)}`
  return mask === 0xffffffff ? `MARK set ${hex(value)}` : `MARK xset ${hex(value)}/${hex(mask)}`
}
