import { assertNever } from '../base/assertNever.ts'
import { familyOf } from '../base/ip.ts'
import { quoteWord } from './words.ts'
import { LOG_FLAGS } from './targets.ts'
import { printConntrack } from './ctStates.ts'
import type { IpRange, Match, NatAddresses, NatDice, NatPorts, PortRange, Rule, Target } from './rule.ts'

const hex = (value: number): string => `0x${value.toString(16)}`
const not = (negate: boolean): string => (negate ? '! ' : '')
const range = ({ from, to }: PortRange): string => (from === to ? String(from) : `${from}:${to}`)
const flags = (names: readonly string[]): string => (names.length === 0 ? 'NONE' : names.join(','))

/** The rule as `iptables-save` prints it; matches in the order in which they stand. Source: iptables 1.8.9. */
export function printRule(rule: Pick<Rule, 'chain' | 'matches' | 'target'>): string {
  let text = `-A ${rule.chain}`
  for (const match of rule.matches) text += ` ${printMatch(match)}`
  return rule.target ? `${text} ${printTarget(rule.target)}` : text
}

function printMatch(match: Match): string {
  switch (match.type) {
    case 'source':
      return `${not(match.negate)}-s ${match.cidr}`
    case 'destination':
      return `${not(match.negate)}-d ${match.cidr}`
    case 'inInterface':
      return `${not(match.negate)}-i ${match.name}`
    case 'outInterface':
      return `${not(match.negate)}-o ${match.name}`
    case 'protocol':
      return `${not(match.negate)}-p ${match.protocol}`
    case 'ports':
      return printPorts(match)
    case 'multiport': {
      const option = { source: '--sports', destination: '--dports', either: '--ports' }[match.side]
      return `-m multiport ${not(match.negate)}${option} ${match.ranges.map(range).join(',')}`
    }
    case 'icmp': {
      const [module, option] = match.family === 'IPv6' ? ['icmp6', '--icmpv6-type'] : ['icmp', '--icmp-type']
      return `-m ${module} ${not(match.negate)}${option} ${match.icmpType}`
    }
    case 'iprange': {
      const { source, destination } = match
      const of = (side: string, { from, to, negate }: IpRange): string => ` ${not(negate)}--${side}-range ${from}-${to}`
      return `-m iprange${source ? of('src', source) : ''}${destination ? of('dst', destination) : ''}`
    }
    case 'comment':
      return `-m comment --comment ${quoteWord(match.text)}`
    case 'conntrack':
      return `-m conntrack${printConntrack(match, '--')}`
    case 'state':
      return `-m state ${not(match.negate)}--state ${match.states.join(',')}`
    case 'mark': {
      const mask = match.mask === 0xffffffff ? '' : `/${hex(match.mask)}`
      return `-m mark ${not(match.negate)}--mark ${hex(match.value)}${mask}`
    }
    case 'statistic': {
      const how =
        match.mode === 'random'
          ? `--probability ${formatThreshold(match.threshold)}`
          : `--every ${match.every} --packet ${match.packet}`
      return `-m statistic --mode ${match.mode} ${not(match.negate)}${how}`
    }
    case 'addrtype':
      return `${match.joined ? '' : '-m addrtype '}${not(match.negate)}--${match.side}-type ${match.addressType}`
    case 'recent':
      return printRecent(match)
    case 'set':
      return `-m set ${not(match.negate)}--match-set ${match.name} ${match.directions.join(',')}`
    case 'physdev':
      return `-m physdev ${not(match.negate)}--physdev-is-${match.isIn ? 'in' : 'out'}`
    case 'ipvs': {
      const address = match.address.replace(/\/\d+$/, '')
      return `-m ipvs --vproto ${match.protocol} --vaddr ${address} --vport ${match.port}`
    }
    case 'nfacct':
      // Two blanks: the tool prints them so.
      return `-m nfacct --nfacct-name  ${match.name}`
    case 'limit':
      return `-m limit --limit ${match.rate}${match.burst === 5 ? '' : ` --limit-burst ${match.burst}`}`
    default:
      return assertNever(match)
  }
}

function printPorts(match: Extract<Match, { type: 'ports' }>): string {
  let text = `-m ${match.protocol}`
  if (match.source) text += ` ${not(match.source.negate)}--sport ${range(match.source)}`
  if (match.destination) text += ` ${not(match.destination.negate)}--dport ${range(match.destination)}`
  if (match.flags) {
    text += ` ${not(match.flags.negate)}--tcp-flags ${flags(match.flags.mask)} ${flags(match.flags.set)}`
  }
  return text
}

function printRecent(match: Extract<Match, { type: 'recent' }>): string {
  const seconds = match.seconds === undefined ? '' : ` --seconds ${match.seconds}`
  const hits = match.hitcount === undefined ? '' : ` --hitcount ${match.hitcount}`
  const mask = match.mask ?? (match.family === 'IPv6' ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : '255.255.255.255')
  const side = match.destination ? '--rdest' : '--rsource'
  const reap = match.reap ? ' --reap' : ''
  const rttl = match.rttl ? ' --rttl' : ''
  return `-m recent ${not(match.negate)}--${match.action}${seconds}${reap}${hits}${rttl} --name ${match.name} --mask ${mask} ${side}`
}

/** `threshold` / 2^31 with 11 decimals, halves to even as C's printf rounds. */
export function formatThreshold(threshold: number): string {
  if (threshold === 0x80000000) return '1.00000000000'
  // Exact: threshold / 2^31 = threshold * 5^31 / 10^31, cut to 11 decimals.
  const scaled = BigInt(threshold) * 5n ** 31n
  const unit = 10n ** 20n
  const rest = scaled % unit
  let digits = scaled / unit
  if (rest * 2n > unit || (rest * 2n === unit && digits % 2n === 1n)) digits += 1n
  return `0.${digits.toString().padStart(11, '0')}`
}

function printTarget(target: Target): string {
  switch (target.type) {
    case 'jump':
      return `${target.goto ? '-g' : '-j'} ${target.chain}`
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return `-j ${target.type}`
    case 'REJECT':
      return `-j REJECT --reject-with ${target.with}`
    case 'MARK':
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`
    case 'DNAT':
      return `-j DNAT --to-destination ${printNatAddress(target)}${printDice(target, '--')}`
    case 'SNAT':
      return `-j SNAT --to-source ${printNatAddress(target)}${printDice(target, '--')}`
    case 'MASQUERADE':
    case 'REDIRECT': {
      const ports = target.port === undefined ? '' : ` --to-ports ${printNatPorts(target)}`
      return `-j ${target.type}${ports}${printDice(target, '--')}`
    }
    case 'LOG': {
      const prefix = target.prefix === '' ? '' : ` --log-prefix ${quoteWord(target.prefix)}`
      const level = target.level === undefined ? '' : ` --log-level ${target.level}`
      const set = LOG_FLAGS.filter(([, bit]) => ((target.flags ?? 0) & bit) !== 0).map(([option]) => ` ${option}`)
      return `-j LOG${prefix}${level}${set.join('')}`
    }
    default:
      return assertNever(target)
  }
}

/** `ADDRESS`, `ADDRESS-ADDRESS:PORT-PORT`, `[IPV6]:PORT` or `:PORT`. */
export function printNatAddress(target: NatAddresses & NatPorts): string {
  const { ip, toIp, port } = target
  if (ip === undefined) return `:${printNatPorts(target)}`
  const addresses = toIp === undefined || toIp === ip ? ip : `${ip}-${toIp}`
  if (port === undefined) return addresses
  return familyOf(ip) === 'IPv6' ? `[${addresses}]:${printNatPorts(target)}` : `${addresses}:${printNatPorts(target)}`
}

export function printNatPorts({ port = 0, toPort, basePort }: NatPorts): string {
  const range = toPort === undefined || toPort === port ? String(port) : `${port}-${toPort}`
  return basePort === undefined ? range : `${range}/${basePort}`
}

/** How ports and addresses are drawn; `dash` before each word. */
export function printDice(
  { random, randomFully, persistent }: NatDice & { readonly persistent?: boolean },
  dash: '' | '--',
): string {
  const words = [random && 'random', randomFully && 'random-fully', persistent && 'persistent']
  return words.map((word) => (word ? ` ${dash}${word}` : '')).join('')
}
