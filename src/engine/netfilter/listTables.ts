import { printRule } from './printRule.ts'
import { orderedChains } from './save.ts'
import { isColumn, listMatch, listTarget } from './listRule.ts'
import { protocolNumber } from './protocols.ts'
import { chainsOf, referencesTo } from './tables.ts'
import type { IpFamily } from '../base/ip.ts'
import type { Chain, IptablesTableName, Rule, Tables } from './rule.ts'

export interface ListOptions {
  /** `-n`: no names of protocols, ports and networks. */
  readonly numeric: boolean
  /** `-v`: counters and interfaces too. */
  readonly verbose: boolean
  /** `-x`: whole counters. */
  readonly exact: boolean
  readonly lineNumbers: boolean
  /** Absent: every chain of the table. */
  readonly chain?: string
  /** Only this rule of the chain (from 1), without a heading. */
  readonly position?: number
}

/** `iptables -L`. Source: iptables 1.8.9 (nf_tables). */
export function listTable(tables: Tables, table: IptablesTableName, options: ListOptions): string {
  const chains = orderedChains(tables, table).filter(
    ({ name }) => options.chain === undefined || name === options.chain,
  )
  if (options.position !== undefined) {
    const [chain] = chains
    return chain?.rules[options.position - 1]
      ? `${ruleLine(chain, options.position - 1, tables.family, options)}\n`
      : ''
  }
  return chains
    .map((chain) => {
      const lines = chain.rules.map((_, i) => ruleLine(chain, i, tables.family, options))
      return [chainLine(chain, referencesTo(chainsOf(tables, table), chain.name), options), headLine(options), ...lines]
        .map((line) => `${line}\n`)
        .join('')
    })
    .join('\n')
}

/** `iptables -S`, with `-v` the counters as well. Source: iptables 1.8.9 (nf_tables). */
export function listSpecs(
  tables: Tables,
  table: IptablesTableName,
  { chain: only, position, verbose }: Pick<ListOptions, 'chain' | 'position' | 'verbose'>,
): string {
  const chains = orderedChains(tables, table).filter(({ name }) => only === undefined || name === only)
  const count = (packets: number, bytes: number): string => (verbose ? ` -c ${packets} ${bytes}` : '')
  const heads = chains.map(({ name, policy, policyPackets, policyBytes }) =>
    policy ? `-P ${name} ${policy}${count(policyPackets, policyBytes)}` : `-N ${name}`,
  )
  const specs = chains.flatMap((chain) =>
    chain.rules.map(({ matches, text }, i) => {
      const tested = printRule({ chain: chain.name, matches })
      return tested + count(chain.packets[i] ?? 0, chain.bytes[i] ?? 0) + text.slice(tested.length)
    }),
  )
  const lines = position === undefined ? [...heads, ...specs] : specs.slice(position - 1, position)
  return lines.map((line) => `${line}\n`).join('')
}

function chainLine(chain: Chain, references: number, { verbose, exact }: ListOptions): string {
  if (!chain.policy) return `Chain ${chain.name} (${references} references)`
  const packets = exact ? chain.policyPackets : shortNumber(chain.policyPackets)
  const bytes = exact ? chain.policyBytes : shortNumber(chain.policyBytes)
  const counts = verbose ? ` ${packets} packets, ${bytes} bytes` : ''
  return `Chain ${chain.name} (policy ${chain.policy}${counts})`
}

function headLine({ verbose, exact, lineNumbers }: ListOptions): string {
  const number = lineNumbers ? 'num  ' : ''
  const counts = verbose ? (exact ? '    pkts      bytes ' : ' pkts bytes ') : ''
  const interfaces = verbose ? ' in     out    ' : ''
  return `${number}${counts}target     prot opt${interfaces} source               destination         `
}

function ruleLine(chain: Chain, index: number, family: IpFamily, options: ListOptions): string {
  const { numeric, verbose, lineNumbers } = options
  const rule = chain.rules[index]
  if (!rule) return ''
  const { target } = rule
  let line = lineNumbers ? `${String(index + 1).padEnd(4)} ` : ''
  if (verbose) line += `${counter(chain.packets[index] ?? 0, options)} ${counter(chain.bytes[index] ?? 0, options)} `
  const name = target === undefined ? '' : target.type === 'jump' ? target.chain : target.type
  line += `${name.padEnd(9)} ${protocolColumn(rule, numeric)} -- `
  if (verbose)
    line += ` ${interfaceColumn(rule, 'inInterface', numeric)} ${interfaceColumn(rule, 'outInterface', numeric)} `
  line += `${addressColumn(rule, 'source', family, numeric)} ${addressColumn(rule, 'destination', family, numeric)} `
  if (target?.type === 'jump' && target.goto) line += '[goto] '
  const words = rule.matches.filter((match) => !isColumn(match)).map((match) => listMatch(match, numeric))
  if (target) words.push(listTarget(target, numeric))
  return line + words.flatMap((word) => (word === '' ? [] : [` ${word}`])).join('')
}

function protocolColumn({ matches }: Rule, numeric: boolean): string {
  const match = matches.find(({ type }) => type === 'protocol')
  if (match?.type !== 'protocol') return ` ${numeric ? '0   ' : 'all '}`
  const word = numeric ? String(protocolNumber(match.protocol)) : match.protocol
  return `${match.negate ? '!' : ' '}${word.padEnd(4)}`
}

function interfaceColumn({ matches }: Rule, side: 'inInterface' | 'outInterface', numeric: boolean): string {
  const match = matches.find(({ type }) => type === side)
  return (match?.type === side ? `${match.negate ? '!' : ''}${match.name}` : numeric ? '*' : 'any').padEnd(6)
}

/** Names that every machine has in /etc/hosts and /etc/networks. */
const NAMES: Readonly<Record<string, string>> = {
  '127.0.0.1/32': 'localhost',
  '::1/128': 'localhost',
  '127.0.0.0/8': 'loopback/8',
}

function addressColumn({ matches }: Rule, side: 'source' | 'destination', family: IpFamily, numeric: boolean): string {
  const match = matches.find(({ type }) => type === side)
  if (match?.type !== side) return ` ${(numeric ? (family === 'IPv4' ? '0.0.0.0/0' : '::/0') : 'anywhere').padEnd(19)}`
  const address = match.cidr.replace(family === 'IPv4' ? /\/32$/ : /\/128$/, '')
  return `${match.negate ? '!' : ' '}${((numeric ? undefined : NAMES[match.cidr]) ?? address).padEnd(19)}`
}

/** `pkts` and `bytes`: five digits, then K, M, G, T. */
function counter(value: number, { exact }: ListOptions): string {
  return exact ? String(value).padStart(8) : shortNumber(value).padStart(5)
}

function shortNumber(value: number): string {
  if (value <= 99_999) return String(value)
  let [number, unit] = [Math.floor((value + 500) / 1000), 'K']
  for (const next of ['M', 'G', 'T']) {
    if (number <= 9999) break
    ;[number, unit] = [Math.floor((number + 500) / 1000), next]
  }
  return `${number}${unit}`
}
